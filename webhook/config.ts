import type { StorageDefaults } from '../shared/api/rules/storage.ts';
import { normaliseStorageDriver, STORAGE_DRIVERS } from '../shared/api/storage-driver.ts';
import {
  type Address,
  type Environment,
  type Flag,
  type Settings as FlagSettings,
  flagUsage,
  readFlags,
} from '../shared/flags.ts';
import { LOG_ENCODINGS, LOG_LEVELS, type LogEncoding, type LogLevel } from '../shared/log.ts';
import type { SecretName } from './certificate-store.ts';
import type { Registration } from './configurations.ts';

/** What the operator of a webhook can set. */
export interface WebhookConfig {
  readonly kubeconfig: string | undefined;
  readonly context: string | undefined;
  readonly listen: Address;
  /** Plain HTTP servers besides; undefined for none. */
  readonly metrics: Address | undefined;
  readonly health: Address | undefined;
  /** How the API server is told of this webhook; undefined leaves that to others. */
  readonly registration: Registration | undefined;
  /** Directory of a mounted certificate; undefined means one of our own, kept in the Secret. */
  readonly certificateDirectory: string | undefined;
  readonly certificateSecret: SecretName;
  /** Names that the API server may use for this webhook. */
  readonly names: readonly string[];
  readonly storage: StorageDefaults;
  readonly logLevel: LogLevel;
  readonly logEncoding: LogEncoding;
}

const FLAGS = {
  kubeconfig: {
    fallback: '',
    help: 'path of a kubeconfig; default: $KUBECONFIG, the cluster the pod runs in, ~/.kube/config',
  },
  context: { fallback: '', help: 'context of the kubeconfig' },
  listen: {
    fallback: ':9443',
    help: 'address to serve reviews at, over TLS; /healthz, /readyz and /metrics are there too',
  },
  url: {
    fallback: '',
    help: 'https://host:port at which the API server reaches this webhook, when it runs outside the cluster',
  },
  service: {
    fallback: '',
    help: 'namespace/name[:port] of the Service in front of this webhook, when it runs in the cluster',
  },
  'manage-configurations': {
    fallback: true,
    help: 'with --url or --service: register this webhook at the API server and keep caBundle right',
  },
  'configuration-name': { fallback: 'chartroom', help: 'name of the webhook configurations' },
  'failure-policy': {
    fallback: 'Fail',
    help: 'Fail or Ignore: what the API server does when this webhook does not answer',
  },
  'cert-dir': {
    fallback: '',
    help: 'directory with tls.crt, tls.key and perhaps ca.crt; default: an own authority, kept in a Secret',
  },
  'certificate-secret': {
    fallback: '',
    help: 'namespace/name of that Secret; default: chartroom-webhook-certificate beside the Service, else in $RUNTIME_NAMESPACE',
  },
  'helm-storage-driver': {
    fallback: 'secret',
    env: 'HELM_DRIVER',
    help: `${STORAGE_DRIVERS.join(', ')}: written into releases that name none`,
  },
  'allow-memory-storage': { fallback: false, help: 'allow storage driver memory, which loses history at a restart' },
  'metrics-addr': { fallback: '', help: 'address to serve /metrics at over plain HTTP, such as :8080' },
  'health-addr': { fallback: '', help: 'address to serve /healthz and /readyz at over plain HTTP, such as :9440' },
  'log-level': { fallback: 'info', help: LOG_LEVELS.join(', ') },
  'log-encoding': { fallback: 'json', help: LOG_ENCODINGS.join(', ') },
} as const satisfies Record<string, Flag>;

type FlagName = keyof typeof FLAGS;
type Settings = FlagSettings<FlagName>;

/** What `--help` prints. */
export function usage(): string {
  return flagUsage('webhook', 'Normalises and checks HelmReleases when they are applied.', FLAGS);
}

/**
 * Reads flags, then environment, then defaults; 'help' when that was asked for.
 * Throws ConfigError naming the flag, what was found and what was expected.
 */
export function parseConfig(args: readonly string[], env: Environment): WebhookConfig | 'help' {
  const settings = readFlags<FlagName>(args, env, FLAGS);
  return settings === 'help' ? 'help' : fromSettings(settings, env);
}

function fromSettings(settings: Settings, env: Environment): WebhookConfig {
  const service = readService(settings);
  const url = readUrl(settings);
  if (service !== undefined && url !== undefined) throw settings.problem('url', 'no --url beside --service: give one');
  const endpoint = service === undefined ? url && { url: url.origin } : { service };
  const [namespace, name] = settings.pair('certificate-secret', 'namespace/name') ?? [
    service?.namespace ?? (env['RUNTIME_NAMESPACE'] || 'default'),
    'chartroom-webhook-certificate',
  ];
  return {
    kubeconfig: settings.text('kubeconfig') || undefined,
    context: settings.text('context') || undefined,
    listen: settings.address('listen') ?? { host: undefined, port: 9443 },
    metrics: settings.address('metrics-addr'),
    health: settings.address('health-addr'),
    registration:
      endpoint !== undefined && settings.flag('manage-configurations')
        ? {
            name: settings.text('configuration-name'),
            endpoint,
            failurePolicy: settings.oneOf('failure-policy', ['Fail', 'Ignore']),
          }
        : undefined,
    certificateDirectory: settings.text('cert-dir') || undefined,
    certificateSecret: { namespace, name },
    names: service === undefined ? [url?.hostname.replace(/^\[|\]$/g, '') ?? 'localhost'] : serviceNames(service),
    storage: readStorage(settings, env),
    logLevel: settings.oneOf('log-level', LOG_LEVELS),
    logEncoding: settings.oneOf('log-encoding', LOG_ENCODINGS),
  };
}

function readService(settings: Settings) {
  const expected = 'namespace/name or namespace/name:port';
  const pair = settings.pair('service', expected);
  if (pair === undefined) return undefined;
  const [name = '', port = '443', ...rest] = pair[1].split(':');
  if (name === '' || rest.length > 0 || !/^[0-9]{1,5}$/.test(port)) throw settings.problem('service', expected);
  return { namespace: pair[0], name, port: Number(port) };
}

function serviceNames({ namespace, name }: { namespace: string; name: string }): string[] {
  return [`${name}.${namespace}.svc`, `${name}.${namespace}.svc.cluster.local`, `${name}.${namespace}`];
}

function readUrl(settings: Settings): URL | undefined {
  const text = settings.text('url');
  if (text === '') return undefined;
  const url = URL.parse(text);
  if (url?.protocol !== 'https:' || url.pathname !== '/' || url.search !== '' || url.username !== '') {
    throw settings.problem('url', 'https://host:port');
  }
  return url;
}

function readStorage(settings: Settings, env: Environment): StorageDefaults {
  const driver = normaliseStorageDriver(settings.text('helm-storage-driver'));
  if (driver === undefined) throw settings.problem('helm-storage-driver', `one of ${STORAGE_DRIVERS.join(', ')}`);
  const allowMemory = settings.flag('allow-memory-storage');
  if (driver === 'memory' && !allowMemory) {
    throw settings.problem('helm-storage-driver', 'secret, configmap or sql, or --allow-memory-storage as well');
  }
  return { driver, allowMemory, hasSqlConnection: Boolean(env['HELM_DRIVER_SQL_CONNECTION_STRING']) };
}
