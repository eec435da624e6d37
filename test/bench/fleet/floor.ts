import { readFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { load } from 'js-yaml';
import { Pool } from 'undici';
import { fleetFiles, fleetValues } from './chart.ts';

export interface FloorOptions {
  url: string;
  kubeconfig: string;
  namespace: string;
  n: number;
  revision: 1 | 2;
  /** Makes the HelmRelease of an index first, as the measured user's client does (install only). */
  createRelease?: (index: number) => Promise<void>;
  concurrency?: number;
}

export interface FloorResult {
  seconds: number;
  cpuMsPerRelease: number;
  requests: number;
}

/**
 * The least that installing or upgrading n releases can cost: a client that knows everything beforehand and issues only the
 * unavoidable requests: release record created and updated, one server-side apply an object, two status patches.
 */
export async function runFloor(options: FloorOptions): Promise<FloorResult> {
  const client = new BareClient(options.url, await readCredentials(options.kubeconfig));
  const started = performance.now();
  const cpu = process.cpuUsage();
  let next = 0;
  const worker = async () => {
    for (let index = next++; index < options.n; index = next++) {
      await options.createRelease?.(index);
      await releaseOnce(client, options.namespace, index, options.revision);
    }
  };
  await Promise.all(Array.from({ length: options.concurrency ?? 16 }, worker));
  const seconds = (performance.now() - started) / 1000;
  const used = process.cpuUsage(cpu);
  await client.close();
  return { seconds, cpuMsPerRelease: (used.user + used.system) / 1000 / options.n, requests: client.requests };
}

async function releaseOnce(client: BareClient, namespace: string, index: number, revision: number): Promise<void> {
  const name = releaseName(index);
  const status = `/apis/helm.toolkit.fluxcd.io/v2/namespaces/${namespace}/helmreleases/${name}/status`;
  const secrets = `/api/v1/namespaces/${namespace}/secrets`;
  const pending = revision === 1 ? 'pending-install' : 'pending-upgrade';
  await client.send('PATCH', status, 'application/merge-patch+json', progressing(revision));
  await client.send('POST', secrets, 'application/json', record(namespace, name, revision, pending));
  await Promise.all(
    releaseObjects(namespace, name, revision).map(({ path, body }) =>
      client.send('PATCH', `${path}?fieldManager=helm-controller&force=true`, 'application/apply-patch+yaml', body),
    ),
  );
  const deployed = record(namespace, name, revision, 'deployed');
  await client.send('PUT', `${secrets}/sh.helm.release.v1.${name}.v${revision}`, 'application/json', deployed);
  await client.send('PATCH', status, 'application/merge-patch+json', ready(namespace, name, revision));
}

export function releaseName(index: number): string {
  return `fleet-${String(index).padStart(4, '0')}`;
}

class BareClient {
  requests = 0;
  readonly #pool: Pool;

  constructor(url: string, connect: { ca: string; cert: string; key: string }) {
    this.#pool = new Pool(url, { connections: 32, connect });
  }

  async send(method: 'POST' | 'PUT' | 'PATCH', path: string, contentType: string, body: unknown): Promise<void> {
    this.requests++;
    const headers = { 'content-type': contentType, accept: 'application/json' };
    const answer = await this.#pool.request({ method, path, headers, body: JSON.stringify(body) });
    if (answer.statusCode >= 300) {
      throw new Error(`floor: ${method} ${path}: ${answer.statusCode} ${(await answer.body.text()).slice(0, 300)}`);
    }
    await answer.body.dump();
  }

  close(): Promise<void> {
    return this.#pool.close();
  }
}

async function readCredentials(kubeconfig: string): Promise<{ ca: string; cert: string; key: string }> {
  const config = load(await readFile(kubeconfig, 'utf8')) as {
    clusters: { cluster: { 'certificate-authority-data': string } }[];
    users: { user: { 'client-certificate-data': string; 'client-key-data': string } }[];
  };
  const text = (base64 = '') => Buffer.from(base64, 'base64').toString();
  const user = config.users[0]?.user;
  return {
    ca: text(config.clusters[0]?.cluster['certificate-authority-data']),
    cert: text(user?.['client-certificate-data']),
    key: text(user?.['client-key-data']),
  };
}

/** The four objects of the fleet's chart, as its templates give them. */
function releaseObjects(namespace: string, release: string, revision: number): { path: string; body: unknown }[] {
  const name = `${release}-fleet`;
  const version = `${revision}.0.0`;
  const selector = { 'app.kubernetes.io/name': 'fleet', 'app.kubernetes.io/instance': release };
  const labels = {
    ...selector,
    'app.kubernetes.io/version': version,
    'app.kubernetes.io/managed-by': 'Helm',
    'helm.sh/chart': `fleet-${version}`,
    team: 'platform',
    'helm.toolkit.fluxcd.io/name': release,
    'helm.toolkit.fluxcd.io/namespace': namespace,
  };
  const annotations = { 'meta.helm.sh/release-name': release, 'meta.helm.sh/release-namespace': namespace };
  const metadata = { name, namespace, labels, annotations };
  const ports = { http: 8080, metrics: 9090 };
  const container = {
    name: 'fleet',
    image: `registry.example/fleet:${version}`,
    imagePullPolicy: 'IfNotPresent',
    ports: Object.entries(ports).map(([port, containerPort]) => ({ name: port, containerPort, protocol: 'TCP' })),
    env: [
      { name: 'GREETING', value: `hello from ${release}` },
      { name: 'LEVEL', value: 'info' },
    ],
    livenessProbe: { httpGet: { path: '/healthz', port: 'http' }, initialDelaySeconds: 5 },
    readinessProbe: { httpGet: { path: '/readyz', port: 'http' } },
    resources: { limits: { cpu: '100m', memory: '128Mi' }, requests: { cpu: '10m', memory: '32Mi' } },
  };
  const pod = {
    serviceAccountName: name,
    securityContext: { runAsNonRoot: true, fsGroup: 2000 },
    containers: [container],
  };
  const backend = { service: { name, port: { name: 'http' } } };
  const rule = { host: `${release}.fleet.example`, http: { paths: [{ path: '/', pathType: 'Prefix', backend }] } };
  const core = `/api/v1/namespaces/${namespace}`;
  return [
    { path: `${core}/serviceaccounts/${name}`, body: { apiVersion: 'v1', kind: 'ServiceAccount', metadata } },
    {
      path: `${core}/services/${name}`,
      body: {
        apiVersion: 'v1',
        kind: 'Service',
        metadata,
        spec: {
          type: 'ClusterIP',
          ports: Object.entries(ports).map(([port, number]) => ({
            name: port,
            port: number,
            targetPort: port,
            protocol: 'TCP',
          })),
          selector,
        },
      },
    },
    {
      path: `/apis/apps/v1/namespaces/${namespace}/deployments/${name}`,
      body: {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata,
        spec: { replicas: 0, selector: { matchLabels: selector }, template: { metadata: { labels }, spec: pod } },
      },
    },
    {
      path: `/apis/networking.k8s.io/v1/namespaces/${namespace}/ingresses/${name}`,
      body: { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', metadata, spec: { rules: [rule] } },
    },
  ];
}

/** A release record of the size and shape that Helm writes: the chart's files, the values and the manifest, gzipped. */
function record(namespace: string, name: string, revision: number, status: string): unknown {
  const now = new Date().toISOString();
  const release = {
    name,
    info: { first_deployed: now, last_deployed: now, deleted: '', description: 'Install complete', status },
    chart: {
      metadata: { name: 'fleet', version: `${revision}.0.0`, apiVersion: 'v2', appVersion: `${revision}.0.0` },
      lock: null,
      templates: Object.entries(fleetFiles).map(([file, text]) => ({
        name: file,
        data: Buffer.from(text).toString('base64'),
      })),
      values: load(fleetValues),
      schema: null,
      files: null,
    },
    manifest: releaseObjects(namespace, name, revision)
      .map(({ body }) => `---\n${JSON.stringify(body, null, 1)}\n`)
      .join(''),
    version: revision,
    namespace,
  };
  const packed = gzipSync(JSON.stringify(release), { level: 6 }).toString('base64');
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    type: 'helm.sh/release.v1',
    metadata: {
      name: `sh.helm.release.v1.${name}.v${revision}`,
      namespace,
      labels: { name, owner: 'helm', status, version: `${revision}`, modifiedAt: `${Math.floor(Date.now() / 1000)}` },
    },
    data: { release: Buffer.from(packed).toString('base64') },
  };
}

function condition(type: string, status: string, reason: string, message: string): unknown {
  return { type, status, reason, message, observedGeneration: 1, lastTransitionTime: new Date().toISOString() };
}

function progressing(revision: number): unknown {
  const text = `Running '${revision === 1 ? 'install' : 'upgrade'}' action with timeout of 5m0s`;
  return {
    status: {
      observedGeneration: 1,
      conditions: [
        condition('Reconciling', 'True', 'Progressing', text),
        condition('Ready', 'Unknown', 'Progressing', text),
      ],
    },
  };
}

function ready(namespace: string, name: string, revision: number): unknown {
  const action = revision === 1 ? 'install' : 'upgrade';
  const text = `Helm ${action} succeeded for release ${namespace}/${name}.v${revision} with chart fleet@${revision}.0.0`;
  const reason = revision === 1 ? 'InstallSucceeded' : 'UpgradeSucceeded';
  const digest = `sha256:${'0'.repeat(64)}`;
  const now = new Date().toISOString();
  const snapshot = (version: number, status: string) => ({
    apiVersion: 'v2',
    digest,
    name,
    namespace,
    version,
    status,
    chartName: 'fleet',
    chartVersion: `${version}.0.0`,
    appVersion: `${version}.0.0`,
    configDigest: digest,
    firstDeployed: now,
    lastDeployed: now,
    ociDigest: digest,
  });
  const older = revision > 1 ? [snapshot(revision - 1, 'superseded')] : [];
  return {
    status: {
      conditions: [condition('Ready', 'True', reason, text), condition('Released', 'True', reason, text)],
      history: [snapshot(revision, 'deployed'), ...older],
      lastAttemptedGeneration: 1,
      lastAttemptedReleaseAction: action,
      lastAttemptedRevision: `${revision}.0.0`,
      lastAttemptedConfigDigest: digest,
      storageNamespace: namespace,
    },
  };
}
