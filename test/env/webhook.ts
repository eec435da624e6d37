import { join } from 'node:path';
import { connect } from 'node:tls';
import { freePort } from './ports.ts';
import { retryPortRace, type Server, startServer, waitUntilReady } from './process.ts';
import { withoutSettings } from './syncer.ts';

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

/** Starts webhook/main.ts as a process of its own, registered at the API server by URL, and waits until it accepts TLS. */
export function startWebhook(options: WebhookOptions): Promise<WebhookProcess> {
  return retryPortRace(async () => {
    const port = await freePort();
    const url = `https://127.0.0.1:${port}`;
    const server = await startServer({
      name: 'webhook',
      command: process.execPath,
      args: [
        join(root, 'webhook/main.ts'),
        `--kubeconfig=${options.kubeconfig}`,
        `--listen=127.0.0.1:${port}`,
        `--url=${url}`,
        ...(options.args ?? []),
      ],
      dir: options.dir,
      env: { ...withoutSettings, ...options.env },
    });
    try {
      await waitUntilReady(server, () => acceptsTls(port), 30_000);
    } catch (error) {
      await server.stop('SIGKILL');
      throw error;
    }
    return { server, url };
  });
}

function acceptsTls(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false }, () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
