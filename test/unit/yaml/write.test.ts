import { describe, expect, test } from '@jest/globals';
import { type GoMap, type GoValue, goInt } from '../../../shared/go/value.ts';
import { toGoYamlV2 } from '../../../shared/yaml/go-yaml-v2.ts';
import { fromPlain, toJson } from '../../../shared/yaml/json.ts';
import { parseExact } from '../../../shared/yaml/read.ts';
import { toYaml, toYamlPretty } from '../../../shared/yaml/write.ts';
import { Fuzzer } from '../../conformance/yaml-fuzz.ts';

const of = (x: unknown) => fromPlain(x) as GoMap;

describe('toYaml', () => {
  test('maps, lists and their indentation', () => {
    const value = of({ b: [{ x: 1, w: ['z'] }, [], {}], a: { c: null, d: true }, e: [['f'], 'g'] });
    expect(toYaml(value)).toBe('a:\n  c: null\n  d: true\nb:\n- w:\n  - z\n  x: 1\n- []\n- {}\ne:\n- - f\n- g\n');
  });

  test('the natural order of keys', () => {
    expect(toYaml(of({ K9: 1, K10: 2, K_a: 3, a: 4, B: 5 }))).toBe('B: 5\nK_a: 3\nK9: 1\nK10: 2\na: 4\n');
  });

  test.each([
    [3000000, '3000000\n'],
    [1234567.891, '1.234567891e+06\n'],
    [-0, '0\n'],
    [12345678901234567890, '12345678901234567000\n'],
    [1e21, '1e+21\n'],
    [goInt(9223372036854775807n), '9223372036854775807\n'],
    ['true', '"true"\n'],
    ['0x1', '"0x1"\n'],
    ['1:30', '"1:30"\n'],
    ['a: b', "'a: b'\n"],
    ['a\nb\n', '|\n  a\n  b\n'],
    [' a\nb', '|2-\n   a\n  b\n'],
    ['a\n\n', '|+\n  a\n\n'],
    ['a \nb', '"a \\nb"\n'],
    ['😀', '"\\U0001F600"\n'],
    ['\udcff', '�\n'],
    ['', '""\n'],
  ] as [GoValue, string][])('%j', (value, want) => {
    expect(toYaml(value)).toBe(want);
  });

  test('long text is folded after column 80', () => {
    const text = 'word '.repeat(20).trim();
    expect(toYaml(of({ key: text }))).toBe(`key: ${'word '.repeat(16).trim()}\n  word word word word\n`);
  });

  test('what JSON or go-yaml refuses is an error', () => {
    expect(() => toYaml(Number.NaN)).toThrow('error marshaling into JSON: json: unsupported value: NaN');
    expect(() => toYaml('\x7f')).toThrow('yaml: control characters are not allowed');
    expect(() => toYaml(of({ [`k${'x'.repeat(1100)}`]: 1 }))).toThrow("did not find expected ',' or '}'");
    const cycle: GoMap = new Map();
    cycle.set('a', cycle);
    expect(() => toYaml(cycle)).toThrow('json: unsupported value: encountered a cycle via map[string]interface {}');
  });

  test('reads back as it was', () => {
    const fuzzer = new Fuzzer(3);
    for (let i = 0; i < 500; i++) {
      const value = fuzzer.value();
      let text: string;
      try {
        text = toYaml(value);
      } catch {
        continue;
      }
      // go-yaml writes the key `<<` plain, which is a merge when read; line separators fold away.
      if (text.includes('<<') || /[\x85\u2028\u2029\udcff]/.test(toJson(value)) || text.includes('\\N')) continue;
      expect(toYaml(parseExact(text))).toBe(text);
    }
  });
});

test('toYamlPretty indents lists and keeps floats as Go prints them', () => {
  const value = of({ a: [{ b: [3000000, 1.5] }], y: 'yes', long: 'word '.repeat(30).trim() });
  expect(toYamlPretty(value)).toBe(
    `a:\n  - b:\n      - 3e+06\n      - 1.5\nlong: ${'word '.repeat(30).trim()}\n"y": "yes"\n`,
  );
  expect(toYamlPretty(new Map([['d', goInt(1_500_000_000, 'time.Duration')]]))).toBe('d: 1.5s\n');
  expect(toYamlPretty('\udcff')).toBe('!!binary /w==\n');
});

test('toGoYamlV2 sorts keys by bytes and writes whole floats as integers', () => {
  const value = of({ K10: 3000000, K9: [{ b: 1, a: 2.5 }], K_a: 4611686018427387904 });
  expect(toGoYamlV2(value)).toBe('K10: 3000000\nK9:\n- a: 2.5\n  b: 1\nK_a: 4611686018427387904\n');
});
