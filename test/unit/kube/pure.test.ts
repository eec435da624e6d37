import { describe, expect, test } from '@jest/globals';
import { LinkedAbort } from '../../../shared/kube/abort.ts';
import { apiVersionsOf, groupsOfAggregated, groupsOfResourceList } from '../../../shared/kube/discovery-groups.ts';
import { errorFromBody } from '../../../shared/kube/error.ts';
import { LineSplitter } from '../../../shared/kube/lines.ts';
import { resourceName, resourcePath } from '../../../shared/kube/paths.ts';
import { TokenBucket } from '../../../shared/kube/rate-limit.ts';
import { resources } from '../../../shared/kube/resources.ts';
import { ObjectStore } from '../../../shared/kube/store.ts';
import type { KubeObject } from '../../../shared/kube/types.ts';

describe('paths', () => {
  test('of core and group resources, with name, subresource and query', () => {
    expect(resourcePath(resources.secrets, 'ns', 'a')).toBe('/api/v1/namespaces/ns/secrets/a');
    expect(resourcePath(resources.namespaces, 'ignored', 'a')).toBe('/api/v1/namespaces/a');
    expect(resourcePath(resources.deployments, undefined)).toBe('/apis/apps/v1/deployments');
    expect(resourcePath(resources.helmreleases, 'ns', 'a', 'status', { fieldManager: 'm x', dryRun: undefined })).toBe(
      '/apis/helm.toolkit.fluxcd.io/v2/namespaces/ns/helmreleases/a/status?fieldManager=m%20x',
    );
    expect(resourceName(resources.helmreleases, 'status')).toBe('helmreleases.helm.toolkit.fluxcd.io/status');
  });

  test('a name from a chart cannot reach another path', () => {
    expect(resourcePath(resources.secrets, '../../x', 'a/b?c')).toBe(
      '/api/v1/namespaces/..%2F..%2Fx/secrets/a%2Fb%3Fc',
    );
  });

  test('an empty namespace or name is refused, never taken for a collection', () => {
    expect(() => resourcePath(resources.secrets, '', 'a')).toThrow('secrets "a": the namespace is empty');
    expect(() => resourcePath(resources.secrets, 'ns', '')).toThrow('secrets: the name is empty');
  });
});

describe('lines of a stream', () => {
  const split = (...chunks: string[]) => {
    const lines: string[] = [];
    const splitter = new LineSplitter((line) => lines.push(line.toString()));
    for (const chunk of chunks) {
      splitter.push(Buffer.from(chunk, 'latin1'));
    }
    return lines;
  };

  test('however the chunks fall', () => {
    expect(split('a\nb\n', 'c', 'd\n\n', '\ne')).toEqual(['a', 'b', 'cd']);
    expect(split(...'one\ntwo\n')).toEqual(['one', 'two']);
  });

  test('a character cut between chunks is whole again', () => {
    const bytes = Buffer.from('ä€😀\n').toString('latin1');
    expect(split(...bytes)).toEqual(['ä€😀']);
  });

  test('a line of 16 MB in 1 kB chunks takes linear time', () => {
    const started = performance.now();
    let length = 0;
    const splitter = new LineSplitter((line) => {
      length = line.length;
    });
    const chunk = Buffer.alloc(1024, 'x');
    for (let i = 0; i < 16_384; i++) {
      splitter.push(chunk);
    }
    splitter.push(Buffer.from('\n'));
    expect(length).toBe(16_777_216);
    expect(performance.now() - started).toBeLessThan(2_000);
  });
});

describe('errors', () => {
  test('keep what the API server said', () => {
    const body = JSON.stringify({
      kind: 'Status',
      code: 422,
      reason: 'Invalid',
      message: 'it is bad',
      details: { kind: 'Pod', causes: [{ field: 'spec.x', message: 'bad' }] },
    });
    const error = errorFromBody(422, body, 'create pods');
    expect([error.message, error.status, error.isInvalid, error.causes[0]?.field]).toEqual([
      'it is bad',
      422,
      true,
      'spec.x',
    ]);
  });

  test('a body that is no Status still says which request failed, and how', () => {
    expect(errorFromBody(502, '<html>bad gateway</html>', 'get pods').message).toBe(
      'get pods: HTTP 502: <html>bad gateway</html>',
    );
    expect(errorFromBody(404, '', 'get pods')).toMatchObject({
      message: 'get pods: HTTP 404',
      reason: 'NotFound',
      isNotFound: true,
    });
  });

  test.each([
    [409, 'AlreadyExists', 'isAlreadyExists'],
    [409, 'Conflict', 'isConflict'],
    [410, 'Expired', 'isGone'],
    [403, 'Forbidden', 'isForbidden'],
    [429, 'TooManyRequests', 'isTooManyRequests'],
  ] as const)('%i %s is %s', (code, reason, is) => {
    expect(errorFromBody(code, JSON.stringify({ kind: 'Status', code, reason }), 'x')[is]).toBe(true);
  });
});

