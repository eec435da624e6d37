/**
 * What Go answered (data/yaml-*.json, written by yaml-generate.ts), asked of our code: texts that were found hard, every
 * scalar form, and the values of every difference that fuzzing has found.
 */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { type Answer, askOurs, decode, type Encoded } from './yaml-oracle.ts';

interface Row extends Answer {
  readonly op: string;
  readonly text?: string;
  readonly value?: Encoded;
}

function rows(name: string): Row[] {
  return JSON.parse(readFileSync(join(import.meta.dirname, 'data', name), 'utf8')) as Row[];
}

function answer(row: Row): Answer {
  const { op, text, value } = row;
  return askOurs({
    op,
    ...(text === undefined ? {} : { text }),
    ...(value === undefined ? {} : { value: decode(value) }),
  });
}

describe.each(['yaml-read.json', 'yaml-write.json'])('%s', (name) => {
  const all = rows(name);
  const ops = [...new Set(all.map((row) => row.op))];
  test.each(ops)('%s', (op) => {
    const wrong = all
      .filter((row) => row.op === op)
      .map((row) => ({ row, got: answer(row) }))
      .filter(({ row, got }) => row.out !== got.out || row.err !== got.err);
    expect(wrong.slice(0, 5)).toEqual([]);
  });
});
