import type { KubeClient } from './client.ts';
import { Informer, type InformerOptions } from './informer.ts';
import { resourceName } from './paths.ts';
import type { KubeObject, ResourceRef } from './types.ts';

/** Which part of a collection an informer of the pool has. */
export interface PoolSelector {
  namespace?: string | undefined;
  labelSelector?: string | undefined;
  fieldSelector?: string | undefined;
  metadataOnly?: boolean | undefined;
}

/** A share in an informer. Release it exactly once; more is harmless. */
export interface InformerHandle {
  readonly informer: Informer;
  release(): void;
}

export interface InformerPoolOptions {
  client: KubeClient;
  /** How long an informer that nobody holds runs on, in milliseconds. Default 30 000. */
  idleMs?: number;
  onError?: (error: unknown, resource: ResourceRef) => void;
  /** Passed to every informer. */
  informer?: Partial<Pick<InformerOptions<KubeObject>, 'transform' | 'indexers' | 'backoff' | 'watchSeconds'>>;
}

interface Entry {
  informer: Informer;
  stop: AbortController;
  holders: number;
  idle: NodeJS.Timeout | undefined;
}

/**
 * Shares informers between those who wait on objects: one watch for each resource and selector, whatever the number of
 * holders, started on first use and stopped when nobody has held it for a while.
 */
export class InformerPool {
  readonly #options: InformerPoolOptions;
  readonly #idleMs: number;
  readonly #entries = new Map<string, Entry>();
  #closed = false;

  constructor(options: InformerPoolOptions) {
    this.#options = options;
    this.#idleMs = options.idleMs ?? 30_000;
  }

  /** How many informers run. */
  get size(): number {
    return this.#entries.size;
  }

  /** Takes a share in the informer of a resource and selector; it runs, but may not be synced yet. Throws when the pool is closed. */
  acquire(resource: ResourceRef, selector: PoolSelector = {}): InformerHandle {
    if (this.#closed) {
      throw new Error(`informer pool is closed: cannot watch ${resourceName(resource)}`);
    }
    const key = poolKey(resource, selector);
    const entry = this.#entries.get(key) ?? this.#open(key, resource, selector);
    entry.holders++;
    clearTimeout(entry.idle);
    entry.idle = undefined;
    let held = true;
    return {
      informer: entry.informer,
      release: () => {
        if (held) {
          held = false;
          this.#release(key, entry);
        }
      },
    };
  }

  /** Stops all informers. */
  close(): void {
    this.#closed = true;
    for (const [key, entry] of this.#entries) {
      this.#stop(key, entry);
    }
  }

  #open(key: string, resource: ResourceRef, selector: PoolSelector): Entry {
    const { client, onError, informer: shared } = this.#options;
    const informer = new Informer({
      client,
      resource,
      ...selector,
      ...shared,
      ...(onError === undefined ? {} : { onError: (error: unknown) => onError(error, resource) }),
    });
    const entry: Entry = { informer, stop: new AbortController(), holders: 0, idle: undefined };
    this.#entries.set(key, entry);
    void informer.start(entry.stop.signal);
    return entry;
  }

  #release(key: string, entry: Entry): void {
    entry.holders--;
    if (entry.holders === 0 && !this.#closed) {
      entry.idle = setTimeout(() => this.#stop(key, entry), this.#idleMs);
      entry.idle.unref();
    }
  }

  #stop(key: string, entry: Entry): void {
    clearTimeout(entry.idle);
    this.#entries.delete(key);
    entry.stop.abort();
  }
}

function poolKey(resource: ResourceRef, selector: PoolSelector): string {
  const { namespace = '', labelSelector = '', fieldSelector = '', metadataOnly = false } = selector;
  return JSON.stringify([
    resourceName(resource),
    resource.version,
    namespace,
    labelSelector,
    fieldSelector,
    metadataOnly,
  ]);
}
