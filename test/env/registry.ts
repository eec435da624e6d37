import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { hash } from 'bcryptjs';
import { load } from 'js-yaml';
import { asset } from './assets.ts';
import { freePort } from './ports.ts';
import {
  retryPortRace,
  type Server,
  startServer,
  type TemporaryDirectory,
  temporaryDirectory,
  waitUntilReady,
} from './process.ts';

export const helmConfigMediaType = 'application/vnd.cncf.helm.config.v1+json';
export const helmChartMediaType = 'application/vnd.cncf.helm.chart.content.v1.tar+gzip';

export interface RegistryOptions {
  auth?: { user: string; password: string };
}

export interface PushOptions {
  /** Layers in place of the one Helm chart layer. */
  layers?: readonly { mediaType: string; data: Uint8Array; annotations?: Record<string, string> }[];
  configMediaType?: string;
  /** The config blob; default: the archive's Chart.yaml as JSON, or {} when there is none. */
  config?: Uint8Array;
  annotations?: Record<string, string>;
}

export interface RegistryRequest {
  method: string;
  path: string;
  status: number;
  userAgent: string;
}

export interface Registry {
  /** 127.0.0.1:PORT, plain HTTP */
  readonly host: string;
  readonly server: Server;
  readonly dir: string;
  /** Pushes a chart as `helm push` does and returns the manifest's digest and the chart layer's. */
  pushChart(repository: string, tag: string, tgz: Uint8Array, options?: PushOptions): Promise<PushedChart>;
  /** Points a tag at a manifest that is there already. */
  tag(repository: string, digest: string, tag: string): Promise<void>;
  /** Overwrites a stored blob's bytes behind the registry's back. */
  corruptBlob(digest: string, bytes: Uint8Array): Promise<void>;
  /** All requests so far, in order, read from the access log. */
  requests(): RegistryRequest[];
  /** How many times a blob with this digest (or any) was downloaded. */
  blobPulls(digest?: string): number;
  stop(): Promise<void>;
  /** Lets it go on running when this process ends (make up). */
  release(): void;
}

export interface PushedChart {
  /** sha256:… of the manifest */
  digest: string;
  /** sha256:… of the first layer */
  layerDigest: string;
}

/** Starts a real OCI registry (distribution) with plain HTTP on a free loopback port, with basic auth if asked. */
export async function startRegistry(options: RegistryOptions = {}): Promise<Registry> {
  const directory = await temporaryDirectory('chartroom-registry');
  const command = await asset('registry');
  const { host, server } = await retryPortRace(async () => {
    const address = `127.0.0.1:${await freePort()}`;
    const file = join(directory.path, 'config.yaml');
    await writeFile(file, await configuration(address, directory.path, options.auth), { mode: 0o600 });
    const started = await startServer({
      name: 'registry',
      command,
      args: ['serve', file],
      dir: directory.path,
      env: { OTEL_TRACES_EXPORTER: 'none' },
    });
    await waitUntilReady(started, async () => (await send(address, 'GET', '/v2/', {})).status > 0, 20_000);
    return { host: address, server: started };
  });
  return new RunningRegistry(host, server, directory, options.auth);
}

class RunningRegistry implements Registry {
  readonly host: string;
  readonly server: Server;
  readonly dir: string;
  readonly #directory: TemporaryDirectory;
  readonly #headers: Record<string, string>;

  constructor(host: string, server: Server, directory: TemporaryDirectory, auth: RegistryOptions['auth']) {
    this.host = host;
    this.server = server;
    this.dir = directory.path;
    this.#directory = directory;
    this.#headers = auth
      ? { authorization: `Basic ${Buffer.from(`${auth.user}:${auth.password}`).toString('base64')}` }
      : {};
  }

  async pushChart(repository: string, tag: string, tgz: Uint8Array, options: PushOptions = {}): Promise<PushedChart> {
    const config = options.config ?? chartConfig(tgz);
    const layers = options.layers ?? [{ mediaType: helmChartMediaType, data: tgz }];
    for (const blob of [config, ...layers.map((layer) => layer.data)]) await this.#pushBlob(repository, blob);
    const manifest = JSON.stringify({
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      config: descriptor(options.configMediaType ?? helmConfigMediaType, config),
      layers: layers.map((layer) => ({
        ...descriptor(layer.mediaType, layer.data),
        ...(layer.annotations ? { annotations: layer.annotations } : {}),
      })),
      ...(options.annotations ? { annotations: options.annotations } : {}),
    });
    await this.#putManifest(repository, tag, manifest);
    return { digest: sha256(Buffer.from(manifest)), layerDigest: sha256(layers[0]?.data ?? new Uint8Array()) };
  }

