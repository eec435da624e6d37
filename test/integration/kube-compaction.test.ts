import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createKubeClient, type KubeClient, type KubeObject } from '../../shared/kube/client.ts';
import { type KubeAuth, loadKubeConfig } from '../../shared/kube/config.ts';
import { Informer } from '../../shared/kube/informer.ts';
import { resources } from '../../shared/kube/resources.ts';
import { type ControlPlane, startControlPlane } from '../env/control-plane.ts';
import { CuttingProxy } from '../env/cutting-proxy.ts';

let plane: ControlPlane;
let auth: KubeAuth;
let client: KubeClient;

// Without watch cache, lists and watches go to etcd, whose history is cut off each second: old versions are really gone.
beforeAll(async () => {
  plane = await startControlPlane({ apiServerArgs: ['--watch-cache=false', '--etcd-compaction-interval=1s'] });
  auth = await loadKubeConfig({ kubeconfig: plane.kubeconfig });
  client = createKubeClient(auth);
}, 120_000);

afterAll(async () => {
  await client?.close();
  await plane?.stop();
});

const configMap = (name: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'default' },
});
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

test('after a compaction the informer lists again, page by page, and tells the difference only', async () => {
  for (const name of ['a', 'b', 'c', 'd', 'e']) {
    await client.create(resources.configmaps, configMap(name));
  }
  const proxy = await CuttingProxy.start(plane.url);
  const seen: string[] = [];
  const errors: unknown[] = [];
  const through = createKubeClient(
    { ...auth, server: proxy.url },
    { retry: { maxRetries: 0 }, onRequest: (r) => r.status > 0 && seen.push(`${r.verb} ${r.status}`) },
  );
  const told: string[] = [];
  const informer = new Informer({
    client: through,
    resource: resources.configmaps,
    namespace: 'default',
    pageSize: 2,
    backoff: { baseMs: 200, capMs: 500 },
    onError: (error) => errors.push(error),
    onEvent: (type, object) => told.push(`${type} ${object.metadata.name}`),
  });
  const stop = new AbortController();
  const running = informer.start(stop.signal);
  await informer.waitForSync();
  expect([seen.filter((s) => s === 'list 200').length, informer.size]).toEqual([3, 5]);
  told.length = 0;

  proxy.refuse();
  await client.delete(resources.configmaps, 'default', 'b');
  await client.patch(resources.configmaps, 'default', 'c', 'merge', { data: { x: 'y' } });
  await client.create(resources.configmaps, configMap('f'));
  for (let i = 0; i < 8; i++) {
    await client.patch(resources.configmaps, 'default', 'd', 'merge', { data: { i: String(i) } });
    await sleep(500);
  }
  proxy.restore();
  while (told.length < 4) {
    await sleep(20);
  }
  await sleep(300);
  stop.abort();
  await running;
  await through.close();
  await proxy.stop();
  expect(told).toEqual(['update c', 'update d', 'add f', 'delete b']);
  expect(
    informer
      .list()
      .map((o) => o.metadata.name)
      .sort(),
  ).toEqual(['a', 'c', 'd', 'e', 'f']);
  expect(errors.length).toBeGreaterThan(0);
});
