import type { GoMap } from '../go/value.ts';
import { selectDependencies } from './chart/dependencies.ts';
import type { ChartNode } from './chart/node.ts';
import type { Chart } from './chart/types.ts';
import { filesStruct } from './files.ts';
import type { DocumentCache, ParsedDocument } from './manifest/sort.ts';
import { RenderMemo } from './render-memo.ts';
import { type ChartScope, chartScopeMap } from './scope.ts';
import { type ChartTemplates, compileTemplates } from './templates.ts';

/** A chart with one choice of enabled subcharts, ready to render. */
export interface PreparedChart {
  readonly node: ChartNode;
  readonly scope: ChartScope;
  readonly templates: ChartTemplates;
}

/** A chart with all that renders of it can share. Keep one per chart digest; it is made for many releases. */
export interface CompiledChart {
  readonly chart: Chart;
  /** About how much memory it takes: the unpacked files and what was compiled of them. */
  readonly byteSize: number;
  readonly documents: DocumentCache;
  readonly memo: RenderMemo;
  /** The chart as these values select its subcharts; throws as selectDependencies and the template parser do. */
  prepare(values: GoMap): PreparedChart;
}

/** How many choices of subcharts stay compiled per chart; more than one is rare. */
const MAX_PREPARED = 8;

/** Makes a chart ready for renders. Templates are parsed at the first render, so that errors come where Helm has them. */
export function compileChart(chart: Chart): CompiledChart {
  const prepared = new Map<string, PreparedChart>();
  const unpacked = unpackedSize(chart);
  return {
    chart,
    // Measured on the corpus: closures, AST and parsed documents take about three times the files.
    byteSize: unpacked * 4 + 65_536,
    documents: documentCache(Math.max(262_144, unpacked)),
    memo: new RenderMemo(Math.max(262_144, unpacked * 2)),
    prepare: (values) => prepare(chart, values, prepared),
  };
}

function prepare(chart: Chart, values: GoMap, known: Map<string, PreparedChart>): PreparedChart {
  const { key, finish } = selectDependencies(chart, values);
  const old = known.get(key);
  if (old !== undefined) return old;
  const node = finish();
  const made: PreparedChart = { node, scope: chartScope(node), templates: compileTemplates(node) };
  if (known.size >= MAX_PREPARED) known.delete(known.keys().next().value ?? '');
  known.set(key, made);
  return made;
}

function chartScope(node: ChartNode): ChartScope {
  return {
    chart: chartScopeMap(node.metadata, node.isRoot),
    files: filesStruct(node.chart.files),
    dependencies: node.dependencies.map(chartScope),
  };
}

function unpackedSize(chart: Chart): number {
  const own = chart.raw.reduce((sum, file) => sum + file.data.length, 0);
  return own + chart.dependencies.reduce((sum, sub) => sum + unpackedSize(sub), 0);
}

/** Two generations: when the young one is full it becomes the old one, and what is not asked for again is dropped. */
function documentCache(maxChars: number): DocumentCache {
  let young = new Map<string, ParsedDocument>();
  let old = new Map<string, ParsedDocument>();
  let size = 0;
  const set = (text: string, parsed: ParsedDocument): void => {
    if (size + text.length > maxChars) {
      old = young;
      young = new Map();
      size = 0;
    }
    young.set(text, parsed);
    size += text.length;
  };
  return {
    get: (text) => {
      const found = young.get(text);
      if (found !== undefined) return found;
      const aged = old.get(text);
      if (aged !== undefined) set(text, aged);
      return aged;
    },
    set,
  };
}
