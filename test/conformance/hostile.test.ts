/** Charts and values made to harm: each ends in a named limit, Helm's own error or the right result, soon, and the process lives. */

import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { defaultCapabilities } from '../../shared/helm/capabilities.ts';
import { readArchive } from '../../shared/helm/chart/archive.ts';
import { loadChart, loadChartArchive } from '../../shared/helm/chart/load.ts';
import { defaultArchiveLimits, defaultRenderLimits } from '../../shared/helm/limits.ts';
import { loadValues } from '../../shared/helm/values/load.ts';
import { parseInto } from '../../shared/helm/values/strvals.ts';
import { RenderPool } from '../../shared/render-pool/pool.ts';
import type { PoolRequest } from '../../shared/render-pool/protocol.ts';
import { packChart } from '../env/charts.ts';

const SLOWEST_MS = 5_000;
const TIME = /maxRenderMillis|longer than the limit of 1000 ms/;
const MEMORY = /more than the limit of 256 MiB of memory/;
const TIME_OR_MEMORY = new RegExp(`${TIME.source}|${MEMORY.source}`);
const LIST = /limit of 1000000 items a call/;
const TEXT = /limit of 67108864 bytes a call/;
const STACK = /the stack is full \(Helm allows 1000 nested includes of one name\)/;

const config = (data: string): string => `kind: ConfigMap\napiVersion: v1\nmetadata: {name: a}\ndata:\n  x: ${data}\n`;
/** Ten levels of nine aliases: 9^10 values. */
const aliasBomb = [...'bcdefghij'].reduce(
  (text, key, i) => `${text}${key}: &${key} [${Array(9).fill(`*${'abcdefghij'[i]}`).join(',')}]\n`,
  'a: &a [x,x,x,x,x,x,x,x,x]\n',
);
const doubled = (expression: string, times: number, start: string): string =>
  `{{ $x := ${start} }}{{ range until ${times} }}{{ $x = ${expression} }}{{ end }}`;

let pool: RenderPool;
beforeAll(() => {
  pool = new RenderPool({ size: 1, maxMemoryMib: 256 });
});
afterAll(() => pool.close());

function request(
  template: string | Uint8Array,
  files: Record<string, string | Uint8Array>,
  values: string,
): PoolRequest {
  return {
    chartKey: `${Math.random()}`,
    archive: packChart({ name: 'c', version: '1.0.0', files: { 'templates/a.yaml': template, ...files } }),
    version: '1.0.0',
    releaseName: 'rel',
    namespace: 'apps',
    revision: 1,
    isInstall: true,
    isUpgrade: false,
    valuesJson: values,
    capabilities: defaultCapabilities,
    skipSchemaValidation: false,
    limits: { ...defaultRenderLimits, maxRenderMillis: 1000 },
    timeZone: 'UTC',
    postRender: { origin: { name: 'rel', namespace: 'apps' }, strategy: 'combined' },
  };
}

async function manifestOf(template: string | Uint8Array, files = {}, values = '{}'): Promise<string> {
  return (await pool.render(request(template, files, values), async () => ({}))).manifest;
}

/** The result or the error's message, in time; another chart renders after it. */
async function outcome(template: string | Uint8Array, files = {}, values = '{}'): Promise<string> {
  const start = performance.now();
  const text = await manifestOf(template, files, values).catch((error: Error) => error.message);
  expect(performance.now() - start).toBeLessThan(SLOWEST_MS);
  expect(await manifestOf(config('{{ "alive" | quote }}'))).toContain('x: alive');
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  return text;
}

