import type { Logger } from 'pino';
import type { HelmRelease } from '../shared/api/helm-release.ts';
import { FORCE_AT_ANNOTATION, REQUESTED_AT_ANNOTATION, RESET_AT_ANNOTATION } from '../shared/api/object.ts';
import type { OCIRepository } from '../shared/api/oci-repository.ts';
import type { Informer } from '../shared/kube/informer.ts';
import { isOlderVersion } from '../shared/kube/resource-version.ts';
import type { KubeObject } from '../shared/kube/types.ts';
import type { Fence } from './action/fence.ts';
import { jittered } from './jitter.ts';
import type { SyncerMetrics } from './metrics.ts';
import { sourceKey } from './reconcile/chart-source.ts';
import { dependencyKeys } from './reconcile/dependencies.ts';
import type { Ownership } from './shard/ownership.ts';
import { type WorkContext, WorkQueue } from './work-queue.ts';

export interface ControllerOptions {
  readonly concurrent: number;
  readonly minRetryDelayMs: number;
  readonly maxRetryDelayMs: number;
  readonly intervalJitterPercent: number;
}

export interface ControllerDeps {
  readonly releases: Informer<HelmRelease>;
  readonly sources: Informer<OCIRepository>;
  /** Secrets and ConfigMaps that users labelled so that their changes are acted on at once. */
  readonly watchedValues: readonly Informer[];
  readonly ownership: Ownership;
  readonly reconcileRelease: (object: HelmRelease, fence: Fence, context: WorkContext) => Promise<number | undefined>;
  readonly reconcileSource: (object: OCIRepository) => Promise<number | undefined>;
  readonly metrics: SyncerMetrics;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

/** Index names of the releases informer. */
export const releaseIndexers = {
  source: (object: HelmRelease): string[] => [sourceKey(object) ?? ''],
  dependency: dependencyKeys,
  values: (object: HelmRelease): string[] =>
    (object.spec.valuesFrom ?? []).map((one) => `${one.kind}/${object.metadata.namespace}/${one.name}`),
};

const REQUESTS = [REQUESTED_AT_ANNOTATION, FORCE_AT_ANNOTATION, RESET_AT_ANNOTATION];

/** Turns what happens in the cluster into work: which object is due, and when. */
export class Controller {
  readonly #deps: ControllerDeps;
  readonly #options: ControllerOptions;
  readonly #releaseQueue: WorkQueue;
  readonly #sourceQueue: WorkQueue;
  // Objects that we wrote and the informer has not told of yet.
  readonly #written = new Map<string, HelmRelease>();

