/**
 * How fast manifests are read and values written, beside js-yaml on the same texts: `node test/bench/yaml.ts`.
 * Prints `bench yaml-read …` and `bench yaml-write …`; needs the corpus of ../shared (or CHARTROOM_SHARED).
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { CORE_SCHEMA, dump, load } from 'js-yaml';
import { toJson, toPlain } from '../../shared/yaml/json.ts';
import { parseYaml } from '../../shared/yaml/read.ts';
import { toYaml } from '../../shared/yaml/write.ts';

const ROUNDS = 7;
const root = resolve(import.meta.dirname, '../..');
const shared = process.env['CHARTROOM_SHARED'] ?? join(dirname(root), 'shared');

function documents(): string[] {
  const dir = join(shared, 'corpus/golden');
  if (!existsSync(dir)) return [];
  return readdirSync(dir)
    .filter((name) => name.endsWith('.yaml'))
    .flatMap((name) => readFileSync(join(dir, name), 'utf8').split(/^---[ \t]*\n/m));
}

/** Milliseconds of CPU that the best of several rounds over all inputs takes. */
function best<T>(inputs: readonly T[], work: (input: T) => unknown): number {
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < ROUNDS; i++) {
    const start = process.cpuUsage();
    for (const input of inputs) work(input);
    const { user, system } = process.cpuUsage(start);
    least = Math.min(least, (user + system) / 1000);
  }
  return least;
}

function report(name: string, bytes: number, ours: number, theirs: number): void {
  const mb = bytes / 1e6;
  const speed = (mb * 1000) / ours;
  const fields = [
    `mb=${mb.toFixed(2)}`,
    `mb_per_s=${speed.toFixed(1)}`,
    `ratio_to_js_yaml=${(theirs / ours).toFixed(2)}`,
  ];
  console.log(`bench ${name} ${fields.join(' ')}`);
}

function main(): void {
  const texts = documents();
  if (texts.length === 0) {
    console.log(`bench yaml skipped: no corpus in ${shared}`);
    return;
  }
  const size = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  const options = { schema: CORE_SCHEMA };
  const readable = (text: string) => {
    try {
      return load(text, options);
    } catch {
      return undefined; // js-yaml 5 refuses an empty document
    }
  };
  report('yaml-read', size, best(texts, parseYaml), best(texts, readable));
  const values = texts.map((text) => parseYaml(text));
  const plain = values.map(toPlain);
  const written = values.reduce((sum: number, value) => sum + Buffer.byteLength(toYaml(value)), 0);
  report(
    'yaml-write',
    written,
    best(values, toYaml),
    best(plain, (x) => dump(x, { schema: CORE_SCHEMA, sortKeys: true, noRefs: true })),
  );
  const json = values.reduce((sum: number, value) => sum + Buffer.byteLength(toJson(value)), 0);
  report(
    'json-write',
    json,
    best(values, toJson),
    best(plain, (x) => JSON.stringify(x)),
  );
}

main();
