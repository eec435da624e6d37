import { beforeEach, describe, expect, test } from '@jest/globals';
import type { ShardTickReply } from '../../../shared/redis/shard-table.ts';
import { RedisShare } from '../../../syncer/shard/redis-share.ts';
import { WorkCounter } from '../../../syncer/shard/work-counter.ts';

const reply = (held: [number, number][], target = held.length): ShardTickReply => ({
  status: 'ok',
  target,
  members: 2,
  waitMs: 0,
  held: new Map(held),
});

describe('RedisShare', () => {
  let work: WorkCounter;
  let share: RedisShare;
  beforeEach(() => {
    work = new WorkCounter();
    share = new RedisShare(1000, 500, work);
  });

  test('counts the lease from when the tick was sent, less a margin', () => {
    share.apply(reply([[1, 7]]), 100, 600);
    expect(share.until).toBe(1000);
    expect(share.mayBegin(1, 999)).toBe(true);
    expect(share.mayBegin(1, 1000)).toBe(false);
    expect(share.tokenOf(1, 999)).toBe(7);
    expect(share.tokenOf(1, 1000)).toBeUndefined();
  });

  test('claims nothing once the lease has run out, even if the table may still have it', () => {
    share.apply(reply([[1, 7]]), 0, 0);
    expect([...share.claims(899)]).toEqual([[1, 7]]);
    expect([...share.claims(900)]).toEqual([]);
    expect(share.tokenOf(1, 0)).toBeUndefined();
  });

  test('a shard beyond the target takes no new work, is kept while it has work, and given up after', () => {
    const fence = work.fence(2, 8, () => true);
    share.apply(
      reply(
        [
          [1, 7],
          [2, 8],
        ],
        1,
      ),
      0,
      0,
    );
    share.apply(
      reply(
        [
          [1, 7],
          [2, 8],
        ],
        1,
      ),
      10,
      10,
    );
    expect(share.mayBegin(1, 20)).toBe(false);
    expect(share.mayBegin(2, 20)).toBe(true);
    expect([...share.claims(20)]).toEqual([[2, 8]]);
    share.apply(reply([[2, 8]], 0), 20, 20);
    expect(share.mayBegin(2, 30)).toBe(false);
    expect(share.tokenOf(2, 30)).toBe(8);
    expect([...share.claims(30)]).toEqual([[2, 8]]);
    fence.done();
    expect([...share.claims(40)]).toEqual([]);
    expect(share.tokenOf(2, 40)).toBeUndefined();
  });

  test('a shard whose work does not end is given up after the drain time', () => {
    work.fence(1, 7, () => true);
    share.apply(reply([[1, 7]], 0), 0, 0);
    expect(share.claims(499).size).toBe(1);
    expect(share.claims(500).size).toBe(0);
  });

  test('a target that rises again takes back what was leaving', () => {
    work.fence(1, 7, () => true);
    share.apply(reply([[1, 7]], 0), 0, 0);
    expect(share.mayBegin(1, 1)).toBe(false);
    share.apply(reply([[1, 7]], 1), 2, 2);
    expect(share.mayBegin(1, 3)).toBe(true);
  });

  test('what the table no longer has is lost at once', () => {
    share.apply(
      reply([
        [1, 7],
        [2, 8],
      ]),
      0,
      0,
    );
    share.apply(reply([[2, 9]]), 10, 10);
    expect(share.tokenOf(1, 20)).toBeUndefined();
    expect(share.tokenOf(2, 20)).toBe(9);
  });
});

describe('WorkCounter', () => {
  test('counts each piece of work once, however often it is done', async () => {
    const work = new WorkCounter();
    const [one, two] = [work.fence(1, 7, () => true), work.fence(1, 7, () => true)];
    one.done();
    one.done();
    expect(work.isIdle(1)).toBe(false);
    two.done();
    expect(work.isIdle(1)).toBe(true);
    await work.drained(() => true);
  });
});
