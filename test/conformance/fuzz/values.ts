import type { GoMap, GoValue } from '../../../shared/go/value.ts';
import type { Chart } from '../../../shared/helm/chart/types.ts';
import { toJson } from '../../../shared/yaml/json.ts';
import { toYaml } from '../../../shared/yaml/write.ts';
import type { Random } from './random.ts';

const STRINGS = [
  ...['', ' ', 'a', 'foo', 'true', 'null', '~', '1', '0', '-1', '1.5', '1e3', '0x10', '010', 'yes', 'no', 'on', '1Gi'],
  ...[
    'a: b',
    'a:b',
    '# c',
    'a # b',
    '- a',
    '[a]',
    '{a: b}',
    '"a"',
    "'a'",
    'a\nb',
    'a\n',
    '\na',
    ' a',
    'a ',
    '\ta',
    '|',
    '>',
  ],
  ...['&a', '*a', '!a', '%a', '@a', '`a`', '?', ':', '-', '---', '...', '=', '<<', '{{ .Release.Name }}', '{{', '}}'],
  ...[
    '{{ .Values }}',
    '{{ include "x" . }}',
    '{{ fail "no" }}',
    '{{ .Values.a.b.c }}',
    '$VAR',
    '$1',
    '\\',
    '\\n',
    '/a/b',
  ],
  ...['é', '😀', '日本', '\u2028', '\u0001', '<a&b>', 'a.b.c', 'a/b:c@sha256:0', '2001-01-01', '1_000', '12:30', '.5'],
  ...[
    'https://a.b:1/c?d=e',
    'word '.repeat(30),
    'x'.repeat(200),
    '100m',
    '1.2.3',
    '>=1.2.0',
    '8080',
    'ClusterIP',
    'NodePort',
  ],
  ...[
    'LoadBalancer',
    'Always',
    'statefulset',
    'daemonset',
    'deployment',
    '5m',
    '0s',
    '*',
    '*.a.b',
    'a,b',
    'a=b',
    'on: [push]',
  ],
];
const NUMBERS = [
  ...[0, 1, -1, 2, 3, 80, 443, 8080, 65536, 1.5, 0.1, 1e6, 1e7, 12345678, 1e9, 1e15, 1e20, 1e21, 1e-7],
  ...[-0.5, 2 ** 53, 2 ** 63, 100000, 123456789, 0.000001, 1e100],
];
const KEYS = [
  'a',
  'b',
  'name',
  'enabled',
  'x.y/z',
  'app.kubernetes.io/name',
  '1',
  'true',
  '',
  'a b',
  'é',
  '__proto__',
  'constructor',
];

/** A random value; deeper ones are rarer. */
export function anyValue(random: Random, depth = 0): GoValue {
  switch (random.below(depth > 2 ? 6 : 9)) {
    case 0:
      return random.pick(NUMBERS);
    case 1:
      return random.chance(0.5);
    case 2:
      return random.chance(0.5) ? null : '';
    case 6:
      return random.list(0, 3, () => anyValue(random, depth + 1));
    case 7:
    case 8:
      return new Map(random.list(0, 3, () => [random.pick(KEYS), anyValue(random, depth + 1)] as const));
    default:
      return random.pick(STRINGS);
  }
}

/** A random text, most with something that YAML or templates take for more than text. */
export function anyString(random: Random): string {
  return random.pick(STRINGS);
}

export type Path = readonly (string | number)[];

/** All paths of a chart's defaults, those of its subcharts under their names, and `global`. */
export function valuePaths(chart: Chart): { path: Path; value: GoValue }[] {
  const found: { path: Path; value: GoValue }[] = [];
  walk(chart.values, [], found);
  for (const sub of chart.dependencies) {
    const aliases = (chart.metadata.dependencies ?? []).filter(
      (one) => one.name === sub.metadata.name && one.alias !== '',
    );
    const names = aliases.length > 0 ? aliases.map((one) => one.alias) : [sub.metadata.name];
    for (const name of names) {
      for (const { path, value } of valuePaths(sub))
        found.push({ path: path[0] === 'global' ? path : [name, ...path], value });
    }
  }
  return found;
}

function walk(value: GoValue, path: Path, into: { path: Path; value: GoValue }[]): void {
  if (path.length > 0) into.push({ path, value });
  if (path.length > 8) return;
  if (value instanceof Map) for (const [key, item] of value) walk(item, [...path, key], into);
}

/** Changes values: a few of the chart's own keys, most often booleans turned on, or keys that it does not know. */
export function mutateValues(random: Random, values: GoMap, paths: readonly { path: Path; value: GoValue }[]): void {
  const booleans = paths.filter(({ value }) => typeof value === 'boolean');
  for (let left = 1 + random.below(6); left > 0; left--) {
    if (booleans.length > 0 && random.chance(0.45)) {
      const { path, value } = random.pick(booleans);
      setAt(values, path, !value);
    } else if (paths.length > 0 && random.chance(0.9)) {
      const { path, value } = random.pick(paths);
      setAt(values, path, mutant(random, value));
    } else {
      const base =
        paths.length > 0 && random.chance(0.7) ? random.pick(paths).path : random.chance(0.5) ? ['global'] : [];
      setAt(values, [...base, random.pick(KEYS)], anyValue(random));
    }
  }
}

/** A value like this one, mostly of its type: other types stop most charts at once. */
function mutant(random: Random, value: GoValue): GoValue {
  if (random.chance(0.12)) return anyValue(random);
  if (random.chance(0.08)) return null;
  if (typeof value === 'boolean') return !value;
  if (typeof value === 'number') return random.pick(NUMBERS);
  if (typeof value === 'string') return anyString(random);
  if (Array.isArray(value)) return mutantList(random, value);
  if (value instanceof Map) {
    const made = random.chance(0.7) ? new Map(value) : new Map();
    made.set(random.pick([...KEYS, ...value.keys()]), random.chance(0.5) ? anyString(random) : anyValue(random, 1));
    return made;
  }
  return random.chance(0.5) ? anyString(random) : anyValue(random);
}

function mutantList(random: Random, value: readonly GoValue[]): GoValue[] {
  const items = value.length > 0 && random.chance(0.8) ? [...value] : [];
  const like = value.length > 0 ? mutant(random, random.pick(value)) : anyValue(random, 1);
  if (random.chance(0.7)) items.push(like);
  else if (items.length > 0) items[random.below(items.length)] = like;
  return items;
}

function setAt(values: GoMap, path: Path, value: GoValue): void {
  let map = values;
  for (const key of path.slice(0, -1)) {
    const inner = map.get(String(key));
    const next: GoMap = inner instanceof Map ? inner : new Map();
    if (next !== inner) map.set(String(key), next);
    map = next;
  }
  // A copy: the value may be the chart's own default.
  map.set(String(path[path.length - 1]), structuredClone(value));
}

/** The text of a values file: JSON or YAML. */
export function valuesText(random: Random, values: GoMap): string {
  return random.chance(0.7) ? toJson(values) : toYaml(values);
}
