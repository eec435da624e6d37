import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { conditionOf } from '../env/watch.ts';
import { Cluster, helmRelease, ociRepository, webChart } from './cluster.ts';

interface HelmListed {
  name: string;
  revision: string;
  status: string;
  chart: string;
}

describe('a release of an OCI chart', () => {
  let cluster: Cluster;
  let layer: string;
  beforeAll(async () => {
    cluster = await Cluster.start();
    ({ layerDigest: layer } = await cluster.registry.pushChart('charts/web', '1.0.0', webChart('1.0.0')));
  });
  afterAll(() => cluster?.stop());

  const list = async (namespace: string) =>
    JSON.parse(await cluster.helm('list', '-n', namespace, '-o', 'json')) as HelmListed[];
  const history = async (namespace: string, name: string) =>
    JSON.parse(await cluster.helm('history', name, '-n', namespace, '-o', 'json')) as {
      revision: number;
      status: string;
    }[];
  const data = async (namespace: string, name: string) =>
    JSON.parse(await cluster.kubectl('-n', namespace, 'get', 'configmap', name, '-o', 'jsonpath={.data}')) as Record<
      string,
      string
    >;

  test('is installed, upgraded on a new version and uninstalled, and the real helm reads all of it', async () => {
    const ns = await cluster.namespace('life');
    await cluster.apply(
      ociRepository(cluster, ns, 'web', { semver: '>=1.0.0 <3.0.0' }),
      helmRelease(ns, 'shop', 'web', { values: { greeting: 'ahoy' } }),
    );
    const installed = await cluster.ready(ns, 'shop', '1.0.0');
    expect(conditionOf(installed, 'Ready')?.message).toMatch(
      /^Helm install succeeded for release life\/shop\.v1 with chart web@1\.0\.0(\+[0-9a-f]{12})?$/,
    );
    expect(await list(ns)).toMatchObject([{ name: 'shop', revision: '1', status: 'deployed' }]);
    expect(await data(ns, 'shop')).toMatchObject({ greeting: 'ahoy', version: expect.stringMatching(/^1\.0\.0/) });
    expect(await cluster.helm('get', 'values', 'shop', '-n', ns)).toContain('greeting: ahoy');
    expect(await cluster.helm('get', 'all', 'shop', '-n', ns)).toContain('kind: Deployment');
    expect(cluster.registry.blobPulls(layer)).toBe(1);

    await cluster.registry.pushChart('charts/web', '2.0.0', webChart('2.0.0'));
    await cluster.kubectl('-n', ns, 'annotate', 'ocirepository/web', `reconcile.fluxcd.io/requestedAt=${Date.now()}`);
    const upgraded = await cluster.ready(ns, 'shop', '2.0.0');
    expect(upgraded.status?.history?.map(({ version, status }) => [version, status])).toEqual([
      [2, 'deployed'],
      [1, 'superseded'],
    ]);
    expect((await history(ns, 'shop')).map(({ revision, status }) => [revision, status])).toEqual([
      [1, 'superseded'],
      [2, 'deployed'],
    ]);

    await cluster.kubectl('-n', ns, 'delete', 'helmrelease/shop', '--wait=false');
    await cluster.gone(ns, 'shop');
    expect(await list(ns)).toEqual([]);
    expect(await cluster.kubectl('-n', ns, 'get', 'deployments,secrets', '-o', 'name')).toBe('');
  });

  test('follows a change of its values and of the ConfigMap and Secret they come from', async () => {
    const ns = await cluster.namespace('values');
    await cluster.apply(
      {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'settings', namespace: ns },
        data: { 'values.yaml': 'greeting: map\n' },
      },
      { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'count', namespace: ns }, stringData: { n: '2' } },
      ociRepository(cluster, ns, 'web', { tag: '1.0.0' }),
      helmRelease(ns, 'app', 'web', {
        valuesFrom: [
          { kind: 'ConfigMap', name: 'settings' },
          { kind: 'Secret', name: 'count', valuesKey: 'n', targetPath: 'replicas' },
        ],
      }),
    );
    await cluster.ready(ns, 'app', '1.0.0');
    expect(await data(ns, 'app')).toMatchObject({ greeting: 'map' });
    expect(await cluster.kubectl('-n', ns, 'get', 'deployment/app', '-o', 'jsonpath={.spec.replicas}')).toBe('2');

    await cluster.kubectl(
      '-n',
      ns,
      'patch',
      'helmrelease/app',
      '--type=merge',
      '-p',
      '{"spec":{"values":{"greeting":"inline"}}}',
    );
    const changed = await cluster.ready(ns, 'app', '1.0.0');
    expect(changed.status?.history?.[0]?.version).toBe(2);
    expect(await data(ns, 'app')).toMatchObject({ greeting: 'inline' });
  });

  test('does nothing while it is suspended, and goes on when resumed', async () => {
    const ns = await cluster.namespace('suspended');
    await cluster.apply(
      ociRepository(cluster, ns, 'web', { tag: '1.0.0' }),
      helmRelease(ns, 'app', 'web', { suspend: true }),
    );
    await cluster.until(
      () => cluster.source(ns, 'web'),
      (object) => conditionOf(object, 'Ready')?.status === 'True',
    );
    await new Promise((resolve) => setTimeout(resolve, 1000));
    expect(await list(ns)).toEqual([]);
    await cluster.kubectl('-n', ns, 'patch', 'helmrelease/app', '--type=merge', '-p', '{"spec":{"suspend":false}}');
    await cluster.ready(ns, 'app', '1.0.0');
  });

  test('answers requestedAt as the flux command line expects', async () => {
    const ns = await cluster.namespace('requested');
    await cluster.apply(ociRepository(cluster, ns, 'web', { tag: '1.0.0' }), helmRelease(ns, 'app', 'web'));
    await cluster.ready(ns, 'app', '1.0.0');
    await cluster.kubectl('-n', ns, 'annotate', 'helmrelease/app', 'reconcile.fluxcd.io/requestedAt=now-1');
    const handled = (object: { status?: Record<string, unknown> } | undefined) =>
      object?.status?.['lastHandledReconcileAt'] === 'now-1';
    const object = await cluster.until(() => cluster.release(ns, 'app'), handled);
    expect(object?.status?.history).toHaveLength(1);
  });

  test('puts objects and records where targetNamespace, storageNamespace and releaseName say', async () => {
    const [ns, target] = [await cluster.namespace('placed'), await cluster.namespace('placed-target')];
    await cluster.apply(
      ociRepository(cluster, ns, 'web', { tag: '1.0.0' }),
      helmRelease(ns, 'app', 'web', { targetNamespace: target, storageNamespace: ns }),
    );
    await cluster.ready(ns, 'app', '1.0.0');
    expect(await cluster.kubectl('-n', target, 'get', 'deployment', '-o', 'name')).toBe(
      `deployment.apps/${target}-app\n`,
    );
    expect(await cluster.kubectl('-n', ns, 'get', 'secret', '-o', 'name')).toContain(
      `sh.helm.release.v1.${target}-app.v1`,
    );
  });

  test('reports Kubernetes events', async () => {
    const events = await cluster.kubectl('-n', 'requested', 'get', 'events', '-o', 'jsonpath={.items[*].reason}');
    expect(events).toContain('InstallSucceeded');
  });
});
