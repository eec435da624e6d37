import { randomBytes } from 'node:crypto';
import { MAX_RELEASE_NAME } from '../shared/api/release-name.ts';
import { quote } from '../shared/go/strconv.ts';
import { type Capabilities, defaultCapabilities, parseKubeVersion } from '../shared/helm/capabilities.ts';
import { matchPath } from '../shared/helm/chart/path-match.ts';
import type { Chart } from '../shared/helm/chart/types.ts';
import { compileChart } from '../shared/helm/compiled.ts';
import { ChartError, RenderError } from '../shared/helm/errors.ts';
import { defaultRenderLimits } from '../shared/helm/limits.ts';
import { splitManifests, trimSpace } from '../shared/helm/manifest/split.ts';
import { type Rendered, type RenderInput, render } from '../shared/helm/render.ts';
import type { FunctionHost } from '../shared/helm/template/functions/host.ts';
import { helmFunctions } from '../shared/helm/template/functions/table.ts';
import { TemplateSet } from '../shared/helm/template/set.ts';
import { loadChartAt, locateChart } from './chart-files.ts';
import { type FlagSpec, type ParsedFlags, parseFlags } from './flags.ts';
import { userValues } from './values.ts';

/** The flags of `helm template` that mean something without a cluster and a network, and those that then mean nothing. */
const FLAGS: Readonly<Record<string, FlagSpec>> = {
  'api-versions': { kind: 'list', short: 'a' },
  'generate-name': { kind: 'bool', short: 'g' },
  help: { kind: 'bool', short: 'h' },
  'include-crds': { kind: 'bool' },
  'is-upgrade': { kind: 'bool' },
  'kube-version': { kind: 'string' },
  'name-template': { kind: 'string' },
  namespace: { kind: 'string', short: 'n' },
  'no-hooks': { kind: 'bool' },
  'release-name': { kind: 'bool' },
  set: { kind: 'array' },
  'set-file': { kind: 'array' },
  'set-json': { kind: 'array' },
  'set-literal': { kind: 'array' },
  'set-string': { kind: 'array' },
  'show-only': { kind: 'array', short: 's' },
  'skip-schema-validation': { kind: 'bool' },
  'skip-tests': { kind: 'bool' },
  values: { kind: 'list', short: 'f' },
  'create-namespace': { kind: 'bool' },
  description: { kind: 'string' },
  devel: { kind: 'bool' },
  'disable-openapi-validation': { kind: 'bool' },
  labels: { kind: 'list', short: 'l' },
  'render-subchart-notes': { kind: 'bool' },
  replace: { kind: 'bool' },
  'skip-crds': { kind: 'bool' },
  timeout: { kind: 'string' },
  wait: { kind: 'string', bare: 'watcher' },
  'wait-for-jobs': { kind: 'bool' },
};

/** How the command is called. */
export const TEMPLATE_USAGE = `Renders a chart's templates without a cluster, as \`helm template\` does.

Usage:  chartroom template [NAME] [CHART] [flags]

CHART is a chart's folder or .tgz archive.

  -a, --api-versions list        API versions for .Capabilities.APIVersions
  -f, --values list              values files (- is standard input)
  -g, --generate-name            make a name up
      --include-crds             print the CRDs of crds/ too
      --is-upgrade               set .Release.IsUpgrade instead of .Release.IsInstall
      --kube-version version     the version for .Capabilities.KubeVersion
      --name-template template   a template that gives the release's name
  -n, --namespace namespace      the release's namespace
      --no-hooks                 leave hooks out
      --set key=value            set values (also --set-string, --set-json, --set-file, --set-literal)
  -s, --show-only file           print only what this template gave
      --skip-schema-validation   do not check values against values.schema.json
      --skip-tests               leave test hooks out
`;

/** What the command takes from outside. */
export interface TemplateContext {
  readonly host: FunctionHost;
  /** The namespace without `-n`. */
  readonly namespace: string;
}

/** Clock and chance of this machine. */
export function systemHost(timeZone: string): FunctionHost {
  return { now: () => new Date(), randomBytes: (count) => randomBytes(count), timeZone };
}

const RELEASE_NAME = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

/**
 * `chartroom template`: what `helm template` v4 prints for the same arguments.
 *
 * @throws FlagError, ChartError, ValuesError, RenderError, LimitError with the text for standard error
 */
export function template(args: readonly string[], context: TemplateContext): string {
  const flags = parseFlags(args, FLAGS);
  if (flags.bool('help')) return TEMPLATE_USAGE;
  const { positional } = flags;
  if (positional.length === 0) {
    throw new ChartError(
      '"chartroom template" requires at least 1 argument\n\nUsage:  chartroom template [NAME] [CHART] [flags]',
    );
  }
  const capabilities = readCapabilities(flags);
  const { name, chart: reference } = nameAndChart(flags, context.host);
  const path = locateChart(reference);
  const values = userValues(flags);
  const chart = loadChartAt(path);
  checkInstallable(chart);
  checkName(name);
  const rendered = renderOrHint(chart, {
    releaseName: name,
    namespace: flags.text('namespace') || context.namespace,
    revision: 1,
    isInstall: !flags.bool('is-upgrade'),
    isUpgrade: flags.bool('is-upgrade'),
    values,
    capabilities,
    includeCrds: flags.bool('include-crds'),
    skipSchemaValidation: flags.bool('skip-schema-validation'),
    host: context.host,
  });
  return showOnly(manifests(rendered, flags), flags.list('show-only'));
}

