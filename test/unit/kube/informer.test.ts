import { describe, expect, test } from '@jest/globals';
import type { ListOptions, WatchOptions } from '../../../shared/kube/call-options.ts';
import type { KubeClient } from '../../../shared/kube/client.ts';
import { KubeConnectionError, KubeError } from '../../../shared/kube/error.ts';
import { Informer, type InformerOptions } from '../../../shared/kube/informer.ts';
import { InformerPool } from '../../../shared/kube/informer-pool.ts';
import { resources } from '../../../shared/kube/resources.ts';
import type { KubeObject, ObjectList, WatchEvent } from '../../../shared/kube/types.ts';

type ListStep = (options: ListOptions) => ObjectList;
type WatchStep = (options: WatchOptions, emit: (event: WatchEvent) => void) => void | Promise<void>;

const object = (name: string, version: number, uid = `uid-${name}`): KubeObject => ({
  metadata: { name, namespace: 'ns', uid, resourceVersion: String(version), managedFields: [{}] },
});
const event = (type: WatchEvent['type'], about: KubeObject): WatchEvent => ({ type, object: about });
const listOf =
  (version: number, ...items: KubeObject[]) =>
  () => ({ items, resourceVersion: String(version) });
const fail = (error: Error) => () => {
  throw error;
};
const gone = () => new KubeError(410, 'Expired', 'too old');
const lost = () => new KubeConnectionError('lost', false);
const untilAborted: WatchStep = (options) =>
  new Promise((_resolve, reject) => {
    options.signal?.addEventListener('abort', () => reject(new Error('aborted')), { once: true });
  });

/** Runs an informer on scripts of lists and watches until both scripts are at their end; returns what it did and told. */
async function run(lists: ListStep[], watches: WatchStep[], options: Partial<InformerOptions<KubeObject>> = {}) {
  const log: string[] = [];
  const calls: string[] = [];
  const done = Promise.withResolvers<void>();
  const client = {
    list: async (_ref: unknown, given: ListOptions) => {
      calls.push(`list ${given.resourceVersion ?? 'newest'}`);
      const step = lists.shift();
      if (step === undefined) {
        throw new Error('one list too many');
      }
      return step(given);
    },
    watch: async (_ref: unknown, given: WatchOptions, emit: (e: WatchEvent) => void) => {
      calls.push(`watch ${given.resourceVersion}`);
      const step = watches.shift();
      if (step === undefined) {
        done.resolve();
        return untilAborted(given, emit);
      }
      given.onOpen?.();
      await step(given, emit);
    },
  } as unknown as KubeClient;
  const informer = new Informer({
    client,
    resource: resources.configmaps,
    backoff: { baseMs: 1, capMs: 2 },
    onEvent: (type, now, old) =>
      log.push(
        `${type} ${now.metadata.name}@${old === undefined ? '' : `${old.metadata.resourceVersion}→`}${now.metadata.resourceVersion}`,
      ),
    ...options,
  });
  const stop = new AbortController();
  const running = informer.start(stop.signal);
  await done.promise;
  stop.abort();
  await running;
  return { informer, log, calls };
}

