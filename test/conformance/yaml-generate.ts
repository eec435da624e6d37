/**
 * Asks Go every question of data/yaml-read.json and data/yaml-write.json again and writes its answers there:
 * `node test/conformance/yaml-generate.ts`. To add a case, add a row with its op and its text or value and run this.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { askGo, buildOracle, decode, type Encoded, type Question } from './yaml-oracle.ts';

interface Row {
  readonly op: string;
  readonly text?: string;
  readonly value?: Encoded;
}

const ROUNDS = 12;

function question({ op, text, value }: Row): Question {
  return { op, ...(text === undefined ? {} : { text }), ...(value === undefined ? {} : { value: decode(value) }) };
}

function regenerate(oracle: string, name: string): void {
  const path = join(import.meta.dirname, 'data', name);
  const rows = JSON.parse(readFileSync(path, 'utf8')) as Row[];
  const rounds = Array.from({ length: ROUNDS }, () => askGo(oracle, rows.map(question)));
  const lines = rows.flatMap(({ op, text, value }, i) => {
    const lines = rounds.map((answers) => JSON.stringify({ op, text, value, ...answers[i] }));
    // Go takes keys that meet in one map in random order.
    const steady = lines.every((line) => line === lines[0]);
    if (!steady) console.log(`left out, Go's answer varies: ${JSON.stringify(text ?? value)}`);
    return steady ? lines.slice(0, 1) : [];
  });
  writeFileSync(path, `[\n${lines.join(',\n')}\n]\n`);
  console.log(`${name}: ${lines.length} rows`);
}

const built = buildOracle();
if ('reason' in built) throw new Error(built.reason);
for (const name of ['yaml-read.json', 'yaml-write.json']) regenerate(built.path, name);
