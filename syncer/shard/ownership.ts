/** The right to write to one object. Ask `valid` before each write; call `done` when the work is over, whatever came of it. */
export interface Fence {
  /** Grows from owner to owner of a shard while the lock service lives. */
  readonly token: number;
  /** Cheap, synchronous, by the monotonic clock: false as soon as another replica could own the object. */
  valid(): boolean;
  /** Ends the work, so that a shard can be handed over without waiting. More calls than one do nothing. */
  done(): void;
}

/** Shards that this replica began and ceased to own. A shard that was lost and taken again in between is among the acquired. */
export interface OwnershipChange {
  acquired: readonly number[];
  lost: readonly number[];
}

/**
 * Which replica works on which object. Objects fall into shards by namespace and name; a replica owns whole shards. No two
 * replicas have valid fences for one object at the same time.
 */
export interface Ownership {
  readonly shards: number;
  shardOf(namespace: string, name: string): number;
  /** May this replica begin work on the object now? Cheap and synchronous. */
  owns(namespace: string, name: string): boolean;
  /** The fence for a piece of work that begins now; of an object that is not owned, one that is not valid. */
  fence(namespace: string, name: string): Fence;
  /** Shards that `owns` answers true for. */
  ownedShards(): number[];
  /** Calls back on changes, so that objects of acquired shards can be queued. Returns a function that ends it. */
  onChange(callback: (change: OwnershipChange) => void): () => void;
  /** Begins to compete, and goes on until the signal fires or `stop` is called. */
  start(signal?: AbortSignal): void;
  /** Takes no new work, waits a bounded time for work under way, gives all up, and resolves then. */
  stop(): Promise<void>;
  /** For logs and metrics. */
  status(): OwnershipStatus;
}

export interface OwnershipStatus {
  /** How ownership is decided at the moment. */
  mode: 'lease' | 'redis';
  owned: number;
  shards: number;
  /** Replicas that take part, where that is known. */
  members?: number;
}
