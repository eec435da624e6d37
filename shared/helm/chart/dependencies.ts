import { sprint } from '../../go/print.ts';
import type { GoMap, GoValue } from '../../go/value.ts';
import { parseConstraint } from '../semver/constraint.ts';
import { parseVersion } from '../semver/version.ts';
import { coalesceKeepingNulls, coalesceValues, mergeTables } from '../values/coalesce.ts';
import { copyMap, pathValue, tableAt } from '../values/tables.ts';
import { type ChartNode, copyMetadata } from './node.ts';
import type { Chart, ChartDependency, ChartMetadata } from './types.ts';

/** A node while it is being processed. */
interface MutableNode {
  readonly chart: Chart;
  name: string;
  metadata: ChartMetadata;
  values: GoMap;
  dependencies: MutableNode[];
  isRoot: boolean;
}

/** A chart with its subcharts named and selected; values are imported when it is first used. */
export interface SelectedChart {
  /** Equal for equal choices of one chart. */
  readonly key: string;
  /** Imports values and gives the finished chart; to be called once. */
  finish(): ChartNode;
}

/**
 * Applies aliases, tags and conditions for one release's values, and then import-values: Helm's ProcessDependencies in two
 * steps, as what is imported depends on the choice of subcharts only.
 *
 * @param values the user's values
 * @throws ValuesError when a subchart's values are not a map
 */
export function selectDependencies(chart: Chart, values: GoMap): SelectedChart {
  const root = toNode(chart, true);
  selectEnabled(root, values, '');
  const finish = (): ChartNode => {
    importValues(root);
    return root;
  };
  return { key: nodeKey(root), finish };
}

function nodeKey(node: MutableNode): string {
  return `${node.name}(${node.dependencies.map(nodeKey).join(',')})`;
}

/** A chart with nothing processed. */
function toNode(chart: Chart, isRoot: boolean): MutableNode {
  return {
    chart,
    name: chart.metadata.name,
    metadata: copyMetadata(chart.metadata, chart.metadata.name),
    values: chart.values,
    dependencies: chart.dependencies.map((sub) => toNode(sub, false)),
    isRoot,
  };
}

/** Whether a version meets a range; false also when either cannot be parsed (Helm's IsCompatibleRange). */
export function isCompatibleRange(range: string, version: string): boolean {
  try {
    const parsed = parseVersion(version);
    return parsed !== undefined && parseConstraint(range).check(parsed);
  } catch {
    return false;
  }
}

/** Names the subcharts by the entries of Chart.yaml that ask for them; one chart may serve several aliases. */
function applyAliases(node: MutableNode, entries: ChartDependency[]): void {
  const unasked = node.dependencies.filter(
    (sub) =>
      !entries.some((one) => one.name === sub.name && isCompatibleRange(one.version, sub.chart.metadata.version)),
  );
  const asked: MutableNode[] = [];
  for (const entry of entries) {
    const found = node.dependencies.find(
      (sub) => sub.name === entry.name && isCompatibleRange(entry.version, sub.chart.metadata.version),
    );
    if (found !== undefined) {
      const copy = toNode(found.chart, false);
      if (entry.alias !== '') rename(copy, entry.alias);
      asked.push(copy);
    }
    if (entry.alias !== '') entry.name = entry.alias;
  }
  node.dependencies = [...unasked, ...asked];
}

function rename(node: MutableNode, name: string): void {
  node.name = name;
  node.metadata.name = name;
}

function selectEnabled(node: MutableNode, values: GoMap, path: string): void {
  const entries = node.metadata.dependencies;
  if (entries === undefined) return;
  applyAliases(node, entries);
  const coalesced = coalesceValues(node, values);
  const tags = tableAt(coalesced, ['tags']);
  for (const entry of entries) {
    entry.enabled = tags === undefined || enabledByTags(entry, tags);
    entry.enabled = enabledByCondition(entry, coalesced, path) ?? entry.enabled;
  }
  const removed = new Set(entries.filter((entry) => !entry.enabled).map((entry) => entry.name));
  node.dependencies = node.dependencies.filter((sub) => !removed.has(sub.name));
  for (const sub of node.dependencies) selectEnabled(sub, coalesced, `${path}${sub.name}.`);
  const kept = entries.filter((entry) => !removed.has(entry.name));
  node.metadata.dependencies = kept.length === 0 ? undefined : kept;
}

/** One true tag enables; false ones without a true one disable; none leaves it enabled. */
function enabledByTags(entry: ChartDependency, tags: GoMap): boolean {
  const set = entry.tags.map((tag) => tags.get(tag));
  return set.includes(true) || !set.includes(false);
}

/** The first path of the condition that holds a boolean decides; undefined when none does. */
function enabledByCondition(entry: ChartDependency, values: GoMap, path: string): boolean | undefined {
  for (const condition of entry.condition.trim().split(',')) {
    if (condition === '') continue;
    const value = pathValue(values, path + condition);
    if (typeof value === 'boolean') return value;
  }
  return undefined;
}

/** Imports subcharts' values into the defaults of the charts that ask for them, from the leaves up. */
function importValues(node: MutableNode): void {
  for (const sub of node.dependencies) importValues(sub);
  if (node.metadata.dependencies === undefined) return;
  const coalesced = coalesceKeepingNulls(node, new Map());
  const imported: GoMap = new Map();
  for (const entry of node.metadata.dependencies) {
    entry.importValues = entry.importValues.filter((item) => item instanceof Map || typeof item === 'string');
    entry.importValues = entry.importValues.map((item) => importOne(item, entry.name, coalesced, imported));
  }
  node.values = mergeTables(copyMap(coalesced), imported);
}

/** Merges what one item of import-values names; returns the item as a release record shows it. */
function importOne(item: GoValue, dependency: string, values: GoMap, into: GoMap): GoValue {
  const named = item instanceof Map;
  const child = named ? text(item.get('child')) : `exports.${String(item)}`;
  const parent = named ? text(item.get('parent')) : '.';
  const table = tableAt(values, `${dependency}.${child}`.split('.'));
  if (table !== undefined) mergeTables(into, wrapIn(parent, table));
  return new Map<string, GoValue>([
    ['child', child],
    ['parent', parent],
  ]);
}

function text(value: GoValue | undefined): string {
  return value === undefined || value === null ? '<nil>' : sprint(value);
}

/** `a.b` and a table make `{a: {b: table}}`; `.` leaves the table as it is. */
function wrapIn(path: string, table: GoMap): GoMap {
  if (path === '.') return table;
  let out: GoMap = table;
  for (const key of path.split('.').reverse()) out = new Map<string, GoValue>([[key, out]]);
  return out;
}
