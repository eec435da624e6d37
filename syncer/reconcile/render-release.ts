import { randomBytes } from 'node:crypto';
import type { HelmRelease } from '../../shared/api/helm-release.ts';
import type { GoMap } from '../../shared/go/value.ts';
import { type Capabilities, parseKubeVersion } from '../../shared/helm/capabilities.ts';
import { LimitError } from '../../shared/helm/errors.ts';
import type { RenderLimits } from '../../shared/helm/limits.ts';
import { postRender } from '../../shared/helm/postrender/post-render.ts';
import { type Rendered, render } from '../../shared/helm/render.ts';
import type { KubeClient } from '../../shared/kube/client.ts';
import type { KubeObject } from '../../shared/kube/types.ts';
import { asksForIsolation } from '../../shared/render-pool/isolate.ts';
import type { RenderPool } from '../../shared/render-pool/pool.ts';
import type { LookupQuery, PoolHook, PoolResult, PostRenderSettings } from '../../shared/render-pool/protocol.ts';
import { toJson, toPlain } from '../../shared/yaml/json.ts';
import { manifestObjects, unpack } from '../action/release-objects.ts';
import type { StoredChart } from '../source/chart-store.ts';
import type { HookRecord } from '../storage/record.ts';

/** A release as it is to be recorded and applied. */
export interface RenderedRelease {
  readonly manifest: string;
  /** The objects of the manifest in install order, Lists unpacked. */
  readonly objects: readonly KubeObject[];
  readonly hooks: readonly HookRecord[];
  readonly notes: string;
  /** The objects of the chart's crds/. */
  readonly crds: readonly KubeObject[];
}

export interface RenderRequest {
  readonly object: HelmRelease;
  readonly chart: StoredChart;
  readonly values: GoMap;
  readonly releaseName: string;
  readonly releaseNamespace: string;
  readonly revision: number;
  readonly isUpgrade: boolean;
  /** Acts for the release: what its templates look up is read with its rights. */
  readonly client: KubeClient;
}

/** Renders a release. Errors are the engine's, in Helm's words. */
export type Renderer = (request: RenderRequest) => Promise<RenderedRelease>;

export interface RendererOptions {
  readonly pool: RenderPool;
  readonly limits: RenderLimits;
  readonly now: () => Date;
}

/** How long a render may hold up the main thread before it is given to a thread that can be ended. */
const INLINE_MILLIS = 40;
/** The first render of a chart may be slow only because nothing is warm yet. */
const MAX_OVERRUNS = 2;
/** One zone for all replicas, so that the same release renders the same everywhere. */
const TIME_ZONE = 'UTC';

/**
 * A renderer that runs quick charts in this thread, where they take a fraction of a millisecond, and gives to the pool those
 * that may block, ask the cluster, or have turned out to be slow.
 */
export function createRenderer(client: KubeClient, options: RendererOptions): Renderer {
  const overruns = new WeakMap<StoredChart, number>();
  const capabilities = clusterCapabilities(client);
  return async (request) => {
    const known = await capabilities();
    const { chart } = request;
    if (!chart.isolated && (overruns.get(chart) ?? 0) < MAX_OVERRUNS && !asksForIsolation(toJson(request.values))) {
      try {
        return inThisThread(request, known, options);
      } catch (error) {
        if (!(error instanceof LimitError)) throw error;
        overruns.set(chart, (overruns.get(chart) ?? 0) + 1);
      }
    }
    return inPool(request, known, options);
  };
}

/** What the cluster serves: the same object as long as that does not change, so that the engine can keep what it derives. */
function clusterCapabilities(client: KubeClient): () => Promise<Capabilities> {
  let known: { apiVersions: readonly string[]; capabilities: Capabilities } | undefined;
  return async () => {
    const { discovery } = client;
    const [apiVersions, version] = await Promise.all([discovery.apiVersions(), discovery.serverVersion()]);
    if (known?.apiVersions !== apiVersions) {
      known = { apiVersions, capabilities: { kubeVersion: parseKubeVersion(version.gitVersion), apiVersions } };
    }
    return known.capabilities;
  };
}

function facts(request: RenderRequest) {
  const { releaseName, releaseNamespace: namespace, revision, isUpgrade, object } = request;
  const skipSchemaValidation = object.spec[isUpgrade ? 'upgrade' : 'install']?.disableSchemaValidation ?? false;
  return { releaseName, namespace, revision, isInstall: !isUpgrade, isUpgrade, skipSchemaValidation };
}

function inThisThread(request: RenderRequest, capabilities: Capabilities, options: RendererOptions): RenderedRelease {
  const rendered = render(request.chart.compiled, {
    ...facts(request),
    values: request.values,
    capabilities,
    limits: { ...options.limits, maxRenderMillis: Math.min(INLINE_MILLIS, options.limits.maxRenderMillis) },
    host: { now: options.now, randomBytes: (count) => randomBytes(count), timeZone: TIME_ZONE },
  });
  return fromRendered({ ...rendered, ...postRender({ ...postRenderSettings(request.object), ...rendered }) });
}

async function inPool(
  request: RenderRequest,
  capabilities: Capabilities,
  options: RendererOptions,
): Promise<RenderedRelease> {
  const { chart, values, client } = request;
  const result = await options.pool.render(
    {
      ...facts(request),
      ...{ chartKey: chart.key, archive: chart.archive, version: chart.version, capabilities, timeZone: TIME_ZONE },
      valuesJson: toJson(values),
      limits: options.limits,
      postRender: postRenderSettings(request.object),
    },
    (query) => readObject(query, client),
  );
  return fromPool(result);
}

function postRenderSettings(object: HelmRelease): PostRenderSettings {
  const { postRenderers, commonMetadata, postRenderStrategy } = object.spec;
  const { name, namespace = '' } = object.metadata;
  return { postRenderers, commonMetadata, origin: { name, namespace }, strategy: postRenderStrategy ?? 'combined' };
}

/** `lookup`: an object, a List when no name is given, {} for what is not there (as Helm's engine). */
async function readObject(query: LookupQuery, client: KubeClient): Promise<unknown> {
  const { apiVersion, kind, namespace, name } = query;
  const ref = await client.discovery.forKind(apiVersion, kind);
  if (!ref) return {};
  if (name !== '') return (await client.get(ref, namespace, name)) ?? {};
  const { items, resourceVersion } = await client.list(ref, namespace === '' ? {} : { namespace });
  return { apiVersion, kind: `${kind}List`, metadata: { resourceVersion }, items };
}

function fromRendered(rendered: Rendered): RenderedRelease {
  return {
    manifest: rendered.manifest,
    objects: rendered.documents.flatMap((document) => unpack(toPlain(document.object))),
    hooks: rendered.hooks.map(hookRecord),
    notes: rendered.notes,
    crds: rendered.crds.flatMap((crd) => manifestObjects(Buffer.from(crd.data).toString('utf8'))),
  };
}

function fromPool(result: PoolResult): RenderedRelease {
  return {
    manifest: result.manifest,
    objects: result.objects.flatMap((json) => unpack(JSON.parse(json))),
    hooks: result.hooks.map(hookRecord),
    notes: result.notes,
    crds: result.crds.flatMap(manifestObjects),
  };
}

function hookRecord(hook: PoolHook): HookRecord {
  const { name, kind, path, manifest, events, weight, deletePolicies, outputLogPolicies } = hook;
  return { name, kind, path, manifest, events, weight, deletePolicies, outputLogPolicies, lastRun: { phase: '' } };
}
