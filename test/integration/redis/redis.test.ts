import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { sha256Digest } from '../../../shared/cache/digest.ts';
import { RedisBlobCache, RedisRecordCache } from '../../../shared/redis/cache.ts';
import { RedisConnection, RedisUnavailableError } from '../../../shared/redis/connection.ts';
import { RedisLock } from '../../../shared/redis/lock.ts';
import { RedisShardTable, type ShardTick } from '../../../shared/redis/shard-table.ts';
import { type RedisServer, startRedis } from '../../env/redis.ts';

let redis: RedisServer;
let connection: RedisConnection;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis?.stop());
beforeEach(async () => {
  await redis.command('FLUSHALL');
  connection = new RedisConnection({ url: redis.url, deadlineMs: 300 });
  await connection.waitUntilReady(2000);
});
afterEach(() => connection.close());

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe('RedisConnection', () => {
  test('fails at once while Redis is away, and works again when it is back', async () => {
    await redis.crash();
    await pause(50);
    const started = performance.now();
    await expect(connection.run('get', (client) => client.get('k'))).rejects.toThrow('redis get: not connected');
    expect(performance.now() - started).toBeLessThan(50);
    await redis.restart();
    expect(await connection.waitUntilReady(5000)).toBe(true);
    expect(await connection.run('get', (client) => client.get('k'))).toBeNull();
  });

  test('waits for a frozen Redis no longer than the deadline, and replaces the connection', async () => {
    redis.pause();
    const started = performance.now();
    await expect(connection.run('get', (client) => client.get('k'))).rejects.toThrow('no answer in 300 ms');
    await expect(connection.run('get', (client) => client.get('k'))).rejects.toThrow(RedisUnavailableError);
    expect(performance.now() - started).toBeLessThan(1000);
    expect(connection.ready).toBe(false);
    redis.resume();
    expect(await connection.waitUntilReady(5000)).toBe(true);
  });

  test('tells of errors without the password', async () => {
    const told: string[] = [];
    const url = redis.url.replace('redis://', 'redis://user:hunter22@');
    const refused = new RedisConnection({ url, onError: (message) => told.push(message) });
    expect(await refused.waitUntilReady(500)).toBe(false);
    refused.close();
    expect(told.length).toBeGreaterThan(0);
    expect(told.join()).not.toContain('hunter22');
  });
});

describe('caches', () => {
  const blob = new TextEncoder().encode('\u0000chart');
  const digest = sha256Digest(blob);

  test('a blob comes back as it was; a poisoned one is a miss and is deleted', async () => {
    const cache = new RedisBlobCache(connection, 'f');
    await cache.put(digest, blob);
    expect(Buffer.from((await cache.get(digest)) ?? [])).toEqual(Buffer.from(blob));
    await redis.command('SET', `chartroom:f:blob:${digest}`, 'poison');
    expect(await cache.get(digest)).toBeUndefined();
    expect(await redis.command('EXISTS', `chartroom:f:blob:${digest}`)).toBe(':0\r\n');
  });

  test('bytes with another digest, or too many, are not stored', async () => {
    const cache = new RedisBlobCache(connection, 'f', { maxBytes: 3 });
    await cache.put(sha256Digest('x'), blob);
    await cache.put(digest, blob);
    expect(await redis.command('DBSIZE')).toBe(':0\r\n');
  });

  test('records expire', async () => {
    const cache = new RedisRecordCache(connection, 'f');
    await cache.put('k', { a: [1] }, 200);
    expect(await cache.get('k')).toEqual({ a: [1] });
    await pause(250);
    expect(await cache.get('k')).toBeUndefined();
    await redis.command('SET', 'chartroom:f:record:k', 'no json');
    expect(await cache.get('k')).toBeUndefined();
  });
});

