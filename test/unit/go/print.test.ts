import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { sprint, sprintAll, sprintf, sprintln, typeOf } from '../../../shared/go/print.ts';
import { formatFloat, formatG, parseFloat64, parseInt64, quote, unquote } from '../../../shared/go/strconv.ts';
import { type GoValue, goInt, tagType } from '../../../shared/go/value.ts';

interface Row {
  F: string;
  A: unknown;
  T: 'f' | 'i' | 's' | 'j';
  W: string;
}
type NumberRow = [
  text: string,
  int0: string,
  ok0: boolean,
  int10: string,
  ok10: boolean,
  float: string,
  okFloat: boolean,
];

const recorded = JSON.parse(readFileSync(join(process.cwd(), 'test/unit/go/data/fmt.json'), 'utf8')) as {
  rows: Row[];
  unquote: [string, string, boolean][];
  numbers: NumberRow[];
};

function toGo(x: unknown): GoValue {
  if (Array.isArray(x)) return x.map(toGo);
  if (typeof x !== 'object' || x === null) return x as GoValue;
  return new Map(Object.entries(x).map(([key, value]) => [key, toGo(value)]));
}

describe('fmt', () => {
  test('every verb and flag prints as Go does', () => {
    const wrong = recorded.rows.filter((row) => {
      const arg = row.T === 'i' ? goInt(BigInt(row.A as string)) : toGo(row.A);
      return sprintf(row.F, [arg]) !== row.W;
    });
    expect(wrong).toEqual([]);
  });

  test('%v of composite and named values', () => {
    const hour = goInt(3_723_500_000_000, 'time.Duration');
    const map = new Map<string, GoValue>([
      ['z', [1, 'a', null]],
      ['d', hour],
      ['a', 3_000_000],
    ]);
    expect(sprint(map)).toBe('map[a:3e+06 d:1h2m3.5s z:[1 a <nil>]]');
    expect(sprint(new Uint8Array([1, 255]))).toBe('[1 255]');
    expect(sprint(goInt(3, 'time.Month'))).toBe('March');
    expect(typeOf(tagType<GoValue[]>([], '[]string'))).toBe('[]string');
  });

  test('print puts spaces between operands that are not strings', () => {
    expect(sprintAll([goInt(1), goInt(2), 'a', 'b', goInt(3), null])).toBe('1 2ab3 <nil>');
    expect(sprintln(['a', goInt(1)])).toBe('a 1\n');
  });

  test('missing and extra arguments', () => {
    expect(sprintf('%d %s', [goInt(1)])).toBe('1 %!s(MISSING)');
    expect(sprintf('%d', [goInt(1), 'x', null])).toBe('1%!(EXTRA string=x, <nil>)');
  });
});

describe('strconv', () => {
  test.each(recorded.unquote)('unquote %s', (text, value, ok) => {
    expect(unquote(text)).toBe(ok ? value : undefined);
  });

  test('numbers', () => {
    for (const [text, int0, ok0, int10, ok10, float, okFloat] of recorded.numbers) {
      if (int0 !== '') {
        expect([text, parseInt64(text, 0)?.toString()]).toEqual([text, ok0 ? int0 : undefined]);
        expect([text, parseInt64(text, 10)?.toString()]).toEqual([text, ok10 ? int10 : undefined]);
      }
      const parsed = parseFloat64(text);
      expect([text, parsed === undefined ? undefined : sprint(parsed)]).toEqual([text, okFloat ? float : undefined]);
    }
  });

  test('floats', () => {
    expect(formatG(3_000_000)).toBe('3e+06');
    expect(formatG(123456)).toBe('123456');
    expect(formatG(-0)).toBe('-0');
    expect(formatFloat(1e21, 'f', -1)).toBe('1000000000000000000000');
    expect(formatFloat(2.5, 'f', 0)).toBe('2');
    expect(formatFloat(1e20, 'g', -1, 21)).toBe('100000000000000000000');
  });

  test('quote escapes what Go escapes', () => {
    expect(quote('a"\\\n\u0007é😀\u200b\udcff')).toBe('"a\\"\\\\\\n\\aé😀\\u200b\\xff"');
  });
});
