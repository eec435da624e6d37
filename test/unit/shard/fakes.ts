import { expect } from '@jest/globals';
import type { KubeClient, KubeObject } from '../../../shared/kube/client.ts';

/** One Lease of an API server in memory. */
export class FakeLease {
  object: KubeObject | undefined;
  reads = 0;
  #version = 0;

  get client(): KubeClient {
    const put = (object: KubeObject) => {
      this.object = { ...object, metadata: { ...object.metadata, resourceVersion: `${++this.#version}` } };
      return Promise.resolve(this.object);
    };
    const client = {
      get: () => {
        this.reads++;
        return Promise.resolve(this.object);
      },
      create: (_ref: unknown, object: KubeObject) => put(object),
      update: (_ref: unknown, object: KubeObject) => put(object),
    };
    return client as unknown as KubeClient;
  }

  /** Who holds it; undefined when there is none. */
  get holder(): string | undefined {
    return (this.object?.['spec'] as { holderIdentity?: string } | undefined)?.holderIdentity;
  }

  hold(identity: string, leaseDurationSeconds = 60): void {
    const spec = { holderIdentity: identity, leaseDurationSeconds };
    this.object = { metadata: { name: 'l', resourceVersion: `${++this.#version}` }, spec };
  }
}

/** Waits until the condition holds; fails after ten seconds. */
export async function until(condition: () => boolean): Promise<void> {
  for (let i = 0; i < 2000 && !condition(); i++) await new Promise((resolve) => setTimeout(resolve, 5));
  expect(condition()).toBe(true);
}
