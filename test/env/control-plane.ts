import { execFile } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { get as httpGet } from 'node:http';
import { Agent, request as httpsRequest } from 'node:https';
import { join } from 'node:path';
import { asset } from './assets.ts';
import { type Certificate, TestAuthority } from './certificates.ts';
import { freePort } from './ports.ts';
import {
  retryPortRace,
  type Server,
  startServer,
  type TemporaryDirectory,
  temporaryDirectory,
  waitUntilReady,
} from './process.ts';

export interface ControlPlaneOptions {
  /** Run kube-controller-manager (Deployments, Jobs, garbage collection, namespaces). Default false. */
  controllers?: boolean;
  /** Run kube-scheduler. Default: as kwok. */
  scheduler?: boolean;
  /** Run kwok with one Ready fake node, on which pods run and Jobs complete. Default false. Needs controllers and scheduler. */
  kwok?: boolean;
  /** Where certificates, logs and data go; it is kept at stop. Default: a new directory in memory, removed at stop. */
  dir?: string;
  /** More flags for kube-apiserver. */
  apiServerArgs?: readonly string[];
}

export interface CommandResult {
  stdout: string;
  stderr: string;
  code: number;
}

export interface HttpAnswer {
  status: number;
  body: string;
}

export interface ControlPlane {
  /** Path of a kubeconfig with an admin's client certificate. */
  readonly kubeconfig: string;
  /** https://127.0.0.1:PORT */
  readonly url: string;
  readonly dir: string;
  /** PEM: the API server's authority, an admin's certificate and key. */
  readonly credentials: { ca: string; cert: string; key: string };
  readonly servers: readonly Server[];
  kubectl(...args: string[]): Promise<CommandResult>;
  /** kubectl with the given text on standard input, such as a manifest for `apply -f -`. */
  kubectlInput(input: string, ...args: string[]): Promise<CommandResult>;
  helm(...args: string[]): Promise<CommandResult>;
  /** One request as admin; the body is sent as JSON unless a content type is given. */
  request(method: string, path: string, body?: unknown, contentType?: string): Promise<HttpAnswer>;
  /** Path of a new kubeconfig whose client certificate is for this user and group. */
  kubeconfigFor(user: string, group?: string): Promise<string>;
  stop(): Promise<void>;
  /** Lets it go on running when this process ends (make up). */
  release(): void;
}

/**
 * Starts etcd and kube-apiserver, and if asked the controllers, the scheduler and kwok, on free loopback ports; about 5 s.
 * Any number of them run side by side. They end with `stop()` or when this process dies.
 * @throws Error with the end of the log of the server that failed
 */
export function startControlPlane(options: ControlPlaneOptions = {}): Promise<ControlPlane> {
  return retryPortRace(() => startOnce(options));
}

async function startOnce(options: ControlPlaneOptions): Promise<ControlPlane> {
  const directory =
    options.dir === undefined
      ? await temporaryDirectory('chartroom-plane')
      : { path: options.dir, remove: async () => undefined, release: () => undefined };
  await mkdir(directory.path, { recursive: true, mode: 0o700 });
  const plane = new RunningPlane(directory);
  try {
    await plane.start(options);
    return plane;
  } catch (error) {
    await plane.stop();
    throw error;
  }
}

class RunningPlane implements ControlPlane {
  readonly dir: string;
  readonly servers: Server[] = [];
  readonly kubeconfig: string;
  url = '';
  credentials = { ca: '', cert: '', key: '' };
  readonly #authority = new TestAuthority('chartroom-test-ca');
  readonly #directory: TemporaryDirectory;
  #agent = new Agent();

  constructor(directory: TemporaryDirectory) {
    this.dir = directory.path;
    this.kubeconfig = join(this.dir, 'kubeconfig');
    this.#directory = directory;
  }

