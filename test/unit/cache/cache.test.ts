import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { sha256Digest } from '../../../shared/cache/digest.ts';
import { DiskBlobCache } from '../../../shared/cache/disk.ts';
import { MemoryBlobCache, MemoryRecordCache } from '../../../shared/cache/memory.ts';
import { SingleFlight } from '../../../shared/cache/single-flight.ts';
import { BlobStore } from '../../../shared/cache/tiered.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

describe('MemoryBlobCache', () => {
  test('drops what was longest unused when its bytes exceed the bound', async () => {
    const cache = new MemoryBlobCache(10);
    const [a, b, c] = ['aaaa', 'bbbb', 'cccc'].map(bytes) as [Uint8Array, Uint8Array, Uint8Array];
    await cache.put(sha256Digest(a), a);
    await cache.put(sha256Digest(b), b);
    await cache.get(sha256Digest(a));
    await cache.put(sha256Digest(c), c);
    expect(await cache.get(sha256Digest(b))).toBeUndefined();
    expect(await cache.get(sha256Digest(a))).toBe(a);
    expect(cache.bytes).toBe(8);
  });

  test('keeps neither bytes under a wrong digest nor a blob larger than the bound', async () => {
    const cache = new MemoryBlobCache(10);
    await cache.put(sha256Digest('x'), bytes('y'));
    const large = bytes('a blob of many bytes');
    await cache.put(sha256Digest(large), large);
    expect(cache.bytes).toBe(0);
  });
});

test('MemoryRecordCache forgets a record when its time is up', async () => {
  let now = 0;
  const cache = new MemoryRecordCache(10, () => now);
  await cache.put('k', { a: 1 }, 100);
  now = 99;
  expect(await cache.get('k')).toEqual({ a: 1 });
  now = 100;
  expect(await cache.get('k')).toBeUndefined();
});

describe('DiskBlobCache', () => {
  const withDir = async (run: (dir: string) => Promise<void>) => {
    const dir = await mkdtemp(join(tmpdir(), 'chartroom-cache-'));
    try {
      await run(dir);
    } finally {
      await rm(dir, { recursive: true });
    }
  };

  test('a poisoned file is a miss and is deleted', () =>
    withDir(async (dir) => {
      const cache = new DiskBlobCache(dir, 1000);
      const digest = sha256Digest('good');
      await cache.put(digest, bytes('good'));
      expect(await cache.get(digest)).toEqual(Buffer.from('good'));
      await writeFile(join(dir, digest.replace(':', '-')), 'evil');
      expect(await cache.get(digest)).toBeUndefined();
      expect(await readdir(dir)).toEqual([]);
    }));

  test('stays within its bound', () =>
    withDir(async (dir) => {
      const cache = new DiskBlobCache(dir, 25);
      for (const text of ['0123456789', '1123456789', '2123456789', '3123456789']) {
        await cache.put(sha256Digest(text), bytes(text));
      }
      expect((await readdir(dir)).length).toBe(2);
      expect(await cache.get(sha256Digest('3123456789'))).toBeDefined();
    }));

  test('a digest that is not one touches no file', () =>
    withDir(async (dir) => {
      const cache = new DiskBlobCache(dir, 25);
      await cache.put('sha256:../../x', bytes('x'));
      expect(await cache.get('../../etc/passwd')).toBeUndefined();
      expect(await readdir(dir)).toEqual([]);
    }));
});

describe('SingleFlight', () => {
  test('joins concurrent calls and keeps no result', async () => {
    const flight = new SingleFlight();
    let runs = 0;
    const work = async () => {
      await new Promise((resolve) => setTimeout(resolve, 10));
      return ++runs;
    };
    expect(await Promise.all([flight.run('k', work), flight.run('k', work)])).toEqual([1, 1]);
    expect(await flight.run('k', work)).toBe(2);
    expect(flight.size).toBe(0);
  });

  test('shares a failure with those who wait, and tries again after', async () => {
    const flight = new SingleFlight();
    const fail = () => Promise.reject(new Error('no'));
    const results = await Promise.allSettled([flight.run('k', fail), flight.run('k', fail)]);
    expect(results.map((result) => result.status)).toEqual(['rejected', 'rejected']);
    expect(await flight.run('k', async () => 'yes')).toBe('yes');
  });
});

describe('BlobStore', () => {
  test('copies a hit in a far tier to the nearer ones', async () => {
    const near = new MemoryBlobCache(1000);
    const far = new MemoryBlobCache(1000);
    const blob = bytes('chart');
    await far.put(sha256Digest(blob), blob);
    const store = new BlobStore({ tiers: [near, far] });
    expect(await store.get(sha256Digest(blob))).toBe(blob);
    expect(await near.get(sha256Digest(blob))).toBe(blob);
  });

  test('goes to the origin once for many callers, and never keeps bytes with another digest', async () => {
    const store = new BlobStore({ tiers: [new MemoryBlobCache(1000)] });
    let pulls = 0;
    const origin = async () => {
      pulls++;
      return bytes('chart');
    };
    await Promise.all(Array.from({ length: 50 }, () => store.getOrFetch(sha256Digest('chart'), origin)));
    expect(pulls).toBe(1);
    await expect(store.getOrFetch(sha256Digest('other'), origin)).rejects.toThrow('another digest');
    expect(await store.get(sha256Digest('other'))).toBeUndefined();
  });
});
