import { type KubeClient, KubeError } from '../../shared/kube/client.ts';
import { type LeaseSpec, mayTake, microTime } from '../../shared/kube/lease.ts';
import { resources } from '../../shared/kube/resources.ts';
import type { KubeObject } from '../../shared/kube/types.ts';

export interface LeaseCheckOptions {
  client: KubeClient;
  namespace: string;
  name: string;
  identity: string;
  now: () => number;
}

/**
 * Tells replicas that divide the work by Redis that nobody leads by the Lease. A Lease whose holder is gone is cleared with its
 * resourceVersion, so that a holder that comes back cannot renew it.
 */
export class LeaseCheck {
  readonly #options: LeaseCheckOptions;
  #version: string | undefined;
  #observedAt = 0;

  constructor(options: LeaseCheckOptions) {
    this.#options = options;
  }

  /**
   * True if the Lease has no holder. What it says was so at some time after the call began.
   * Errors: those of the API server's client.
   */
  async isClear(timeoutMs: number): Promise<boolean> {
    const { client, namespace, name, identity, now } = this.#options;
    const lease = await client.get(resources.leases, namespace, name, { timeoutMs });
    if (lease === undefined) return true;
    const spec = (lease['spec'] ?? {}) as LeaseSpec;
    if (lease.metadata.resourceVersion !== this.#version) {
      this.#version = lease.metadata.resourceVersion;
      this.#observedAt = now();
    }
    if (!spec.holderIdentity) return true;
    if (!mayTake(spec, this.#observedAt, now(), identity)) return false;
    return this.#clear(lease, spec, timeoutMs);
  }

  async #clear(lease: KubeObject, spec: LeaseSpec, timeoutMs: number): Promise<boolean> {
    const cleared = { ...lease, spec: { ...spec, holderIdentity: '', renewTime: microTime(new Date()) } };
    try {
      await this.#options.client.update(resources.leases, cleared, { timeoutMs });
      return true;
    } catch (error) {
      if (error instanceof KubeError && error.isConflict) return false;
      throw error;
    }
  }
}
