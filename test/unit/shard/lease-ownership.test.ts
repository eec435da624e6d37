import { afterEach, expect, test } from '@jest/globals';
import { LeaseOwnership } from '../../../syncer/shard/lease-ownership.ts';
import { FakeLease, until } from './fakes.ts';

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

function own(lease: FakeLease): LeaseOwnership {
  const ownership = new LeaseOwnership({ client: lease.client, namespace: 'ns', name: 'l', identity: 'me', shards: 4 });
  cleanups.push(() => ownership.stop());
  ownership.start();
  return ownership;
}

test('owns all at once where no replica worked by Redis', async () => {
  const lease = new FakeLease();
  const started = performance.now();
  const ownership = own(lease);
  await until(() => ownership.ownedShards().length === 4);
  expect(performance.now() - started).toBeLessThan(300);
});

test('waits for replicas that may still work by Redis, as long as they wrote to the Lease', async () => {
  const lease = new FakeLease();
  const metadata = { name: 'l', resourceVersion: '7', annotations: { 'chartroom.dev/shared-for-ms': '500' } };
  lease.object = { metadata, spec: {} };
  const ownership = own(lease);
  await until(() => lease.holder === 'me');
  const taken = performance.now();
  expect(ownership.owns()).toBe(false);
  expect(ownership.fence('a', 'b').valid()).toBe(false);
  await until(() => ownership.owns());
  expect(performance.now() - taken).toBeGreaterThan(450);
});

test('a fence ends with its term', async () => {
  const lease = new FakeLease();
  const ownership = own(lease);
  await until(() => ownership.owns());
  const fence = ownership.fence('a', 'b');
  expect(fence.valid()).toBe(true);
  fence.done();
  await ownership.stop();
  expect(fence.valid()).toBe(false);
  expect(lease.holder).toBe('');
});
