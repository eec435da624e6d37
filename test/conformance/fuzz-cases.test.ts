/**
 * What the fuzzer found to differ from Helm v4.3.1, each made small, with Helm's own answer:
 * `node test/conformance/fuzz/record.ts FILE…` adds what test/conformance/fuzz/main.ts wrote.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { answerText } from './fuzz/compare.ts';
import { askOurs, type Question } from './fuzz/question.ts';

interface FuzzCase {
  readonly name: string;
  readonly question: Question;
  /** Helm's answer. */
  readonly wanted: string;
}

const cases = JSON.parse(
  readFileSync(path.join(import.meta.dirname, 'data/fuzz-cases.json'), 'utf8'),
) as readonly FuzzCase[];

describe('charts that the fuzzer found', () => {
  test.each(cases.map((one) => [one.name, one] as const))('%s', (_, { question, wanted }) => {
    expect(answerText(askOurs(question))).toBe(wanted);
  });
});
