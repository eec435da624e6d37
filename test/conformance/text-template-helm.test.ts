import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { type GoMap, type GoValue, tagType } from '../../shared/go/value.ts';
import { filesStruct } from '../../shared/helm/files.ts';
import { helmExecError, helmParseError } from '../../shared/helm/template/errors.ts';
import { helmFunctions } from '../../shared/helm/template/functions/table.ts';
import type { RenderEnv } from '../../shared/helm/template/runtime.ts';
import { TemplateParseError, TemplateSet } from '../../shared/helm/template/set.ts';

/*
 * What Helm v4.3.1's engine made of small templates, recorded: output or the error in Helm's own words and positions.
 */

interface Case {
  files: Record<string, string>;
  out?: Record<string, string>;
  error?: string;
}

const recorded = JSON.parse(
  readFileSync(join(process.cwd(), 'test/conformance/data/text-template-helm.json'), 'utf8'),
) as { values: unknown; cases: Case[] };

function toGo(x: unknown): GoValue {
  if (Array.isArray(x)) return x.map(toGo);
  if (typeof x !== 'object' || x === null) return x as GoValue;
  return new Map(Object.entries(x).map(([key, value]) => [key, toGo(value)]));
}

const env: RenderEnv = {
  limits: { maxMillis: 20_000, maxOutput: 10_000_000, maxIncludeDepth: 1000 },
  clock: () => performance.now(),
};
const functions = helmFunctions({
  now: () => new Date(0),
  randomBytes: (count) => new Uint8Array(count),
  timeZone: 'UTC',
});

function scope(file: string): GoMap {
  return new Map<string, GoValue>([
    ['Values', tagType(toGo(recorded.values) as GoMap, 'common.Values')],
    ['Release', toGo({ Name: 'r', Namespace: 'ns' })],
    ['Capabilities', new Map()],
    ['Chart', toGo({ Name: 'c' })],
    ['Files', filesStruct([])],
    ['Template', tagType(toGo({ Name: file, BasePath: 'c/templates' }) as GoMap, 'common.Values')],
  ]);
}

function render(files: Record<string, string>): { out: Record<string, string>; error?: string } {
  const names = Object.keys(files).sort().reverse();
  const out: Record<string, string> = {};
  try {
    const set = TemplateSet.compile(
      names.map((name) => ({ name: `c/templates/${name}`, text: files[name] ?? '' })),
      functions,
    );
    for (const name of names) {
      if (name.startsWith('_')) continue;
      const path = `c/templates/${name}`;
      try {
        out[name] = set.execute(path, scope(path), env);
      } catch (error) {
        return { out: {}, error: helmExecError(path, error as Error) };
      }
    }
    return { out };
  } catch (error) {
    if (!(error instanceof TemplateParseError)) throw error;
    return { out: {}, error: helmParseError(error.fileName, error.message) };
  }
}

describe('templates as Helm v4.3.1 renders them', () => {
  for (const [i, one] of recorded.cases.entries()) {
    test(`${i} ${JSON.stringify(Object.values(one.files)).slice(0, 150)}`, () => {
      const result = render(one.files);
      if (one.error !== undefined) expect(result.error).toBe(one.error);
      else expect(result).toEqual({ out: one.out });
    });
  }
});
