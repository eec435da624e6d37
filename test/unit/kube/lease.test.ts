import { describe, expect, test } from '@jest/globals';
import type { KubeClient, KubeObject } from '../../../shared/kube/client.ts';
import { KubeConnectionError, KubeError } from '../../../shared/kube/error.ts';
import { LeaderLease, type LeaderLeaseOptions, mayTake, microTime } from '../../../shared/kube/lease.ts';

/** A Lease as the API server keeps it, with optimistic locking; each client of it can be cut off. */
class FakeLease {
  stored: KubeObject | undefined;
  writes = 0;
  #version = 0;

  client(link: { down: boolean } = { down: false }): KubeClient {
    const reach = async () => {
      await new Promise((resolve) => setTimeout(resolve, 1));
      if (link.down) {
        throw new KubeConnectionError('lost', false);
      }
    };
    const store = (lease: KubeObject) => {
      this.writes++;
      this.stored = structuredClone(lease);
      this.stored.metadata.resourceVersion = String(++this.#version);
      return structuredClone(this.stored);
    };
    return {
      get: async () => {
        await reach();
        return structuredClone(this.stored);
      },
      create: async (_ref: unknown, lease: KubeObject) => {
        await reach();
        if (this.stored !== undefined) {
          throw new KubeError(409, 'AlreadyExists', 'there');
        }
        return store(lease);
      },
      update: async (_ref: unknown, lease: KubeObject) => {
        await reach();
        if (lease.metadata.resourceVersion !== this.stored?.metadata.resourceVersion) {
          throw new KubeError(409, 'Conflict', 'changed');
        }
        return store(lease);
      },
    } as unknown as KubeClient;
  }

  get spec(): Record<string, unknown> {
    return (this.stored?.['spec'] ?? {}) as Record<string, unknown>;
  }
}

function contender(
  identity: string,
  client: KubeClient,
  log: string[],
  options: Partial<LeaderLeaseOptions> = {},
): LeaderLease {
  return new LeaderLease({
    client,
    namespace: 'ns',
    name: 'lease',
    identity,
    leaseDurationMs: 1000,
    renewDeadlineMs: 500,
    retryPeriodMs: 50,
    onStarted: () => log.push(`${identity} starts`),
    onStopped: () => void log.push(`${identity} stops`),
    ...options,
  });
}

async function until(condition: () => boolean): Promise<void> {
  const deadline = performance.now() + 5_000;
  while (!condition()) {
    if (performance.now() > deadline) {
      throw new Error('waited 5 s in vain');
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

describe('a leader lease', () => {
  test('one leads, renews, and hands over at once when it stops', async () => {
    const lease = new FakeLease();
    const log: string[] = [];
    const a = contender('a', lease.client(), log);
    const b = contender('b', lease.client(), log);
    void a.start();
    await until(() => a.isLeader());
    void b.start();
    await until(() => lease.writes > 3);
    expect([a.isLeader(), b.isLeader(), b.holder, a.token]).toEqual([true, false, 'a', 0]);
    expect(lease.spec).toMatchObject({ holderIdentity: 'a', leaseDurationSeconds: 1, leaseTransitions: 0 });
    const started = performance.now();
    await a.stop();
    expect(a.isLeader()).toBe(false);
    await until(() => b.isLeader());
    expect(performance.now() - started).toBeLessThan(500);
    expect(b.token).toBe(1);
    await b.stop();
    expect(lease.spec['holderIdentity']).toBe('');
    expect(log).toEqual(['a starts', 'a stops', 'b starts', 'b stops']);
  });

  test('a holder that is cut off stops before another starts; when it is back it competes again', async () => {
    const lease = new FakeLease();
    const log: string[] = [];
    const link = { down: false };
    const a = contender('a', lease.client(link), log);
    const b = contender('b', lease.client(), log);
    void a.start();
    await until(() => a.isLeader());
    void b.start();
    await until(() => b.holder === 'a');
    link.down = true;
    await until(() => b.isLeader() || (a.isLeader() && b.isLeader()));
    expect(a.isLeader()).toBe(false);
    expect(a.validUntil).toBe(Number.NEGATIVE_INFINITY);
    link.down = false;
    await until(() => a.holder === 'b');
    await b.stop();
    await until(() => a.isLeader());
    expect(a.token).toBe(2);
    await a.stop();
    expect(log).toEqual(['a starts', 'a stops', 'b starts', 'b stops', 'a starts', 'a stops']);
  });

  test('by its own clock a holder is none as soon as its lease may have run out, callbacks or not', async () => {
    const lease = new FakeLease();
    let skew = 0;
    const a = contender('a', lease.client(), [], { now: () => performance.now() + skew });
    void a.start();
    await until(() => a.isLeader());
    const left = a.validUntil - performance.now();
    expect(left).toBeGreaterThan(800);
    expect(left).toBeLessThanOrEqual(1000);
    skew = 1001;
    expect(a.isLeader()).toBe(false);
    await a.stop();
  });

  test('the release waits for the work of the term, which is told to end', async () => {
    const lease = new FakeLease();
    const seen: unknown[] = [];
    const a = contender('a', lease.client(), [], {
      onStarted: (signal) => signal.addEventListener('abort', () => seen.push('told')),
      onStopped: async () => {
        await new Promise((resolve) => setTimeout(resolve, 50));
        seen.push(lease.spec['holderIdentity']);
      },
    });
    void a.start();
    await until(() => a.isLeader());
    await a.stop();
    expect([...seen, lease.spec['holderIdentity']]).toEqual(['told', 'a', '']);
  });

  test('a lease that somebody deletes is made again within the term', async () => {
    const lease = new FakeLease();
    const errors: unknown[] = [];
    const a = contender('a', lease.client(), [], { onError: (error) => errors.push(error) });
    void a.start();
    await until(() => a.isLeader());
    lease.stored = undefined;
    await until(() => lease.stored !== undefined);
    expect([a.isLeader(), lease.spec['leaseTransitions']]).toEqual([true, 0]);
    await a.stop();
  });

  test('times that cannot be safe are refused', () => {
    const make = () => contender('a', new FakeLease().client(), [], { renewDeadlineMs: 1000 });
    expect(make).toThrow(
      'lease ns/lease: need leaseDuration > renewDeadline > 1.2 × retryPeriod, got 1000, 1000, 50 ms',
    );
  });
});

test('a lease is free without a holder, or a full duration after it was last seen to change', () => {
  const held = { holderIdentity: 'b', leaseDurationSeconds: 15 };
  expect(mayTake({}, 0, 0, 'a')).toBe(true);
  expect(mayTake({ ...held, holderIdentity: 'a' }, 0, 0, 'a')).toBe(true);
  expect(mayTake(held, 1000, 16_000, 'a')).toBe(false);
  expect(mayTake(held, 1000, 16_001, 'a')).toBe(true);
});

test('times are written as MicroTime', () => {
  expect(microTime(new Date(Date.UTC(2026, 0, 2, 3, 4, 5, 6)))).toBe('2026-01-02T03:04:05.006000Z');
});
