import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { sleep } from '../env/process.ts';
import { Cluster, helmRelease, ociRepository, webChart } from './cluster.ts';

const releases = Array.from({ length: 20 }, (_, index) => `app-${index}`);

describe('two replicas on Redis', () => {
  let cluster: Cluster;
  let layer: string;
  const ns = 'shared';
  beforeAll(async () => {
    cluster = await Cluster.start({ redis: true, replicas: 2 });
    ({ layerDigest: layer } = await cluster.registry.pushChart('charts/web', '1.0.0', webChart('1.0.0')));
    await cluster.registry.pushChart('charts/web', '2.0.0', webChart('2.0.0'));
    await cluster.registry.pushChart('charts/web', '3.0.0', webChart('3.0.0'));
    await cluster.namespace(ns);
    await sleep(3000); // shards spread
  });
  afterAll(() => cluster?.stop());

  const revisions = async (name: string) =>
    (JSON.parse(await cluster.helm('history', name, '-n', ns, '-o', 'json')) as { revision: number }[]).map(
      ({ revision }) => revision,
    );

  test('each do a part of the releases, each release once, with one pull of the chart', async () => {
    await cluster.apply(
      ociRepository(cluster, ns, 'web', { tag: '1.0.0' }),
      ...releases.map((name) => helmRelease(ns, name, 'web')),
    );
    for (const name of releases) await cluster.ready(ns, name, '1.0.0');
    for (const name of releases) expect(await revisions(name)).toEqual([1]);
    expect(cluster.registry.blobPulls(layer)).toBe(1);
    const installed = await installEvents(cluster, ns);
    expect(installed.map(({ release }) => release).sort()).toEqual([...releases].sort());
    expect(new Set(installed.map(({ syncer }) => syncer)).size).toBe(2);
  });

  test('the other has the releases within 15 s after kill -9 of one', async () => {
    await cluster.syncers[0]?.server.stop('SIGKILL');
    const started = performance.now();
    await cluster.apply(ociRepository(cluster, ns, 'web', { tag: '2.0.0' }));
    for (const name of releases) await cluster.ready(ns, name, '2.0.0', 20_000);
    expect(performance.now() - started).toBeLessThan(15_000);
    for (const name of releases) expect(await revisions(name)).toEqual([1, 2]);
  });

  test('with Redis stopped, work goes on behind the Lease and nothing is written twice', async () => {
    await cluster.startSyncer();
    await sleep(3000);
    await cluster.redis?.crash();
    await cluster.apply(ociRepository(cluster, ns, 'web', { tag: '3.0.0' }));
    for (const name of releases) await cluster.ready(ns, name, '3.0.0', 60_000);
    for (const name of releases) expect(await revisions(name)).toEqual([1, 2, 3]);
  }, 120_000);
});

/** Which release was installed by which syncer, from the Kubernetes events, which name the instance that wrote them. */
async function installEvents(cluster: Cluster, namespace: string): Promise<{ release: string; syncer: string }[]> {
  const { items } = JSON.parse(await cluster.kubectl('-n', namespace, 'get', 'events', '-o', 'json')) as {
    items: { reason: string; reportingInstance: string; involvedObject: { name: string } }[];
  };
  return items
    .filter(({ reason }) => reason === 'InstallSucceeded')
    .map(({ involvedObject, reportingInstance }) => ({ release: involvedObject.name, syncer: reportingInstance }));
}