  constructor(deps: ControllerDeps, options: ControllerOptions) {
    this.#deps = deps;
    this.#options = options;
    const shared = { concurrency: options.concurrent, ...options };
    this.#releaseQueue = new WorkQueue({
      ...shared,
      work: (key, context) => this.#workRelease(key, context),
      onError: (key, error, ms) => this.#failed('HelmRelease', key, error, ms),
    });
    this.#sourceQueue = new WorkQueue({
      ...shared,
      work: (key) => this.#workSource(key),
      onError: (key, error, ms) => this.#failed('OCIRepository', key, error, ms),
    });
  }

  /** Starts to act on events. The informers may be running already. */
  start(): void {
    const { releases, sources, watchedValues, ownership } = this.#deps;
    releases.on({
      add: (object) => this.#releaseQueue.add(keyOf(object)),
      update: (old, object) => this.#releaseChanged(old, object),
      delete: (object) => {
        this.#releaseQueue.forget(keyOf(object));
        this.#written.delete(keyOf(object));
        this.#deps.metrics.forget('HelmRelease', object);
        this.#enqueueIndexed('dependency', keyOf(object));
      },
    });
    sources.on({
      add: (object) => {
        this.#sourceQueue.add(keyOf(object));
        this.#enqueueIndexed('source', `OCIRepository/${keyOf(object)}`);
      },
      update: (old, object) => this.#sourceChanged(old, object),
      delete: (object) => {
        this.#sourceQueue.forget(keyOf(object));
        this.#deps.metrics.forget('OCIRepository', object);
      },
    });
    for (const informer of watchedValues) {
      const changed = (object: KubeObject): void =>
        this.#enqueueIndexed('values', `${informer.resource.kind}/${keyOf(object)}`);
      informer.on({ add: changed, update: (_old, object) => changed(object), delete: changed });
    }
    ownership.onChange(() => this.#ownershipChanged());
  }

  /** Releases and sources that wait for a worker. */
  get depth(): { releases: number; sources: number } {
    return { releases: this.#releaseQueue.depth, sources: this.#sourceQueue.depth };
  }

  /** Takes no more work, and waits for what is under way. */
  async stop(): Promise<void> {
    await Promise.all([this.#releaseQueue.stop(), this.#sourceQueue.stop()]);
  }

  /** A state of a release that we stored. */
  wrote(object: HelmRelease): void {
    this.#written.set(keyOf(object), object);
  }

  #releaseChanged(old: HelmRelease, object: HelmRelease): void {
    const key = keyOf(object);
    const written = this.#written.get(key);
    if (written && !isOlder(object, written)) this.#written.delete(key);
    if (isAskedFor(old, object)) this.#releaseQueue.add(key);
    if (readyState(old) !== readyState(object)) this.#enqueueIndexed('dependency', key);
  }

  #sourceChanged(old: OCIRepository, object: OCIRepository): void {
    if (isAskedFor(old, object)) this.#sourceQueue.add(keyOf(object));
    const changed =
      old.status?.artifact?.revision !== object.status?.artifact?.revision ||
      old.status?.artifact?.digest !== object.status?.artifact?.digest ||
      old.status?.observedGeneration !== object.status?.observedGeneration ||
      readyState(old) !== readyState(object);
    if (changed) this.#enqueueIndexed('source', `OCIRepository/${keyOf(object)}`);
  }

  #enqueueIndexed(index: keyof typeof releaseIndexers, key: string): void {
    for (const release of this.#deps.releases.byIndex(index, key)) this.#releaseQueue.add(keyOf(release));
  }

  // Shards come and go as a whole: asking for each object again is cheap, and those of others fall out at once.
  #ownershipChanged(): void {
    for (const object of this.#deps.releases.list()) this.#claim(this.#releaseQueue, object);
    for (const object of this.#deps.sources.list()) this.#claim(this.#sourceQueue, object);
  }

  #claim(queue: WorkQueue, object: KubeObject): void {
    const { namespace = '', name } = object.metadata;
    if (this.#deps.ownership.owns(namespace, name)) queue.add(keyOf(object));
    else queue.forget(keyOf(object));
  }

  async #workRelease(key: string, context: WorkContext): Promise<number | undefined> {
    const [namespace = '', name = ''] = key.split('/');
    const object = this.#newest(key, namespace, name);
    if (!object || !this.#deps.ownership.owns(namespace, name)) return undefined;
    const lease = this.#deps.ownership.fence(namespace, name);
    const fence: Fence = { valid: () => !this.#deps.signal.aborted && lease.valid() };
    try {
      return await this.#timed('HelmRelease', object, () => this.#deps.reconcileRelease(object, fence, context));
    } finally {
      lease.done();
    }
  }

  async #workSource(key: string): Promise<number | undefined> {
    const [namespace = '', name = ''] = key.split('/');
    const object = this.#deps.sources.get(namespace, name);
    if (!object || !this.#deps.ownership.owns(namespace, name)) return undefined;
    const lease = this.#deps.ownership.fence(namespace, name);
    try {
      return await this.#timed('OCIRepository', object, () => this.#deps.reconcileSource(object));
    } finally {
      lease.done();
    }
  }

  #newest(key: string, namespace: string, name: string): HelmRelease | undefined {
    const seen = this.#deps.releases.get(namespace, name);
    const written = this.#written.get(key);
    return seen && written && written.metadata.uid === seen.metadata.uid && isOlder(seen, written) ? written : seen;
  }

  async #timed(kind: string, object: KubeObject, work: () => Promise<number | undefined>): Promise<number | undefined> {
    const started = performance.now();
    try {
      const due = await work();
      return due === undefined ? undefined : jittered(due, this.#options.intervalJitterPercent, Math.random);
    } finally {
      this.#deps.metrics.reconciled(kind, object, (performance.now() - started) / 1000);
    }
  }

  #failed(kind: string, key: string, error: unknown, retryInMs: number): void {
    if (this.#deps.signal.aborted) return;
    const { message, name } = error as Error;
    this.#deps.log.error({ kind, object: key, error: message, type: name, retryInMs }, 'reconcile failed');
  }
}

function keyOf(object: KubeObject): string {
  return `${object.metadata.namespace ?? ''}/${object.metadata.name}`;
}

function isAskedFor(old: KubeObject, object: KubeObject): boolean {
  const before = old.metadata.annotations ?? {};
  const after = object.metadata.annotations ?? {};
  return (
    old.metadata.generation !== object.metadata.generation ||
    old.metadata.deletionTimestamp !== object.metadata.deletionTimestamp ||
    REQUESTS.some((key) => after[key] !== undefined && before[key] !== after[key])
  );
}

interface WithConditions extends KubeObject {
  status?: { observedGeneration?: number | undefined; conditions?: { type: string; status: string }[] | undefined };
}

function readyState(object: WithConditions): string {
  const ready = object.status?.conditions?.find((condition) => condition.type === 'Ready');
  return `${object.status?.observedGeneration} ${ready?.status}`;
}

function isOlder(a: KubeObject, b: KubeObject): boolean {
  return isOlderVersion(a.metadata.resourceVersion, b.metadata.resourceVersion);
}
