import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ConfigError } from '../shared/errors.ts';
import type { SyncerMetrics } from './metrics.ts';

/** Listens at `[host]:port` as Go writes addresses; an empty host is all interfaces, port 0 a free one. */
export async function listen(server: Server, address: string, flag: string): Promise<AddressInfo> {
  const colon = address.lastIndexOf(':');
  const port = Number(address.slice(colon + 1));
  const host = address.slice(0, Math.max(colon, 0)).replace(/^\[|\]$/g, '');
  if (colon < 0 || address.endsWith(':') || !Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new ConfigError(`--${flag} is ${JSON.stringify(address)}; expected host:port or :port`);
  }
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(new ConfigError(`--${flag} ${address}: ${error.message}`)));
    server.listen({ port, ...(host === '' ? {} : { host }) }, resolve);
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