describe('RedisLock', () => {
  test('lets one at a time through; those who wait take its result', async () => {
    const lock = new RedisLock(connection, 'f');
    let result: string | undefined;
    let runs = 0;
    const attempt = () => Promise.resolve(result);
    const work = async () => {
      runs++;
      await pause(100);
      result = 'done';
      return result;
    };
    const results = await Promise.all(Array.from({ length: 5 }, () => lock.run('k', attempt, work)));
    expect(results).toEqual(Array(5).fill('done'));
    expect(runs).toBe(1);
    expect(await redis.command('DBSIZE')).toBe(':0\r\n');
  });

  test('a holder that works for longer than the lease keeps the lock; one that fails frees it', async () => {
    const lock = new RedisLock(connection, 'f', { leaseMs: 150 });
    const none = () => Promise.resolve(undefined);
    let running = 0;
    let most = 0;
    const work = async () => {
      most = Math.max(most, ++running);
      await pause(400);
      running--;
    };
    await Promise.all([lock.run('k', none, work), lock.run('k', none, work)]);
    expect(most).toBe(1);
    await expect(lock.run('k', none, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await lock.run('k', none, async () => 'free')).toBe('free');
  });

  test('a lock that is never freed holds nobody up for longer than the wait', async () => {
    await redis.command('SET', 'chartroom:f:lock:k', 'dead');
    const lock = new RedisLock(connection, 'f', { maxWaitMs: 200 });
    expect(
      await lock.run(
        'k',
        () => Promise.resolve(undefined),
        async () => 'went ahead',
      ),
    ).toBe('went ahead');
  });
});

describe('RedisShardTable', () => {
  const leaseMs = 400;
  const sequences = new Map<string, number>();
  let table: RedisShardTable;
  beforeEach(async () => {
    table = new RedisShardTable(connection, 'f');
    await tick('opener', new Map(), { mode: 'passive', firstStart: true });
  });

  function tick(member: string, claims: ReadonlyMap<number, number>, more: Partial<ShardTick> = {}) {
    const sequence = (sequences.get(member) ?? 0) + 1;
    sequences.set(member, sequence);
    return table.tick({ member, sequence, leaseMs, shards: 10, mode: 'active', firstStart: false, claims, ...more });
  }

  test('shares fairly: what one gives up another takes, with a greater fence', async () => {
    const first = await tick('a', new Map());
    expect([first.held.size, first.target, first.members]).toEqual([10, 10, 1]);
    expect((await tick('b', new Map())).held.size).toBe(0);
    await tick('c', new Map());
    const second = await tick('a', first.held);
    expect([second.held.size, second.target, second.members]).toEqual([10, 4, 3]);
    await tick('a', new Map([...first.held].filter(([shard]) => shard < 4)));
    const b = await tick('b', new Map());
    const c = await tick('c', new Map());
    expect([b.held.size, c.held.size]).toEqual([3, 3]);
    const greatest = Math.max(...first.held.values());
    expect([...b.held.values(), ...c.held.values()].every((fence) => fence > greatest)).toBe(true);
  });

  test('a member that says nothing for a lease loses all, and cannot claim it back', async () => {
    const first = await tick('a', new Map());
    await tick('b', new Map());
    await pause(leaseMs / 2);
    await tick('b', new Map());
    await pause(leaseMs / 2 + 20);
    const b = await tick('b', new Map());
    expect([b.held.size, b.members]).toEqual([10, 1]);
    const late = await tick('a', first.held);
    expect(late.held.size).toBe(0);
    expect(late.target).toBe(5);
  });

  test('what was taken by a call whose answer was lost is taken anew, with a new fence', async () => {
    const lost = await tick('a', new Map());
    const next = await tick('a', new Map());
    expect(next.held.size).toBe(10);
    expect(Math.min(...next.held.values())).toBeGreaterThan(Math.max(...lost.held.values()));
  });

  test('a call that comes late is ignored', async () => {
    const first = await tick('a', new Map());
    const late = await table.tick({
      member: 'a',
      sequence: 1,
      leaseMs,
      shards: 10,
      mode: 'leave',
      firstStart: false,
      claims: new Map(),
    });
    expect(late.status).toBe('stale');
    expect((await tick('a', first.held)).held).toEqual(first.held);
  });

  test('one who leaves frees all at once', async () => {
    const a = await tick('a', new Map());
    await tick('a', a.held, { mode: 'leave', claims: new Map() });
    const b = await tick('b', new Map());
    expect([b.held.size, b.members]).toEqual([10, 1]);
  });

  test('another number of shards is refused while others live, and taken when they are gone', async () => {
    await tick('a', new Map());
    expect((await tick('b', new Map(), { shards: 20 })).status).toBe('mismatch');
    await pause(leaseMs + 20);
    expect((await tick('b', new Map(), { shards: 20 })).held.size).toBe(20);
  });

  test('lost: holders claim their own back, nothing else is taken for one lease', async () => {
    const a = await tick('a', new Map());
    const mine = new Map([...a.held].slice(0, 4));
    await redis.command('FLUSHALL');
    const b = await tick('b', new Map());
    expect([b.held.size, b.waitMs > 0]).toEqual([0, true]);
    expect((await tick('a', mine)).held).toEqual(mine);
    await pause(leaseMs / 2);
    await tick('a', mine);
    await pause(leaseMs / 2 + 20);
    const later = await tick('b', new Map());
    expect(later.held.size).toBe(5);
    expect([...later.held.keys()].some((shard) => mine.has(shard))).toBe(false);
  });

  test('another server process, with an old table: treated as lost', async () => {
    const a = await tick('a', new Map());
    await redis.command('HSET', 'chartroom:{f}:shards', 'run', 'anotherprocess');
    await redis.command('HDEL', 'chartroom:{f}:shards', ...Array.from({ length: 10 }, (_, i) => `s:${i}`));
    expect((await tick('b', new Map())).held.size).toBe(0);
    expect((await tick('a', a.held)).held).toEqual(a.held);
  });
});
