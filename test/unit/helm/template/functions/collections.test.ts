import { describe, expect, test } from '@jest/globals';
import { GoInt, type GoMap, type GoValue, tagType, typeTag } from '../../../../../shared/go/value.ts';
import { call } from './calling.ts';

const int = (n: number): GoInt => new GoInt(n, 'int');
const map = (entries: Record<string, GoValue>): GoMap => new Map(Object.entries(entries));

describe('dictionaries', () => {
  test('set, unset and merge change their argument', () => {
    const dict = map({ a: 1 });
    expect(call('set', dict, 'b', null)).toBe(dict);
    call('merge', dict, map({ a: 2, c: 3 }));
    call('unset', dict, 'b');
    expect(dict).toEqual(map({ a: 1, c: 3 }));
  });

  test('merge takes what is missing or empty; mergeOverwrite takes all', () => {
    const base = () => map({ a: false, b: map({ c: 1 }), l: [1], z: 'x' });
    const over = map({ a: true, b: map({ c: 0, d: 2 }), l: [2], z: '', n: null });
    expect(call('merge', base(), over)).toEqual(map({ a: true, b: map({ c: 1, d: 2 }), l: [1], z: 'x' }));
    expect(call('mergeOverwrite', base(), over)).toEqual(
      map({ a: true, b: map({ c: 0, d: 2 }), l: [2], z: '', n: null }),
    );
  });

  test('get, dig and pick', () => {
    const dict = map({ a: map({ b: null }) });
    expect(call('get', dict, 'x')).toBe('');
    expect(call('dig', 'a', 'b', 'default', dict)).toBeNull();
    expect(call('dig', 'a', 'x', 'default', dict)).toBe('default');
    expect(() => call('dig', 'a', 'b', 'c', 'default', dict)).toThrow(
      'interface conversion: interface {} is nil, not map[string]interface {}',
    );
    expect(() => call('dig', 'a', 'b', tagType(new Map(), 'common.Values'))).toThrow('is common.Values, not map');
    expect(call('pick', dict, 'a', 'x')).toEqual(dict);
  });

  test('__proto__ is a key like any other', () => {
    const dict = call('dict', '__proto__', 'x', 'constructor') as GoMap;
    expect(Array.from(dict)).toEqual([
      ['__proto__', 'x'],
      ['constructor', ''],
    ]);
    expect(call('hasKey', new Map(), '__proto__')).toBe(false);
  });
});

describe('lists', () => {
  test('none changes its argument', () => {
    const list = Object.freeze(['b', 'a', 'b']) as unknown as GoValue[];
    for (const name of ['rest', 'initial', 'reverse', 'uniq', 'compact']) call(name, list);
    expect(call('append', list, 1)).toEqual(['b', 'a', 'b', 1]);
    expect(call('without', list, 'b')).toEqual(['a']);
  });

  test('sortAlpha sorts a []string in place, as in Go', () => {
    const list = tagType<GoValue[]>(['b', 'a'], '[]string');
    call('sortAlpha', list);
    expect(Array.from(list)).toEqual(['a', 'b']);
  });

  test('equality looks at types', () => {
    expect(call('has', int(1), [1])).toBe(false);
    expect(call('has', int(1), [int(1)])).toBe(true);
    expect(call('deepEqual', tagType<GoValue[]>(['a'], '[]string'), ['a'])).toBe(false);
    expect(call('uniq', [int(1), 1, '1', int(1)])).toHaveLength(3);
  });

  test("errors are Go's", () => {
    expect(() => call('first', 'abc')).toThrow('Cannot find first on type string');
    expect(() => call('first', null)).toThrow('invalid memory address or nil pointer dereference');
    expect(() => call('slice', [1, 2], int(3))).toThrow('reflect.Value.Slice: slice index out of bounds');
    expect(() => call('chunk', 0, [1])).toThrow('makeslice: len out of range');
  });

  test('a nil list is written as null, an empty one as []', () => {
    expect(call('toJson', map({ nil: call('rest', []), empty: [] }))).toBe('{"empty":[],"nil":null}');
    expect(call('toYaml', call('concat', [], []))).toBe('null');
  });

  test('ranges have their type, and a limit', () => {
    const list = call('until', 3) as GoValue[];
    expect(list.map((item) => (item as GoInt).value)).toEqual([0, 1, 2]);
    expect(typeTag(list)).toBe('[]int');
    expect(() => call('until', 1e9)).toThrow("a list of 1000000000 items: over chartroom's limit of 1000000 items");
    expect(() => call('seq', 1e9)).toThrow("over chartroom's limit");
  });
});

describe('a value that contains itself', () => {
  test.each(['deepCopy', 'toJson', 'toYaml'])('%s ends', (name) => {
    const loop = map({});
    loop.set('self', loop);
    try {
      call(name, loop);
    } catch (error) {
      expect(error).toBeInstanceOf(Error);
    }
  });
});
