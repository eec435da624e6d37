import { describe, expect, test } from '@jest/globals';
import type { GoValue } from '../../../shared/go/value.ts';
import { parseFast } from '../../../shared/yaml/fast.ts';
import { toJson } from '../../../shared/yaml/json.ts';
import { parseExact, parseYaml, parseYamlArray, parseYamlDocuments, parseYamlMap } from '../../../shared/yaml/read.ts';
import { Fuzzer } from '../../conformance/yaml-fuzz.ts';

const json = (text: string, strict = false) => toJson(parseYaml(text, { strict }));

describe('parseYaml', () => {
  test.each([
    ['y: 1\nNo: 2', '{"false":2,"true":1}'],
    ['a: [yes, Off, ~, "yes"]', '{"a":[true,false,null,"yes"]}'],
    ['a: [0777, 0888, 0o17, 0x1F, 1_000, 12:30:45, 1e3, 1e400]', '{"a":[511,888,15,31,1000,"12:30:45",1000,"1e400"]}'],
    ['a: 2001-01-01', '{"a":"2001-01-01"}'],
    ['a: |+\n  x\n\nb: >-\n  y\n  z', '{"a":"x\\n\\n","b":"y z"}'],
    ['a: &x {b: 1}\nc:\n  <<: *x\n  d: 2', '{"a":{"b":1},"c":{"b":1,"d":2}}'],
    ['a: !!binary aGk=', '{"a":"hi"}'],
    ['1: a\n1.5: b\n0x10: c', '{"1":"a","1.5":"b","16":"c"}'],
    ['__proto__: {a: 1}\nconstructor: x', '{"__proto__":{"a":1},"constructor":"x"}'],
    ['', 'null'],
    ['# only a comment', 'null'],
    ['a: 1\n---\nb: 2', '{"a":1}'],
  ])('%j', (text, want) => {
    expect(json(text)).toBe(want);
  });

  test.each([
    ['a: b: c', 'yaml: mapping values are not allowed in this context'],
    ['x: 1\na: b: c', 'yaml: line 2: mapping values are not allowed in this context'],
    ['x: 1\n\ta: b', 'yaml: line 2: found a tab character that violates indentation'],
    ['x:\n\t- b', 'yaml: line 2: found character that cannot start any token'],
    ['x: 1\nfoo\ny: 2', "yaml: line 3: could not find expected ':'"],
    ['x:\n  - a\n  b: c', "yaml: line 2: did not find expected '-' indicator"],
    ['a: 1\n  b: "\\q"', 'yaml: line 2: mapping values are not allowed in this context'],
    ['a: *b', "yaml: unknown anchor 'b' referenced"],
    ['{{ .x }}: 1', 'yaml: invalid map key: map[interface {}]interface {}{".x":interface {}(nil)}'],
    ['a: .nan', 'json: unsupported value: NaN'],
    ['a: \x01', 'yaml: control characters are not allowed'],
  ])('error of %j', (text, want) => {
    expect(() => parseYaml(text)).toThrow(`error converting YAML to JSON: ${want}`);
  });

  test('equal keys: the last wins, and strict reading refuses them', () => {
    expect(json('a: 1\na: 2')).toBe('{"a":2}');
    expect(() => parseYaml('a: 1\na: 2', { strict: true })).toThrow(
      'error converting YAML to JSON: yaml: unmarshal errors:\n  line 2: key "a" already set in map',
    );
  });

  test('an alias bomb ends early', () => {
    const lines = ['a: &a [x,x,x,x,x,x,x,x,x]'];
    for (const [from, to] of ['ab', 'bc', 'cd', 'de', 'ef', 'fg', 'gh', 'hi']) {
      lines.push(`${to}: &${to} [${Array(9).fill(`*${from}`).join(',')}]`);
    }
    const start = Date.now();
    expect(() => parseYaml(lines.join('\n'))).toThrow('document contains excessive aliasing');
    expect(Date.now() - start).toBeLessThan(2000);
  });

  test('nesting is limited', () => {
    expect(() => parseYaml('['.repeat(100_000))).toThrow('exceeded max depth');
    expect(() => parseYaml('- '.repeat(100_000))).toThrow('exceeded max depth');
  });
});

test('parseYamlDocuments gives every document', () => {
  expect(parseYamlDocuments('a: 1\n---\n# nothing\n---\n- b\n...\n').map(toJson)).toEqual(['{"a":1}', 'null', '["b"]']);
});

test('parseYamlMap and parseYamlArray say what they wanted', () => {
  expect(parseYamlMap('').size).toBe(0);
  expect(parseYamlArray('null')).toEqual([]);
  const start = 'error unmarshaling JSON: while decoding JSON: json: cannot unmarshal';
  expect(() => parseYamlMap('- a')).toThrow(`${start} array into Go value of type map[string]interface {}`);
  expect(() => parseYamlArray('a: 1')).toThrow(`${start} object into Go value of type []interface {}`);
});

test('the fast reader agrees with the full one wherever it answers', () => {
  const fuzzer = new Fuzzer(7);
  const seeds = [
    'a: 1\nb:\n- c\n- d: e\n  f: "g"\nh: |\n  i\n\n  j\nk: [l, {m: n}]\n',
    "x:\n  y: 'z'\n  w: a b\n    c\n",
  ];
  let answered = 0;
  for (let i = 0; i < 5000; i++) {
    const text = (i % 2 === 0 ? fuzzer.soup() : fuzzer.mutant(seeds)).text as string;
    const fast = parseFast(text, false);
    if (fast === undefined) continue;
    answered++;
    let full: GoValue | string;
    try {
      full = toJson(parseExact(text));
    } catch (e) {
      full = String(e);
    }
    expect([text, toJson(fast)]).toEqual([text, full]);
  }
  expect(answered).toBeGreaterThan(500);
});
