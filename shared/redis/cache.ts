import type { RedisClientType } from 'redis';
import { matchesDigest } from '../cache/digest.ts';
import type { BlobCache, RecordCache } from '../cache/types.ts';
import type { RedisConnection } from './connection.ts';

export interface RedisCacheOptions {
  /** Time since the last use after which a blob leaves. Default 24 h. */
  ttlMs?: number;
  /** Larger blobs are not shared. Default 32 MiB. */
  maxBytes?: number;
  deadlineMs?: number;
}

/** Blobs in Redis by digest, checked on every read. Use a connection of its own: a large blob would hold up the locks. */
export class RedisBlobCache implements BlobCache {
  readonly #connection: RedisConnection;
  readonly #prefix: string;
  readonly #ttlMs: number;
  readonly #maxBytes: number;
  readonly #deadlineMs: number;

  constructor(connection: RedisConnection, fleet: string, options: RedisCacheOptions = {}) {
    this.#connection = connection;
    this.#prefix = `chartroom:${fleet}:blob:`;
    this.#ttlMs = options.ttlMs ?? 24 * 3600_000;
    this.#maxBytes = options.maxBytes ?? 32 << 20;
    this.#deadlineMs = options.deadlineMs ?? 3000;
  }

  async get(digest: string): Promise<Uint8Array | undefined> {
    const key = this.#prefix + digest;
    const bytes = await this.#quietly('blob get', async (client) => {
      const { RESP_TYPES } = await import('redis');
      const asBytes = client.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer });
      return (await asBytes.getEx(key, { type: 'PX', value: this.#ttlMs })) as unknown as Buffer | null;
    });
    if (bytes === undefined || bytes === null) return undefined;
    if (matchesDigest(bytes, digest)) return bytes;
    await this.delete(digest);
    return undefined;
  }

  async put(digest: string, bytes: Uint8Array): Promise<void> {
    if (bytes.byteLength > this.#maxBytes || !matchesDigest(bytes, digest)) return;
    const value = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    await this.#quietly('blob put', (client) =>
      client.set(this.#prefix + digest, value, { expiration: { type: 'PX', value: this.#ttlMs } }),
    );
  }

  async delete(digest: string): Promise<void> {
    await this.#quietly('blob delete', (client) => client.del(this.#prefix + digest));
  }

  async #quietly<T>(what: string, commands: (client: RedisClientType) => Promise<T>): Promise<T | undefined> {
    try {
      return await this.#connection.run(what, commands, this.#deadlineMs);
    } catch {
      return undefined;
    }
  }
}

/** Small JSON records in Redis. Only for what is no secret and harms nobody when forged within the fleet. */
export class RedisRecordCache implements RecordCache {
  readonly #connection: RedisConnection;
  readonly #prefix: string;

  constructor(connection: RedisConnection, fleet: string) {
    this.#connection = connection;
    this.#prefix = `chartroom:${fleet}:record:`;
  }

  async get(key: string): Promise<unknown> {
    try {
      const text = await this.#connection.run('record get', (client) => client.get(this.#prefix + key));
      return text === null ? undefined : JSON.parse(text);
    } catch {
      return undefined;
    }
  }

  async put(key: string, value: unknown, ttlMs: number): Promise<void> {
    const expiration = { type: 'PX' as const, value: Math.max(1, Math.round(ttlMs)) };
    try {
      await this.#connection.run('record put', (client) =>
        client.set(this.#prefix + key, JSON.stringify(value), { expiration }),
      );
    } catch {
      // the next one asks the origin again
    }
  }

  async delete(key: string): Promise<void> {
    await this.#connection.run('record delete', (client) => client.del(this.#prefix + key)).catch(() => undefined);
  }
}
