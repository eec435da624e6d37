import { afterEach, describe, expect, test } from '@jest/globals';
import { Discovery } from '../../../shared/kube/discovery.ts';
import { Transport } from '../../../shared/kube/transport.ts';
import { answer, type Received, ScriptedServer } from './scripted-server.ts';

let server: ScriptedServer;
let transport: Transport;
afterEach(async () => {
  await transport.close();
  await server.stop();
});

type Version = { version: string; freshness?: string; kinds: string[] };

/** A server of aggregated discovery; `groups` may change while it runs. */
async function start(groups: Record<string, Version[]>, etag?: () => string): Promise<Discovery> {
  const step = (request: Received, response: Parameters<ReturnType<typeof answer>>[1]) => {
    const tag = etag?.();
    if (tag !== undefined && request.headers['if-none-match'] === tag) {
      response.writeHead(304).end();
      return;
    }
    const items = Object.entries(request.url === '/apis' ? groups : {}).map(([name, versions]) => ({
      metadata: { name },
      versions: versions.map(({ version, freshness = 'Current', kinds }) => ({
        version,
        freshness,
        resources: kinds.map((kind) => ({
          resource: `${kind.toLowerCase()}s`,
          scope: 'Cluster',
          responseKind: { kind },
        })),
      })),
    }));
    answer(200, { kind: 'APIGroupDiscoveryList', items }, tag === undefined ? {} : { etag: tag })(request, response);
  };
  server = await ScriptedServer.start(step);
  transport = new Transport(server.auth);
  return new Discovery(transport, { minIntervalMs: 100 });
}

const BOAT = { group: 'sea.org', version: 'v1', resource: 'boats', kind: 'Boat', namespaced: false };

describe('discovery', () => {
  test('is read once for all who ask, and asks with the last ETag after a miss', async () => {
    const discovery = await start({ 'sea.org': [{ version: 'v1', kinds: ['Boat'] }] }, () => '"1"');
    const asked = await Promise.all([
      discovery.forKind('sea.org/v1', 'Boat'),
      discovery.forKind('sea.org/v1', 'Boat'),
      discovery.apiVersions(),
    ]);
    expect(asked).toEqual([BOAT, BOAT, ['sea.org/v1', 'sea.org/v1/Boat']]);
    expect(server.received).toHaveLength(2);
    expect(await discovery.forKind('sea.org/v1', 'Ship')).toBeUndefined();
    expect(server.received.map((r) => r.headers['if-none-match'])).toEqual([undefined, undefined, '"1"', '"1"']);
  });

  test('misses are asked again at most once each interval; a kind made meanwhile is found', async () => {
    const groups: Record<string, Version[]> = { 'sea.org': [{ version: 'v1', kinds: ['Boat'] }] };
    const discovery = await start(groups);
    await discovery.forKind('sea.org/v1', 'Boat');
    const waiting = Promise.all([discovery.forKind('sea.org/v1', 'Ship'), discovery.forKind('sea.org/v1', 'Raft')]);
    groups['sea.org'] = [{ version: 'v1', kinds: ['Boat', 'Ship'] }];
    expect(await waiting).toEqual([{ ...BOAT, kind: 'Ship', resource: 'ships' }, undefined]);
    expect(server.received).toHaveLength(4);
  });

  test('an explicit refresh is at once, and joins no fetch that has begun before', async () => {
    const groups: Record<string, Version[]> = {};
    const discovery = await start(groups);
    const early = discovery.apiVersions();
    await new Promise((resolve) => setImmediate(resolve));
    groups['sea.org'] = [{ version: 'v1', kinds: ['Boat'] }];
    await Promise.all([discovery.refresh(), discovery.refresh()]);
    expect(discovery.forKindCached('sea.org/v1', 'Boat')).toEqual(BOAT);
    await early;
    expect(server.received).toHaveLength(4);
  });

  test('a group whose API server is down keeps the kinds that are known, and is an error for others', async () => {
    const groups: Record<string, Version[]> = { 'sea.org': [{ version: 'v1', kinds: ['Boat'] }] };
    const discovery = await start(groups);
    await discovery.forKind('sea.org/v1', 'Boat');
    groups['sea.org'] = [{ version: 'v1', freshness: 'Stale', kinds: [] }];
    await discovery.refresh();
    expect(await discovery.forKind('sea.org/v1', 'Boat')).toEqual(BOAT);
    expect(await discovery.apiVersions()).toEqual([]);
    await expect(discovery.forKind('sea.org/v1', 'Ship')).rejects.toMatchObject({
      status: 503,
      message: 'sea.org/v1 Ship: the API server of this group does not answer (see kubectl get apiservice)',
    });
  });

  test('an API server without aggregated discovery is asked group by group', async () => {
    const bodies: Record<string, unknown> = {
      '/api': { kind: 'APIVersions', versions: ['v1'] },
      '/apis': {
        kind: 'APIGroupList',
        groups: [{ name: 'sea.org', versions: [{ groupVersion: 'sea.org/v1' }, { groupVersion: 'sea.org/v0' }] }],
      },
      '/api/v1': { resources: [{ name: 'pods', kind: 'Pod', namespaced: true }] },
      '/apis/sea.org/v1': { resources: [{ name: 'boats', kind: 'Boat', namespaced: false }] },
    };
    server = await ScriptedServer.start((request, response) => {
      const body = bodies[request.url];
      answer(body === undefined ? 404 : 200, body ?? {})(request, response);
    });
    transport = new Transport(server.auth);
    const discovery = new Discovery(transport);
    expect(await discovery.forKind('sea.org/v1', 'Boat')).toEqual(BOAT);
    expect(await discovery.apiVersions()).toEqual(['sea.org/v1', 'sea.org/v1/Boat', 'v1', 'v1/Pod']);
  });

  test('a first reading that failed is made again', async () => {
    let down = true;
    server = await ScriptedServer.start((request, response) =>
      answer(down ? 403 : 200, down ? {} : { kind: 'APIGroupDiscoveryList', items: [] })(request, response),
    );
    transport = new Transport(server.auth);
    const discovery = new Discovery(transport, { minIntervalMs: 0 });
    await expect(discovery.apiVersions()).rejects.toThrow('raw /api');
    down = false;
    expect(await discovery.apiVersions()).toEqual([]);
  });
});
