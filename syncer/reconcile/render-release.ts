import { randomBytes } from 'node:crypto';
import type { HelmRelease } from '../../shared/api/helm-release.ts';
import type { GoMap } from '../../shared/go/value.ts';
import { type Capabilities, parseKubeVersion } from '../../shared/helm/capabilities.ts';
import { type Rendered, render } from '../../shared/helm/render.ts';
import type { Discovery } from '../../shared/kube/discovery.ts';
import type { KubeObject } from '../../shared/kube/types.ts';
import { toPlain } from '../../shared/yaml/json.ts';
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
}

/** Renders a release. Errors are the engine's, in Helm's words. */
export type Renderer = (request: RenderRequest) => Promise<RenderedRelease>;

/** A renderer for what the cluster serves. */
export function createRenderer(discovery: Discovery, now: () => Date): Renderer {
  // One zone for all replicas, so that the same release renders the same everywhere.
  const host = { now, randomBytes: (count: number): Uint8Array => randomBytes(count), timeZone: 'UTC' };
  let known: { apiVersions: readonly string[]; capabilities: Capabilities } | undefined;
  return async (request) => {
    const [apiVersions, version] = await Promise.all([discovery.apiVersions(), discovery.serverVersion()]);
    // The same object as long as the cluster serves the same, so that the engine can keep what it derives from it.
    if (known?.apiVersions !== apiVersions) {
      known = { apiVersions, capabilities: { kubeVersion: parseKubeVersion(version.gitVersion), apiVersions } };
    }
    const { chart, values, releaseName, releaseNamespace: namespace, revision, isUpgrade, object } = request;
    const action = object.spec[isUpgrade ? 'upgrade' : 'install'];
    const rendered = render(chart.compiled, {
      releaseName,
      namespace,
      revision,
      isInstall: !isUpgrade,
      isUpgrade,
      values,
      capabilities: known.capabilities,
      skipSchemaValidation: action?.disableSchemaValidation ?? false,
      host,
    });
    return toRenderedRelease(rendered);
  };
}

function toRenderedRelease(rendered: Rendered): RenderedRelease {
  return {
    manifest: rendered.manifest,
    objects: rendered.documents.flatMap((document) => unpack(toPlain(document.object))),
    hooks: rendered.hooks.map((hook) => ({
      name: hook.name,
      kind: hook.kind,
      path: hook.path,
      manifest: hook.manifest,
      events: hook.events,
      lastRun: { phase: '' },
      weight: hook.weight,
      deletePolicies: hook.deletePolicies,
      outputLogPolicies: hook.outputLogPolicies,
    })),
    notes: rendered.notes,
    crds: rendered.crds.flatMap((crd) => manifestObjects(Buffer.from(crd.data).toString('utf8'))),
  };
}
