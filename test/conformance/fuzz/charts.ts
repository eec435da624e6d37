import type { GoMap, GoValue } from '../../../shared/go/value.ts';
import { fromPlain } from '../../../shared/yaml/json.ts';
import { toYaml } from '../../../shared/yaml/write.ts';
import type { Random } from './random.ts';
import { TemplateMaker } from './templates.ts';
import { anyString, anyValue, mutateValues, type Path } from './values.ts';

/** What only YAML's text can say. */
const ANCHORS = `anchored: &x {a: 1, b: [0x1F, 1_000, 0o17, 017, 1e3, ~, yes, 2001-01-01, '']}
merged:
  <<: *x
  c: |-
    t

    u
`;

export interface MadeChart {
  readonly files: Record<string, string>;
  /** The user's values. */
  readonly values: GoMap;
}

const HELPERS = ['h.name', 'h.full', 'h.map', 'h.text'];
const PLAIN_DEFAULTS = {
  name: 'app',
  s1: 'one',
  s2: 'Two words',
  text: 'a\nb: c\n',
  tplText: '{{ .Values.name }}-x',
  version: '1.2.3',
  empty: '',
  n1: 1,
  n2: 2.5,
  n3: -3,
  big: 12345678,
  on: true,
  off: false,
  list: ['b', 'a', 'c'],
  numbers: [3, 1, 2],
  items: [
    { name: 'x', v: 1 },
    { name: 'y', v: true },
  ],
  mixed: [1, 'a', null, { a: 'b' }],
  emptyList: [],
  emptyMap: {},
  map: { a: 'A', b: 'B', c: { d: 1 } },
  labels: { app: 'x', 'app.kubernetes.io/name': 'y' },
  nested: { s: 'deep', n: 7, on: true, list: ['z'] },
  deep: { a: { b: { c: 'end' } } },
  resources: { limits: { cpu: '100m', memory: '1Gi' } },
  global: { g: 'G', m: { x: 1 } },
};

/** Makes a small chart, most with helpers, some with subcharts, hooks, notes, a schema, CRDs and files. */
export function makeChart(random: Random): MadeChart {
  const files: Record<string, string> = {};
  const defaults = addChart(random, files, '', 'root', 0);
  const values: GoMap = new Map();
  if (random.chance(0.5)) mutateValues(random, values, pathsOf(defaults));
  return { files, values };
}

function addChart(random: Random, files: Record<string, string>, at: string, name: string, depth: number): GoMap {
  const defaults = makeDefaults(random);
  const subs = depth < 2 && random.chance(depth === 0 ? 0.4 : 0.2) ? random.list(1, 2, (i) => `sub${depth}${i}`) : [];
  const oldStyle = random.chance(0.15);
  const library = depth > 0 && random.chance(0.1);
  const dependencies: unknown[] = [];
  for (const sub of subs) {
    const inner = addChart(random, files, `${at}charts/${sub}/`, sub, depth + 1);
    const entry = dependency(random, sub);
    dependencies.push(entry);
    const key = entry['alias'] === undefined ? sub : String(entry['alias']);
    if (random.chance(0.6)) {
      const overlay: GoMap = new Map();
      mutateValues(random, overlay, pathsOf(inner));
      if (random.chance(0.5)) overlay.set('enabled', random.chance(0.6));
      defaults.set(key, overlay);
    }
    if (random.chance(0.15)) dependencies.push({ ...entry, alias: `${sub}again` });
  }
  const metadata: Record<string, unknown> = {
    apiVersion: oldStyle ? 'v1' : 'v2',
    name,
    version: '0.1.0',
    ...extras(random),
  };
  if (library) metadata['type'] = 'library';
  const listed = dependencies.length > 0 && random.chance(0.9);
  if (listed && !oldStyle) metadata['dependencies'] = dependencies;
  if (listed && oldStyle) files[`${at}requirements.yaml`] = toYaml(fromPlain({ dependencies }));
  files[`${at}Chart.yaml`] = toYaml(fromPlain(metadata));
  files[`${at}values.yaml`] = toYaml(defaults) + ANCHORS;
  addTemplates(random, files, at, name, depth);
  return defaults;
}

function addTemplates(random: Random, files: Record<string, string>, at: string, name: string, depth: number): void {
  const maker = new TemplateMaker(random, HELPERS);
  if (depth === 0 || random.chance(0.3)) files[`${at}templates/_helpers.tpl`] = maker.helpers(HELPERS, name);
  const count = 1 + random.below(depth === 0 ? 3 : 2);
  for (let i = 0; i < count; i++) {
    const folder = random.chance(0.1) ? 'more/' : '';
    files[
      `${at}templates/${folder}${random.pick(['a', 'b', 'c', 'z'])}${i}.${random.pick(['yaml', 'yaml', 'yml', 'txt', 'tpl'])}`
    ] = maker.file();
  }
  if (random.chance(0.2)) files[`${at}templates/NOTES.txt`] = maker.notes();
  if (random.chance(0.3)) {
    files[`${at}files/a.txt`] = random.pick(['hello\n', 'a\nb\n\nc', '', 'tab\there\r\n', 'é\u0001']);
    files[`${at}files/b.yaml`] = random.pick(['a: 1\n', 'x: [\n']);
  }
  if (random.chance(0.1)) files[`${at}crds/crd.yaml`] = `kind: CustomResourceDefinition\nmetadata:\n  name: ${name}\n`;
  if (random.chance(0.04)) files[`${at}values.schema.json`] = schema(random);
}

