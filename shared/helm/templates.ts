import { decodeUtf8 } from '../go/utf8.ts';
import { type GoMap, type GoValue, tagType } from '../go/value.ts';
import { type ChartNode, isLibrary } from './chart/node.ts';
import { LimitError, RenderError } from './errors.ts';
import type { RenderLimits } from './limits.ts';
import { helmExecError, helmParseError, TemplateError, TemplateLimitError } from './template/errors.ts';
import type { FunctionHost } from './template/functions/host.ts';
import { helmFunctions } from './template/functions/table.ts';
import type { LookupReader, RenderEnv } from './template/runtime.ts';
import { TemplateParseError, TemplateSet } from './template/set.ts';

export type { LookupReader } from './template/runtime.ts';

/** Where a render takes clock, chance and time zone from. */
export type RenderHost = FunctionHost;

/** The templates of a chart and its subcharts: compiled at the first render, then only run. */
export interface ChartTemplates {
  /** In the order in which Helm parses and runs them. */
  readonly files: readonly TemplateFile[];
  compiled: Compiled | undefined;
}

interface TemplateFile {
  /** `parent/charts/child/templates/a.yaml`. */
  readonly path: string;
  /** The chart's own path, which names its scope. */
  readonly chart: string;
  readonly text: string;
}

interface Compiled {
  readonly set: TemplateSet;
  /** The functions ask this object, so one set serves renders with different hosts. */
  readonly host: { current: FunctionHost };
}

/** What one render brings. */
export interface ExecuteInput {
  /** The dot of each chart's templates by the chart's path. */
  readonly scopes: ReadonlyMap<string, GoMap>;
  readonly host: RenderHost;
  readonly limits: RenderLimits;
  readonly lookup?: LookupReader;
}

/** Gathers the templates of a chart with its enabled subcharts. Nothing is parsed yet. */
export function compileTemplates(node: ChartNode): ChartTemplates {
  const files: TemplateFile[] = [];
  gather(node, node.name, files);
  return { files: files.sort(byHelmsOrder), compiled: undefined };
}

/**
 * Runs all templates but partials.
 *
 * @returns the text of each by path, in Helm's order
 * @throws RenderError with Helm's text for what does not parse or run, LimitError for a limit of ours
 */
export function executeTemplates(templates: ChartTemplates, input: ExecuteInput): Map<string, string> {
  const { set, host } = compiledOf(templates, input.host);
  host.current = input.host;
  const run = set.render(environment(input));
  const rendered = new Map<string, string>();
  for (const file of templates.files) {
    if (isPartial(file.path)) continue;
    const scope = input.scopes.get(file.chart);
    if (scope === undefined) continue;
    scope.set('Template', templateScope(file));
    rendered.set(
      file.path,
      execute(file.path, () => run(file.path, scope)),
    );
  }
  return rendered;
}

function gather(node: ChartNode, path: string, into: TemplateFile[]): void {
  for (const sub of node.dependencies) gather(sub, `${path}/charts/${sub.name}`, into);
  const library = isLibrary(node.metadata);
  for (const { name, data } of node.chart.templates) {
    // A library chart only lends its partials.
    if (library && !isPartial(name)) continue;
    into.push({ path: `${path}/${name}`, chart: path, text: decodeUtf8(data) });
  }
}

function isPartial(path: string): boolean {
  return path.charCodeAt(path.lastIndexOf('/') + 1) === 0x5f;
}

/** Deeper paths first, then by name backwards: so a parent's define comes after its subcharts' and wins. */
function byHelmsOrder(a: TemplateFile, b: TemplateFile): number {
  return depth(b.path) - depth(a.path) || (a.path < b.path ? 1 : a.path > b.path ? -1 : 0);
}

function depth(path: string): number {
  let slashes = 0;
  for (let at = path.indexOf('/'); at >= 0; at = path.indexOf('/', at + 1)) slashes++;
  return slashes;
}

function compiledOf(templates: ChartTemplates, first: RenderHost): Compiled {
  if (templates.compiled) return templates.compiled;
  const host = { current: first };
  const table = helmFunctions({
    now: () => host.current.now(),
    randomBytes: (count) => host.current.randomBytes(count),
    get timeZone() {
      return host.current.timeZone;
    },
  });
  try {
    const files = templates.files.map(({ path, text }) => ({ name: path, text }));
    templates.compiled = { set: TemplateSet.compile(files, table), host };
    return templates.compiled;
  } catch (error) {
    if (!(error instanceof TemplateParseError)) throw error;
    throw new RenderError(helmParseError(error.fileName, error.message), { cause: error });
  }
}

function environment({ limits, lookup }: ExecuteInput): RenderEnv {
  return {
    limits: {
      maxMillis: limits.maxRenderMillis,
      maxOutput: limits.maxOutputBytes,
      maxIncludeDepth: limits.maxIncludeDepth,
    },
    clock: () => performance.now(),
    ...(lookup === undefined ? {} : { lookup }),
  };
}

function templateScope(file: TemplateFile): GoMap {
  const entries: [string, GoValue][] = [
    ['Name', file.path],
    ['BasePath', `${file.chart}/templates`],
  ];
  return tagType(new Map(entries), 'common.Values');
}

function execute(path: string, run: () => string): string {
  try {
    return run();
  } catch (error) {
    if (error instanceof TemplateLimitError) throw new LimitError('render', error.message);
    if (error instanceof TemplateError) throw new RenderError(helmExecError(path, error), { cause: error });
    throw error;
  }
}
