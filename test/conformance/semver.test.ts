import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parseConstraint } from '../../shared/helm/semver/constraint.ts';
import { parseVersion } from '../../shared/helm/semver/version.ts';

interface Row {
  C: string;
  V: string;
  R: string;
}

const shared = process.env['CHARTROOM_SHARED'] ?? path.resolve('..', 'shared');
const table = path.join(shared, 'oracle', 'semver-constraints.json');

function check(row: Row): string {
  let constraint: ReturnType<typeof parseConstraint>;
  try {
    constraint = parseConstraint(row.C);
  } catch {
    return 'cerr';
  }
  try {
    return String(constraint.check(parseVersion(row.V)));
  } catch {
    return 'verr';
  }
}

describe('Masterminds semver', () => {
  if (!existsSync(table)) {
    test.skip(`the oracle table is absent: ${table}`, () => {});
    return;
  }
  const rows = JSON.parse(readFileSync(table, 'utf8')) as Row[];
  test(`all ${rows.length} rows of the oracle`, () => {
    const wrong = rows.map((row) => ({ ...row, got: check(row) })).filter((row) => row.got !== row.R);
    expect(wrong).toEqual([]);
  });
});