function readCapabilities(flags: ParsedFlags): Capabilities {
  const text = flags.text('kube-version') ?? '';
  const apiVersions = [...defaultCapabilities.apiVersions, ...flags.list('api-versions')];
  if (text === '') return { ...defaultCapabilities, apiVersions };
  try {
    return { kubeVersion: parseKubeVersion(text), apiVersions };
  } catch (error) {
    throw new ChartError(`invalid kube version '${text}': ${(error as Error).message}`);
  }
}

function nameAndChart(flags: ParsedFlags, host: FunctionHost): { name: string; chart: string } {
  const [first = '', second, ...more] = flags.positional;
  if (more.length > 0) {
    throw new ChartError(`expected at most two arguments, unexpected arguments: ${more.join(', ')}`);
  }
  const nameTemplate = flags.text('name-template') ?? '';
  if (second === undefined) {
    return { name: nameTemplate === '' ? 'release-name' : renderName(nameTemplate, host), chart: first };
  }
  if (flags.bool('generate-name')) throw new ChartError('cannot set --generate-name and also specify a name');
  if (nameTemplate !== '') throw new ChartError('cannot set --name-template and also specify a name');
  return { name: first, chart: second };
}

function renderName(text: string, host: FunctionHost): string {
  const { maxRenderMillis, maxOutputBytes, maxIncludeDepth } = defaultRenderLimits;
  const limits = { maxMillis: maxRenderMillis, maxOutput: maxOutputBytes, maxIncludeDepth };
  const set = TemplateSet.compile([{ name: 'name-template', text }], helmFunctions(host));
  return set.execute('name-template', null, { limits, clock: () => performance.now() });
}

function checkInstallable(chart: Chart): void {
  const { type, dependencies } = chart.metadata;
  if (type !== '' && type !== 'application') throw new ChartError(`${type} charts are not installable`);
  const have = new Set(chart.dependencies.map((sub) => sub.metadata.name));
  const missing = (dependencies ?? []).map((one) => one.name).filter((name) => !have.has(name));
  if (missing.length === 0) return;
  throw new ChartError(
    `an error occurred while checking for chart dependencies. You may need to run 'helm dependency build' to fetch missing dependencies: found in Chart.yaml, but missing in charts/ directory: ${missing.join(', ')}`,
  );
}

function checkName(name: string): void {
  const lead = `release name check failed: release name ${quote(name)}: `;
  if (name === '') throw new ChartError(`${lead}no name provided`);
  if (name.length <= MAX_RELEASE_NAME && RELEASE_NAME.test(name)) return;
  throw new ChartError(
    `${lead}invalid release name, must match regex ${RELEASE_NAME.source} and the length must not be longer than ${MAX_RELEASE_NAME}`,
  );
}

/** Helm adds a hint to what goes wrong from the templates on. */
function renderOrHint(chart: Chart, input: RenderInput): Rendered {
  try {
    return render(compileChart(chart), input);
  } catch (error) {
    if (error instanceof RenderError) {
      throw new RenderError(`${error.message}\n\nUse --debug flag to render out invalid YAML`);
    }
    throw error;
  }
}

function manifests(rendered: Rendered, flags: ParsedFlags): string {
  let out = `${trimSpace(rendered.manifest)}\n`;
  if (flags.bool('no-hooks')) return out;
  for (const hook of rendered.hooks) {
    if (flags.bool('skip-tests') && hook.events.includes('test')) continue;
    out += `---\n# Source: ${hook.path}\n${hook.manifest}\n`;
  }
  return out;
}

/** The documents that came from the named templates, in the order of the names; patterns as in a shell. */
function showOnly(text: string, files: readonly string[]): string {
  if (files.length === 0) return text;
  const documents = splitManifests(text).map((document) => ({
    document,
    path: /# Source: [^/]+\/(.+)/.exec(document)?.[1],
  }));
  return files.map((file) => shown(documents, file)).join('');
}

function shown(documents: readonly { document: string; path: string | undefined }[], file: string): string {
  const found = documents.filter(({ path }) => path !== undefined && matches(file, path));
  if (found.length === 0) throw new ChartError(`could not find template ${file} in chart`);
  return found.map(({ document }) => `---\n${document}\n`).join('');
}

function matches(pattern: string, path: string): boolean {
  try {
    return matchPath(pattern, path);
  } catch {
    return false;
  }
}
