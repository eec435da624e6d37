import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { type GoValue, goInt } from '../../shared/go/value.ts';
import type { RenderEnv } from '../../shared/helm/template/runtime.ts';
import { TemplateSet } from '../../shared/helm/template/set.ts';
import { fixtureFunctions, makeComparisons, makeT, OWN_DATA } from './text-template-fixture.ts';

const shared = process.env['CHARTROOM_SHARED'] ?? join(process.cwd(), '../shared');
const table = join(shared, 'oracle/text-template-exec.json');

interface Row {
  Name: string;
  Input: string;
  Output: string;
  OK: boolean;
  Data: 'nil' | 'json' | 'tVal' | 'cmp';
  Table: 'exec' | 'multi' | 'cmp';
}

/** Rows that no chart can meet, with the reason. */
function listed({ Input, Name, OK, Data }: Row): string | undefined {
  if (OK && /call \.|\| call|VariadicFunc|if not \.BinaryFunc/.test(Input)) return 'function values: Helm passes none';
  if (Data === 'json' && Name.includes('iter.Seq')) return 'iterators: Helm passes none';
  if (Name.includes('uintptr') || /\.UPI|EmptyUPI/.test(Input)) return 'uintptr and unsafe pointers: Helm passes none';
  if (Input.includes('.SICap')) return 'capacity beyond the length: no value of a template has any';
  if (Name === 'map .NO' || Name === '.Method3(nil value)') return 'missingkey=default; Helm sets missingkey=zero';
  if (/printf .*\d[+-]\di/.test(Input)) return 'complex numbers under a verb: nothing in Helm makes one';
  if (Name === 'eq .Map .V1') return 'a nil map of a type of its own: Helm passes none';
  if (Name === 'map .WRONG type') return 'map[int]int: Helm passes string keys only';
  return undefined;
}

const env: RenderEnv = {
  limits: { maxMillis: 10_000, maxOutput: 1_000_000, maxIncludeDepth: 1000 },
  clock: () => performance.now(),
};

const MULTI = `
  {{define "x"}}TEXT{{end}}
  {{define "dotV"}}{{.V}}{{end}}
  {{define "dot"}}{{.}}{{end}}
  {{define "nested"}}{{template "dot" .}}{{end}}
`;

function dataOf(row: Row): GoValue {
  if (row.Table === 'multi' && row.Data === 'json') return 'joe';
  if (row.Data === 'cmp') return makeComparisons();
  if (row.Data === 'tVal') return makeT();
  return OWN_DATA[row.Name] ?? (row.Data === 'json' ? goInt(0) : null);
}

function run(row: Row): string {
  const text =
    row.Table === 'cmp' && !row.Input.includes('{{') ? `{{if ${row.Input}}}true{{else}}false{{end}}` : row.Input;
  const files = [
    { name: 'multi', text: row.Table === 'multi' ? MULTI : '' },
    { name: 'row', text },
  ];
  return TemplateSet.compile(files, fixtureFunctions()).execute('row', dataOf(row), env);
}

describe('the table of Go text/template', () => {
  if (!existsSync(table)) {
    test.skip(`skipped: ${table} is not there`, () => undefined);
    return;
  }
  const rows = JSON.parse(readFileSync(table, 'utf8')) as Row[];
  const left = rows.filter((row) => listed(row) !== undefined);
  test('lists few rows', () => expect(left.length).toBeLessThan(rows.length * 0.08));
  for (const [i, row] of rows.entries()) {
    if (listed(row) !== undefined) continue;
    test(`${i} ${row.Name} ${row.Input}`, () => {
      if (!row.OK) expect(() => run(row)).toThrow();
      else expect(run(row)).toBe(row.Output.replaceAll('<no value>', ''));
    });
  }
});
