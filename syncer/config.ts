import { normaliseStorageDriver, STORAGE_DRIVERS, type StorageDriver } from '../shared/api/storage-driver.ts';
import { type Address, type Environment, type Flag, flagUsage, readFlags, type Settings } from '../shared/flags.ts';
import type { RenderLimits } from '../shared/helm/limits.ts';
import { LOG_ENCODINGS, LOG_LEVELS, type LogEncoding, type LogLevel } from '../shared/log.ts';

/** What the operator of a syncer can set. Durations in milliseconds, sizes in bytes. */
export interface SyncerConfig {
  readonly kubeconfig: string | undefined;
  readonly context: string | undefined;
  readonly redisUrl: string | undefined;
  readonly shards: number;
  /** Where the Lease of the embedded default is. */
  readonly runtimeNamespace: string;
  readonly concurrent: number;
  readonly dependencyRequeueMs: number;
  readonly minRetryDelayMs: number;
  readonly maxRetryDelayMs: number;
  readonly intervalJitterPercent: number;
  readonly gracefulShutdownMs: number;
  readonly watchLabelSelector: string | undefined;
  readonly allowCrossNamespace: boolean;
  readonly defaultServiceAccount: string;
  readonly fieldManager: string;
  readonly storageDriver: StorageDriver;
  readonly allowMemoryStorage: boolean;
  readonly kubeApiQps: number;
  readonly kubeApiBurst: number;
  /** Undefined for none. */
  readonly metricsAddress: Address | undefined;
  readonly healthAddress: Address | undefined;
  readonly storageAddress: Address;
  /** host[:port] in artifact URLs; undefined takes the address that is listened on. */
  readonly storageAdvertisedAddress: string | undefined;
  readonly chartCacheBytes: number;
  readonly blobCacheBytes: number;
  readonly renderLimits: RenderLimits;
  readonly renderThreads: number;
  readonly renderMemoryMib: number;
  readonly logLevel: LogLevel;
  readonly logEncoding: LogEncoding;
}

const FLAGS = {
  kubeconfig: {
    fallback: '',
    help: 'path of a kubeconfig; default: $KUBECONFIG, the cluster the pod runs in, ~/.kube/config',
  },
  context: { fallback: '', help: 'context of the kubeconfig' },
  'redis-url': {
    fallback: '',
    env: 'REDIS_URL',
    help: 'redis://… or rediss://… for several active replicas; default: one active replica behind a Lease',
  },
  shards: {
    fallback: '64',
    help: 'into how many parts the releases are divided among replicas; the same in all of them',
  },
  'runtime-namespace': { fallback: 'default', env: 'RUNTIME_NAMESPACE', help: 'namespace of the Lease' },
  concurrent: { fallback: '16', help: 'releases that are worked on at once; those that wait are not counted' },
  'requeue-dependency': {
    fallback: '30s',
    help: 'how often unmet dependencies are looked at, besides when they change',
  },
  'min-retry-delay': { fallback: '750ms', help: 'delay before the first retry of a failed reconcile' },
  'max-retry-delay': { fallback: '15m', help: 'longest delay before a retry' },
  'interval-jitter-percentage': { fallback: '5', help: 'how far intervals are spread' },
  'graceful-shutdown-timeout': { fallback: '30s', help: 'how long requests under way may take at a shutdown' },
  'watch-label-selector': { fallback: '', help: 'only watch HelmReleases and sources with these labels' },
  'no-cross-namespace-refs': { fallback: false, help: 'refuse references to other namespaces' },
  'default-service-account': { fallback: '', help: 'ServiceAccount to act as where a release names none' },
  'override-manager': { fallback: 'helm-controller', help: 'field manager of the objects that are applied' },
  'helm-storage-driver': {
    fallback: 'secret',
    env: 'HELM_DRIVER',
    help: `${STORAGE_DRIVERS.join(', ')}: where history is kept for releases that do not say`,
  },
  'allow-memory-storage': { fallback: false, help: 'allow storage driver memory, which loses history at a restart' },
  'kube-api-qps': { fallback: '0', help: 'requests a second to the API server; 0 is no limit' },
  'kube-api-burst': { fallback: '300', help: 'requests beyond kube-api-qps at once' },
  'metrics-addr': { fallback: ':8080', help: 'address of /metrics' },
  'health-addr': { fallback: ':9440', help: 'address of /healthz and /readyz' },
  'storage-addr': { fallback: ':9090', env: 'STORAGE_ADDR', help: 'address that artifacts are served at' },
  'storage-adv-addr': { fallback: '', env: 'STORAGE_ADV_ADDR', help: 'host[:port] of artifact URLs' },
  'chart-cache-size': { fallback: '128', help: 'MiB of compiled charts kept in memory' },
  'blob-cache-size': { fallback: '64', help: 'MiB of chart archives kept in memory' },
  'render-timeout': { fallback: '30s', help: 'how long a chart may render' },
  'render-max-output': { fallback: '64', help: 'MiB that a chart may render to' },
  'render-max-include-depth': { fallback: '1000', help: 'nested includes of one template' },
  'render-threads': { fallback: '1', help: 'threads for charts that are slow or ask the cluster' },
  'render-max-memory': { fallback: '512', help: 'MiB of memory that a render thread may take' },
  'log-level': { fallback: 'info', help: LOG_LEVELS.join(', ') },
  'log-encoding': { fallback: 'json', help: LOG_ENCODINGS.join(', ') },
} as const satisfies Record<string, Flag>;

