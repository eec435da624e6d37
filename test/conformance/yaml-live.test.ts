/**
 * Our YAML, JSON and TOML against Go's, live: the corpus's documents, random values, random and mutated texts.
 * YAML_FUZZ_CASES sets how many questions of each kind (default 1500), YAML_FUZZ_SEED where they start.
 */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import type { GoValue } from '../../shared/go/value.ts';
import { parseYaml } from '../../shared/yaml/read.ts';
import { Fuzzer, writeQuestions } from './yaml-fuzz.ts';
import { type Answer, askGo, askOurs, buildOracle, type Question } from './yaml-oracle.ts';

const CASES = Number(process.env['YAML_FUZZ_CASES'] ?? 1500);
const SEED = Number(process.env['YAML_FUZZ_SEED'] ?? 20_261_121);
const root = resolve(import.meta.dirname, '../..');
const corpus = join(process.env['CHARTROOM_SHARED'] ?? join(dirname(root), 'shared'), 'corpus');

const built = buildOracle();

/** Skips a test with a reason where its ground is missing. */
function skipped(): boolean {
  if ('path' in built) return false;
  console.log(`skipped: ${built.reason}`);
  return true;
}

const same = (a: Answer | undefined, b: Answer) => a?.out === b.out && a?.err === b.err;

function differences(questions: readonly Question[]): unknown[] {
  if (!('path' in built)) return [];
  const { path } = built;
  const answers = askGo(path, questions);
  const wrong: unknown[] = [];
  questions.forEach((question, i) => {
    const want = answers[i];
    const got = askOurs(question);
    if (same(want, got)) return;
    // Go decides by chance which of two keys that become one stays: ours must be one of its answers.
    const others = askGo(path, new Array<Question>(20).fill(question));
    if (!others.some((other) => same(other, got))) wrong.push({ question, want, got });
  });
  return wrong.slice(0, 5);
}

function corpusDocuments(): string[] {
  if (!existsSync(corpus)) {
    console.log(`skipped: no corpus in ${corpus}`);
    return [];
  }
  return ['golden', 'values'].flatMap((name) =>
    (readdirSync(join(corpus, name), { recursive: true }) as string[])
      .filter((file) => /\.ya?ml$/.test(file))
      .flatMap((file) => readFileSync(join(corpus, name, file), 'utf8').split(/^---[ \t]*\n/m)),
  );
}

describe('against Go', () => {
  const texts: string[] = [];
  beforeAll(() => {
    const rows = JSON.parse(readFileSync(join(import.meta.dirname, 'data/yaml-read.json'), 'utf8')) as Question[];
    for (const { text } of rows)
      if (text !== undefined && text.length < 400 && !text.includes('\ufeff')) texts.push(text);
  });

  test('the documents of the corpus, read and written', () => {
    if (skipped()) return;
    const questions = corpusDocuments().flatMap((text) => {
      const read: Question = { op: 'read', text };
      const { err } = askOurs(read);
      const value: GoValue = err === undefined ? parseYaml(text) : null;
      return value === null ? [read] : [read, ...writeQuestions(value)];
    });
    expect(differences(questions)).toEqual([]);
  });

  test('random values, written', () => {
    if (skipped()) return;
    const fuzzer = new Fuzzer(SEED);
    expect(differences(Array.from({ length: CASES }, () => writeQuestions(fuzzer.value())).flat())).toEqual([]);
  });

  test('random texts, read', () => {
    if (skipped()) return;
    const fuzzer = new Fuzzer(SEED + 1);
    expect(differences(Array.from({ length: CASES }, () => fuzzer.soup()))).toEqual([]);
  });

  test('mutated texts, read', () => {
    if (skipped()) return;
    const fuzzer = new Fuzzer(SEED + 2);
    expect(differences(Array.from({ length: CASES }, () => fuzzer.mutant(texts)))).toEqual([]);
  });
});