describe('the rate limit', () => {
  test('lets a burst through and then one each interval', () => {
    let now = 0;
    const bucket = new TokenBucket(10, 3, () => now);
    expect([bucket.reserve(), bucket.reserve(), bucket.reserve(), bucket.reserve(), bucket.reserve()]).toEqual([
      0, 0, 0, 100, 200,
    ]);
    now = 10_000;
    expect(bucket.reserve()).toBe(0);
  });

  test('a wait ends when aborted', async () => {
    const bucket = new TokenBucket(0.001, 1);
    await bucket.acquire();
    const stop = new AbortController();
    const waiting = bucket.acquire(stop.signal);
    stop.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
  });
});

describe('the object store', () => {
  const object = (name: string, app: string): KubeObject => ({ metadata: { name, labels: { app } } });

  test('keeps its indexes as objects change and go', () => {
    const store = new ObjectStore({ app: (o: KubeObject) => [o.metadata.labels?.['app'] ?? ''] });
    store.set('a', object('a', 'x'));
    store.set('b', object('b', 'x'));
    store.set('a', object('a', 'y'));
    expect(store.byIndex('app', 'x').map((o) => o.metadata.name)).toEqual(['b']);
    expect(store.byIndex('app', 'y').map((o) => o.metadata.name)).toEqual(['a']);
    store.delete('b');
    expect(store.byIndex('app', 'x')).toEqual([]);
    expect(() => store.byIndex('nope', 'x')).toThrow('no index "nope"; there are: app');
  });
});

describe('discovery', () => {
  const kind = (name: string) => ({ group: '', version: '', kind: name });

  test('aggregated: subresources give kinds but no resources; stale versions are left out', () => {
    const groups = groupsOfAggregated({
      kind: 'APIGroupDiscoveryList',
      items: [
        {
          metadata: { name: 'apps' },
          versions: [
            {
              version: 'v1',
              freshness: 'Current',
              resources: [
                {
                  resource: 'deployments',
                  scope: 'Namespaced',
                  responseKind: kind('Deployment'),
                  subresources: [{ subresource: 'scale', responseKind: kind('Scale') }, { subresource: 'x' }],
                },
                { resource: 'virtual', scope: 'Cluster' },
              ],
            },
            { version: 'v1beta1', freshness: 'Stale' },
          ],
        },
      ],
    });
    expect(groups[0]?.versions.map((v) => [v.apiVersion, v.stale, v.resources])).toEqual([
      [
        'apps/v1',
        false,
        [{ group: 'apps', version: 'v1', resource: 'deployments', kind: 'Deployment', namespaced: true }],
      ],
      ['apps/v1beta1', true, []],
    ]);
    expect(apiVersionsOf(groups)).toEqual(['apps/v1', 'apps/v1/Deployment', 'apps/v1/Scale']);
  });

  test('unaggregated lists read the same', () => {
    const version = groupsOfResourceList('v1', {
      resources: [
        { name: 'pods', kind: 'Pod', namespaced: true },
        { name: 'pods/binding', kind: 'Binding', namespaced: true },
      ],
    });
    expect(version.resources).toEqual([{ group: '', version: 'v1', resource: 'pods', kind: 'Pod', namespaced: true }]);
    expect(apiVersionsOf([{ name: '', versions: [version] }])).toEqual(['v1', 'v1/Binding', 'v1/Pod']);
  });
});

describe('a linked abort', () => {
  test('fires with its parent, at its deadline, and not after it was disposed of', async () => {
    const parent = new AbortController();
    const linked = new LinkedAbort(parent.signal);
    const unlinked = new LinkedAbort(parent.signal);
    const late = new LinkedAbort(undefined, 5);
    unlinked.dispose();
    parent.abort(new Error('over'));
    expect([linked.signal.aborted, unlinked.signal.aborted]).toEqual([true, false]);
    expect(new LinkedAbort(parent.signal).signal.reason).toEqual(new Error('over'));
    await new Promise((resolve) => late.signal.addEventListener('abort', resolve));
    expect(late.signal.reason).toMatchObject({ name: 'TimeoutError' });
  });
});
