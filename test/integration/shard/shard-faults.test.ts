import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { type ControlPlane, startControlPlane } from '../../env/control-plane.ts';
import { type RedisServer, startRedis } from '../../env/redis.ts';
import { CuttableProxy, Fleet } from './fleet.ts';

const LEASE_MS = 2000;
let plane: ControlPlane;
let redis: RedisServer;
const cleanups: (() => Promise<void>)[] = [];
beforeAll(async () => {
  [plane, redis] = await Promise.all([startControlPlane(), startRedis()]);
}, 120_000);
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});
afterAll(async () => {
  await Promise.all([plane?.stop(), redis?.stop()]);
});

function newFleet(): Fleet {
  const fleet = new Fleet({
    kind: 'redis',
    kubeconfig: plane.kubeconfig,
    redisUrl: redis.url,
    leaseMs: LEASE_MS,
    shards: 16,
  });
  cleanups.push(() => fleet.stop());
  return fleet;
}

async function twoReplicas(): Promise<Fleet> {
  const fleet = newFleet();
  fleet.add('one');
  fleet.add('two');
  await fleet.allServed(['one', 'two'], 30_000);
  return fleet;
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const report = (what: string, ms: number) =>
  process.stdout.write(`[shard] ${what}: ${ms.toFixed(0)} ms, lease ${LEASE_MS} ms\n`);

/** Waits until exactly one replica serves all objects: the fall back to the Kubernetes Lease. */
async function servedByOne(fleet: Fleet, timeoutMs: number): Promise<number> {
  const since = performance.now();
  for (;;) {
    try {
      await Promise.any([fleet.allServed(['one'], 1500), fleet.allServed(['two'], 1500)]);
      return performance.now() - since;
    } catch {
      if (performance.now() - since > timeoutMs) throw new Error('no replica serves all objects');
    }
  }
}

describe('Redis', () => {
  test('killed: one replica goes on behind the Lease; back and empty: both share again; never two writers', async () => {
    const fleet = await twoReplicas();
    await redis.crash();
    report('all served behind the Lease after Redis was killed', await servedByOne(fleet, 30_000));
    expect(fleet.violations()).toEqual([]);
    await redis.restart();
    report('both share again after Redis came back empty', await fleet.allServed(['one', 'two'], 30_000));
    await pause(2 * LEASE_MS);
    expect(fleet.violations()).toEqual([]);
  }, 120_000);

  test('restarted empty at once: every replica keeps its shards', async () => {
    const fleet = await twoReplicas();
    const before = lastWriters(fleet);
    await redis.crash();
    await redis.restart();
    await pause(2 * LEASE_MS);
    expect(fleet.violations()).toEqual([]);
    expect(lastWriters(fleet)).toEqual(before);
  }, 120_000);

  test('flushed: every replica keeps its shards', async () => {
    const fleet = await twoReplicas();
    const before = lastWriters(fleet);
    await redis.command('FLUSHALL');
    await pause(2 * LEASE_MS);
    expect(fleet.violations()).toEqual([]);
    expect(lastWriters(fleet)).toEqual(before);
  }, 120_000);

  test('frozen: as when it is killed, and calls that it answers late change nothing', async () => {
    const fleet = await twoReplicas();
    redis.pause();
    report('all served behind the Lease after Redis froze', await servedByOne(fleet, 30_000));
    redis.resume();
    report('both share again after Redis thawed', await fleet.allServed(['one', 'two'], 30_000));
    await pause(2 * LEASE_MS);
    expect(fleet.violations()).toEqual([]);
  }, 120_000);

  test('out of reach of one replica: the fleet goes on, with one writer for each object', async () => {
    const proxy = new CuttableProxy(redis.port);
    await proxy.open();
    cleanups.push(() => proxy.cut());
    const fleet = newFleet();
    fleet.add('one', { redisUrl: `redis://127.0.0.1:${proxy.port}` });
    fleet.add('two');
    await fleet.allServed(['one', 'two'], 30_000);
    await proxy.cut();
    report('all served after one replica lost Redis', await servedByOne(fleet, 30_000));
    await pause(LEASE_MS);
    await proxy.open();
    await fleet.allServed(['one', 'two'], 30_000);
    await pause(LEASE_MS);
    expect(fleet.violations()).toEqual([]);
  }, 120_000);

  test('away from the start: replicas start behind the Lease', async () => {
    await redis.crash();
    const fleet = newFleet();
    fleet.add('one');
    fleet.add('two');
    report('served from a start without Redis', await servedByOne(fleet, 30_000));
    await redis.restart();
    await fleet.allServed(['one', 'two'], 30_000);
    expect(fleet.violations()).toEqual([]);
  }, 120_000);
});

describe('replicas', () => {
  test('that come and go share fairly, and a stopped one is replaced at once', async () => {
    const fleet = await twoReplicas();
    fleet.add('three');
    await fleet.allServed(['one', 'two', 'three'], 30_000);
    fleet.signal('two', 'SIGTERM');
    await fleet.exited('two');
    const took = await fleet.allServed(['one', 'three'], 30_000);
    report('all served after an orderly stop', took);
    expect(took).toBeLessThan(LEASE_MS);
    expect(fleet.violations()).toEqual([]);
  }, 120_000);

  test('the holder of the Lease killed while Redis is away: the other takes the Lease', async () => {
    const fleet = await twoReplicas();
    await redis.crash();
    await servedByOne(fleet, 30_000);
    const holder = fleet.writes().at(-1)?.replica ?? '';
    const other = holder === 'one' ? 'two' : 'one';
    fleet.signal(holder, 'SIGKILL');
    report('all served after the holder of the Lease was killed', await fleet.allServed([other], 30_000));
    await redis.restart();
    await pause(2 * LEASE_MS);
    await fleet.allServed([other], 30_000);
    expect(fleet.violations()).toEqual([]);
  }, 120_000);

  test('frozen while Redis is lost and comes back: it writes nothing when it wakes', async () => {
    const fleet = await twoReplicas();
    fleet.signal('one', 'SIGSTOP');
    await redis.crash();
    await fleet.allServed(['two'], 30_000);
    fleet.signal('one', 'SIGCONT');
    await pause(LEASE_MS);
    await redis.restart();
    await fleet.allServed(['one', 'two'], 30_000);
    expect(fleet.violations()).toEqual([]);
  }, 120_000);
});

/** object → the replica that wrote last, with its fence. */
function lastWriters(fleet: Fleet): Map<string, string> {
  return new Map(fleet.writes().map(({ object, replica, fence }) => [object, `${replica} ${fence}`]));
}