describe('templates that take all there is', () => {
  test.each<[string, string, RegExp]>([
    ['until of a billion', '{{ until 1000000000 | len }}', LIST],
    ['untilStep of a billion', '{{ untilStep 0 1000000000 1 | len }}', LIST],
    ['seq of a billion', '{{ seq 1000000000 }}', LIST],
    ['range over a billion', '{{ range 1000000000000 }}{{ end }}', TIME],
    ['range that writes', '{{ range 1000000000 }}x{{ end }}', TIME_OR_MEMORY],
    ['ranges in ranges', '{{ range until 100000 }}{{ range until 100000 }}{{ end }}{{ end }}', TIME_OR_MEMORY],
    [
      'output without end',
      `{{ range until 100000 }}{{ range until 100000 }}${'x'.repeat(200)}{{ end }}{{ end }}`,
      /limit of 67108864 characters \(maxOutputBytes\)/,
    ],
    ['repeat', '{{ repeat 1000000000 "xx" }}', TEXT],
    ['indent', '{{ indent 1000000000 "x" }}', TEXT],
    ['random text', '{{ randAlphaNum 1000000000 }}', TEXT],
    ['replace', '{{ replace "" (repeat 10000 "b") (repeat 100000 "a") }}', TEXT],
    ['text that doubles', doubled('printf "%s%s" $x $x', 60, '"xxxx"'), /limit of 2\^29 characters/],
    ['list that doubles', doubled('concat $x $x', 40, 'list 1 2'), LIST],
    ['map that is shared, written', `${doubled('dict "a" $x "b" $x', 60, 'dict')}{{ toYaml $x }}`, /limit a call/],
    ['map that is shared, copied', `${doubled('dict "a" $x "b" $x', 60, 'dict')}{{ deepCopy $x | len }}`, /limit/],
    ['large texts kept', doubled('append $x (upper (print . (repeat 60000000 "x")))', 60, 'list'), TIME_OR_MEMORY],
    [
      'maps without end',
      '{{ $d := dict }}{{ range $i := until 1000000 }}{{ range until 20 }}{{ $_ := set $d (printf "%d-%d" $i .) . }}{{ end }}{{ end }}',
      TIME_OR_MEMORY,
    ],
    ['keys', '{{ range until 10000 }}{{ genPrivateKey "rsa" }}{{ end }}', TIME],
    ['hashes', '{{ range until 10000 }}{{ bcrypt "x" }}{{ end }}', TIME],
  ])('%s', async (_, template, wanted) => {
    expect(await outcome(template)).toMatch(wanted);
  });
});

describe('recursion', () => {
  test.each<[string, string, RegExp]>([
    [
      'include',
      '{{ define "a" }}{{ include "a" . }}{{ end }}{{ include "a" . }}',
      /rendering template has a nested reference name: a/,
    ],
    [
      'include by two',
      '{{ define "a" }}{{ include "b" . }}{{ end }}{{ define "b" }}{{ include "a" . }}{{ end }}{{ include "a" . }}',
      /nested reference name|the stack is full/,
    ],
    [
      'template',
      '{{ define "a" }}{{ template "a" . }}{{ end }}{{ template "a" . }}',
      /exceeded maximum template depth|the stack is full/,
    ],
    ['tpl of itself', '{{ tpl .Values.self . }}', STACK],
    [
      'tpl and include',
      '{{ define "a" }}{{ tpl "{{ include \\"a\\" . }}" . }}{{ end }}{{ include "a" . }}',
      /nested reference name: a|the stack is full/,
    ],
    [
      'include that forks',
      '{{ define "a" }}{{ if gt (int .) 0 }}{{ include "a" (sub . 1) }}{{ include "a" (sub . 1) }}{{ end }}{{ end }}{{ include "a" 60 }}',
      TIME,
    ],
  ])('%s', async (_, template, wanted) => {
    expect(await outcome(template, {}, '{"self":"{{ tpl .Values.self . }}"}')).toMatch(wanted);
  });

  test('a map in itself is not written', async () => {
    const self = '{{ $d := dict }}{{ $_ := set $d "x" $d }}';
    expect(await outcome(`${self}${config('{{ toJson $d | quote }}')}`)).toContain('x: ""');
    expect(await outcome(`${self}${config('{{ $d | quote }}')}`)).toMatch(/the stack is full|nested deeper/);
  });
});