  async start(options: ControlPlaneOptions): Promise<void> {
    const [etcdUrl, apiPort] = await Promise.all([this.#startEtcd(), freePort(), this.#writeKeys()]);
    this.url = `https://127.0.0.1:${apiPort}`;
    await this.#writeAdmin();
    await this.#startApiServer(apiPort, etcdUrl, options.apiServerArgs ?? []);
    const rest: Promise<void>[] = [];
    if (options.controllers) rest.push(this.#startControllers());
    if (options.scheduler ?? options.kwok) rest.push(this.#startScheduler());
    if (options.kwok) rest.push(this.#startKwok());
    await Promise.all(rest);
  }

  async stop(): Promise<void> {
    this.#agent.destroy();
    await Promise.all(this.servers.map((server) => server.stop('SIGKILL')));
    await this.#directory.remove();
  }

  release(): void {
    this.#agent.destroy();
    for (const server of this.servers) server.release();
    this.#directory.release();
  }

  async kubectl(...args: string[]): Promise<CommandResult> {
    return run(await asset('kubectl'), ['--kubeconfig', this.kubeconfig, ...args]);
  }

  async kubectlInput(input: string, ...args: string[]): Promise<CommandResult> {
    return run(await asset('kubectl'), ['--kubeconfig', this.kubeconfig, ...args], input);
  }

  async helm(...args: string[]): Promise<CommandResult> {
    return run(await asset('helm'), ['--kubeconfig', this.kubeconfig, ...args]);
  }

  request(method: string, path: string, body?: unknown, contentType = 'application/json'): Promise<HttpAnswer> {
    const text = body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body);
    const headers = text === undefined ? {} : { 'content-type': contentType };
    return new Promise((resolve, reject) => {
      const req = httpsRequest(this.url + path, { method, agent: this.#agent, headers, timeout: 30_000 }, (res) => {
        const chunks: Buffer[] = [];
        res.on('data', (chunk: Buffer) => chunks.push(chunk));
        res.on('end', () => resolve({ status: res.statusCode ?? 0, body: Buffer.concat(chunks).toString() }));
        res.on('error', reject);
      });
      req.on('timeout', () => req.destroy(new Error(`${method} ${path}: no answer in 30 s`)));
      req.on('error', reject);
      req.end(text);
    });
  }

  async kubeconfigFor(user: string, group?: string): Promise<string> {
    const path = join(this.dir, `kubeconfig-${user.replace(/[^\w.-]+/g, '-')}`);
    const pair = this.#authority.issue({ commonName: user, ...(group === undefined ? {} : { organization: group }) });
    await writeFile(path, kubeconfigText(this.url, this.#authority.certificate, pair), { mode: 0o600 });
    return path;
  }

  async #launch(name: string, command: string, args: readonly string[]): Promise<Server> {
    const server = await startServer({ name, command, args, dir: this.dir });
    this.servers.push(server);
    return server;
  }

  async #writeKeys(): Promise<void> {
    const write = (name: string, text: string) => writeFile(join(this.dir, name), text, { mode: 0o600 });
    const serving = this.#authority.issue({
      commonName: 'kube-apiserver',
      dnsNames: ['localhost', 'kubernetes', 'kubernetes.default.svc'],
    });
    const tokens = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    await Promise.all([
      write('ca.crt', this.#authority.certificate),
      write('apiserver.crt', serving.certificate),
      write('apiserver.key', serving.privateKey),
      write('sa.pub', tokens.publicKey.export({ type: 'spki', format: 'pem' }).toString()),
      write('sa.key', tokens.privateKey.export({ type: 'sec1', format: 'pem' }).toString()),
    ]);
  }

  async #writeAdmin(): Promise<void> {
    const admin = this.#authority.issue({ commonName: 'admin', organization: 'system:masters' });
    this.credentials = { ca: this.#authority.certificate, cert: admin.certificate, key: admin.privateKey };
    this.#agent = new Agent({ keepAlive: true, ...this.credentials });
    await writeFile(this.kubeconfig, kubeconfigText(this.url, this.#authority.certificate, admin), { mode: 0o600 });
  }

  async #startEtcd(): Promise<string> {
    const [client, peer, command] = await Promise.all([freePort(), freePort(), asset('etcd')]);
    const url = `http://127.0.0.1:${client}`;
    const peerUrl = `http://127.0.0.1:${peer}`;
    const etcd = await this.#launch('etcd', command, [
      '--name=test',
      `--data-dir=${join(this.dir, 'etcd')}`,
      `--listen-client-urls=${url}`,
      `--advertise-client-urls=${url}`,
      `--listen-peer-urls=${peerUrl}`,
      `--initial-advertise-peer-urls=${peerUrl}`,
      `--initial-cluster=test=${peerUrl}`,
      '--unsafe-no-fsync',
      '--log-level=warn',
    ]);
    await waitUntilReady(etcd, () => healthy(`${url}/health`));
    return url;
  }

  async #startApiServer(port: number, etcdUrl: string, more: readonly string[]): Promise<void> {
    const file = (name: string) => join(this.dir, name);
    const server = await this.#launch('kube-apiserver', await asset('kube-apiserver'), [
      `--etcd-servers=${etcdUrl}`,
      '--bind-address=127.0.0.1',
      '--advertise-address=127.0.0.1',
      `--secure-port=${port}`,
      '--endpoint-reconciler-type=none',
      '--service-cluster-ip-range=10.96.0.0/16',
      '--authorization-mode=RBAC',
      '--allow-privileged',
      '--disable-admission-plugins=ServiceAccount',
      `--client-ca-file=${file('ca.crt')}`,
      `--tls-cert-file=${file('apiserver.crt')}`,
      `--tls-private-key-file=${file('apiserver.key')}`,
      '--service-account-issuer=https://kubernetes.default.svc',
      `--service-account-key-file=${file('sa.pub')}`,
      `--service-account-signing-key-file=${file('sa.key')}`,
      ...more,
    ]);
    await waitUntilReady(server, async () => (await this.request('GET', '/readyz')).status === 200);
    await waitUntilReady(server, async () => (await this.request('GET', '/api/v1/namespaces/default')).status === 200);
  }

  async #startControllers(): Promise<void> {
    await this.#launch('kube-controller-manager', await asset('kube-controller-manager'), [
      `--kubeconfig=${this.kubeconfig}`,
      '--leader-elect=false',
      '--secure-port=0',
      '--kube-api-qps=1000',
      '--kube-api-burst=2000',
      `--service-account-private-key-file=${join(this.dir, 'sa.key')}`,
      `--root-ca-file=${join(this.dir, 'ca.crt')}`,
    ]);
  }

  async #startScheduler(): Promise<void> {
    await this.#launch('kube-scheduler', await asset('kube-scheduler'), [
      `--kubeconfig=${this.kubeconfig}`,
      '--leader-elect=false',
      '--secure-port=0',
    ]);
  }

  async #startKwok(): Promise<void> {
    const kwok = await this.#launch('kwok', await asset('kwok'), [
      `--kubeconfig=${this.kubeconfig}`,
      `--config=${join(import.meta.dirname, 'kwok.yaml')}`,
      '--manage-all-nodes=true',
      '--node-lease-duration-seconds=40',
    ]);
    const node = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'fake-0', labels: { type: 'kwok' } } };
    await this.request('POST', '/api/v1/nodes', node);
    await waitUntilReady(kwok, async () => {
      const { body } = await this.request('GET', '/api/v1/nodes/fake-0');
      return /"type":\s*"Ready",\s*"status":\s*"True"/.test(body);
    });
  }
}

/** Runs a command to its end; a failure is in `code`, not thrown. Output is bounded at 64 MiB. */
export function run(command: string, args: readonly string[], input?: string): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    const child = execFile(command, [...args], { maxBuffer: 64 << 20 }, (error, stdout, stderr) => {
      if (error && typeof error.code === 'string') reject(new Error(`cannot run ${command}: ${error.message}`));
      else resolve({ stdout, stderr, code: error ? Number(error.code ?? 1) : 0 });
    });
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(input ?? '');
  });
}

function healthy(url: string): Promise<boolean> {
  return new Promise((resolve) => {
    httpGet(url, (res) => {
      res.resume();
      resolve(res.statusCode === 200);
    }).on('error', () => resolve(false));
  });
}

function kubeconfigText(url: string, ca: string, user: Certificate): string {
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  return `apiVersion: v1
kind: Config
current-context: chartroom-test
clusters:
  - name: chartroom-test
    cluster: {server: "${url}", certificate-authority-data: ${base64(ca)}}
users:
  - name: admin
    user: {client-certificate-data: ${base64(user.certificate)}, client-key-data: ${base64(user.privateKey)}}
contexts:
  - name: chartroom-test
    context: {cluster: chartroom-test, user: admin}
`;
}
