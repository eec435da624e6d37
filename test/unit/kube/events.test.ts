import { describe, expect, test } from '@jest/globals';
import type { KubeClient, KubeObject } from '../../../shared/kube/client.ts';
import { KubeConnectionError, KubeError } from '../../../shared/kube/error.ts';
import { SpamFilter, truncateUtf8 } from '../../../shared/kube/event-rules.ts';
import { EventRecorder, type EventRecorderOptions } from '../../../shared/kube/events.ts';

const about: KubeObject = {
  apiVersion: 'helm.toolkit.fluxcd.io/v2',
  kind: 'HelmRelease',
  metadata: { name: 'app', namespace: 'apps', uid: 'u1', resourceVersion: '7' },
};

function recorder(options: Partial<EventRecorderOptions> = {}, failures: Error[] = []) {
  const writes: [string, KubeObject | unknown][] = [];
  const dropped: string[] = [];
  const write = (verb: string, what: unknown): Promise<unknown> => {
    const failure = failures.shift();
    if (failure !== undefined) {
      return Promise.reject(failure);
    }
    writes.push([verb, what]);
    return Promise.resolve({});
  };
  const client = {
    create: (_ref: unknown, event: unknown) => write('create', event),
    patch: (_ref: unknown, _ns: string, _name: string, _type: string, body: unknown) => write('patch', body),
  } as unknown as KubeClient;
  const now = () => Date.UTC(2026, 0, 2, 3, 4, 5, 678);
  const onDropped = (reason: string) => dropped.push(reason);
  const events = new EventRecorder({
    client,
    component: 'helm-controller',
    instance: 'pod-1',
    now,
    onDropped,
    ...options,
  });
  return { events, writes, dropped };
}

const installed = { type: 'Normal', reason: 'InstallSucceeded', message: 'done' } as const;

describe('the event recorder', () => {
  test('writes an Event as client-go’s recorder does', async () => {
    const { events, writes } = recorder();
    events.event(about, { ...installed, annotations: { 'helm.toolkit.fluxcd.io/revision': '1.0.0' } });
    await events.flush();
    expect(writes).toEqual([
      [
        'create',
        {
          apiVersion: 'v1',
          kind: 'Event',
          metadata: {
            name: expect.stringMatching(/^app\.[0-9a-f]{16}$/),
            namespace: 'apps',
            annotations: { 'helm.toolkit.fluxcd.io/revision': '1.0.0' },
          },
          involvedObject: {
            apiVersion: 'helm.toolkit.fluxcd.io/v2',
            kind: 'HelmRelease',
            namespace: 'apps',
            name: 'app',
            uid: 'u1',
            resourceVersion: '7',
          },
          type: 'Normal',
          reason: 'InstallSucceeded',
          message: 'done',
          count: 1,
          firstTimestamp: '2026-01-02T03:04:05Z',
          lastTimestamp: '2026-01-02T03:04:05Z',
          source: { component: 'helm-controller' },
          reportingComponent: 'helm-controller',
          reportingInstance: 'pod-1',
        },
      ],
    ]);
  });

  test('repeats raise the count: in one request when they wait together, by a patch later', async () => {
    const { events, writes } = recorder();
    events.event(about, installed);
    events.event(about, installed);
    await events.flush();
    events.event(about, installed);
    await events.flush();
    expect(writes.map(([verb, body]) => [verb, (body as KubeObject)['count']])).toEqual([
      ['create', 2],
      ['patch', 3],
    ]);
  });

  test('a repeat of an event that the server has forgotten is created anew', async () => {
    const failures: Error[] = [];
    const { events, writes } = recorder({}, failures);
    events.event(about, installed);
    await events.flush();
    failures.push(new KubeError(404, 'NotFound', 'no'));
    events.event(about, installed);
    await events.flush();
    expect(writes.map(([verb, body]) => [verb, (body as KubeObject)['count']])).toEqual([
      ['create', 1],
      ['create', 2],
    ]);
  });

  test('different events of one moment have different names', async () => {
    const { events, writes } = recorder();
    events.event(about, installed);
    events.event(about, { ...installed, message: 'other' });
    await events.flush();
    expect(new Set(writes.map(([, body]) => (body as KubeObject).metadata.name)).size).toBe(2);
  });

  test('a refusal drops the event, a lost connection is tried again; the caller never sees either', async () => {
    const lost = () => new KubeConnectionError('lost', false);
    const { events, writes, dropped } = recorder({}, [new KubeError(403, 'Forbidden', 'no'), lost(), lost()]);
    events.event(about, installed);
    await events.flush();
    events.event(about, installed);
    await events.flush();
    expect([writes.length, dropped]).toEqual([1, ['cannot write InstallSucceeded of app']]);
    expect(() => events.event({} as KubeObject, installed)).not.toThrow();
    expect(dropped[1]).toBe('cannot record');
  });

  test('the queue is bounded, an object that floods is cut off, and after stop nothing is taken', async () => {
    const { events, writes, dropped } = recorder({ queueSize: 2 });
    for (const message of ['1', '2', '3']) {
      events.event(about, { ...installed, message });
    }
    expect(dropped).toEqual(['the queue is full']);
    await events.stop();
    expect(writes).toHaveLength(2);
    events.event(about, installed);
    expect(dropped[1]).toBe('the recorder is stopped');
  });
});

test('25 events of an object at once, then one in five minutes; others are not held back', () => {
  const filter = new SpamFilter(25, 300_000);
  const allowed = Array.from({ length: 30 }, () => filter.allow('a', 0)).filter(Boolean);
  expect(allowed).toHaveLength(25);
  expect([
    filter.allow('b', 0),
    filter.allow('a', 299_999),
    filter.allow('a', 300_000),
    filter.allow('a', 300_001),
  ]).toEqual([true, false, true, false]);
});

test('messages are cut at 1024 bytes, never within a character', () => {
  expect(truncateUtf8('x'.repeat(1024), 1024)).toBe('x'.repeat(1024));
  expect(truncateUtf8('x'.repeat(1025), 1024)).toBe(`${'x'.repeat(1021)}...`);
  const cut = truncateUtf8('€'.repeat(400), 1024);
  expect([Buffer.byteLength(cut), cut.slice(-4)]).toEqual([1023, '€...']);
});