  async tag(repository: string, digest: string, tag: string): Promise<void> {
    const accept = { accept: 'application/vnd.oci.image.manifest.v1+json', ...this.#headers };
    const { body } = await expectStatus(200, this.host, 'GET', `/v2/${repository}/manifests/${digest}`, accept);
    await this.#putManifest(repository, tag, body);
  }

  async corruptBlob(digest: string, bytes: Uint8Array): Promise<void> {
    const hex = digest.replace('sha256:', '');
    const data = join(this.dir, 'data/docker/registry/v2/blobs/sha256', hex.slice(0, 2), hex, 'data');
    await writeFile(data, bytes);
  }

  requests(): RegistryRequest[] {
    const line = /"(\w+) (\S+) HTTP\/[\d.]+" (\d+) \S+ "[^"]*" "([^"]*)"/gm;
    return [...readFileSync(this.server.logFile, 'utf8').matchAll(line)].map(
      ([, method = '', path = '', status = '', userAgent = '']) => ({
        method,
        path,
        status: Number(status),
        userAgent,
      }),
    );
  }

  blobPulls(digest?: string): number {
    const ending = digest === undefined ? /\/blobs\/sha256:[0-9a-f]+$/ : new RegExp(`/blobs/${digest}$`);
    return this.requests().filter((r) => r.method === 'GET' && r.status === 200 && ending.test(r.path)).length;
  }

  async stop(): Promise<void> {
    await this.server.stop('SIGKILL');
    await this.#directory.remove();
  }

  release(): void {
    this.server.release();
    this.#directory.release();
  }

  async #pushBlob(repository: string, data: Uint8Array): Promise<void> {
    const start = await expectStatus(202, this.host, 'POST', `/v2/${repository}/blobs/uploads/`, this.#headers);
    const location = new URL(start.location, `http://${this.host}`);
    location.searchParams.set('digest', sha256(data));
    const headers = { 'content-type': 'application/octet-stream', ...this.#headers };
    await expectStatus(201, this.host, 'PUT', location.pathname + location.search, headers, data);
  }

  async #putManifest(repository: string, tag: string, manifest: string): Promise<void> {
    const headers = { 'content-type': 'application/vnd.oci.image.manifest.v1+json', ...this.#headers };
    await expectStatus(201, this.host, 'PUT', `/v2/${repository}/manifests/${tag}`, headers, Buffer.from(manifest));
  }
}

/** sha256:hex of the bytes. */
export function sha256(data: Uint8Array): string {
  return `sha256:${createHash('sha256').update(data).digest('hex')}`;
}

function descriptor(mediaType: string, data: Uint8Array): { mediaType: string; digest: string; size: number } {
  return { mediaType, digest: sha256(data), size: data.length };
}

async function configuration(address: string, dir: string, auth: RegistryOptions['auth']): Promise<string> {
  const config: Record<string, unknown> = {
    version: '0.1',
    log: { level: 'warn', accesslog: { disabled: false } },
    storage: { filesystem: { rootdirectory: join(dir, 'data') }, delete: { enabled: true } },
    http: { addr: address, secret: 'only-for-tests' },
  };
  if (auth) {
    const path = join(dir, 'htpasswd');
    await writeFile(path, `${auth.user}:${await hash(auth.password, 4)}\n`, { mode: 0o600 });
    config['auth'] = { htpasswd: { realm: 'test', path } };
  }
  return JSON.stringify(config); // JSON is YAML
}

/** The archive's Chart.yaml as JSON, which is what Helm pushes as the config blob; {} when it has none. */
function chartConfig(tgz: Uint8Array): Uint8Array {
  try {
    const tar = gunzipSync(tgz);
    for (let at = 0; at + 512 <= tar.length; ) {
      const name = tar.toString('utf8', at, at + 100).replace(/\0.*$/s, '');
      const size = Number.parseInt(tar.toString('latin1', at + 124, at + 136), 8) || 0;
      if (/^[^/]+\/Chart\.yaml$/.test(name)) {
        return Buffer.from(JSON.stringify(load(tar.toString('utf8', at + 512, at + 512 + size))));
      }
      at += 512 + Math.ceil(size / 512) * 512;
    }
  } catch {
    // not an archive: tests push such things on purpose
  }
  return Buffer.from('{}');
}

interface Answer {
  status: number;
  body: string;
  location: string;
}

function send(
  host: string,
  method: string,
  path: string,
  headers: Record<string, string>,
  body?: Uint8Array,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const req = httpRequest(`http://${host}${path}`, { method, headers, agent: false }, (res) => {
      const chunks: Buffer[] = [];
      res.on('data', (chunk: Buffer) => chunks.push(chunk));
      res.on('error', reject);
      res.on('end', () =>
        resolve({
          status: res.statusCode ?? 0,
          body: Buffer.concat(chunks).toString(),
          location: res.headers.location ?? '',
        }),
      );
    });
    req.on('error', reject);
    req.end(body);
  });
}

async function expectStatus(expected: number, ...args: Parameters<typeof send>): Promise<Answer> {
  const answer = await send(...args);
  if (answer.status === expected) return answer;
  throw new Error(
    `registry: ${args[1]} ${args[2]}: expected ${expected}, got ${answer.status}: ${answer.body.slice(0, 300)}`,
  );
}
