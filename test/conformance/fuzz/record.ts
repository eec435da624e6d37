/**
 * Records cases for fuzz-cases.test.ts: `node test/conformance/fuzz/record.ts NAME FILE [NAME FILE]…`, where each FILE holds a
 * question as main.ts writes a difference. Every answer in data/fuzz-cases.json is asked of Helm again.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { answerText } from './compare.ts';
import { buildHelmOracle, HelmOracle } from './oracle.ts';
import type { Question } from './question.ts';

const FILE = path.join(import.meta.dirname, '../data/fuzz-cases.json');

interface Recorded {
  readonly name: string;
  readonly question: Question;
}

function added(args: readonly string[]): Recorded[] {
  const made: Recorded[] = [];
  for (let i = 0; i + 1 < args.length; i += 2) {
    const { question } = JSON.parse(readFileSync(args[i + 1] ?? '', 'utf8')) as { question: Question };
    made.push({ name: args[i] ?? '', question });
  }
  return made;
}

async function main(): Promise<void> {
  const built = buildHelmOracle();
  if ('reason' in built) throw new Error(built.reason);
  const oracle = new HelmOracle(built.program);
  const old = existsSync(FILE) ? (JSON.parse(readFileSync(FILE, 'utf8')) as Recorded[]) : [];
  const rows: string[] = [];
  for (const { name, question } of [...old, ...added(process.argv.slice(2))]) {
    const answer = await oracle.ask(question);
    if (!answer) throw new Error(`Helm gives no answer for ${name}`);
    rows.push(JSON.stringify({ name, question, wanted: answerText(answer) }));
  }
  oracle.close();
  writeFileSync(FILE, `[\n${rows.join(',\n')}\n]\n`);
  console.log(`${rows.length} cases in ${FILE}`);
}

await main();
