import { describe, expect, test } from '@jest/globals';
import { shardOf, surplusShards } from '../../../syncer/shard/ring.ts';

describe('shardOf', () => {
  test('never changes: replicas of all versions must agree', () => {
    const names = ['a', 'podinfo', 'app-1', 'app-2', 'x'.repeat(253)];
    expect(names.map((name) => shardOf('default', name, 64))).toEqual([63, 60, 29, 38, 40]);
    expect(shardOf('a', 'b/c', 64)).toBe(shardOf('a/b', 'c', 64));
  });

  test('spreads names that differ in their last characters only', () => {
    const counts = new Array<number>(64).fill(0);
    for (let i = 0; i < 6400; i++) {
      const shard = shardOf('tenant', `release-${i}`, 64);
      counts[shard] = (counts[shard] ?? 0) + 1;
    }
    expect(Math.min(...counts)).toBeGreaterThan(60);
    expect(Math.max(...counts)).toBeLessThan(145);
  });
});

describe('surplusShards', () => {
  const idle = () => true;

  test('gives up the highest ones down to the target', () => {
    expect(surplusShards([0, 1, 2, 3, 4], new Set(), 3, idle)).toEqual([4, 3]);
    expect(surplusShards([0, 1], new Set(), 3, idle)).toEqual([]);
  });

  test('those without work first', () => {
    expect(surplusShards([0, 1, 2, 3], new Set(), 2, (shard) => shard < 2)).toEqual([1, 0]);
  });

  test('those that leave already are not counted again', () => {
    expect(surplusShards([0, 1, 2, 3], new Set([3]), 2, idle)).toEqual([2]);
  });
});
