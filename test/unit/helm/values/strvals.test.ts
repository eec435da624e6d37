import { describe, expect, test } from '@jest/globals';
import { typeOf } from '../../../../shared/go/types.ts';
import type { GoMap } from '../../../../shared/go/value.ts';
import {
  parseInto,
  parseIntoFile,
  parseIntoJson,
  parseIntoLiteral,
  parseIntoString,
} from '../../../../shared/helm/values/strvals.ts';
import { fromPlain, toJson } from '../../../../shared/yaml/json.ts';

type Parse = (text: string, into: GoMap) => void;

function parsed(parse: Parse, text: string, into: unknown = {}): string {
  const map = fromPlain(into) as GoMap;
  parse(text, map);
  return toJson(map);
}

// What Helm's own parser (pkg/strvals of v4.3.1) answers.
describe('--set', () => {
  test.each([
    ['a=1,b=x', '{"a":1,"b":"x"}'],
    ['a.b.c=true', '{"a":{"b":{"c":true}}}'],
    ['a=', '{"a":""}'],
    ['a=null', '{"a":null}'],
    ['a=010,b=0,c=1.5,d=-3,e=TRUE', '{"a":"010","b":0,"c":"1.5","d":-3,"e":true}'],
    ['a={x,1,}', '{"a":["x",1,""]}'],
    ['a={}', '{"a":[""]}'],
    ['a[1].b=1', '{"a":[null,{"b":1}]}'],
    ['a[0][1]=1', '{"a":[[null,1]]}'],
    ['a\\.b\\,c=1\\,2', '{"a.b,c":"1,2"}'],
    ['__proto__.x=1', '{"__proto__":{"x":1}}'],
    ['', '{}'],
  ])('%s', (text, wanted) => {
    expect(parsed(parseInto, text)).toBe(wanted);
  });

  test('integers are int64, as templates see them', () => {
    const map: GoMap = new Map();
    parseInto('a=5', map);
    expect(typeOf(map.get('a') ?? null)).toBe('int64');
  });

  test('what is there is kept, and lists grow', () => {
    expect(parsed(parseInto, 'a.c=2,l[3]=x', { a: { b: 1 }, l: [1] })).toBe(
      '{"a":{"b":1,"c":2},"l":[1,null,null,"x"]}',
    );
  });

  test.each([
    ['a', 'key "a" has no value'],
    ['a,b=1', 'key "a" has no value (cannot end with ,)'],
    ['a.=1', 'key map "a" has no value'],
    ['a={x', "list must terminate with '}'"],
    ['a[x]=1', 'error parsing index: strconv.Atoi: parsing "x": invalid syntax'],
    ['a[-1]=1', 'negative -1 index not allowed'],
    ['a[65537]=1', 'index of 65537 is greater than maximum supported index of 65536'],
    ['a[0]b=1', "unexpected data at end of array index: ['b']"],
    [`${'a.'.repeat(31)}a=1`, 'value name nested level is greater than maximum supported nested level of 30'],
    ['s.a=1', 'unable to parse key: interface conversion: interface {} is string, not map[string]interface {}'],
  ])('wrong: %s', (text, message) => {
    expect(() => parsed(parseInto, text, { s: 'text' })).toThrow(message);
  });

  test('limits of ours', () => {
    expect(() => parsed(parseInto, `a${'[0]'.repeat(100_000)}=1`)).toThrow(/nest deeper than 500 levels/);
    const wide = Array.from({ length: 20 }, (_, i) => `k${i}[65536]=1`).join(',');
    expect(() => parsed(parseInto, wide)).toThrow(/more than 1000000 entries/);
  });
});

describe('the other forms', () => {
  test('--set-string', () => {
    expect(parsed(parseIntoString, 'a=1,b=true,c=null,d={1,2}')).toBe('{"a":"1","b":"true","c":"null","d":["1","2"]}');
  });

  test('--set-json', () => {
    expect(parsed(parseIntoJson, 'a={"x":[1,"],"]},b=null,c= ,d=1.5')).toBe(
      '{"a":{"x":[1,"],"]},"b":null,"c":null,"d":1.5}',
    );
    expect(() => parsed(parseIntoJson, 'a=[1,')).toThrow('unexpected EOF');
    expect(() => parsed(parseIntoJson, 'a=x')).toThrow("invalid character 'x' looking for beginning of value");
  });

  test('--set-file', () => {
    expect(parsed((text, into) => parseIntoFile(text, into, (path) => `<${path}>`), 'a=p,b={q,r}')).toBe(
      '{"a":"\\u003cp\\u003e","b":["\\u003cq\\u003e","\\u003cr\\u003e"]}',
    );
  });

  test('--set-literal takes the rest as it is', () => {
    expect(parsed(parseIntoLiteral, 'a.b=x,c={1}\\,')).toBe('{"a":{"b":"x,c={1}\\\\,"}}');
  });
});
