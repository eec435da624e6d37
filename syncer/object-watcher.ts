import type { InformerPool } from '../shared/kube/informer-pool.ts';
import type { KubeObject, ResourceRef } from '../shared/kube/types.ts';
import type { ObjectWatcher } from './action/wait.ts';

/** The label that every object of a release carries, by which one watch sees those of all releases. */
const ORIGIN_LABEL = 'helm.toolkit.fluxcd.io/name';

/** Watches objects of releases through the pool: one watch a kind, whatever the number of releases that wait. */
export class PooledObjectWatcher implements ObjectWatcher {
  readonly #pool: InformerPool;
  // Per informer and object, so that an event costs one look-up and not one call for each that waits.
  readonly #waiting = new Map<string, Set<(object: KubeObject) => void>>();
  readonly #hooked = new WeakSet<object>();

  constructor(pool: InformerPool) {
    this.#pool = pool;
  }

  watch(ref: ResourceRef, namespace: string, name: string, seen: (object: KubeObject) => void): () => void {
    const handle = this.#pool.acquire(ref, { labelSelector: ORIGIN_LABEL });
    const prefix = `${ref.group}/${ref.resource}/`;
    const key = `${prefix}${namespace}/${name}`;
    const waiting = this.#waiting.get(key) ?? new Set();
    this.#waiting.set(key, waiting.add(seen));
    if (!this.#hooked.has(handle.informer)) {
      this.#hooked.add(handle.informer);
      const tell = (object: KubeObject): void => {
        const { namespace: place = '', name: called } = object.metadata;
        for (const callback of this.#waiting.get(`${prefix}${place}/${called}`) ?? []) callback(object);
      };
      handle.informer.on({ add: tell, update: (_old, object) => tell(object) });
    }
    const known = handle.informer.get(namespace, name);
    if (known) seen(known);
    return () => {
      waiting.delete(seen);
      if (waiting.size === 0 && this.#waiting.get(key) === waiting) this.#waiting.delete(key);
      handle.release();
    };
  }
}

/** What readiness needs of an object: the rest would only take memory. */
export function forReadiness(object: KubeObject): KubeObject {
  const { apiVersion, kind, metadata } = object;
  const spec = (object['spec'] ?? {}) as Record<string, unknown>;
  const { name, namespace, uid, generation, resourceVersion, deletionTimestamp } = metadata;
  return {
    ...(apiVersion === undefined ? {} : { apiVersion }),
    ...(kind === undefined ? {} : { kind }),
    metadata: {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      ...(uid === undefined ? {} : { uid }),
      ...(generation === undefined ? {} : { generation }),
      ...(resourceVersion === undefined ? {} : { resourceVersion }),
      ...(deletionTimestamp === undefined ? {} : { deletionTimestamp }),
    },
    spec: { replicas: spec['replicas'], updateStrategy: spec['updateStrategy'], type: spec['type'] },
    status: object['status'] ?? {},
  };
}
