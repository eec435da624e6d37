import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { fromPlain } from '../../shared/yaml/json.ts';
import { renderOne } from './sprig-render.ts';

interface Group {
  values: unknown;
  rows: { expr: string; want?: string; error?: string }[];
}

// What Helm v4.3.1's own engine gave for each row.
const groups = JSON.parse(readFileSync(path.resolve('test/conformance/data/functions.json'), 'utf8')) as Group[];

describe('template functions against Helm v4.3.1', () => {
  test.each(groups.map((group, i) => [i, group] as const))('group %i', (_i, group) => {
    const wrong = group.rows.filter((row) => {
      const got = renderOne(row.expr, new Map([['Values', fromPlain(group.values)]]));
      return 'out' in got ? got.out !== row.want : got.error !== row.error;
    });
    expect(wrong).toEqual([]);
  });
});
