import { describe, expect, test } from '@jest/globals';
import type { GoMap } from '../../../../shared/go/value.ts';
import { coalesceKeepingNulls, coalesceValues, type ValuesNode } from '../../../../shared/helm/values/coalesce.ts';
import { mergeValues } from '../../../../shared/helm/values/tables.ts';
import { toJson } from '../../../../shared/yaml/json.ts';
import { parseYaml } from '../../../../shared/yaml/read.ts';

const map = (yaml: string): GoMap => (parseYaml(yaml) ?? new Map()) as GoMap;
const node = (name: string, values: string, ...dependencies: ValuesNode[]): ValuesNode => ({
  name,
  values: map(values),
  dependencies,
});

function coalesced(chart: ValuesNode, given: string): unknown {
  return JSON.parse(toJson(coalesceValues(chart, map(given))));
}

describe('values over defaults', () => {
  test.each([
    ['given values win and maps merge', 'a: {x: 1, z: 2}\nb: 1', 'a: {x: 9}\nc: 3', { a: { x: 9, z: 2 }, b: 1, c: 3 }],
    ['lists are replaced', 'a: [1, 2]', 'a: [3]', { a: [3] }],
    ['null removes a key that has a default', 'a: 1\nb: {c: 1, d: 2}', 'a: null\nb: {c: null}', { b: { d: 2 } }],
    ['null stays where there is no default', 'b: {d: 2}', 'x: null\nb: {c: null}', { x: null, b: { c: null, d: 2 } }],
    ['nulls among defaults vanish', 'a: null\nb: {c: null}', '', { b: {} }],
    ['a map is not overwritten by a scalar default', 'a: 1', 'a: {b: 2}', { a: { b: 2 } }],
    ['a scalar wins over a map', 'a: {b: 2}', 'a: 1', { a: 1 }],
    [
      'names of JavaScript are keys',
      '__proto__: {x: 1}\nconstructor: 2',
      'toString: 3',
      JSON.parse('{"__proto__":{"x":1},"constructor":2,"toString":3}'),
    ],
  ])('%s', (_, defaults, given, wanted) => {
    expect(coalesced(node('top', defaults), given)).toEqual(wanted);
  });

  test('neither side is changed', () => {
    const chart = node('top', 'a: {x: 1}');
    const given = map('a: {z: 2}');
    const out = coalesceValues(chart, given);
    (out.get('a') as GoMap).set('new', 3);
    expect(toJson(given)).toBe('{"a":{"z":2}}');
    expect(toJson(chart.values)).toBe('{"a":{"x":1}}');
  });

  test('warnings name the key', () => {
    const warnings: string[] = [];
    coalesceValues(node('top', 'a: 1'), map('a: {b: 2}'), (text) => warnings.push(text));
    expect(warnings).toEqual(['warning: skipped value for top.a: Not a table.']);
  });
});

describe('subcharts', () => {
  const chart = node(
    'top',
    'sub: {a: 1}\nglobal: {g: 1, m: {x: 1}}',
    node('sub', 'a: 0\nb: 2\nglobal: {g: 0, own: 1}'),
  );

  test("the parent's defaults win over the subchart's, and globals go down", () => {
    expect(coalesced(chart, 'sub: {c: 3}\nglobal: {m: {z: 2}}')).toEqual({
      sub: { a: 1, b: 2, c: 3, global: { g: 1, own: 1, m: { x: 1, z: 2 } } },
      global: { g: 1, m: { x: 1, z: 2 } },
    });
  });

  test("null removes a subchart's default", () => {
    expect(coalesced(chart, 'sub: {b: null}')).toEqual({
      sub: { a: 1, global: { g: 1, own: 1, m: { x: 1 } } },
      global: { g: 1, m: { x: 1 } },
    });
  });

  test.each([
    ['5', '%!t(float64=5)'],
    ['x', '%!t(string=x)'],
    ['true', 'true'],
  ])('values that are no map: %s', (value, shown) => {
    expect(() => coalesced(chart, `sub: ${value}`)).toThrow(`type mismatch on sub: ${shown}`);
  });

  test('keeping nulls leaves them for the next step', () => {
    expect(toJson(coalesceKeepingNulls(chart, map('sub: {b: null}')).get('sub') ?? null)).toContain('"b":null');
  });
});

test('files merge in order, null being a value', () => {
  expect(toJson(mergeValues(map('a: {x: 1}\nb: 1'), map('a: {x: null, z: 2}\nb: {c: 1}')))).toBe(
    '{"a":{"x":null,"z":2},"b":{"c":1}}',
  );
});
