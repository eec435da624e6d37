import { get } from 'node:http';
import { join } from 'node:path';
import { freePort } from './ports.ts';
import { retryPortRace, type Server, startServer, waitUntilReady } from './process.ts';

const root = join(import.meta.dirname, '../..');

/** Settings of the developer's shell that must not reach the processes under test. */
export const withoutSettings = {
  KUBECONFIG: undefined,
  REDIS_URL: undefined,
  HELM_DRIVER: undefined,
  HELM_DRIVER_SQL_CONNECTION_STRING: undefined,
  RUNTIME_NAMESPACE: undefined,
};

export interface SyncerOptions {
  kubeconfig: string;
  /** Directory of its log file. */
  dir: string;
  /** Used for the log file and, with several replicas, to tell them apart. Default: syncer. */
  name?: string;
  redisUrl?: string;
  concurrent?: number;
  logLevel?: string;
  args?: readonly string[];
  env?: Readonly<Record<string, string | undefined>>;
}

export interface SyncerProcess {
  readonly server: Server;
  readonly metricsUrl: string;
  readonly healthUrl: string;
}

/** Starts syncer/main.ts as a process of its own and waits until /readyz of its health address answers 200. */
export function startSyncer(options: SyncerOptions): Promise<SyncerProcess> {
  return retryPortRace(async () => {
    const [metrics, health] = await Promise.all([freePort(), freePort()]);
    const name = options.name ?? 'syncer';
    const args = [
      join(root, 'syncer/main.ts'),
      `--kubeconfig=${options.kubeconfig}`,
      `--metrics-addr=127.0.0.1:${metrics}`,
      `--health-addr=127.0.0.1:${health}`,
      '--storage-addr=127.0.0.1:0',
      `--log-level=${options.logLevel ?? 'info'}`,
      ...(options.redisUrl === undefined ? [] : [`--redis-url=${options.redisUrl}`]),
      ...(options.concurrent === undefined ? [] : [`--concurrent=${options.concurrent}`]),
      ...(options.args ?? []),
    ];
    const server = await startServer({
      name,
      command: process.execPath,
      args,
      dir: options.dir,
      env: { ...withoutSettings, ...options.env },
    });
    const healthUrl = `http://127.0.0.1:${health}`;
    try {
      await waitUntilReady(server, () => answers(`${healthUrl}/readyz`), 30_000);
    } catch (error) {
      await server.stop('SIGKILL');
      throw error;
    }
    return { server, healthUrl, metricsUrl: `http://127.0.0.1:${metrics}/metrics` };
  });
}

/** Whether a plain HTTP GET is answered with 200. */
export function answers(url: string): Promise<boolean> {
  return new Promise((resolve) => {
    get(url, { timeout: 2000 }, (res) => {
      res.resume();
      resolve(res.statusCode === 200);
    }).on('error', () => resolve(false));
  });
}
