import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Cluster, helmRelease, ociRepository, webChart } from './cluster.ts';

let cluster: Cluster;
beforeAll(async () => {
  cluster = await Cluster.start();
  await cluster.registry.pushChart('charts/web', '1.0.0', webChart('1.0.0'));
});
afterAll(() => cluster?.stop());

const patched = {
  commonMetadata: { labels: { team: 'docks' }, annotations: { 'example.com/owner': 'harbour' } },
  postRenderers: [
    {
      kustomize: {
        patches: [
          {
            target: { kind: 'Deployment' },
            patch: '- op: add\n  path: /spec/template/metadata/labels/tier\n  value: front\n',
          },
          {
            patch:
              'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: app}\nspec:\n  template:\n    spec:\n      containers: [{name: app, workingDir: /srv}]\n',
          },
        ],
        images: [{ name: 'app', newName: 'registry.example.com/app', newTag: 'v9' }],
      },
    },
  ],
};

test('patches, images, common metadata and origin labels are in the cluster and in what helm shows', async () => {
  const ns = await cluster.namespace('post');
  await cluster.apply(ociRepository(cluster, ns, 'web', { tag: '1.0.0' }), helmRelease(ns, 'app', 'web', patched));
  await cluster.ready(ns, 'app', '1.0.0');
  const deployment = JSON.parse(await cluster.kubectl('-n', ns, 'get', 'deployment', 'app', '-o', 'json'));
  expect(deployment.metadata.labels).toMatchObject({
    team: 'docks',
    'helm.toolkit.fluxcd.io/name': 'app',
    'helm.toolkit.fluxcd.io/namespace': ns,
  });
  expect(deployment.metadata.annotations['example.com/owner']).toBe('harbour');
  expect(deployment.spec.template.metadata.labels.tier).toBe('front');
  expect(deployment.spec.template.spec.containers[0]).toMatchObject({
    image: 'registry.example.com/app:v9',
    workingDir: '/srv',
  });
  const manifest = await cluster.helm('get', 'manifest', 'app', '-n', ns);
  expect(manifest).toContain('team: docks');
  expect(manifest).toContain('helm.toolkit.fluxcd.io/name: app');
});

test('a change of the post-renderers alone is an upgrade, and taking them away is one too', async () => {
  const ns = await cluster.namespace('post-change');
  await cluster.apply(ociRepository(cluster, ns, 'web', { tag: '1.0.0' }), helmRelease(ns, 'app', 'web'));
  await cluster.ready(ns, 'app', '1.0.0');
  for (const [spec, team] of [
    [patched, 'docks'],
    [{}, undefined],
  ] as const) {
    await cluster.apply(helmRelease(ns, 'app', 'web', spec));
    await cluster.ready(ns, 'app', '1.0.0');
    const deployment = JSON.parse(await cluster.kubectl('-n', ns, 'get', 'deployment', 'app', '-o', 'json'));
    expect(deployment.metadata.labels.team).toBe(team);
  }
  const history = JSON.parse(await cluster.helm('history', 'app', '-n', ns, '-o', 'json')) as unknown[];
  expect(history).toHaveLength(3);
});

test('a patch that fits nothing fails the release with a word on the patch', async () => {
  const ns = await cluster.namespace('post-bad');
  const patch = 'apiVersion: v1\nkind: Secret\nmetadata: {name: none}\ndata: {}\n';
  const spec = { postRenderers: [{ kustomize: { patches: [{ patch }] } }] };
  await cluster.apply(ociRepository(cluster, ns, 'web', { tag: '1.0.0' }), helmRelease(ns, 'app', 'web', spec));
  await cluster.refused(() => cluster.release(ns, 'app'), /post render.*(no matches|Secret)/s);
});
