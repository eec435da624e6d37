import { decodeUtf8 } from '../go/utf8.ts';
import type { GoMap, GoStruct } from '../go/value.ts';
import { type Capabilities, capabilitiesStruct, defaultCapabilities } from './capabilities.ts';
import { isCompatibleRange } from './chart/dependencies.ts';
import { type ChartNode, chartCrds } from './chart/node.ts';
import type { ChartCrd } from './chart/types.ts';
import type { CompiledChart, PreparedChart } from './compiled.ts';
import { ChartError, RenderError, ValuesError } from './errors.ts';
import { defaultRenderLimits, type RenderLimits } from './limits.ts';
import type { Hook } from './manifest/hooks.ts';
import { type RenderedDocument, sortManifests } from './manifest/sort.ts';
import { memoKey, watched } from './render-memo.ts';
import { validateSchemas } from './schema/validate.ts';
import { type ReleaseFacts, releaseScope, templateScopes } from './scope.ts';
import { executeTemplates, type LookupReader, type RenderHost } from './templates.ts';
import { coalesceValues } from './values/coalesce.ts';

/** What one release renders a chart with. */
export interface RenderInput extends ReleaseFacts {
  /** The user's values, before the chart's defaults. Not changed. */
  readonly values: GoMap;
  /** Default: Helm v4.3.1's own, as `helm template`. */
  readonly capabilities?: Capabilities;
  /** What `lookup` reads; without one it finds nothing, as `helm template`. */
  readonly lookup?: LookupReader;
  /** Put the files of crds/ before the manifest (`--include-crds`). */
  readonly includeCrds?: boolean;
  readonly skipSchemaValidation?: boolean;
  /** Render subcharts' NOTES.txt too (`--render-subchart-notes`). */
  readonly subNotes?: boolean;
  readonly limits?: RenderLimits;
  /** Clock and randomness. */
  readonly host: RenderHost;
}

/** What a render made. Objects in it are shared with later renders: do not change them. */
export interface Rendered {
  /** Byte-identical with the manifest in Helm's release record. */
  readonly manifest: string;
  /** In install order, hooks excluded. */
  readonly documents: RenderedDocument[];
  /** Sorted by kind, as in Helm's release record; Helm runs them by weight, name, kind. */
  readonly hooks: Hook[];
  /** '' when the chart has no NOTES.txt. */
  readonly notes: string;
  readonly crds: ChartCrd[];
  /** The user's values over the chart's defaults, as templates saw them (they may have changed them). */
  readonly values: GoMap;
  /** The chart as these values select its subcharts. */
  readonly chart: ChartNode;
}

const NOTES = 'NOTES.txt';

/**
 * Renders a chart for a release: dependencies, values, schema, templates, notes, sorting. Helm v4's `install --dry-run` in
 * one process, without a cluster.
 *
 * @throws ChartError, ValuesError before templates run; RenderError from templates and manifests on; LimitError for a limit of
 *   ours. Messages are Helm v4's.
 */
export function render(compiled: CompiledChart, input: RenderInput): Rendered {
  const key = memoKey(input);
  const known = key === undefined ? undefined : compiled.memo.get(key);
  if (known !== undefined) return known;
  const run = watched(input);
  const rendered = renderAnew(compiled, run.input);
  if (key !== undefined && run.isPure()) compiled.memo.set(key, rendered);
  return rendered;
}

function renderAnew(compiled: CompiledChart, input: RenderInput): Rendered {
  const prepared = prepare(compiled, input.values);
  const values = coalesceValues(prepared.node, input.values);
  if (input.skipSchemaValidation !== true) validateSchemas(prepared.node, values);
  const capabilities = input.capabilities ?? defaultCapabilities;
  checkKubeVersion(prepared.node, capabilities);
  const files = executeTemplates(prepared.templates, {
    scopes: templateScopes(prepared.node, prepared.scope, {
      release: releaseScope(input),
      capabilities: structOf(capabilities),
      values,
    }),
    host: input.host,
    limits: input.limits ?? defaultRenderLimits,
    ...(input.lookup === undefined ? {} : { lookup: input.lookup }),
  });
  const notes = takeNotes(files, prepared.node.name, input.subNotes === true);
  const { documents, hooks } = sortManifests(files, undefined, compiled.documents);
  const crds = chartCrds(prepared.node);
  const manifest = (input.includeCrds === true ? crdText(crds) : '') + manifestText(documents);
  return { manifest, documents, hooks, notes, crds, values, chart: prepared.node };
}

/** A release record's manifest of sorted documents: each under a comment that names its template. */
export function manifestText(documents: readonly RenderedDocument[]): string {
  let out = '';
  for (const one of documents) out += `---\n# Source: ${one.path}\n${one.text}\n`;
  return out;
}

function crdText(crds: readonly ChartCrd[]): string {
  return crds.map((crd) => `---\n# Source: ${crd.fileName}\n${decodeUtf8(crd.data)}\n`).join('');
}

function prepare(compiled: CompiledChart, values: GoMap): PreparedChart {
  try {
    return compiled.prepare(values);
  } catch (error) {
    if (error instanceof ValuesError || error instanceof ChartError) {
      throw new ChartError(`chart dependencies processing failed: ${error.message}`);
    }
    throw error;
  }
}

function checkKubeVersion(node: ChartNode, { kubeVersion }: Capabilities): void {
  const range = node.metadata.kubeVersion;
  if (range === '' || isCompatibleRange(range, kubeVersion.normalized)) return;
  throw new RenderError(
    `chart requires kubeVersion: ${range} which is incompatible with Kubernetes ${kubeVersion.version}`,
  );
}

/** Takes every NOTES.txt out of the rendered files and returns the chart's own (with subNotes, all of them). */
function takeNotes(files: Map<string, string>, chartName: string, subNotes: boolean): string {
  const own = `${chartName}/templates/${NOTES}`;
  const notes: string[] = [];
  for (const [path, text] of files) {
    if (!path.endsWith(NOTES)) continue;
    files.delete(path);
    if (subNotes || path === own) notes.push(text);
  }
  return notes.reduce((all, text) => (all === '' ? text : `${all}\n${text}`), '');
}

const structs = new WeakMap<Capabilities, GoStruct>();

/** One struct per capabilities object: they are shared by the renders of a whole cluster. */
function structOf(capabilities: Capabilities): GoStruct {
  const known = structs.get(capabilities);
  if (known !== undefined) return known;
  const made = capabilitiesStruct(capabilities);
  structs.set(capabilities, made);
  return made;
}
