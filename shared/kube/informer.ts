import { type KubeClient, withType } from './client.ts';
import { KubeError } from './error.ts';
import { resourceName } from './paths.ts';
import { backoffMs, sleep } from './retry.ts';
import { type Indexer, ObjectStore, objectKey } from './store.ts';
import type { KubeObject, ResourceRef, WatchEvent } from './types.ts';

/** Told of changes, in the order in which the API server made them. `initial`: the object was there before. */
export interface InformerHandlers<T extends KubeObject> {
  add?: (object: T, initial: boolean) => void;
  update?: (old: T, object: T) => void;
  /** `object` is the last state known; when a watch was interrupted it may not be the last state there was. */
  delete?: (object: T) => void;
}

export type InformerEvent = 'add' | 'update' | 'delete';

export interface InformerOptions<T extends KubeObject> {
  client: KubeClient;
  resource: ResourceRef;
  namespace?: string | undefined;
  labelSelector?: string | undefined;
  fieldSelector?: string | undefined;
  /** Shapes an object before it is kept; must keep metadata. Default: drops managedFields. */
  transform?: (object: T) => T;
  onEvent?: (type: InformerEvent, object: T, old?: T) => void;
  /** Told of each failed list or watch (the informer goes on), and of a handler that threw. */
  onError?: (error: unknown) => void;
  indexers?: Readonly<Record<string, Indexer<T>>>;
  /** Keep metadata only (PartialObjectMetadata). */
  metadataOnly?: boolean | undefined;
  /** Size of the pages of the first list. Default 500. */
  pageSize?: number;
  /** Milliseconds of the first retry and of the longest. Default 200 and 30 000. */
  backoff?: { baseMs: number; capMs: number };
  /** The server ends each watch at a random time between these. Default 300 and 600. */
  watchSeconds?: { min: number; max: number };
  random?: () => number;
}

// A watch that fails this often in a row without an event is given up for a list: its resourceVersion may be unusable.
const WATCH_FAILURES_BEFORE_LIST = 3;
// A watch that the server ends sooner, and without an event, counts as failed: else it would be a busy loop.
const SHORT_WATCH_MS = 1_000;

/** Drops `metadata.managedFields`: often half of an object's memory, and read by nobody. */
export function stripManagedFields<T extends KubeObject>(object: T): T {
  delete object.metadata['managedFields'];
  return object;
}

/**
 * A local copy of a collection, kept by list and watch after client-go's Reflector: a list from the server's cache, then
 * watches with bookmarks that resume from the last resourceVersion, and a new list when that is too old. Handlers see each
 * change once: what was missed while disconnected comes as the difference of the lists.
 */
export class Informer<T extends KubeObject = KubeObject> {
  readonly resource: ResourceRef;
  readonly #options: InformerOptions<T>;
  readonly #transform: (object: T) => T;
  readonly #random: () => number;
  readonly #store: ObjectStore<T>;
  // Replaced, never changed: a handler added while others are told is not told twice.
  #handlers: readonly InformerHandlers<T>[] = [];
  readonly #synced = Promise.withResolvers<void>();
  #hasSynced = false;
  #resourceVersion = '';
  #lastActivity = performance.now();
  #watching = false;
  #running: Promise<void> | undefined;

