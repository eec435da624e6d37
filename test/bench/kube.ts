/**
 * What a request costs: `node test/bench/kube.ts [n]`. Creates and gets ConfigMaps on a real API server with our client over
 * HTTP/1.1 and HTTP/2, and with client-node's object API. CPU is this process's alone; *_cpu_ms is a request.
 */
import { KubeConfig, type KubernetesObject, KubernetesObjectApi } from '@kubernetes/client-node';
import { createKubeClient, type KubeClient, type KubeObject } from '../../shared/kube/client.ts';
import { loadKubeConfig } from '../../shared/kube/config.ts';
import { resources } from '../../shared/kube/resources.ts';
import { startControlPlane } from '../env/control-plane.ts';

const CONCURRENCY = 32;
const PAYLOAD = 'x'.repeat(2_000);

interface Operations {
  create(object: KubeObject): Promise<unknown>;
  get(name: string): Promise<unknown>;
}

function object(name: string): KubeObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'default' }, data: { payload: PAYLOAD } };
}

/** Runs `n` calls with bounded concurrency; returns calls a second and CPU milliseconds a call. */
async function measure(n: number, call: (index: number) => Promise<unknown>): Promise<{ rate: number; cpuMs: number }> {
  const cpu = process.cpuUsage();
  const started = performance.now();
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < n) {
      await call(next++);
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
  const seconds = (performance.now() - started) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  return { rate: n / seconds, cpuMs: (user + system) / 1000 / n };
}

async function bench(name: string, n: number, operations: Operations): Promise<void> {
  await measure(n / 4, (i) => operations.create(object(`${name}-warm-${i}`)));
  await measure(n / 4, (i) => operations.get(`${name}-warm-${i}`));
  const create = await measure(n, (i) => operations.create(object(`${name}-${i}`)));
  const get = await measure(n, (i) => operations.get(`${name}-${i}`));
  console.log(
    `bench kube-client variant=${name} n=${n} create_per_s=${create.rate.toFixed(0)} create_cpu_ms=${create.cpuMs.toFixed(3)} get_per_s=${get.rate.toFixed(0)} get_cpu_ms=${get.cpuMs.toFixed(3)}`,
  );
}

function ours(client: KubeClient): Operations {
  return {
    create: (wanted) => client.create(resources.configmaps, wanted),
    get: (name) => client.get(resources.configmaps, 'default', name),
  };
}

function clientNode(kubeconfig: string): Operations {
  const config = new KubeConfig();
  config.loadFromFile(kubeconfig);
  const api = KubernetesObjectApi.makeApiClient(config);
  return {
    create: (wanted) => api.create(wanted as unknown as KubernetesObject),
    get: (name) => api.read({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'default' } }),
  };
}

const n = Number(process.argv[2] ?? 2_000);
const plane = await startControlPlane();
try {
  const auth = await loadKubeConfig({ kubeconfig: plane.kubeconfig });
  for (const [name, http2] of [
    ['http1', false],
    ['http2', true],
  ] as const) {
    const client = createKubeClient(auth, { http2 });
    await bench(name, n, ours(client));
    await client.close();
  }
  await bench('client-node', n, clientNode(plane.kubeconfig));
} finally {
  await plane.stop();
}
process.exit(0);
