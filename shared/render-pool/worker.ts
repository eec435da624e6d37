import { randomBytes } from 'node:crypto';
import { isMainThread, parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { ByteLru } from '../cache/memory.ts';
import { type GoMap, isMap } from '../go/value.ts';
import { loadChartArchive } from '../helm/chart/load.ts';
import { type CompiledChart, compileChart } from '../helm/compiled.ts';
import { RenderError } from '../helm/errors.ts';
import { postRender } from '../helm/postrender/post-render.ts';
import { type Rendered, render } from '../helm/render.ts';
import { parseJson, toJson } from '../yaml/json.ts';
import type { LookupAnswer, LookupQuery, PoolResult, WorkerJob, WorkerMessage, WorkerSetup } from './protocol.ts';

const CHART_CACHE_BYTES = 64 * 1024 * 1024;

/** The worker's side of a RenderPool: renders one job after the other until the pool ends it. */
function serve(
  setup: WorkerSetup,
  send: (message: WorkerMessage) => void,
  receive: (job: (job: WorkerJob) => void) => void,
): void {
  const charts = new ByteLru<CompiledChart>(CHART_CACHE_BYTES);
  receive((job) => {
    const { id } = job;
    try {
      const lookup = (query: LookupQuery): GoMap => {
        send({ id, kind: 'lookup', query });
        return waitForAnswer(setup);
      };
      send({ id, kind: 'done', result: run(job, charts, lookup) });
    } catch (error) {
      const { name, message } = error as Error;
      send({ id, kind: 'failed', errorName: name, message });
    }
  });
}

function run(job: WorkerJob, charts: ByteLru<CompiledChart>, lookup: (query: LookupQuery) => GoMap): PoolResult {
  const { request } = job;
  const compiled = charts.get(request.chartKey) ?? load(job, charts);
  const values = parseJson(request.valuesJson);
  const rendered = render(compiled, {
    releaseName: request.releaseName,
    namespace: request.namespace,
    revision: request.revision,
    isInstall: request.isInstall,
    isUpgrade: request.isUpgrade,
    values: isMap(values) ? values : new Map(),
    capabilities: request.capabilities,
    skipSchemaValidation: request.skipSchemaValidation,
    limits: request.limits,
    host: { now: () => new Date(), randomBytes: (count) => randomBytes(count), timeZone: request.timeZone },
    lookup: (apiVersion, kind, namespace, name) => lookup({ apiVersion, kind, namespace, name }),
  });
  return plain({ ...rendered, ...postRender({ ...request.postRender, ...rendered }) });
}

function load(job: WorkerJob, charts: ByteLru<CompiledChart>): CompiledChart {
  if (!job.archive) throw new Error(`the pool sent no archive of chart ${job.request.chartKey}`);
  const chart = loadChartArchive(job.archive);
  const compiled = compileChart({ ...chart, metadata: { ...chart.metadata, version: job.request.version } });
  charts.set(job.request.chartKey, compiled, compiled.byteSize);
  return compiled;
}

function plain(rendered: Rendered): PoolResult {
  return {
    manifest: rendered.manifest,
    objects: rendered.documents.map((document) => toJson(document.object)),
    hooks: rendered.hooks.map(({ name, kind, path, manifest, events, weight, deletePolicies, outputLogPolicies }) => ({
      ...{ name, kind, path, manifest, events, weight, deletePolicies, outputLogPolicies },
    })),
    notes: rendered.notes,
    crds: rendered.crds.map((crd) => Buffer.from(crd.data).toString('utf8')),
  };
}

/** Templates are synchronous, so the thread sleeps until the main thread has read the object. */
function waitForAnswer({ turn, answers }: WorkerSetup): GoMap {
  for (;;) {
    const seen = Atomics.load(turn, 0);
    const received = receiveMessageOnPort(answers) as { message: LookupAnswer } | undefined;
    if (!received) {
      Atomics.wait(turn, 0, seen);
      continue;
    }
    const { message } = received;
    if ('error' in message) throw new RenderError(message.error);
    const value = parseJson(message.json);
    return isMap(value) ? value : new Map();
  }
}

if (!isMainThread && parentPort) {
  const port = parentPort;
  serve(
    workerData as WorkerSetup,
    (message) => port.postMessage(message),
    (handle) => port.on('message', handle),
  );
}
