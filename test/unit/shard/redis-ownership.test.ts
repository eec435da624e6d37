import { afterEach, describe, expect, test } from '@jest/globals';
import type { ShardTable, ShardTick, ShardTickReply } from '../../../shared/redis/shard-table.ts';
import { RedisOwnership } from '../../../syncer/shard/redis-ownership.ts';
import { FakeLease, until } from './fakes.ts';

class FakeTable implements ShardTable {
  readonly ticks: ShardTick[] = [];
  working = true;

  close(): void {
    this.working = false;
  }

  tick(tick: ShardTick): Promise<ShardTickReply> {
    this.ticks.push({ ...tick, claims: new Map(tick.claims) });
    if (!this.working) return Promise.reject(new Error('redis is away'));
    const held = new Map(tick.mode === 'active' ? [[0, 1] as const, [1, 2] as const] : []);
    return Promise.resolve({ status: 'ok', target: held.size, members: 1, waitMs: 0, held });
  }
}

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

function setUp(leaseMs = 600) {
  const table = new FakeTable();
  const lease = new FakeLease();
  const modes: string[] = [];
  const ownership = new RedisOwnership({
    ...{
      table,
      client: lease.client,
      namespace: 'ns',
      leaseName: 'l',
      identity: 'me',
      shards: 2,
      leaseMs,
      drainMs: 100,
    },
    onMode: (mode) => modes.push(mode),
  });
  cleanups.push(() => ownership.stop());
  return { table, lease, ownership, modes };
}

describe('RedisOwnership', () => {
  test('takes its share only after it saw that nobody leads by the Lease', async () => {
    const { table, lease, ownership } = setUp();
    lease.hold('another');
    ownership.start();
    await until(() => table.ticks.length > 3);
    expect(table.ticks.every((tick) => tick.mode === 'passive')).toBe(true);
    expect(ownership.ownedShards()).toEqual([]);
    lease.object = undefined;
    await until(() => ownership.ownedShards().length === 2);
  });

  test('lets go of its share as soon as it sees another lead', async () => {
    const { lease, ownership } = setUp();
    ownership.start();
    await until(() => ownership.owns('a', 'b'));
    const fence = ownership.fence('a', 'b');
    lease.hold('another');
    await until(() => !ownership.owns('a', 'b'));
    expect(fence.valid()).toBe(false);
    lease.object = undefined;
    await until(() => ownership.owns('a', 'b'));
    fence.done();
  });

  test('a fence ends by the clock when nothing is renewed, without any event', async () => {
    const { table, ownership } = setUp();
    ownership.start();
    await until(() => ownership.owns('a', 'b'));
    const fence = ownership.fence('a', 'b');
    table.tick = () => new Promise(() => undefined);
    const blockedUntil = performance.now() + 700;
    while (performance.now() < blockedUntil) {
      // the event loop does not turn
    }
    expect(fence.valid()).toBe(false);
    expect(ownership.owns('a', 'b')).toBe(false);
    fence.done();
    table.tick = () => Promise.reject(new Error('away'));
  });

  test('without Redis it leads by the Lease after others must have stopped; with Redis it gives the Lease back first', async () => {
    const { table, lease, ownership, modes } = setUp();
    ownership.start();
    await until(() => ownership.owns('a', 'b'));
    table.working = false;
    await until(() => modes.includes('lease'));
    await until(() => lease.holder === 'me');
    const took = performance.now();
    await until(() => !ownership.owns('a', 'b'));
    await until(() => ownership.owns('a', 'b'));
    // Two thirds of a lease: how long another may go on without having seen the Lease.
    expect(performance.now() - took).toBeGreaterThan(380);
    expect(ownership.status().mode).toBe('lease');
    table.working = true;
    const before = table.ticks.length;
    await until(() => ownership.status().mode === 'redis' && ownership.owns('a', 'b'));
    expect(lease.holder).toBe('');
    const modesSeen = table.ticks.slice(before).map((tick) => tick.mode);
    expect(modesSeen.slice(0, 3)).toEqual(['passive', 'passive', 'passive']);
  });

  test('a Lease left by a holder that is gone is cleared, so that it cannot be renewed', async () => {
    const { lease, ownership } = setUp();
    lease.hold('dead', 0);
    ownership.start();
    await until(() => ownership.owns('a', 'b'));
    expect(lease.holder).toBe('');
  });

  test('stopping leaves the table', async () => {
    const { table, ownership } = setUp();
    ownership.start();
    await until(() => ownership.owns('a', 'b'));
    await ownership.stop();
    expect(table.ticks.at(-1)?.mode).toBe('leave');
    expect(ownership.owns('a', 'b')).toBe(false);
  });
});
