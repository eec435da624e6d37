import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { Ownership } from '../../../syncer/shard/ownership.ts';
import { type ControlPlane, startControlPlane } from '../../env/control-plane.ts';
import { type RedisServer, startRedis } from '../../env/redis.ts';
import { Fleet, monotonicMs } from './fleet.ts';
import { makeOwnership, type ReplicaSettings } from './replica.ts';

const LEASE_MS = 2000;
const SHARDS = 16;
let plane: ControlPlane;
let redis: RedisServer;
beforeAll(async () => {
  [plane, redis] = await Promise.all([startControlPlane(), startRedis()]);
}, 120_000);
afterAll(async () => {
  await Promise.all([plane?.stop(), redis?.stop()]);
});

async function until(what: string, condition: () => boolean, timeoutMs = 15_000): Promise<void> {
  const started = monotonicMs();
  while (!condition()) {
    if (monotonicMs() - started > timeoutMs) throw new Error(`not within ${timeoutMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

describe.each(['lease', 'redis'] as const)('ownership by %s', (kind) => {
  const cleanups: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  });

  function settings(): ReplicaSettings {
    const id = randomUUID().slice(0, 8);
    const base = { kind, kubeconfig: plane.kubeconfig, redisUrl: redis.url, leaseMs: LEASE_MS, shards: SHARDS };
    return { ...base, leaseName: `lease-${id}`, fleet: id, identity: `one-${id}`, objects: [], log: '' };
  }

  async function replica(of: ReplicaSettings, identity: string): Promise<Ownership> {
    const { ownership, close } = await makeOwnership({ ...of, identity });
    cleanups.push(async () => {
      await ownership.stop();
      close();
    });
    return ownership;
  }

  test('owns nothing before it starts, all alone, and nothing after it stopped', async () => {
    const one = await replica(settings(), 'one');
    expect(one.ownedShards()).toEqual([]);
    expect(one.fence('apps', 'a').valid()).toBe(false);
    one.start();
    await until('all shards', () => one.ownedShards().length === SHARDS);
    expect(one.owns('apps', 'a')).toBe(true);
    const fence = one.fence('apps', 'a');
    expect(fence.valid()).toBe(true);
    fence.done();
    await one.stop();
    expect(one.owns('apps', 'a')).toBe(false);
    expect(fence.valid()).toBe(false);
  });

  test('tells callbacks of every shard that comes and goes', async () => {
    const one = await replica(settings(), 'one');
    const mine = new Set<number>();
    one.onChange(({ acquired, lost }) => {
      for (const shard of lost) mine.delete(shard);
      for (const shard of acquired) mine.add(shard);
    });
    one.start();
    await until('all shards told of', () => mine.size === SHARDS);
    await one.stop();
    expect(mine.size).toBe(0);
  });

  test('two replicas never own one shard at once; what one gives up on stopping the other has soon', async () => {
    const shared = settings();
    const [one, two] = [await replica(shared, 'one'), await replica(shared, 'two')];
    let doubled = 0;
    const sampling = setInterval(() => {
      const first = new Set(one.ownedShards());
      doubled += two.ownedShards().filter((shard) => first.has(shard)).length;
    }, 2);
    cleanups.push(async () => clearInterval(sampling));
    one.start();
    two.start();
    await until('all owned', () => one.ownedShards().length + two.ownedShards().length === SHARDS);
    await new Promise((resolve) => setTimeout(resolve, 2000));
    const [leaving, staying] = one.ownedShards().length > 0 ? [one, two] : [two, one];
    const stopped = monotonicMs();
    await leaving.stop();
    await until('the other owns all', () => staying.ownedShards().length === SHARDS);
    expect(monotonicMs() - stopped).toBeLessThan(LEASE_MS);
    expect(doubled).toBe(0);
  });

  test('work under way keeps its fence while the replica stops, for a bounded time', async () => {
    const shared = settings();
    const [one, two] = [await replica(shared, 'one'), await replica(shared, 'two')];
    one.start();
    await until('all shards', () => one.ownedShards().length === SHARDS);
    two.start();
    await until('it owns some', () => one.owns('apps', 'a') || two.owns('apps', 'a'));
    const [leaving, staying] = one.owns('apps', 'a') ? [one, two] : [two, one];
    const fence = leaving.fence('apps', 'a');
    const stopping = leaving.stop();
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(leaving.owns('apps', 'a')).toBe(false);
    expect(fence.valid()).toBe(true);
    expect(staying.owns('apps', 'a')).toBe(false);
    fence.done();
    await stopping;
    expect(fence.valid()).toBe(false);
    await until('the other owns it', () => staying.owns('apps', 'a'));
  });

  test('a killed replica is replaced within two leases; one that sleeps past its lease writes nothing when it wakes', async () => {
    const fleet = new Fleet({
      kind,
      kubeconfig: plane.kubeconfig,
      redisUrl: redis.url,
      leaseMs: LEASE_MS,
      shards: SHARDS,
    });
    cleanups.push(() => fleet.stop());
    fleet.add('one');
    await fleet.allServed(['one'], 20_000);
    fleet.add('two');
    if (kind === 'redis') await fleet.allServed(['one', 'two'], 20_000);
    else await new Promise((resolve) => setTimeout(resolve, 2000));
    fleet.signal('one', 'SIGSTOP');
    const takeover = await fleet.allServed(['two'], 20_000);
    fleet.signal('one', 'SIGCONT');
    await new Promise((resolve) => setTimeout(resolve, 3000));
    expect(fleet.violations()).toEqual([]);
    if (kind === 'redis') await fleet.allServed(['one', 'two'], 20_000);
    fleet.signal('two', 'SIGKILL');
    const afterKill = await fleet.allServed(['one'], 20_000);
    expect(fleet.violations()).toEqual([]);
    process.stdout.write(
      `[shard] ${kind}: taken over ${takeover.toFixed(0)} ms after SIGSTOP, ${afterKill.toFixed(0)} ms after SIGKILL, lease ${LEASE_MS} ms\n`,
    );
    expect(takeover).toBeLessThan(2 * LEASE_MS + 1000);
    expect(afterKill).toBeLessThan(2 * LEASE_MS + 1000);
  });
});
