import { createServer as createHttpServer, type Server as HttpServer } from 'node:http';
import { createServer, type Server } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { ConfigError } from '../shared/errors.ts';
import type { Address } from '../shared/flags.ts';
import { createKubeClient, type KubeClient } from '../shared/kube/client.ts';
import { type KubeConfigOptions, loadKubeConfig } from '../shared/kube/config.ts';
import type { Logger } from '../shared/log.ts';
import { expiry } from './certificate.ts';
import { CertificateKeeper, readMounted, type Served } from './certificate-keeper.ts';
import { ensureCertificates } from './certificate-store.ts';
import type { WebhookConfig } from './config.ts';
import { register } from './configurations.ts';
import { WebhookMetrics } from './metrics.ts';
import { createApp, createProbeApp } from './server.ts';
import type { KeyPair } from './x509.ts';

const REFRESH_MS = 10 * 60_000;
const MOUNTED_REFRESH_MS = 30_000;
const DRAIN_MS = 5000;
const CLOSE_MS = 5000;

/**
 * Serves reviews until the signal is aborted, then lets those under way end.
 * Throws ConfigError for an address or a certificate that cannot be used, KubeError for what the API server refuses.
 */
export async function run(
  config: WebhookConfig,
  kube: KubeConfigOptions,
  log: Logger,
  signal: AbortSignal,
): Promise<void> {
  const client = await connect(config, kube);
  const metrics = new WebhookMetrics();
  let server: Server | undefined;
  const use = (pair: KeyPair) => {
    metrics.certificateExpires(expiry(pair.certificate));
    server?.setSecureContext(tlsOptions(pair));
  };
  const keeper = new CertificateKeeper({
    load: () => load(config, client, log),
    publish: async (trusted) => {
      if (client === undefined || config.registration === undefined || trusted === '') return;
      await register(client, config.registration, trusted);
    },
    use,
    wait: (ms) => sleep(ms, undefined, { ref: false }),
    log,
  });
  const pair = await keeper.start();
  const parts = { storage: config.storage, metrics, log, isReady: () => server?.listening === true && !signal.aborted };
  server = createServer({ ...tlsOptions(pair), keepAliveTimeout: 120_000 }, createApp(parts));
  use(pair);
  const probes = [config.metrics, config.health].filter((address) => address !== undefined);
  const extras = probes.map((address) => [createHttpServer(createProbeApp(parts)), address] as const);
  await Promise.all([listen(server, config.listen), ...extras.map(([extra, address]) => listen(extra, address))]);
  log.info({ address: server.address(), driver: config.storage.driver }, 'serving reviews');
  await refreshUntil(signal, keeper, config.certificateDirectory === undefined ? REFRESH_MS : MOUNTED_REFRESH_MS);
  // Until the Service has left this replica out, reviews still come, and one that is not answered refuses a write.
  if (config.registration !== undefined && 'service' in config.registration.endpoint) await sleep(DRAIN_MS);
  await Promise.all([close(server), ...extras.map(([extra]) => close(extra))]);
  await client?.close();
}

async function connect(config: WebhookConfig, kube: KubeConfigOptions): Promise<KubeClient | undefined> {
  if (config.certificateDirectory !== undefined && config.registration === undefined) return undefined;
  return createKubeClient(await loadKubeConfig(kube));
}

async function load(config: WebhookConfig, client: KubeClient | undefined, log: Logger): Promise<Served> {
  if (client === undefined || config.certificateDirectory !== undefined) {
    return readMounted(config.certificateDirectory ?? '');
  }
  const { bundle, reason } = await ensureCertificates(client, config.certificateSecret, config.names, new Date());
  if (reason !== undefined) log.info({ reason, secret: config.certificateSecret }, 'made a certificate');
  return { serving: bundle.serving, trusted: bundle.trusted };
}

function tlsOptions(pair: KeyPair) {
  return { cert: pair.certificate, key: pair.key, minVersion: 'TLSv1.2' as const };
}

async function refreshUntil(signal: AbortSignal, keeper: CertificateKeeper, everyMs: number): Promise<void> {
  while (!signal.aborted) {
    // The jitter keeps replicas from renewing at the same moment.
    const pause = everyMs * (0.9 + Math.random() * 0.2);
    await sleep(pause, undefined, { signal }).catch(() => undefined);
    if (!signal.aborted) await keeper.refresh();
  }
}

function listen(server: HttpServer | Server, { host, port }: Address): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) =>
      reject(new ConfigError(`cannot listen at ${host ?? ''}:${port}: ${error.message}`)),
    );
    server.listen({ port, ...(host !== undefined && { host }) }, resolve);
  });
}

function close(server: HttpServer | Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
    setTimeout(() => server.closeAllConnections(), CLOSE_MS).unref();
  });
}
