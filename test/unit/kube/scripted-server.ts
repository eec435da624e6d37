import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { KubeAuth } from '../../../shared/kube/config.ts';

export interface Received {
  method: string;
  url: string;
  headers: IncomingMessage['headers'];
  body: string;
}

/** A plain HTTP server that answers each request by the next step of a script (the last one repeats), and keeps what it received. */
export class ScriptedServer {
  readonly received: Received[] = [];
  readonly #server: Server;
  readonly #script: ((request: Received, response: ServerResponse) => void)[];

  private constructor(script: ((request: Received, response: ServerResponse) => void)[]) {
    this.#script = script;
    this.#server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const { method = '', url = '', headers } = request;
        const received = { method, url, headers, body: Buffer.concat(chunks).toString() };
        const step = this.#script[Math.min(this.received.length, this.#script.length - 1)];
        this.received.push(received);
        step?.(received, response);
      });
    });
  }

  static async start(...script: ((request: Received, response: ServerResponse) => void)[]): Promise<ScriptedServer> {
    const scripted = new ScriptedServer(script);
    await new Promise<void>((resolve) => scripted.#server.listen(0, '127.0.0.1', resolve));
    return scripted;
  }

  get auth(): KubeAuth {
    const { port } = this.#server.address() as AddressInfo;
    return {
      server: `http://127.0.0.1:${port}`,
      basePath: '',
      insecure: false,
      headers: () => Promise.resolve({ authorization: 'Bearer t' }),
    };
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

/** A step that answers with a status, a JSON body and headers. */
export function answer(status: number, body: unknown, headers: Record<string, string> = {}) {
  return (_request: Received, response: ServerResponse): void => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  };
}

/** A step that cuts the connection without an answer. */
export function hangUp(_request: Received, response: ServerResponse): void {
  response.socket?.destroy();
}

/** A Status body as the API server sends it. */
export function status(code: number, reason: string, message: string, details: object = {}): object {
  return { kind: 'Status', apiVersion: 'v1', status: 'Failure', code, reason, message, details };
}
