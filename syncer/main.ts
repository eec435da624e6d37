#!/usr/bin/env node
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { setFlagsFromString } from 'node:v8';
import type { HelmRelease } from '../shared/api/helm-release.ts';
import type { OCIRepository } from '../shared/api/oci-repository.ts';
import { ConfigError, errorMessage } from '../shared/errors.ts';
import { createKubeClient, type KubeClient } from '../shared/kube/client.ts';
import { kubeConfigFromEnvironment, loadKubeConfig } from '../shared/kube/config.ts';
import { EventRecorder } from '../shared/kube/events.ts';
import { Informer } from '../shared/kube/informer.ts';
import { InformerPool } from '../shared/kube/informer-pool.ts';
import { resources } from '../shared/kube/resources.ts';
import type { TransportOptions } from '../shared/kube/transport.ts';
import { createLogger, type Logger } from '../shared/log.ts';
import { RenderPool } from '../shared/render-pool/pool.ts';
import { type FleetCache, memoryCache, redisCache } from './cache.ts';
import { parseConfig, type SyncerConfig, usage } from './config.ts';
import { Controller, releaseIndexers } from './controller.ts';
import { healthServer, listen, metricsServer } from './http.ts';
import { SyncerMetrics } from './metrics.ts';
import { forReadiness, PooledObjectWatcher } from './object-watcher.ts';
import { openOwnership } from './open-ownership.ts';
import { ReleaseReconciler } from './reconcile/release-reconciler.ts';
import { createRenderer } from './reconcile/render-release.ts';
import { createArtifactServer } from './source/artifact-server.ts';
import { ChartStore } from './source/chart-store.ts';
import { ArtifactFetcher } from './source/fetch.ts';
import { OciAccess } from './source/oci-access.ts';
import { reconcileOciRepository } from './source/oci-repository.ts';
import { SourceResolver } from './source/resolve.ts';
import { StorageProvider } from './storage/provider.ts';
import { RecordIndex } from './storage/record-index.ts';

const COMPONENT = 'helm-controller';
const WATCH_LABEL = 'reconcile.fluxcd.io/watch=Enabled';

interface Clients {
  readonly client: KubeClient;
  /** Renews locks: with connections of its own, so that a burst of work cannot delay a renewal. */
  readonly lockClient: KubeClient;
}

async function connect(config: SyncerConfig, metrics: SyncerMetrics): Promise<Clients> {
  const fromEnvironment = kubeConfigFromEnvironment(process.env);
  const chosen = config.kubeconfig === undefined ? {} : { kubeconfig: config.kubeconfig };
  const auth = await loadKubeConfig({ ...fromEnvironment, ...chosen, context: config.context });
  const shared: TransportOptions = {
    userAgent: 'chartroom-syncer',
    onRequest: ({ verb, resource, status }) => metrics.requested(verb, resource, String(status)),
  };
  return {
    client: createKubeClient(auth, { ...shared, qps: config.kubeApiQps, burst: config.kubeApiBurst }),
    lockClient: createKubeClient(auth, { ...shared, connections: 2 }),
  };
}

/** Tells this cluster's fleet from others that share a Redis. */
async function fleetId(client: KubeClient): Promise<string> {
  const system = await client.get(resources.namespaces, '', 'kube-system', { metadataOnly: true });
  return system?.metadata.uid ?? 'default';
}

function openInformers(
  client: KubeClient,
  config: SyncerConfig,
  secrets: RecordIndex,
  configMaps: RecordIndex,
  log: Logger,
) {
  const onError = (resource: string) => (error: unknown) => {
    log.error({ resource, error: errorMessage(error) }, 'cannot list or watch; trying again');
  };
  const labelSelector = config.watchLabelSelector;
  const releases = new Informer<HelmRelease>({
    ...{ client, resource: resources.helmreleases, labelSelector, indexers: releaseIndexers },
    onError: onError('helmreleases'),
  });
  const sources = new Informer<OCIRepository>({
    ...{ client, resource: resources.ocirepositories, labelSelector, onError: onError('ocirepositories') },
  });
  const records = [
    { resource: resources.secrets, index: secrets },
    { resource: resources.configmaps, index: configMaps },
  ].map(
    ({ resource, index }) =>
      new Informer({
        ...{ client, resource, labelSelector: 'owner=helm', metadataOnly: true, onError: onError(resource.resource) },
        onEvent: (type, object) => void index.observe(object, type === 'delete'),
      }),
  );
  const watchedValues = [resources.secrets, resources.configmaps].map(
    (resource) =>
      new Informer({
        ...{ client, resource, labelSelector: WATCH_LABEL, metadataOnly: true, onError: onError(resource.resource) },
      }),
  );
  return { releases, sources, records, watchedValues };
}

function openCache(config: SyncerConfig, fleet: string, log: Logger): FleetCache {
  return config.redisUrl === undefined
    ? memoryCache(config.blobCacheBytes)
    : redisCache(config.redisUrl, fleet, config.blobCacheBytes, log);
}

