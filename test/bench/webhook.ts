// Reviews a second that the webhook is given, over TLS from another process as the API server would, and how long they take.
// `node test/bench/webhook.ts [--rps=500] [--seconds=10]`
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { Agent, request } from 'node:https';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { createAuthority, issueServing } from '../../webhook/x509.ts';
import { freePort } from '../env/ports.ts';
import { type Server, startServer, waitUntilReady } from '../env/process.ts';

const agent = new Agent({ keepAlive: true, maxSockets: 16, rejectUnauthorized: false });

function review(index: number): string {
  const object = {
    apiVersion: 'helm.toolkit.fluxcd.io/v2',
    kind: 'HelmRelease',
    metadata: { name: `app-${index}`, namespace: 'apps' },
    spec: {
      interval: '10m',
      chart: {
        spec: { chart: 'app', version: '>=1.0.0 <2.0.0', sourceRef: { kind: 'HelmRepository', name: 'apps' } },
      },
      install: { remediation: { retries: 3 } },
      valuesFrom: [{ kind: 'ConfigMap', name: 'defaults' }],
      values: Object.fromEntries(Array.from({ length: 50 }, (_, key) => [`key${key}`, { enabled: true, size: key }])),
    },
  };
  const kind = { group: 'helm.toolkit.fluxcd.io', version: 'v2', kind: 'HelmRelease' };
  const body = { uid: `uid-${index}`, kind, operation: 'UPDATE', object, oldObject: object };
  return JSON.stringify({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', request: body });
}

function send(port: number, pathname: string, body: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    const call = request({ host: '127.0.0.1', port, path: pathname, method: 'POST', agent, headers }, (response) => {
      response.resume();
      response.once('end', () =>
        response.statusCode === 200 ? resolve() : reject(new Error(`${response.statusCode}`)),
      );
    });
    call.once('error', reject);
    call.end(body);
  });
}

/** Sends at a steady rate whether or not answers come, as load from many clients does; latencies in milliseconds, sorted. */
async function load(port: number, rps: number, seconds: number): Promise<number[]> {
  const latencies: number[] = [];
  const pending: Promise<void>[] = [];
  const start = performance.now();
  for (let index = 0; index < rps * seconds; index++) {
    const due = start + (index * 1000) / rps;
    if (due > performance.now() + 1) await sleep(due - performance.now());
    const body = review(index);
    const began = performance.now();
    const done = send(port, index % 2 === 0 ? '/mutate' : '/validate', body);
    pending.push(done.then(() => void latencies.push(performance.now() - began)));
  }
  await Promise.all(pending);
  return latencies.sort((a, b) => a - b);
}

async function cpuSeconds(pid: number): Promise<number> {
  const fields = (await readFile(`/proc/${pid}/stat`, 'utf8')).split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

async function rssMib(pid: number): Promise<number> {
  const match = /VmHWM:\s+(\d+)/.exec(await readFile(`/proc/${pid}/status`, 'utf8'));
  return Number(match?.[1] ?? 0) / 1024;
}

async function startWebhook(dir: string, port: number): Promise<Server> {
  const validity = { notBefore: new Date(Date.now() - 3_600_000), notAfter: new Date(Date.now() + 3_600_000) };
  const authority = createAuthority('bench', validity);
  const serving = issueServing(authority, 'bench', ['127.0.0.1'], validity);
  await writeFile(path.join(dir, 'tls.crt'), serving.certificate);
  await writeFile(path.join(dir, 'tls.key'), serving.key, { mode: 0o600 });
  const main = path.join(import.meta.dirname, '../../webhook/main.ts');
  const args = [main, `--cert-dir=${dir}`, `--listen=127.0.0.1:${port}`];
  const server = await startServer({ name: 'webhook', command: process.execPath, args, dir });
  const body = review(0);
  await waitUntilReady(
    server,
    () =>
      send(port, '/mutate', body).then(
        () => true,
        () => false,
      ),
    30_000,
  );
  return server;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { rps: { type: 'string', default: '500' }, seconds: { type: 'string', default: '10' } },
  });
  const [rps, seconds] = [Number(values.rps), Number(values.seconds)];
  const dir = await mkdtemp(path.join(tmpdir(), 'chartroom-bench-'));
  const port = await freePort();
  const server = await startWebhook(dir, port);
  try {
    await load(port, rps, 2);
    const cpu = await cpuSeconds(server.pid);
    const latencies = await load(port, rps, seconds);
    const used = (await cpuSeconds(server.pid)) - cpu;
    const quantile = (q: number) => (latencies[Math.ceil(latencies.length * q) - 1] ?? Number.NaN).toFixed(2);
    const cpuMs = ((used * 1000) / latencies.length).toFixed(3);
    console.log(
      `bench webhook rps=${rps} p50_ms=${quantile(0.5)} p99_ms=${quantile(0.99)} max_ms=${quantile(1)} cpu_ms_per_review=${cpuMs} peak_rss_mib=${(await rssMib(server.pid)).toFixed(1)}`,
    );
  } finally {
    agent.destroy();
    await server.stop();
    await rm(dir, { recursive: true, force: true });
  }
}

if (import.meta.main) await main();
