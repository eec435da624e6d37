import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface SeenRequest {
  method: string;
  path: string;
  authorization: string | undefined;
}

/** A loopback HTTP server whose answers a test scripts; it records what it was asked. */
export interface FakeRegistry {
  host: string;
  seen: SeenRequest[];
  stop(): Promise<void>;
}

/** Starts one; requests that the handler leaves unanswered get a 404. */
export async function startFakeRegistry(
  handler: (request: IncomingMessage, response: ServerResponse, path: string) => void,
): Promise<FakeRegistry> {
  const seen: SeenRequest[] = [];
  const server: Server = createServer((request, response) => {
    const path = request.url ?? '';
    seen.push({ method: request.method ?? '', path, authorization: request.headers.authorization });
    handler(request, response, path);
    if (!response.writableEnded && !response.headersSent) response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    host: `127.0.0.1:${port}`,
    seen,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
