import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { sleep } from '../env/process.ts';
import { Cluster, helmRelease, ociRepository, webChart } from './cluster.ts';

const releases = Array.from({ length: 8 }, (_, index) => `app-${index}`);

describe('kill -9 of the syncer', () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await Cluster.start();
    await cluster.registry.pushChart('charts/web', '1.0.0', webChart('1.0.0'));
    await cluster.registry.pushChart('charts/web', '2.0.0', webChart('2.0.0'));
  });
  afterAll(() => cluster?.stop());

  const crash = async () => {
    const syncer = cluster.syncers.at(-1);
    await syncer?.server.stop('SIGKILL');
  };

  /** Every release is deployed, its last record is, and there is one Deployment each. */
  const expectWhole = async (ns: string, version: string) => {
    for (const name of releases) {
      await cluster.ready(ns, name, version, 60_000);
      const history = JSON.parse(await cluster.helm('history', name, '-n', ns, '-o', 'json')) as {
        revision: number;
        status: string;
      }[];
      expect(history.at(-1)?.status).toBe('deployed');
      expect(history.filter(({ status }) => status === 'deployed')).toHaveLength(1);
      expect(history.filter(({ status }) => status.startsWith('pending'))).toEqual([]);
      expect(history.map(({ revision }) => revision)).toEqual(history.map((_, index) => index + 1));
    }
    const objects = await cluster.kubectl('-n', ns, 'get', 'deployments', '-o', 'name');
    expect(objects.trimEnd().split('\n').sort()).toEqual(releases.map((name) => `deployment.apps/${name}`));
  };

  test.each([0, 40, 120, 250, 450])(
    '%i ms into an install, then a restart, leaves every release whole',
    async (delay) => {
      const ns = await cluster.namespace(`install-${delay}`);
      await cluster.apply(
        ociRepository(cluster, ns, 'web', { tag: '1.0.0' }),
        ...releases.map((name) => helmRelease(ns, name, 'web')),
      );
      await sleep(delay);
      await crash();
      await cluster.startSyncer();
      await expectWhole(ns, '1.0.0');
    },
    120_000,
  );

  test.each([30, 150, 350])(
    '%i ms into an upgrade, then a restart, leaves every release whole',
    async (delay) => {
      const ns = await cluster.namespace(`upgrade-${delay}`);
      await cluster.apply(
        ociRepository(cluster, ns, 'web', { tag: '1.0.0' }),
        ...releases.map((name) => helmRelease(ns, name, 'web')),
      );
      for (const name of releases) await cluster.ready(ns, name, '1.0.0');
      await cluster.apply(ociRepository(cluster, ns, 'web', { tag: '2.0.0' }));
      await sleep(delay);
      await crash();
      await cluster.startSyncer();
      await expectWhole(ns, '2.0.0');
    },
    120_000,
  );

  test('in the middle of an uninstall, then a restart, leaves nothing behind', async () => {
    const ns = await cluster.namespace('uninstall');
    await cluster.apply(
      ociRepository(cluster, ns, 'web', { tag: '1.0.0' }),
      ...releases.map((name) => helmRelease(ns, name, 'web')),
    );
    for (const name of releases) await cluster.ready(ns, name, '1.0.0');
    await cluster.kubectl('-n', ns, 'delete', 'helmrelease', '--all', '--wait=false');
    await sleep(50);
    await crash();
    await cluster.startSyncer();
    for (const name of releases) await cluster.gone(ns, name);
    expect(await cluster.kubectl('-n', ns, 'get', 'deployments,secrets', '-o', 'name')).toBe('');
  }, 120_000);
});
