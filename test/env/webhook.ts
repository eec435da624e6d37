import { join } from 'node:path';
import { freePort } from './ports.ts';
import { retryPortRace, type Server, startServer, waitUntilReady } from './process.ts';
import { answers, withoutSettings } from './syncer.ts';

const root = join(import.meta.dirname, '../..');

export interface WebhookOptions {
  kubeconfig: string;
  /** Directory of its log file. */
  dir: string;
  args?: readonly string[];
  env?: Readonly<Record<string, string | undefined>>;
}

export interface WebhookProcess {
  readonly server: Server;
  /** https://127.0.0.1:PORT */
  readonly url: string;
}

/** Starts webhook/main.ts as a process of its own, registered at the API server by URL, and waits until it is ready. */
export function startWebhook(options: WebhookOptions): Promise<WebhookProcess> {
  return retryPortRace(async () => {
    const [port, health] = await Promise.all([freePort(), freePort()]);
    const url = `https://127.0.0.1:${port}`;
    const server = await startServer({
      name: 'webhook',
      command: process.execPath,
      args: [
        join(root, 'webhook/main.ts'),
        `--kubeconfig=${options.kubeconfig}`,
        `--listen=127.0.0.1:${port}`,
        `--url=${url}`,
        `--health-addr=127.0.0.1:${health}`,
        ...(options.args ?? []),
      ],
      dir: options.dir,
      env: { ...withoutSettings, ...options.env },
    });
    try {
      await waitUntilReady(server, () => answers(`http://127.0.0.1:${health}/readyz`), 30_000);
    } catch (error) {
      await server.stop('SIGKILL');
      throw error;
    }
    return { server, url };
  });
}
