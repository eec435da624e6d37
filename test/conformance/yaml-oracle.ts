/** Asks Go's own YAML, JSON and TOML libraries (data/yaml-oracle) and asks ours the same, in one form. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeUtf8, encodeUtf8 } from '../../shared/go/utf8.ts';
import { GoInt, GoPanic, type GoValue, goInt } from '../../shared/go/value.ts';
import { MarshalError, YamlError } from '../../shared/yaml/errors.ts';
import { toGoYamlV2 } from '../../shared/yaml/go-yaml-v2.ts';
import { parseJson, toJson, toPrettyJson, toRawJson } from '../../shared/yaml/json.ts';
import { parseYaml, parseYamlMap } from '../../shared/yaml/read.ts';
import { parseToml, toToml } from '../../shared/yaml/toml.ts';
import { toYaml, toYamlPretty } from '../../shared/yaml/write.ts';

export interface Question {
  readonly op: string;
  readonly text?: string;
  readonly value?: GoValue;
}

export interface Answer {
  readonly out?: string;
  readonly err?: string;
}

/** A value as JSON can hold it: ["s", text], ["f", number], ["i", digits], ["l", items], ["m", pairs], ["n"], ["b", bool]. */
export type Encoded = [string, unknown?];

export function encode(value: GoValue, text: (s: string) => string = (s) => s): Encoded {
  if (value === null) return ['n'];
  if (typeof value === 'boolean') return ['b', value];
  if (typeof value === 'string') return ['s', text(value)];
  if (typeof value === 'number') return ['f', floatText(value)];
  if (value instanceof GoInt) return ['i', String(value.value)];
  if (Array.isArray(value)) return ['l', value.map((item) => encode(item, text))];
  if (value instanceof Map) return ['m', [...value].map(([key, item]) => [text(key), encode(item, text)])];
  throw new Error('the oracle knows no such value');
}

function floatText(x: number): string {
  if (Object.is(x, -0)) return '-0';
  if (Number.isFinite(x) || Number.isNaN(x)) return String(x);
  return x > 0 ? '+Inf' : '-Inf';
}

export function decode([kind, body]: Encoded): GoValue {
  if (kind === 'n') return null;
  if (kind === 'f')
    return body === '+Inf' ? Number.POSITIVE_INFINITY : body === '-Inf' ? Number.NEGATIVE_INFINITY : Number(body);
  if (kind === 'i') return goInt(BigInt(body as string));
  if (kind === 'l') return (body as Encoded[]).map(decode);
  if (kind === 'm') return new Map((body as [string, Encoded][]).map(([key, item]) => [key, decode(item)]));
  return body as GoValue;
}

const OURS: Readonly<Record<string, (q: Question) => string>> = {
  read: (q) => toJson(parseYaml(q.text as string)),
  readStrict: (q) => toJson(parseYaml(q.text as string, { strict: true })),
  readMap: (q) => toJson(parseYamlMap(q.text as string)),
  readJson: (q) => toJson(parseJson(q.text as string)),
  readToml: (q) => toJson(parseToml(q.text as string)),
  toYaml: (q) => toYaml(q.value as GoValue),
  toYamlPretty: (q) => toYamlPretty(q.value as GoValue),
  toJson: (q) => toJson(q.value as GoValue),
  toPrettyJson: (q) => toPrettyJson(q.value as GoValue),
  toRawJson: (q) => toRawJson(q.value as GoValue),
  toToml: (q) => toToml(q.value as GoValue),
  goYamlV2: (q) => toGoYamlV2(q.value as GoValue),
};

/** What our code answers; errors of other kinds than its own pass through. */
export function askOurs(question: Question): Answer {
  try {
    return { out: (OURS[question.op] as (q: Question) => string)(question) };
  } catch (e) {
    if (e instanceof YamlError || e instanceof MarshalError) return { err: e.message };
    if (e instanceof GoPanic) return { err: `panic: ${e.message}` };
    throw e;
  }
}

/** Builds the Go program; undefined with the reason when that cannot be done here. */
export function buildOracle(): { path: string } | { reason: string } {
  const path = join(mkdtempSync(join(tmpdir(), 'yaml-oracle-')), 'oracle');
  try {
    const cwd = join(import.meta.dirname, 'data/yaml-oracle');
    execFileSync('go', ['build', '-o', path, '.'], {
      cwd,
      env: { ...process.env, GOFLAGS: '-mod=mod' },
      stdio: 'pipe',
    });
    return { path };
  } catch (e) {
    return { reason: `the Go oracle cannot be built: ${(e as Error).message.split('\n')[0]}` };
  }
}

/** What Go answers, one for each question. */
export function askGo(oracle: string, questions: readonly Question[]): Answer[] {
  const base64 = (s: string) => Buffer.from(encodeUtf8(s)).toString('base64');
  const lines = questions.map((q) =>
    JSON.stringify({
      op: q.op,
      text: base64(q.text ?? ''),
      value: q.value === undefined ? null : encode(q.value, base64),
    }),
  );
  const { stdout, status, stderr } = spawnSync(oracle, { input: `${lines.join('\n')}\n`, maxBuffer: 2 ** 30 });
  if (status !== 0) throw new Error(`the oracle ended with ${status}: ${String(stderr).slice(0, 500)}`);
  return stdout
    .toString()
    .trimEnd()
    .split('\n')
    .map((line) => {
      const { out, err } = JSON.parse(line) as Answer;
      return err === undefined ? { out: decodeUtf8(Buffer.from(out ?? '', 'base64')) } : { err };
    });
}