describe('an informer', () => {
  test('lists from the cache, watches on from there, and tells each change', async () => {
    const { informer, log, calls } = await run(
      [listOf(5, object('a', 3), object('b', 4))],
      [
        (_options, emit) => {
          emit(event('MODIFIED', object('a', 6)));
          emit(event('ADDED', object('c', 7)));
          emit(event('DELETED', object('b', 8)));
          emit(event('BOOKMARK', object('', 20)));
        },
      ],
    );
    expect(calls).toEqual(['list 0', 'watch 5', 'watch 20']);
    expect(log).toEqual(['add a@3', 'add b@4', 'update a@3→6', 'add c@7', 'delete b@8']);
    expect(informer.list().map((o) => o.metadata.name)).toEqual(['a', 'c']);
    expect(informer.get('ns', 'a')?.metadata).not.toHaveProperty('managedFields');
    expect(informer.hasSynced()).toBe(true);
  });

  test('a cut watch goes on from the last event, without a list and without doubles', async () => {
    const { log, calls } = await run(
      [listOf(5)],
      [
        (_options, emit) => {
          emit(event('ADDED', object('a', 6)));
          throw lost();
        },
        fail(lost()),
        (_options, emit) => emit(event('MODIFIED', object('a', 7))),
      ],
    );
    expect(calls).toEqual(['list 0', 'watch 5', 'watch 6', 'watch 6', 'watch 7']);
    expect(log).toEqual(['add a@6', 'update a@6→7']);
  });

  test('410 lists again, not older than before, and tells the difference', async () => {
    const { log, calls } = await run(
      [
        listOf(5, object('a', 1), object('b', 2), object('c', 3)),
        listOf(50, object('a', 1), object('b', 30), object('d', 40)),
      ],
      [fail(gone())],
    );
    expect(calls).toEqual(['list 0', 'watch 5', 'list 5', 'watch 50']);
    expect(log).toEqual(['add a@1', 'add b@2', 'add c@3', 'update b@2→30', 'add d@40', 'delete c@3']);
  });

  test('a list at a version that the server has no more, or not yet, is made of the newest state', async () => {
    const tooLarge = new KubeError(504, 'Timeout', 'x', { causes: [{ reason: 'ResourceVersionTooLarge' }] });
    expect((await run([listOf(5), fail(gone()), listOf(9)], [fail(gone())])).calls).toEqual([
      'list 0',
      'watch 5',
      'list 5',
      'list newest',
      'watch 9',
    ]);
    expect((await run([listOf(5), listOf(2)], [fail(tooLarge)])).calls).toEqual([
      'list 0',
      'watch 5',
      'list newest',
      'watch 2',
    ]);
  });

  test('an object made again under its name while we did not look is a delete and an add', async () => {
    const { log } = await run([listOf(5, object('a', 1, 'old')), listOf(9, object('a', 8, 'new'))], [fail(gone())]);
    expect(log).toEqual(['add a@1', 'delete a@1', 'add a@8']);
  });

  test('failures are retried without end; after three failed watches it lists', async () => {
    const errors: unknown[] = [];
    const { calls } = await run(
      [fail(lost()), fail(lost()), listOf(5), listOf(6)],
      [fail(lost()), fail(lost()), fail(lost())],
      {
        onError: (error) => errors.push(error),
      },
    );
    expect(calls).toEqual(['list 0', 'list 0', 'list 0', 'watch 5', 'watch 5', 'watch 5', 'list 5', 'watch 6']);
    expect(errors).toHaveLength(5);
  });

  test('a handler that throws stops neither the others nor the watch', async () => {
    const errors: unknown[] = [];
    const { log, informer } = await run(
      [listOf(5, object('a', 1))],
      [(_o, emit) => emit(event('ADDED', object('b', 6)))],
      {
        onError: (error) => errors.push(String(error)),
        transform: (o) => o,
      },
    );
    expect(log).toEqual(['add a@1', 'add b@6']);
    const seen: string[] = [];
    informer.on({
      add: (o) => {
        seen.push(o.metadata.name);
        throw new Error('mine');
      },
    });
    expect([seen, errors]).toEqual([
      ['a', 'b'],
      ['Error: mine', 'Error: mine'],
    ]);
  });

  test('stopped before its first list, those who wait for it are told', async () => {
    const client = {
      list: () => new Promise((_resolve, reject) => setTimeout(reject, 10, lost())),
    } as unknown as KubeClient;
    const informer = new Informer({ client, resource: resources.secrets });
    const stop = new AbortController();
    void informer.start(stop.signal);
    stop.abort();
    await expect(informer.waitForSync()).rejects.toThrow('informer of secrets was stopped before its first list');
  });

  test('finds by index', async () => {
    const indexers = { version: (o: KubeObject) => [o.metadata.resourceVersion ?? ''] };
    const { informer } = await run([listOf(5, object('a', 1), object('b', 2))], [], { indexers });
    expect(informer.byIndex('version', '2').map((o) => o.metadata.name)).toEqual(['b']);
  });
});

describe('the pool', () => {
  const client = {
    list: () => Promise.resolve({ items: [], resourceVersion: '1' }),
    watch: (_ref: unknown, options: WatchOptions) => untilAborted(options, () => undefined),
  } as unknown as KubeClient;

  test('shares one informer of the same selector, and stops it when nobody held it for a while', async () => {
    const pool = new InformerPool({ client, idleMs: 20 });
    const one = pool.acquire(resources.pods, { labelSelector: 'a=b' });
    const two = pool.acquire(resources.pods, { labelSelector: 'a=b' });
    const other = pool.acquire(resources.pods, { labelSelector: 'a=c' });
    expect([one.informer === two.informer, one.informer === other.informer, pool.size]).toEqual([true, false, 2]);
    one.release();
    one.release();
    await new Promise((resolve) => setTimeout(resolve, 40));
    expect(pool.size).toBe(2);
    two.release();
    const again = pool.acquire(resources.pods, { labelSelector: 'a=b' });
    await new Promise((resolve) => setTimeout(resolve, 40));
    expect(again.informer).toBe(one.informer);
    again.release();
    await new Promise((resolve) => setTimeout(resolve, 40));
    expect(pool.size).toBe(1);
    pool.close();
    expect(pool.size).toBe(0);
    expect(() => pool.acquire(resources.pods)).toThrow('informer pool is closed: cannot watch pods');
  });
});
