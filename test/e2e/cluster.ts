import { packChart } from '../env/charts.ts';
import { type ControlPlane, startControlPlane } from '../env/control-plane.ts';
import { installCrds } from '../env/crds.ts';
import { sleep } from '../env/process.ts';
import { type RedisServer, startRedis } from '../env/redis.ts';
import { type Registry, startRegistry } from '../env/registry.ts';
import { type SyncerProcess, startSyncer } from '../env/syncer.ts';
import { conditionOf, isReady, type WatchedObject } from '../env/watch.ts';
import { startWebhook, type WebhookProcess } from '../env/webhook.ts';

export interface ClusterOptions {
  redis?: boolean;
  /** How many syncers to start. Default 1. */
  replicas?: number;
}

/** A whole cluster for scenario tests: control plane with kwok, registry, webhook and syncers, and short ways to ask about them. */
export class Cluster {
  readonly plane: ControlPlane;
  readonly registry: Registry;
  readonly redis: RedisServer | undefined;
  readonly syncers: SyncerProcess[] = [];
  #started = 0;
  #webhook: WebhookProcess | undefined;

  private constructor(plane: ControlPlane, registry: Registry, redis: RedisServer | undefined) {
    this.plane = plane;
    this.registry = registry;
    this.redis = redis;
  }

  static async start(options: ClusterOptions = {}): Promise<Cluster> {
    const [plane, registry, redis] = await Promise.all([
      startControlPlane({ controllers: true, kwok: true }),
      startRegistry(),
      options.redis ? startRedis() : undefined,
    ]);
    const cluster = new Cluster(plane, registry, redis);
    try {
      await installCrds(plane);
      cluster.#webhook = await startWebhook({ kubeconfig: plane.kubeconfig, dir: plane.dir });
      await Promise.all(Array.from({ length: options.replicas ?? 1 }, () => cluster.startSyncer()));
    } catch (error) {
      await cluster.stop();
      throw error;
    }
    return cluster;
  }

  /** @param kubeconfig another than the admin's own, for example through a proxy */
  async startSyncer(kubeconfig = this.plane.kubeconfig): Promise<SyncerProcess> {
    const syncer = await startSyncer({
      kubeconfig,
      dir: this.plane.dir,
      name: `syncer-${++this.#started}`,
      ...(this.redis === undefined ? {} : { redisUrl: this.redis.url }),
    });
    this.syncers.push(syncer);
    return syncer;
  }

  async stop(): Promise<void> {
    await Promise.all(this.syncers.map(({ server }) => server.stop('SIGKILL')));
    await Promise.all([
      this.#webhook?.server.stop('SIGKILL'),
      this.plane.stop(),
      this.registry.stop(),
      this.redis?.stop(),
    ]);
  }

  /** Creates a namespace and returns its name. */
  async namespace(name: string): Promise<string> {
    await this.kubectl('create', 'namespace', name);
    return name;
  }

  /** kubectl, which must succeed. Returns its output. */
  async kubectl(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await this.plane.kubectl(...args);
    if (code !== 0) throw new Error(`kubectl ${args.join(' ')}: ${stderr}`);
    return stdout;
  }

  /** The real helm, which must succeed. Returns its output. */
  async helm(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await this.plane.helm(...args);
    if (code !== 0) throw new Error(`helm ${args.join(' ')}: ${stderr}`);
    return stdout;
  }

  /** Server-side apply of objects. */
  async apply(...objects: unknown[]): Promise<void> {
    const list = { apiVersion: 'v1', kind: 'List', items: objects };
    const { code, stderr } = await this.plane.kubectlInput(
      JSON.stringify(list),
      'apply',
      '--server-side',
      '--force-conflicts',
      '-f',
      '-',
    );
    if (code !== 0) throw new Error(`kubectl apply: ${stderr}`);
  }

  async get(path: string): Promise<WatchedObject | undefined> {
    const { status, body } = await this.plane.request('GET', path);
    return status === 200 ? (JSON.parse(body) as WatchedObject) : undefined;
  }

  release(namespace: string, name: string): Promise<WatchedObject | undefined> {
    return this.get(`/apis/helm.toolkit.fluxcd.io/v2/namespaces/${namespace}/helmreleases/${name}`);
  }

