/**
 * Bytes by content digest. An implementation outside this process's memory checks the digest on every read: bytes that do not
 * match are a miss and are deleted. A cache never fails its caller: trouble with it is a miss, or a put that did not happen.
 */
export interface BlobCache {
  /** The bytes (never to be changed by the caller), or undefined. */
  get(digest: string): Promise<Uint8Array | undefined>;
  /** Stores bytes under their digest; bytes that do not match it are ignored. */
  put(digest: string, bytes: Uint8Array): Promise<void>;
  /** Forgets one entry. */
  delete(digest: string): Promise<void>;
}

/** Small JSON values by key, each with its own time to live. As with BlobCache, trouble is a miss. */
export interface RecordCache {
  get(key: string): Promise<unknown>;
  put(key: string, value: unknown, ttlMs: number): Promise<void>;
  delete(key: string): Promise<void>;
}

/**
 * A lock that the fleet shares for efficiency only: whoever cannot have it in time, or cannot reach it, goes ahead without.
 * `run` calls `attempt` until it returns a value (the work of another made ours needless) or the lock is ours, then calls `fn`
 * with the lock held.
 */
export interface FleetLock {
  run<T>(key: string, attempt: () => Promise<T | undefined>, fn: () => Promise<T>): Promise<T>;
}