async function run(config: SyncerConfig, stop: AbortController): Promise<void> {
  const log = createLogger('syncer', config.logLevel, config.logEncoding);
  const metrics = new SyncerMetrics();
  const { client, lockClient } = await connect(config, metrics);
  const { signal } = stop;
  const now = (): Date => new Date();
  const identity = `${hostname()}_${randomUUID()}`;
  const fleet = config.redisUrl === undefined ? '' : await fleetId(client);

  const secrets = new RecordIndex();
  const configMaps = new RecordIndex();
  const { releases, sources, records, watchedValues } = openInformers(client, config, secrets, configMaps, log);
  const events = new EventRecorder({ client, component: COMPONENT, instance: identity });
  const cache = openCache(config, fleet, log);
  const fetcher = new ArtifactFetcher(cache.blobs);
  const access = new OciAccess(client, new SourceResolver(cache.records), fetcher, cache.blobs);
  const pool = new InformerPool({ client, informer: { transform: forReadiness } });
  const renders = new RenderPool({ size: config.renderThreads, maxMemoryMib: config.renderMemoryMib });
  const ownership = openOwnership(config, lockClient, identity, fleet, log);

  const findSource = (key: string): OCIRepository | undefined => {
    const [, namespace, name = ''] = key.split('/');
    return sources.get(namespace, name);
  };
  const artifacts = createArtifactServer({
    source: (namespace, name) => sources.get(namespace, name),
    read: (source) => access.read(source, signal),
  });
  const artifactPort = (await listen(artifacts, config.storageAddress, 'storage-addr')).port;
  const storageAddress = config.storageAdvertisedAddress ?? `${hostname()}:${artifactPort}`;

  const reconciler = new ReleaseReconciler({
    ...{ client, events, log, signal, now, findSource },
    storage: new StorageProvider({
      ...{ defaultDriver: config.storageDriver, allowMemory: config.allowMemoryStorage, secrets, configMaps, now },
      cacheBytes: config.chartCacheBytes / 4,
    }),
    charts: new ChartStore(config.chartCacheBytes),
    render: createRenderer(client, { pool: renders, limits: config.renderLimits, now }),
    watcher: new PooledObjectWatcher(pool),
    findRelease: (key) => {
      const [namespace, name = ''] = key.split('/');
      return releases.get(namespace, name);
    },
    readArtifact: (source) => access.read(source, signal),
    stored: (object) => controller.wrote(object),
    fieldManager: config.fieldManager,
    defaultServiceAccount: config.defaultServiceAccount,
    allowCrossNamespace: config.allowCrossNamespace,
    dependencyRequeueMs: config.dependencyRequeueMs,
  });
  const controller = new Controller(
    {
      ...{ releases, sources, watchedValues, ownership, metrics, log, signal },
      reconcileRelease: (object, fence, context) => reconciler.reconcile(object, fence, context),
      reconcileSource: (object) =>
        reconcileOciRepository(object, { client, access, events, storageAddress, now, signal }),
    },
    config,
  );
  metrics.gauge('chartroom_queue_depth', 'Objects that wait for a worker.', () => controller.depth.releases);
  metrics.gauge('chartroom_shards_owned', 'Shards that this replica owns.', () => ownership.status().owned);

  const informers = [releases, sources, ...records, ...watchedValues];
  const isReady = (): boolean => informers.every((informer) => informer.hasSynced());
  const servers = [
    { server: metricsServer(metrics), address: config.metricsAddress, flag: 'metrics-addr' },
    { server: healthServer(isReady), address: config.healthAddress, flag: 'health-addr' },
  ];
  for (const { server, address, flag } of servers) if (address) await listen(server, address, flag);
  for (const informer of informers) void informer.start(signal);
  await Promise.all(informers.map((informer) => informer.waitForSync()));
  controller.start();
  ownership.start();
  log.info({ identity, redis: config.redisUrl !== undefined, storageAddress }, 'syncer started');

  await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
  log.info('stopping: releases under way stop where they are, to be resumed by the next owner');
  const deadline = setTimeout(() => process.exit(1), config.gracefulShutdownMs);
  await controller.stop();
  await Promise.all([ownership.stop(), events.stop()]);
  pool.close();
  await renders.close();
  cache.close();
  for (const server of [artifacts, ...servers.map((one) => one.server)]) server.close();
  await Promise.all([client.close(), lockClient.close()]);
  clearTimeout(deadline);
}

/**
 * Keeps V8's young generation as small as it is after the start. It would grow to 100 MiB and more of garbage on a machine with much
 * memory, for a gain that the fleet benchmark does not show.
 */
function boundYoungGeneration(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
}

async function main(): Promise<void> {
  boundYoungGeneration();
  const stop = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const)
    process.once(name, () => stop.abort(new Error(`stopped by ${name}`)));
  try {
    const config = parseConfig(process.argv.slice(2), process.env);
    if (config === 'help') process.stdout.write(usage());
    else await run(config, stop);
  } catch (error) {
    if (stop.signal.aborted) return;
    process.stderr.write(
      `syncer: ${error instanceof ConfigError ? error.message : ((error as Error).stack ?? error)}\n`,
    );
    process.exitCode = 1;
  }
}

await main();