function makeDefaults(random: Random): GoMap {
  const made = fromPlain(PLAIN_DEFAULTS) as GoMap;
  for (const key of [...made.keys()]) {
    if (random.chance(0.01)) made.set(key, random.chance(0.3) ? null : anyValue(random));
    else if (random.chance(0.004)) made.delete(key);
    else if (typeof made.get(key) === 'string' && random.chance(0.15)) made.set(key, anyString(random));
  }
  if (random.chance(0.2)) made.set('exports', fromPlain({ data: { imported: { x: 'fromExport' }, map: { a: 'E' } } }));
  if (random.chance(0.2)) made.set('tags', fromPlain({ front: random.chance(0.5) }));
  return made;
}

function dependency(random: Random, name: string): Record<string, unknown> {
  const entry: Record<string, unknown> = {
    name,
    version: random.pick(['0.1.0', '>=0.0.0', '~0.1', '0.1.x', '*', '^1.0.0']),
    repository: '',
  };
  if (random.chance(0.3)) entry['alias'] = random.pick(['other', 'alias', `${name}-x`]);
  if (random.chance(0.4))
    entry['condition'] = random.pick([
      'sub.enabled',
      `${String(entry['alias'] ?? name)}.enabled`,
      'on,off',
      'off',
      'none.such',
      'name',
      'nested.on',
    ]);
  if (random.chance(0.3)) entry['tags'] = random.pick([['front'], ['front', 'back'], ['back']]);
  if (random.chance(0.4)) {
    entry['import-values'] = random.list(1, 2, () =>
      random.pick<unknown>([
        'data',
        'none',
        { child: 'map', parent: 'imported' },
        { child: 'nested', parent: 'nested' },
        { child: 'deep.a', parent: '.' },
        { child: 'global', parent: 'imported' },
        { child: 'name', parent: 'x' },
        { child: 'missing', parent: 'x' },
      ]),
    );
  }
  return entry;
}

function extras(random: Random): Record<string, unknown> {
  const made: Record<string, unknown> = {};
  if (random.chance(0.4)) made['appVersion'] = random.pick(['1.0', 'v2', '"3"', '2024-01-01']);
  if (random.chance(0.2)) made['description'] = 'A chart';
  if (random.chance(0.2)) made['keywords'] = ['a', 'b'];
  if (random.chance(0.2)) made['maintainers'] = [{ name: 'M', email: 'm@x.y' }];
  if (random.chance(0.2)) made['annotations'] = { k: 'v' };
  if (random.chance(0.05)) made['kubeVersion'] = random.pick(['>=1.20.0-0', '<1.20', '^1', '>= 1.19 < 2']);
  if (random.chance(0.1)) made['home'] = 'https://x.y';
  if (random.chance(0.05)) made['type'] = 'application';
  return made;
}

function schema(random: Random): string {
  const property = (): unknown =>
    random.pick<unknown>([
      { type: random.pick(['string', 'number', 'integer', 'boolean', 'object', 'array', 'null']) },
      { type: ['string', 'null'] },
      { enum: ['one', 'app', 1] },
      { pattern: '^[a-z]+$' },
      { minLength: 3, maxLength: 5 },
      { minimum: 1, maximum: 3 },
      { items: { type: 'string' }, minItems: 1, uniqueItems: true },
      { properties: { a: { type: 'string' } }, required: ['a', 'zz'], additionalProperties: false },
      { anyOf: [{ type: 'string' }, { type: 'number' }] },
      { oneOf: [{ type: 'string' }, { minLength: 1 }] },
      { not: { type: 'string' } },
      { const: 'app' },
      { format: 'uri' },
      { $ref: '#/definitions/d' },
      JSON.parse('{"if":{"type":"string"},"then":{"minLength":9}}'),
      { multipleOf: 2 },
    ]);
  const properties: Record<string, unknown> = {};
  for (const key of ['name', 's1', 'n1', 'list', 'map', 'on']) if (random.chance(0.4)) properties[key] = property();
  const draft = random.pick([
    undefined,
    'http://json-schema.org/draft-07/schema#',
    'https://json-schema.org/draft/2020-12/schema',
  ]);
  const made = {
    ...(draft === undefined ? {} : { $schema: draft }),
    type: 'object',
    properties,
    required: ['name'],
    definitions: { d: { type: 'string' } },
  };
  return JSON.stringify(made);
}

function pathsOf(defaults: GoMap): { path: Path; value: GoValue }[] {
  const found: { path: Path; value: GoValue }[] = [];
  const walk = (value: GoValue, path: Path): void => {
    if (path.length > 0) found.push({ path, value });
    if (value instanceof Map) for (const [key, item] of value) walk(item, [...path, key]);
  };
  walk(defaults, []);
  return found;
}
