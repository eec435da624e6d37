import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { CuttingProxy } from '../env/cutting-proxy.ts';
import { sleep } from '../env/process.ts';
import { Cluster, helmRelease, ociRepository, webChart } from './cluster.ts';

const releases = Array.from({ length: 8 }, (_, index) => `app-${index}`);

describe('an API server that cannot be reached for a while', () => {
  let cluster: Cluster;
  let proxy: CuttingProxy;
  beforeAll(async () => {
    cluster = await Cluster.start({ replicas: 0 });
    proxy = await CuttingProxy.start(cluster.plane.url);
    const kubeconfig = join(cluster.plane.dir, 'through-proxy.kubeconfig');
    const text = await readFile(cluster.plane.kubeconfig, 'utf8');
    await writeFile(kubeconfig, text.replaceAll(cluster.plane.url, proxy.url), { mode: 0o600 });
    await cluster.startSyncer(kubeconfig);
    await cluster.registry.pushChart('charts/web', '1.0.0', webChart('1.0.0'));
  });
  afterAll(async () => {
    await proxy?.stop();
    await cluster?.stop();
  });

  test.each([20, 80, 200])(
    'cut off %i ms into an install, each release becomes Ready, and none of it is a failure or a second revision',
    async (delay) => {
      const ns = await cluster.namespace(`outage-${delay}`);
      await cluster.apply(ociRepository(cluster, ns, 'web', { tag: '1.0.0' }));
      await cluster.until(
        () => cluster.source(ns, 'web'),
        (source) => source?.status?.['artifact'] !== undefined,
      );
      await cluster.apply(...releases.map((name) => helmRelease(ns, name, 'web')));
      await sleep(delay);
      proxy.refuse();
      await sleep(2000);
      proxy.restore();
      for (const name of releases) {
        const release = await cluster.ready(ns, name, '1.0.0', 60_000);
        expect(release.status?.['failures']).toBeUndefined();
        const history = JSON.parse(await cluster.helm('history', name, '-n', ns, '-o', 'json')) as unknown[];
        expect(history).toMatchObject([{ revision: 1, status: 'deployed' }]);
      }
    },
    120_000,
  );
});
