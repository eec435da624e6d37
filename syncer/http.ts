import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ConfigError } from '../shared/errors.ts';
import type { Address } from '../shared/flags.ts';
import type { SyncerMetrics } from './metrics.ts';

/** Listens at an address. @throws ConfigError naming the flag that gave it */
export async function listen(server: Server, { host, port }: Address, flag: string): Promise<AddressInfo> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) =>
      reject(new ConfigError(`--${flag}: ${error.message}; give an address that is free`)),
    );
    server.listen({ port, ...(host === undefined ? {} : { host }) }, resolve);
  });
  return server.address() as AddressInfo;
}

/** /metrics for Prometheus. */
export function metricsServer(metrics: SyncerMetrics): Server {
  return createServer((request, response) => {
    if (request.url !== '/metrics') {
      response.writeHead(404).end('not found\n');
      return;
    }
    metrics.registry.metrics().then(
      (text) => response.writeHead(200, { 'content-type': metrics.registry.contentType }).end(text),
      () => response.writeHead(500).end('metrics cannot be read\n'),
    );
  });
}

/** /healthz and /readyz: ready when the caches are filled. */
export function healthServer(isReady: () => boolean): Server {
  return createServer((request, response) => {
    const ok = request.url === '/healthz' || (request.url === '/readyz' && isReady());
    response.writeHead(ok ? 200 : request.url === '/readyz' ? 503 : 404, { 'content-type': 'text/plain' });
    response.end(ok ? 'ok\n' : 'not ready\n');
  });
}
