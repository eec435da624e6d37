import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { WorkQueue, type WorkQueueOptions } from '../../../syncer/work-queue.ts';

function queueOf(work: WorkQueueOptions['work'], options: Partial<WorkQueueOptions> = {}) {
  const errors: [string, number][] = [];
  const queue = new WorkQueue({
    concurrency: 1,
    minRetryDelayMs: 5,
    maxRetryDelayMs: 20,
    work,
    onError: (key, _error, ms) => errors.push([key, ms]),
    ...options,
  });
  return { queue, errors };
}

describe('WorkQueue', () => {
  test('a key is worked on once however often it was added, and again when it was added meanwhile', async () => {
    const seen: string[] = [];
    const { queue } = queueOf(async (key) => {
      seen.push(key);
      if (seen.length === 1) {
        queue.add('a');
        queue.add('a');
      }
      await delay(1);
      return undefined;
    });
    for (let i = 0; i < 3; i++) queue.add('a');
    await delay(30);
    expect(seen).toEqual(['a', 'a']);
    await queue.stop();
  });

  test('no more keys at once than there are workers, and never one key twice at once', async () => {
    let now = 0;
    let most = 0;
    const active = new Set<string>();
    const { queue } = queueOf(
      async (key) => {
        expect(active.has(key)).toBe(false);
        active.add(key);
        most = Math.max(most, ++now);
        await delay(2);
        now--;
        active.delete(key);
        return undefined;
      },
      { concurrency: 3 },
    );
    for (let i = 0; i < 12; i++) queue.add(`k${i % 6}`);
    await delay(40);
    expect(most).toBe(3);
    await queue.stop();
  });

  test('a parked key holds no worker', async () => {
    const done: string[] = [];
    const slow = Promise.withResolvers<void>();
    const { queue } = queueOf(async (key, { park }) => {
      if (key === 'slow') await park(() => slow.promise);
      done.push(key);
      return undefined;
    });
    queue.add('slow');
    queue.add('quick');
    await delay(10);
    expect(done).toEqual(['quick']);
    slow.resolve();
    await delay(10);
    expect(done).toEqual(['quick', 'slow']);
    await queue.stop();
  });

  test('failures back off, doubling up to the limit, and a success forgets them', async () => {
    let failures = 4;
    const { queue, errors } = queueOf(async () => {
      if (failures-- > 0) throw new Error('no');
      return undefined;
    });
    queue.add('a');
    await delay(120);
    expect(errors).toEqual([
      ['a', 5],
      ['a', 10],
      ['a', 20],
      ['a', 20],
    ]);
    failures = 1;
    queue.add('a');
    await delay(20);
    expect(errors.at(-1)).toEqual(['a', 5]);
    await queue.stop();
  });

  test('stop waits for what is under way and takes nothing more', async () => {
    const done: string[] = [];
    const { queue } = queueOf(async (key) => {
      await delay(10);
      done.push(key);
      return undefined;
    });
    queue.add('a');
    queue.add('b');
    await queue.stop();
    queue.add('c');
    await delay(15);
    expect(done).toEqual(['a']);
  });
});
