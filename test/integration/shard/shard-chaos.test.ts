import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type ControlPlane, startControlPlane } from '../../env/control-plane.ts';
import { type RedisServer, startRedis } from '../../env/redis.ts';
import { CuttableProxy, Fleet } from './fleet.ts';

const LEASE_MS = 2000;
/** CHAOS_SECONDS runs it for longer, CHAOS_SEED repeats a run. */
const SECONDS = Number(process.env['CHAOS_SECONDS'] ?? 20);
const SEED = Number(process.env['CHAOS_SEED'] ?? Math.floor(Math.random() * 1e6));
let plane: ControlPlane;
let redis: RedisServer;
beforeAll(async () => {
  [plane, redis] = await Promise.all([startControlPlane(), startRedis()]);
}, 120_000);
afterAll(async () => {
  await Promise.all([plane?.stop(), redis?.stop()]);
});

/** A small repeatable generator: 0 ≤ x < 1. */
function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

test(
  `random faults for ${SECONDS} s (seed ${SEED}): never two writers, and all is served in the end`,
  async () => {
    const random = generator(SEED);
    const proxy = new CuttableProxy(redis.port);
    await proxy.open();
    const fleet = new Fleet({
      kind: 'redis',
      kubeconfig: plane.kubeconfig,
      redisUrl: redis.url,
      leaseMs: LEASE_MS,
      shards: 16,
    });
    const behindProxy = { redisUrl: `redis://127.0.0.1:${proxy.port}` };
    const alive = ['r0', 'r1', 'r2'];
    let next = 3;
    for (const [i, replica] of alive.entries()) fleet.add(replica, i === 0 ? behindProxy : {});
    const faults: (() => Promise<void>)[] = [
      async () => {
        await redis.crash();
        await pause(random() * 2 * LEASE_MS);
        await redis.restart();
      },
      async () => {
        redis.pause();
        await pause(random() * 2 * LEASE_MS);
        redis.resume();
      },
      async () => void (await redis.command('FLUSHALL')),
      async () => {
        await proxy.cut();
        await pause(random() * 2 * LEASE_MS);
        await proxy.open();
      },
      async () => {
        const replica = alive[Math.floor(random() * alive.length)] ?? '';
        fleet.signal(replica, 'SIGSTOP');
        await pause(random() * 2 * LEASE_MS);
        fleet.signal(replica, 'SIGCONT');
      },
      async () => {
        const replica = alive.shift() ?? '';
        fleet.signal(replica, random() < 0.5 ? 'SIGKILL' : 'SIGTERM');
        alive.push(`r${next++}`);
        fleet.add(alive.at(-1) ?? '', random() < 0.3 ? behindProxy : {});
      },
    ];
    try {
      await pause(3 * LEASE_MS);
      const end = performance.now() + SECONDS * 1000;
      while (performance.now() < end) {
        await faults[Math.floor(random() * faults.length)]?.();
        await pause(random() * LEASE_MS);
        expect(fleet.violations()).toEqual([]);
      }
      await fleet.allServed(alive, 60_000);
      expect(fleet.violations()).toEqual([]);
    } finally {
      await fleet.stop();
      await proxy.cut();
    }
  },
  SECONDS * 1000 + 150_000,
);
