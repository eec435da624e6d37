import { describe, expect, test } from '@jest/globals';
import { GO_STRUCT, type GoStruct, type GoValue, goInt } from '../../../shared/go/value.ts';
import {
  fromPlain,
  parseJson,
  parseJsonArray,
  parseJsonMap,
  toJson,
  toPlain,
  toPrettyJson,
  toRawJson,
} from '../../../shared/yaml/json.ts';
import { parseToml, toToml } from '../../../shared/yaml/toml.ts';

describe('writing', () => {
  test.each([
    ['<a> & "b"\n\u2028', '"\\u003ca\\u003e \\u0026 \\"b\\"\\n\\u2028"'],
    ['\udcff', '"\\ufffd"'],
    [1e21, '1e+21'],
    [1e-7, '1e-7'],
    [-0, '-0'],
    [12345678901234567890, '12345678901234567000'],
    [goInt(18446744073709551615n, 'uint64'), '18446744073709551615'],
    [new Uint8Array([104, 105]), '"aGk="'],
  ] as [GoValue, string][])('%j', (value, want) => {
    expect(toJson(value)).toBe(want);
  });

  test('keys by bytes, compact, pretty and raw', () => {
    const value = fromPlain({ b: ['<'], a: {}, '10': 1, '9': [] });
    expect(toJson(value)).toBe('{"10":1,"9":[],"a":{},"b":["\\u003c"]}');
    expect(toRawJson(value)).toBe('{"10":1,"9":[],"a":{},"b":["<"]}');
    expect(toPrettyJson(value)).toBe('{\n  "10": 1,\n  "9": [],\n  "a": {},\n  "b": [\n    "\\u003c"\n  ]\n}');
  });

  test('structs by what they stand for', () => {
    const struct: GoStruct = {
      [GO_STRUCT]: true,
      goType: 'x.T',
      goKind: 'struct',
      field: () => undefined,
      method: () => undefined,
      format: () => 'T',
      toValue: () => new Map([['a', 1]]),
    };
    expect(toJson([struct])).toBe('[{"a":1}]');
  });
});

describe('reading', () => {
  test.each([
    ['', 'unexpected end of JSON input'],
    ['{"a" 1}', "invalid character '1' after object key"],
    ['[1 2]', "invalid character '2' after array element"],
    ['{"a":1}x', "invalid character 'x' after top-level value"],
    ['nul', "invalid character ' ' in literal null (expecting 'l')"],
    ["'a'", "invalid character '\\'' looking for beginning of value"],
    ['[1e400]', 'json: cannot unmarshal number 1e400 into Go value of type float64'],
  ])('error of %j', (text, want) => {
    expect(() => parseJson(text)).toThrow(want);
  });

  test('lone surrogates become U+FFFD', () => {
    expect(parseJson('"\\ud800a"')).toBe('\ufffda');
    expect(parseJson('{"\\udc00":"\\ud83d\\ude00"}')).toEqual(new Map([['\ufffd', '😀']]));
  });

  test('into a map or a list', () => {
    expect(parseJsonMap('null')).toBeNull();
    expect(parseJsonArray('[1]')).toEqual([1]);
    expect(() => parseJsonMap('[]')).toThrow(
      'json: cannot unmarshal array into Go value of type map[string]interface {}',
    );
    expect(() => parseJsonArray('"x"')).toThrow('json: cannot unmarshal string into Go value of type []interface {}');
  });

  test('__proto__ is a key like others', () => {
    const value = parseJson('{"__proto__": {"a": 1}}');
    expect(toJson(value)).toBe('{"__proto__":{"a":1}}');
    const plain = toPlain(value) as object;
    expect(Object.keys(plain)).toEqual(['__proto__']);
    expect(Object.getPrototypeOf(plain)).toBe(Object.prototype);
    expect(JSON.stringify(plain)).toBe('{"__proto__":{"a":1}}');
  });
});

describe('TOML', () => {
  test('direct keys before tables, tables indented', () => {
    const value = fromPlain({ t: { z: 1, s: { x: 'y' } }, a: [1.5, true], l: [{ b: 'c' }], n: null });
    expect(toToml(value)).toBe('a = [1.5, true]\n\n[[l]]\n  b = "c"\n\n[t]\n  z = 1.0\n  [t.s]\n    x = "y"\n');
  });

  test('reads integers as int64 and refuses what is not TOML', () => {
    expect(parseToml('a = 1\n[b]\nc = 1.5')).toEqual(
      new Map<string, GoValue>([
        ['a', goInt(1, 'int64')],
        ['b', new Map([['c', 1.5]])],
      ]),
    );
    expect(() => parseToml('a = ')).toThrow('toml: line 1');
  });
});
