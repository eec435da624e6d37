import { mkdir } from 'node:fs/promises';
import { type ControlPlane, startControlPlane } from '../../env/control-plane.ts';
import { installCrds } from '../../env/crds.ts';
import { sleep, temporaryDirectory } from '../../env/process.ts';
import { startRedis } from '../../env/redis.ts';
import { type Registry, startRegistry } from '../../env/registry.ts';
import { type SyncerProcess, startSyncer } from '../../env/syncer.ts';
import { cpuMs, peakRssMib } from '../../env/usage.ts';
import { conditionOf, isReady, type ObjectWatch, watchObjects } from '../../env/watch.ts';
import { auditFlags, countsSince, floorUser, requestCounts, syncerUser } from './audit.ts';
import { fleetChart } from './chart.ts';
import { type FloorResult, releaseName, runFloor } from './floor.ts';

export interface FleetOptions {
  n: number;
  replicas: number;
  /** Where progress goes. */
  say: (text: string) => void;
}

/** What one phase, install or upgrade, cost. */
export interface PhaseResult {
  phase: 'install' | 'upgrade';
  readySeconds: number;
  floor: FloorResult;
  requests: ReadonlyMap<string, number>;
  cpuMs: number;
  peakRssMib: number;
  pulls: number;
}

const helmReleases = '/apis/helm.toolkit.fluxcd.io/v2/helmreleases';

/** The servers of one run, and how to end them all. */
interface Stage {
  plane: ControlPlane;
  registry: Registry;
  redisUrl: string | undefined;
  stop(): Promise<void>;
}

/**
 * Measures the floor, then the syncer, on one control plane with its controllers running: n releases of one chart installed,
 * then upgraded.
 * @throws Error when not all releases become Ready in 10 minutes
 */
export async function measureFleet(options: FleetOptions): Promise<PhaseResult[]> {
  const stage = await setStage(options.replicas);
  try {
    options.say('measuring the floor');
    const floors = await measureFloor(stage.plane, options.n);
    options.say(`floor: install ${floors[0].seconds.toFixed(2)} s, upgrade ${floors[1].seconds.toFixed(2)} s`);
    return await measureSyncer(stage, floors, options);
  } finally {
    await stage.stop();
  }
}

async function setStage(replicas: number): Promise<Stage> {
  const directory = await temporaryDirectory('chartroom-fleet');
  await mkdir(directory.path, { recursive: true });
  const started = await Promise.allSettled([
    startControlPlane({ controllers: true, dir: directory.path, apiServerArgs: await auditFlags(directory.path) }),
    startRegistry(),
    replicas > 1 ? startRedis() : undefined,
  ]);
  const [plane, registry, redis] = started.map((result) =>
    result.status === 'fulfilled' ? result.value : undefined,
  ) as [ControlPlane | undefined, Registry | undefined, Awaited<ReturnType<typeof startRedis>> | undefined];
  const stop = async () => {
    await Promise.all([plane?.stop(), registry?.stop(), redis?.stop()]);
    await directory.remove();
  };
  const failure = started.find((result) => result.status === 'rejected');
  if (failure || !plane || !registry) {
    await stop();
    throw failure?.reason ?? new Error('the servers did not start');
  }
  await installCrds(plane);
  return { plane, registry, redisUrl: redis?.url, stop };
}

async function measureFloor(plane: ControlPlane, n: number): Promise<[FloorResult, FloorResult]> {
  const kubeconfig = await plane.kubeconfigFor(floorUser, 'system:masters');
  const run = async (namespace: string, count: number): Promise<[FloorResult, FloorResult]> => {
    await createNamespace(plane, namespace);
    const common = { url: plane.url, kubeconfig, namespace, n: count };
    const createRelease = (index: number) => createHelmRelease(plane, namespace, index);
    return [await runFloor({ ...common, revision: 1, createRelease }), await runFloor({ ...common, revision: 2 })];
  };
  await run('floor-warm-up', Math.min(n, 50));
  const result = await run('floor', n);
  for (const namespace of ['floor-warm-up', 'floor']) await clearNamespace(plane, namespace);
  await sleep(2000); // the controllers come to rest
  return result;
}

async function measureSyncer(
  stage: Stage,
  floors: [FloorResult, FloorResult],
  options: FleetOptions,
): Promise<PhaseResult[]> {
  const { plane, registry } = stage;
  const { n, replicas, say } = options;
  const first = await registry.pushChart('fleet', '1.0.0', fleetChart('1.0.0'));
  await createNamespace(plane, 'fleet');
  const syncers = await startSyncers(stage, replicas);
  const watch = await watchObjects(plane, helmReleases);
  try {
    await createSource(plane, registry.host);
    if (replicas > 1) await sleep(5000); // the shards spread
    say(`installing ${n} releases with ${replicas} syncer(s)`);
    const install = await measurePhase(stage, syncers, async () => {
      await createAll(plane, n);
      await allReady(watch, n, '1.0.0');
    });
    say(`installed in ${install.readySeconds.toFixed(2)} s; upgrading`);
    const second = await registry.pushChart('fleet', '2.0.0', fleetChart('2.0.0'));
    const upgrade = await measurePhase(stage, syncers, async () => {
      await patchSource(plane, { spec: { ref: { tag: '2.0.0' } } });
      await allReady(watch, n, '2.0.0');
    });
    return [
      { ...install, phase: 'install', floor: floors[0], pulls: registry.blobPulls(first.layerDigest) },
      { ...upgrade, phase: 'upgrade', floor: floors[1], pulls: registry.blobPulls(second.layerDigest) },
    ];
  } catch (error) {
    for (const syncer of syncers) say(`--- end of ${syncer.server.name}'s log\n${syncer.server.log().slice(-3000)}`);
    throw error;
  } finally {
    watch.close();
    await Promise.all(syncers.map((syncer) => syncer.server.stop('SIGKILL')));
  }
}