  source(namespace: string, name: string): Promise<WatchedObject | undefined> {
    return this.get(`/apis/source.toolkit.fluxcd.io/v1/namespaces/${namespace}/ocirepositories/${name}`);
  }

  /** Polls until `done` is true of what `read` gives; an error after the time (ms) shows the last conditions and log lines. */
  async until(
    read: () => Promise<WatchedObject | undefined>,
    done: (object: WatchedObject | undefined) => boolean,
    timeoutMs = 30_000,
  ): Promise<WatchedObject | undefined> {
    const deadline = performance.now() + timeoutMs;
    for (;;) {
      const object = await read();
      if (done(object)) return object;
      if (performance.now() > deadline)
        throw new Error(`not reached in ${timeoutMs / 1000} s: ${this.#describe(object)}`);
      await sleep(100);
    }
  }

  /** Waits until a release is Ready at its generation and, when given, at this chart version. */
  async ready(namespace: string, name: string, chartVersion?: string, timeoutMs?: number): Promise<WatchedObject> {
    const read = () => this.release(namespace, name);
    return (await this.until(read, (object) => isReady(object, chartVersion), timeoutMs)) as WatchedObject;
  }

  /** Waits until a release is gone. */
  async gone(namespace: string, name: string): Promise<void> {
    await this.until(
      () => this.release(namespace, name),
      (object) => object === undefined,
    );
  }

  /** Waits until Ready is False with a message that matches, and returns the condition. */
  async refused(read: () => Promise<WatchedObject | undefined>, message: RegExp, timeoutMs?: number) {
    const matches = (object: WatchedObject | undefined) => {
      const ready = conditionOf(object, 'Ready');
      return ready?.status === 'False' && message.test(ready.message);
    };
    return conditionOf(await this.until(read, matches, timeoutMs), 'Ready');
  }

  #describe(object: WatchedObject | undefined): string {
    const logs = this.syncers.map(
      ({ server }) => `--- ${server.name}\n${server.log().trimEnd().split('\n').slice(-8).join('\n')}`,
    );
    return `${JSON.stringify(object?.status ?? null, null, 1)}\n${logs.join('\n')}`;
  }
}

/** An OCIRepository of a chart that was pushed to the cluster's registry. */
export function ociRepository(
  cluster: Cluster,
  namespace: string,
  name: string,
  ref: Record<string, string>,
  spec = {},
): unknown {
  return {
    apiVersion: 'source.toolkit.fluxcd.io/v1',
    kind: 'OCIRepository',
    metadata: { name, namespace },
    spec: { interval: '10m', url: `oci://${cluster.registry.host}/charts/${name}`, insecure: true, ref, ...spec },
  };
}

/** A HelmRelease of the OCIRepository of the same namespace that `chart` names. */
export function helmRelease(
  namespace: string,
  name: string,
  chart: string,
  spec: Record<string, unknown> = {},
): unknown {
  return {
    apiVersion: 'helm.toolkit.fluxcd.io/v2',
    kind: 'HelmRelease',
    metadata: { name, namespace },
    spec: { interval: '10m', chartRef: { kind: 'OCIRepository', name: chart }, ...spec },
  };
}

const deployment = `apiVersion: apps/v1
kind: Deployment
metadata: {name: {{ .Release.Name }}, labels: {version: {{ .Chart.Version | replace "+" "_" | quote }}}}
spec:
  replicas: {{ .Values.replicas }}
  selector: {matchLabels: {app: {{ .Release.Name }}}}
  template:
    metadata: {labels: {app: {{ .Release.Name }}}}
    spec: {containers: [{name: app, image: "app:{{ .Chart.Version | replace "+" "_" }}"}]}
`;

const configMap = `apiVersion: v1
kind: ConfigMap
metadata: {name: {{ .Release.Name }}}
data:
  greeting: {{ .Values.greeting | quote }}
  version: {{ .Chart.Version | quote }}
`;

/** A small chart: a Deployment and a ConfigMap named like the release; more files may be given. */
export function webChart(version: string, files: Record<string, string> = {}): Uint8Array {
  return packChart({
    name: 'web',
    version,
    values: 'replicas: 1\ngreeting: hello\n',
    files: { 'templates/deployment.yaml': deployment, 'templates/configmap.yaml': configMap, ...files },
  });
}
