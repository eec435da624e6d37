import { type KubeClient, KubeError } from '../../shared/kube/client.ts';
import { type LeaseSpec, mayTake, microTime } from '../../shared/kube/lease.ts';
import { resources } from '../../shared/kube/resources.ts';
import type { KubeObject } from '../../shared/kube/types.ts';

export interface LeaseCheckOptions {
  client: KubeClient;
  namespace: string;
  name: string;
  identity: string;
  /** How long this replica may go on after it saw the Lease free; written to the Lease for those who take it. */
  sharedForMs: number;
  now: () => number;
}

/** Annotation of a Lease beside which replicas divide the work by Redis: who takes it waits so many ms before the first write. */
const SHARED_FOR = 'chartroom.dev/shared-for-ms';

/** How long a new holder of the Lease has to wait for replicas that work beside it. */
export function sharedForMs(lease: KubeObject | undefined): number {
  const ms = Number(lease?.metadata.annotations?.[SHARED_FOR] ?? 0);
  return Number.isFinite(ms) && ms > 0 ? ms : 0;
}

export interface LeaseLook {
  /** Nobody holds the Lease; true at some time after the look began. */
  clear: boolean;
  /** There was no Lease before: no replica has ever worked here. */
  firstStart: boolean;
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

  /** Looks at the Lease, and makes, marks or clears it. Errors: those of the API server's client. */
  async look(timeoutMs: number): Promise<LeaseLook> {
    const { client, namespace, name, identity, now } = this.#options;
    const lease = await client.get(resources.leases, namespace, name, { timeoutMs });
    if (lease === undefined) {
      const made = await this.#write('create', { metadata: { name, namespace } }, {}, timeoutMs);
      return { clear: made, firstStart: made };
    }
    const spec = (lease['spec'] ?? {}) as LeaseSpec;
    if (lease.metadata.resourceVersion !== this.#version) {
      this.#version = lease.metadata.resourceVersion;
      this.#observedAt = now();
    }
    const isMarked = sharedForMs(lease) >= this.#options.sharedForMs;
    if (!spec.holderIdentity && isMarked) return { clear: true, firstStart: false };
    if (!mayTake(spec, this.#observedAt, now(), identity)) return { clear: false, firstStart: false };
    const cleared = { ...spec, holderIdentity: '', renewTime: microTime(new Date()) };
    return { clear: await this.#write('update', lease, cleared, timeoutMs), firstStart: false };
  }

  /** False if another was faster: then the Lease has to be looked at again. */
  async #write(verb: 'create' | 'update', lease: KubeObject, spec: LeaseSpec, timeoutMs: number): Promise<boolean> {
    const annotations = { ...lease.metadata.annotations, [SHARED_FOR]: String(Math.ceil(this.#options.sharedForMs)) };
    const type = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease' };
    const wanted: KubeObject = { ...lease, ...type, metadata: { ...lease.metadata, annotations }, spec };
    try {
      await this.#options.client[verb](resources.leases, wanted, { timeoutMs });
      return true;
    } catch (error) {
      if (error instanceof KubeError && (error.isConflict || error.isAlreadyExists)) return false;
      throw error;
    }
  }
}