type FlagName = keyof typeof FLAGS;

/** What `--help` prints. */
export function usage(): string {
  return flagUsage('syncer', 'Brings a cluster to what its HelmReleases say.', FLAGS);
}

/**
 * Reads flags, then environment, then defaults.
 *
 * @returns the settings, or 'help' when they were asked for
 * @throws ConfigError naming the flag, what was found and what was expected
 */
export function parseConfig(args: readonly string[], env: Environment): SyncerConfig | 'help' {
  const settings = readFlags<FlagName>(args, env, FLAGS);
  return settings === 'help' ? 'help' : fromSettings(settings);
}

function fromSettings(settings: Settings<FlagName>): SyncerConfig {
  const driver = normaliseStorageDriver(settings.text('helm-storage-driver'));
  if (!driver) throw settings.problem('helm-storage-driver', `one of ${STORAGE_DRIVERS.join(', ')}`);
  if (driver === 'sql')
    throw settings.problem('helm-storage-driver', 'secret, configmap or memory: this version does not support sql yet');
  if (driver === 'memory' && !settings.flag('allow-memory-storage')) {
    throw settings.problem('helm-storage-driver', 'secret or configmap, or --allow-memory-storage as well');
  }
  return {
    kubeconfig: settings.optional('kubeconfig'),
    context: settings.optional('context'),
    redisUrl: settings.optional('redis-url'),
    shards: settings.integer('shards', 1, 4096),
    runtimeNamespace: settings.text('runtime-namespace'),
    concurrent: settings.integer('concurrent', 1, 1000),
    dependencyRequeueMs: settings.duration('requeue-dependency'),
    minRetryDelayMs: settings.duration('min-retry-delay'),
    maxRetryDelayMs: settings.duration('max-retry-delay'),
    intervalJitterPercent: settings.integer('interval-jitter-percentage', 0, 99),
    gracefulShutdownMs: settings.duration('graceful-shutdown-timeout'),
    watchLabelSelector: settings.optional('watch-label-selector'),
    allowCrossNamespace: !settings.flag('no-cross-namespace-refs'),
    defaultServiceAccount: settings.text('default-service-account'),
    fieldManager: settings.text('override-manager'),
    storageDriver: driver,
    allowMemoryStorage: settings.flag('allow-memory-storage'),
    kubeApiQps: settings.integer('kube-api-qps', 0, 1_000_000),
    kubeApiBurst: settings.integer('kube-api-burst', 1, 1_000_000),
    metricsAddress: settings.address('metrics-addr'),
    healthAddress: settings.address('health-addr'),
    storageAddress: settings.address('storage-addr') ?? { host: undefined, port: 0 },
    storageAdvertisedAddress: settings.optional('storage-adv-addr'),
    chartCacheBytes: settings.integer('chart-cache-size', 1, 65_536) * 2 ** 20,
    blobCacheBytes: settings.integer('blob-cache-size', 1, 65_536) * 2 ** 20,
    renderLimits: {
      maxRenderMillis: settings.duration('render-timeout'),
      maxOutputBytes: settings.integer('render-max-output', 1, 1024) * 2 ** 20,
      maxIncludeDepth: settings.integer('render-max-include-depth', 1, 1000),
    },
    renderThreads: settings.integer('render-threads', 1, 64),
    renderMemoryMib: settings.integer('render-max-memory', 16, 65_536),
    logLevel: settings.oneOf('log-level', LOG_LEVELS),
    logEncoding: settings.oneOf('log-encoding', LOG_ENCODINGS),
  };
}
