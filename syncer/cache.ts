import type { Logger } from 'pino';
import { MemoryBlobCache, MemoryRecordCache } from '../shared/cache/memory.ts';
import { BlobStore } from '../shared/cache/tiered.ts';
import type { RecordCache } from '../shared/cache/types.ts';
import { RedisBlobCache, RedisRecordCache } from '../shared/redis/cache.ts';
import { RedisConnection } from '../shared/redis/connection.ts';
import { RedisLock } from '../shared/redis/lock.ts';

/** Where chart archives and resolutions are kept, in this process or in the fleet. */
export interface FleetCache {
  readonly blobs: BlobStore;
  readonly records: RecordCache;
  readonly close: () => void;
}

/** The caches of a process that shares nothing. */
export function memoryCache(blobBytes: number): FleetCache {
  const blobs = new BlobStore({ tiers: [new MemoryBlobCache(blobBytes)] });
  return { blobs, records: new MemoryRecordCache(), close: () => undefined };
}

/** The caches of a fleet: memory before Redis, and one fetch of a blob for all replicas. */
export function redisCache(url: string, fleet: string, blobBytes: number, log: Logger): FleetCache {
  // Not the connection of the locks: a large blob on the wire must not hold up a renewal.
  const connection = new RedisConnection({ url, onError: (text) => log.error({ error: text }, 'redis cache') });
  const tiers = [new MemoryBlobCache(blobBytes), new RedisBlobCache(connection, fleet)];
  return {
    blobs: new BlobStore({ tiers, fleet: new RedisLock(connection, fleet) }),
    records: new RedisRecordCache(connection, fleet),
    close: () => connection.close(),
  };
}