async function startSyncers(stage: Stage, replicas: number): Promise<SyncerProcess[]> {
  const kubeconfig = await stage.plane.kubeconfigFor(syncerUser, 'system:masters');
  const one = (index: number) =>
    startSyncer({
      kubeconfig,
      dir: stage.plane.dir,
      name: `syncer-${index}`,
      logLevel: process.env['LOG_LEVEL'] ?? 'error',
      ...(stage.redisUrl === undefined ? {} : { redisUrl: stage.redisUrl }),
    });
  return Promise.all(Array.from({ length: replicas }, (_, index) => one(index)));
}

type Measured = Pick<PhaseResult, 'readySeconds' | 'requests' | 'cpuMs' | 'peakRssMib'>;

/** Time of the work itself; requests and CPU until 2 s after it, so that what trails behind counts as well. */
async function measurePhase(stage: Stage, syncers: SyncerProcess[], work: () => Promise<void>): Promise<Measured> {
  const cpu = () => syncers.reduce((total, { server }) => total + cpuMs(server.pid), 0);
  const cpuBefore = cpu();
  const requestsBefore = requestCounts(stage.plane.dir, syncerUser);
  const started = performance.now();
  await work();
  const readySeconds = (performance.now() - started) / 1000;
  await sleep(2000);
  return {
    readySeconds,
    requests: countsSince(requestsBefore, requestCounts(stage.plane.dir, syncerUser)),
    cpuMs: cpu() - cpuBefore,
    peakRssMib: Math.max(...syncers.map(({ server }) => peakRssMib(server.pid))),
  };
}

async function allReady(watch: ObjectWatch, n: number, version: string): Promise<void> {
  const ready = () => [...watch.objects.values()].filter((object) => isReady(object, version)).length;
  await watch.until(
    () => ready() === n,
    600_000,
    () => {
      const stuck = [...watch.objects.values()].find((object) => !isReady(object, version));
      return `${ready()} of ${n} are Ready at ${version}; for one, ${stuck?.metadata.name}: ${conditionOf(stuck, 'Ready')?.message}`;
    },
  );
}

async function createAll(plane: ControlPlane, n: number): Promise<void> {
  let next = 0;
  const worker = async () => {
    for (let index = next++; index < n; index = next++) await createHelmRelease(plane, 'fleet', index);
  };
  await Promise.all(Array.from({ length: 16 }, worker));
}

async function createHelmRelease(plane: ControlPlane, namespace: string, index: number): Promise<void> {
  await expectOk(
    plane.request('POST', `/apis/helm.toolkit.fluxcd.io/v2/namespaces/${namespace}/helmreleases`, {
      apiVersion: 'helm.toolkit.fluxcd.io/v2',
      kind: 'HelmRelease',
      metadata: { name: releaseName(index), namespace },
      spec: {
        interval: '1h',
        chartRef: { kind: 'OCIRepository', name: 'fleet' },
        driftDetection: { mode: 'enabled' },
        values: { labels: { index: `${index}` } },
      },
    }),
  );
}

async function createSource(plane: ControlPlane, host: string): Promise<void> {
  const path = '/apis/source.toolkit.fluxcd.io/v1/namespaces/fleet/ocirepositories';
  await expectOk(
    plane.request('POST', path, {
      apiVersion: 'source.toolkit.fluxcd.io/v1',
      kind: 'OCIRepository',
      metadata: { name: 'fleet', namespace: 'fleet' },
      spec: { interval: '1h', url: `oci://${host}/fleet`, insecure: true, ref: { tag: '1.0.0' } },
    }),
  );
  const watch = await watchObjects(plane, path);
  const message = () => conditionOf(watch.objects.get('fleet/fleet'), 'Ready')?.message ?? 'no condition';
  await watch
    .until(
      (objects) => isReady(objects.get('fleet/fleet')),
      30_000,
      () => `OCIRepository fleet: ${message()}`,
    )
    .finally(() => watch.close());
}

async function patchSource(plane: ControlPlane, patch: unknown): Promise<void> {
  const path = '/apis/source.toolkit.fluxcd.io/v1/namespaces/fleet/ocirepositories/fleet';
  await expectOk(plane.request('PATCH', path, patch, 'application/merge-patch+json'));
}

async function createNamespace(plane: ControlPlane, name: string): Promise<void> {
  await expectOk(
    plane.request('POST', '/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name } }),
  );
}

async function clearNamespace(plane: ControlPlane, namespace: string): Promise<void> {
  const collections = [
    `/apis/helm.toolkit.fluxcd.io/v2/namespaces/${namespace}/helmreleases`,
    `/api/v1/namespaces/${namespace}/secrets`,
    `/apis/apps/v1/namespaces/${namespace}/deployments`,
    `/apis/networking.k8s.io/v1/namespaces/${namespace}/ingresses`,
    `/api/v1/namespaces/${namespace}/services`,
    `/api/v1/namespaces/${namespace}/serviceaccounts`,
  ];
  for (const path of collections) await expectOk(plane.request('DELETE', path));
}

async function expectOk(pending: Promise<{ status: number; body: string }>): Promise<void> {
  const answer = await pending;
  if (answer.status >= 300) throw new Error(`the API server answered ${answer.status}: ${answer.body.slice(0, 400)}`);
}