describe('regular expressions that backtrack elsewhere', () => {
  test.each<[string, string, string]>([
    ['(a+)+$', '{{ regexMatch "(a+)+$" (printf "%s!" (repeat 50000 "a")) }}', 'false'],
    ['(x+x+)+y', '{{ regexFind "(x+x+)+y" (repeat 100000 "x") }}', ''],
    ['(.*?,){25}P', '{{ regexReplaceAll "(.*?,){25}P" (repeat 20000 "1,") "x" | len }}', '40000'],
  ])('%s', async (_, expression, wanted) => {
    expect(await outcome(config(`"${expression}"`))).toContain(wanted === '' ? 'x: ""' : `x: "${wanted}"`);
  });

  test('in a schema', async () => {
    const schema = JSON.stringify({ properties: { a: { pattern: '^(a+)+$' } } });
    const values = JSON.stringify({ a: `${'a'.repeat(100_000)}!` });
    expect(await outcome(config('1'), { 'values.schema.json': schema }, values)).toContain(
      "does not match pattern '^(a+)+$'",
    );
  });
});

describe('YAML and JSON', () => {
  test('an alias bomb in a document, in values, in a file that a template reads', async () => {
    expect(await outcome(aliasBomb)).toContain('document contains excessive aliasing');
    expect(() => loadValues(aliasBomb)).toThrow('document contains excessive aliasing');
    expect(await outcome(config('1'), { 'values.yaml': aliasBomb })).toContain('document contains excessive aliasing');
    const read = config('{{ fromYaml (.Files.Get "bomb.yaml") | toJson | quote }}');
    expect(await outcome(read, { 'bomb.yaml': aliasBomb })).toContain('document contains excessive aliasing');
  });

  test('deep nesting', async () => {
    const deep = `a: ${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    const blocks = Array.from({ length: 3000 }, (_, i) => `${' '.repeat(i)}a:`).join('\n');
    expect(await outcome(deep)).toContain('exceeded max depth of');
    expect(await outcome(blocks)).toContain('exceeded max depth of');
    expect(() => loadValues(deep)).toThrow('exceeded max depth of');
    const values = `{"a":${'['.repeat(5_000)}${']'.repeat(5_000)}}`;
    expect(await outcome(config('{{ .Values.a | toJson | len }}'), {}, values)).toMatch(/x: \d+|deep|stack/);
    expect(await outcome(`{{ ${'('.repeat(50_000)}1${')'.repeat(50_000)} }}`)).toContain(
      'max expression depth exceeded',
    );
    expect(await outcome(`${'{{ if true }}'.repeat(20_000)}x${'{{ end }}'.repeat(20_000)}`)).toContain(
      'max expression depth exceeded',
    );
  });

  test('a list index of a billion', () => {
    expect(() => parseInto('a[1000000000]=1', new Map())).toThrow('65536');
  });
});

describe('names that JavaScript knows', () => {
  test('__proto__ and constructor are keys like others', async () => {
    const template = `${config('{{ get (dict) "constructor" | quote }}')}  h: {{ hasKey (dict) "__proto__" | quote }}
  i: {{ index (dict "a" 1) "toString" | quote }}
  m: {{ merge (dict) (dict "__proto__" (dict "polluted" 1)) | toJson | quote }}
  s: {{ set (dict) "constructor" 1 | toJson | quote }}
  v: {{ .Values.__proto__ | toJson | quote }}
  w: {{ .Values.constructor.prototype | toJson | quote }}
__proto__: {polluted: "yes"}
constructor: {prototype: {polluted: "yes"}}
`;
    const values = '{"__proto__":{"polluted":"yes"},"constructor":{"prototype":{"polluted":"yes"}}}';
    const manifest = await outcome(template, { 'values.yaml': '__proto__: {more: 1}\n' }, values);
    expect(manifest).toContain('x: ""');
    expect(manifest).toContain('h: "false"');
    // quote writes nothing for nil.
    expect(manifest).toContain('i: null');
    expect(manifest).toContain(`m: '{"__proto__":{"polluted":1}}'`);
    expect(manifest).toContain(`s: '{"constructor":1}'`);
    expect(manifest).toContain(`v: '{"more":1,"polluted":"yes"}'`);
    expect(manifest).toContain(`w: '{"polluted":"yes"}'`);
    expect(manifest).toContain('constructor:\n  prototype:\n    polluted: "yes"');
    expect(manifest).toContain('__proto__:\n  polluted: "yes"');
    expect(await outcome('{{ __proto__ }}')).toContain('function "__proto__" not defined');
    expect(await outcome('{{ include "constructor" . }}')).toContain('no template "constructor"');
  });

  test('as the name of a chart', async () => {
    const files = { 'charts/constructor/Chart.yaml': 'apiVersion: v2\nname: constructor\nversion: 0.1.0\n' };
    expect(await outcome(config('{{ .Subcharts | keys | toJson | quote }}'), files)).toContain('["constructor"]');
  });
});

describe('lines and bytes', () => {
  const long = 'x'.repeat(1024 * 1024);

  test('lines of a megabyte', async () => {
    expect((await outcome(config(`"${long}"`))).length).toBeGreaterThan(long.length);
    expect((await outcome(config('{{ .Values.a | quote }}'), {}, JSON.stringify({ a: long }))).length).toBeGreaterThan(
      long.length,
    );
    expect(await outcome(`{{/*${long}*/}}${config('1')}`)).toContain('x: 1');
    expect(await outcome(config(`{{ "${long}" | len | quote }}`))).toContain('x: "1048576"');
  });

  test('bytes that are not UTF-8', async () => {
    const bytes = Buffer.from([0xff, 0xfe, 0x80, 0x00]);
    const between = (before: string, after: string): Uint8Array =>
      Buffer.concat([Buffer.from(before), bytes.subarray(0, 3), Buffer.from(after)]);
    expect(await outcome(between(config('"').trimEnd(), '"\n'))).toContain('yaml: invalid leading UTF-8 octet');
    expect(await outcome(between(config('{{ "').trimEnd(), '" | b64enc }}\n'))).toContain('x: //6A');
    expect(await outcome(config('{{ .Files.Get "bin" | b64enc }}'), { bin: bytes })).toContain('x: //6AAA==');
    expect(await outcome(config('1'), { 'values.yaml': between('a: "', '"\n') })).toContain(
      'invalid leading UTF-8 octet',
    );
  });
});

describe('archives', () => {
  test('10 GiB of zeros', () => {
    const member = gzipSync(Buffer.alloc(64 * 1024 * 1024));
    const bomb = Buffer.concat(Array.from({ length: 160 }, () => member));
    const start = performance.now();
    expect(() => readArchive(bomb)).toThrow(
      `decompressed chart is larger than the maximum size ${defaultArchiveLimits.maxUnpackedBytes} (the limit max-chart-unpacked-bytes)`,
    );
    expect(performance.now() - start).toBeLessThan(SLOWEST_MS);
  });

  test('too many bytes, too many files', () => {
    expect(() => readArchive(new Uint8Array(64 * 1024 * 1024))).toThrow('max-chart-archive-bytes');
    const files = Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`templates/${i}.yaml`, '']));
    const archive = packChart({ name: 'c', version: '1.0.0', files });
    expect(() => loadChartArchive(archive, { ...defaultArchiveLimits, maxEntries: 20 })).toThrow('max-chart-entries');
  });

  test('charts in charts in charts', () => {
    const depth = 40;
    const files = Array.from({ length: depth }, (_, i) => ({
      name: `${'charts/c/'.repeat(i)}Chart.yaml`,
      data: Buffer.from('apiVersion: v2\nname: c\nversion: 0.1.0\n'),
    }));
    expect(() => loadChart(files)).toThrow('max-chart-depth');
  });
});