  constructor(options: InformerOptions<T>) {
    this.resource = options.resource;
    this.#options = options;
    this.#transform = options.transform ?? stripManagedFields;
    this.#random = options.random ?? Math.random;
    this.#store = new ObjectStore(options.indexers);
    const { onEvent } = options;
    if (onEvent !== undefined) {
      this.#handlers = [
        {
          add: (object) => onEvent('add', object),
          update: (old, object) => onEvent('update', object, old),
          delete: (object) => onEvent('delete', object),
        },
      ];
    }
    // A rejection that nobody waits for is no crash.
    this.#synced.promise.catch(() => undefined);
  }

  /** Runs until the signal fires; the promise then resolves and never rejects. Failures are retried with backoff, without end. */
  start(signal: AbortSignal): Promise<void> {
    this.#running ??= this.#run(signal);
    return this.#running;
  }

  /** Whether the first list is in the store and was told to the handlers. */
  hasSynced(): boolean {
    return this.#hasSynced;
  }

  /** Resolves when synced; rejects when the informer was stopped before. */
  waitForSync(): Promise<void> {
    return this.#synced.promise;
  }

  /** When the API server last said anything (list, event, bookmark, an accepted watch), by performance.now(). */
  get lastActivity(): number {
    return this.#lastActivity;
  }

  /** Whether a watch is open: the store is at most as old as the network is slow. */
  get watching(): boolean {
    return this.#watching;
  }

  /** The resourceVersion up to which the store is known to be complete. */
  get resourceVersion(): string {
    return this.#resourceVersion;
  }

  get size(): number {
    return this.#store.size;
  }

  /** The object as last seen. Shared: do not change it. */
  get(namespace: string | undefined, name: string): T | undefined {
    return this.#store.get(objectKey(this.resource.namespaced ? namespace : undefined, name));
  }

  /** All objects, shared: do not change them. */
  list(): T[] {
    return [...this.#store.values()];
  }

  byIndex(index: string, key: string): T[] {
    return this.#store.byIndex(index, key);
  }

  /** Adds handlers; they are told at once, as initial adds, of what is in the store. Returns how to remove them. */
  on(handlers: InformerHandlers<T>): () => void {
    this.#handlers = [...this.#handlers, handlers];
    for (const object of this.#store.values()) {
      this.#guard(() => handlers.add?.(object, true));
    }
    return () => {
      this.#handlers = this.#handlers.filter((other) => other !== handlers);
    };
  }

  async #run(signal: AbortSignal): Promise<void> {
    let failures = 0;
    let listFrom: string | undefined = '0';
    while (!signal.aborted) {
      try {
        if (listFrom !== undefined) {
          await this.#list(listFrom, signal);
          listFrom = undefined;
          failures = 0;
        }
        failures = (await this.#watch(signal)) ? 0 : failures + 1;
      } catch (error) {
        if (signal.aborted) {
          break;
        }
        failures++;
        listFrom = nextList(error, listFrom, this.#resourceVersion, failures);
        this.#options.onError?.(error);
      }
      if (failures > 0 && !signal.aborted) {
        const { baseMs, capMs } = this.#options.backoff ?? { baseMs: 200, capMs: 30_000 };
        await sleep(backoffMs(failures, baseMs, capMs, this.#random), signal);
      }
    }
    this.#synced.reject(new Error(`informer of ${resourceName(this.resource)} was stopped before its first list`));
  }

  async #list(from: string, signal: AbortSignal): Promise<void> {
    const { client, namespace, labelSelector, fieldSelector, metadataOnly, pageSize } = this.#options;
    const list = await client.list<T>(this.resource, {
      namespace,
      labelSelector,
      fieldSelector,
      metadataOnly,
      limit: pageSize,
      resourceVersion: from === '' ? undefined : from,
      signal,
    });
    this.#lastActivity = performance.now();
    this.#replace(list.items);
    this.#resourceVersion = list.resourceVersion;
    if (!this.#hasSynced) {
      this.#hasSynced = true;
      this.#synced.resolve();
    }
  }

  /** Watches from the last resourceVersion until the server ends it. Returns whether that was a useful watch. */
  async #watch(signal: AbortSignal): Promise<boolean> {
    const { client, namespace, labelSelector, fieldSelector, metadataOnly } = this.#options;
    const { min, max } = this.#options.watchSeconds ?? { min: 300, max: 600 };
    const timeoutSeconds = Math.round(min + this.#random() * (max - min));
    const started = performance.now();
    let events = 0;
    try {
      await client.watch(
        this.resource,
        {
          namespace,
          labelSelector,
          fieldSelector,
          metadataOnly,
          resourceVersion: this.#resourceVersion,
          timeoutSeconds,
          signal,
          onOpen: () => {
            this.#watching = true;
            this.#lastActivity = performance.now();
          },
        },
        (event) => {
          events++;
          this.#handle(event);
        },
      );
    } catch (error) {
      // A connection cut after events is an ordinary end: go on from the last event without delay.
      if (events === 0 || error instanceof KubeError) {
        throw error;
      }
    } finally {
      this.#watching = false;
    }
    return events > 0 || performance.now() - started >= SHORT_WATCH_MS;
  }

  #handle(event: WatchEvent): void {
    this.#lastActivity = performance.now();
    const object = event.object as T;
    switch (event.type) {
      case 'ADDED':
      case 'MODIFIED':
        this.#upsert(withType(object, this.resource), false);
        break;
      case 'DELETED':
        this.#remove(keyOf(object), withType(object, this.resource));
        break;
      case 'BOOKMARK':
      case 'ERROR':
        break;
    }
    this.#resourceVersion = object.metadata.resourceVersion ?? this.#resourceVersion;
  }

  #replace(items: readonly T[]): void {
    const initial = !this.#hasSynced;
    const kept = new Set<string>();
    for (const item of items) {
      kept.add(keyOf(item));
      this.#upsert(item, initial);
    }
    for (const key of [...this.#store.keys()]) {
      if (!kept.has(key)) {
        this.#remove(key, undefined);
      }
    }
  }

  #upsert(raw: T, initial: boolean): void {
    const key = keyOf(raw);
    const old = this.#store.get(key);
    if (old !== undefined && old.metadata.resourceVersion === raw.metadata.resourceVersion) {
      return;
    }
    const object = this.#transform(raw);
    if (old !== undefined && old.metadata.uid !== object.metadata.uid) {
      // Deleted and made again while we did not look: two objects, so two events.
      this.#remove(key, undefined);
      this.#store.set(key, object);
      this.#tell((handlers) => handlers.add?.(object, false));
      return;
    }
    this.#store.set(key, object);
    if (old === undefined) {
      this.#tell((handlers) => handlers.add?.(object, initial));
    } else {
      this.#tell((handlers) => handlers.update?.(old, object));
    }
  }

  #remove(key: string, last: T | undefined): void {
    const old = this.#store.delete(key);
    if (old === undefined) {
      return;
    }
    const object = last === undefined ? old : this.#transform(last);
    this.#tell((handlers) => handlers.delete?.(object));
  }

  #tell(call: (handlers: InformerHandlers<T>) => void): void {
    for (const handlers of this.#handlers) {
      this.#guard(() => call(handlers));
    }
  }

  // A handler that throws must stop neither the watch nor the other handlers.
  #guard(call: () => void): void {
    try {
      call();
    } catch (error) {
      this.#options.onError?.(error);
    }
  }
}

function keyOf(object: KubeObject): string {
  return objectKey(object.metadata.namespace, object.metadata.name);
}

/**
 * Decides after a failure whether to list again, and from which resourceVersion (undefined: no list, watch on from where it was).
 * Too old: list the newest state. A list that fails is repeated; one that asks for a state that the server has not yet, or no longer, asks for the newest.
 */
function nextList(error: unknown, listing: string | undefined, last: string, failures: number): string | undefined {
  const unusable = error instanceof KubeError && (error.isGone || error.isResourceVersionTooLarge);
  if (listing !== undefined) {
    return unusable ? '' : listing;
  }
  if (unusable || failures >= WATCH_FAILURES_BEFORE_LIST) {
    // At least as new as what we have, so that the store never goes back in time; `unusable` here only says that the watch is.
    return error instanceof KubeError && error.isResourceVersionTooLarge ? '' : last;
  }
  return undefined;
}
