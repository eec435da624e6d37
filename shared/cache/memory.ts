import { matchesDigest } from './digest.ts';
import type { BlobCache, RecordCache } from './types.ts';

/** A least-recently-used map bounded by the bytes of its values; a value larger than the bound is not kept. */
export class ByteLru<V> {
  readonly #entries = new Map<string, { value: V; bytes: number }>();
  readonly #maxBytes: number;
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get size(): number {
    return this.#entries.size;
  }

  get(key: string): V | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    return entry.value;
  }

  set(key: string, value: V, bytes: number): void {
    this.delete(key);
    if (bytes > this.#maxBytes) return;
    this.#entries.set(key, { value, bytes });
    this.#bytes += bytes;
    for (const oldest of this.#entries.keys()) {
      if (this.#bytes <= this.#maxBytes) break;
      this.delete(oldest);
    }
  }

  delete(key: string): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    this.#entries.delete(key);
    this.#bytes -= entry.bytes;
  }
}

/** The memory tier: bytes checked once, when they are put. */
export class MemoryBlobCache implements BlobCache {
  readonly #lru: ByteLru<Uint8Array>;

  constructor(maxBytes: number) {
    this.#lru = new ByteLru(maxBytes);
  }

  get bytes(): number {
    return this.#lru.bytes;
  }

  get(digest: string): Promise<Uint8Array | undefined> {
    return Promise.resolve(this.#lru.get(digest));
  }

  put(digest: string, bytes: Uint8Array): Promise<void> {
    if (matchesDigest(bytes, digest)) this.#lru.set(digest, bytes, bytes.byteLength);
    return Promise.resolve();
  }

  delete(digest: string): Promise<void> {
    this.#lru.delete(digest);
    return Promise.resolve();
  }
}

interface TimedRecord {
  value: unknown;
  expires: number;
}

/** Records in this process, at most `maxEntries` of them; times by the monotonic clock. */
export class MemoryRecordCache implements RecordCache {
  readonly #lru: ByteLru<TimedRecord>;
  readonly #now: () => number;

  constructor(maxEntries = 10_000, now: () => number = () => performance.now()) {
    this.#lru = new ByteLru(maxEntries);
    this.#now = now;
  }

  get(key: string): Promise<unknown> {
    const record = this.#lru.get(key);
    if (record === undefined) return Promise.resolve(undefined);
    if (record.expires > this.#now()) return Promise.resolve(record.value);
    this.#lru.delete(key);
    return Promise.resolve(undefined);
  }

  put(key: string, value: unknown, ttlMs: number): Promise<void> {
    this.#lru.set(key, { value, expires: this.#now() + ttlMs }, 1);
    return Promise.resolve();
  }

  delete(key: string): Promise<void> {
    this.#lru.delete(key);
    return Promise.resolve();
  }
}
