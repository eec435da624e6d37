import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { GoInt, type GoValue, isMap } from '../../shared/go/value.ts';
import { parseInstant } from '../../shared/helm/template/functions/layout-parse.ts';
import { TimeStruct } from '../../shared/helm/template/functions/time-struct.ts';
import { UTC } from '../../shared/helm/template/functions/zone.ts';
import { fromPlain } from '../../shared/yaml/json.ts';
import { renderOne } from './sprig-render.ts';

interface Row {
  tpl: string;
  vars: unknown;
  vt: string;
  want: string;
}

const shared = process.env['CHARTROOM_SHARED'] ?? path.resolve('..', 'shared');
const table = path.join(shared, 'oracle', 'sprig.json');

/** Rows that no user of Helm can meet, each with the reason. */
function outOfReach(row: Row): string | undefined {
  if (/\b(expand)?env\b/.test(row.tpl)) return 'Helm takes env and expandenv out';
  if (row.vt.includes('fixtureTO')) return 'the data is a Go struct of the test itself';
  if (row.vt.startsWith('(*string)')) return 'the data is a Go pointer';
  if (/\.bottom\./.test(row.tpl) && row.want !== '') return 'Helm runs with missingkey=zero, where this is an error';
  return undefined;
}

const RANDOM = /rand|shuffle|gen|uuid|bcrypt|htpasswd/;

/** Random texts are compared by shape: the form of the text, every letter and digit alike. */
function shape(text: string): string {
  const pem = /-----BEGIN ([A-Z ]+)-----[^-]*-----END \1-----/g;
  const forms = text.replace(pem, '<$1>').replace(/^[A-Za-z0-9+/=]{100,}$/gm, '<base64>');
  return forms.replace(/[A-Za-z0-9!-/:-@[-`{-~ ]/g, 'x').replace(/x+$/gm, (run) => (run.length > 40 ? 'x…' : run));
}

/** The row's data with the Go types that `vt` names: times, and ints. */
function dataOf(row: Row): GoValue {
  const data = fromPlain(row.vars);
  const value = isMap(data) ? data.get('Time') : undefined;
  if (!isMap(data) || value === undefined) return data;
  if (typeof value === 'string' && row.vt.includes('time.Date')) {
    data.set('Time', new TimeStruct(parseInstant('2006-01-02T15:04:05Z07:00', value, UTC), UTC));
  }
  if (typeof value === 'number') data.set('Time', new GoInt(value, 'int64'));
  return data;
}

function matches(row: Row): boolean {
  const got = renderOne(row.tpl, dataOf(row));
  if (!('out' in got)) return false;
  // Helm strips what Go prints for nil.
  const want = row.want.replaceAll('<no value>', '');
  if (row.tpl.includes('randInt')) return /^[0-9]{1,2}$/.test(got.out);
  if (row.tpl.includes('ago ')) return /^-?[0-9hms.]+$/.test(got.out);
  if (row.tpl.includes('.Time') && (row.vars as { Time: unknown }).Time === '') return got.out.length === want.length;
  return got.out === want || (RANDOM.test(row.tpl) && shape(got.out) === shape(want));
}

describe('sprig', () => {
  if (!existsSync(table)) {
    test.skip(`the oracle table is absent: ${table}`, () => {});
    return;
  }
  const rows = JSON.parse(readFileSync(table, 'utf8')) as Row[];
  const reachable = rows.filter((row) => outOfReach(row) === undefined);

  test(`${reachable.length} of ${rows.length} rows of the oracle`, () => {
    expect(reachable.filter((row) => !matches(row))).toEqual([]);
  });

  test('few rows are out of reach', () => {
    expect(rows.length - reachable.length).toBeLessThanOrEqual(16);
  });
});
