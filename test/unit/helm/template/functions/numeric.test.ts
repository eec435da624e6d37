import { describe, expect, test } from '@jest/globals';
import { GoInt } from '../../../../../shared/go/value.ts';
import { call } from './calling.ts';

const value = (name: string, ...args: unknown[]): unknown => {
  const result = call(name, ...args);
  return result instanceof GoInt ? result.value : result;
};

describe('numbers', () => {
  test.each<[string, unknown[], unknown]>([
    ['int', ['0x1F'], 31],
    ['int', ['12.00'], 12],
    ['int', ['08'], 0],
    ['int', [1e23], -9223372036854775808n],
    ['int64', [true], 1],
    ['add', ['1', 2.9, null], 3],
    ['add', ['9223372036854775807', 1], -9223372036854775808n],
    ['mul', [3, 4], 12],
    ['div', [-7, 2], -3],
    ['mod', [-7, 2], -1],
    ['max', [1, '5', 3], 5],
    ['round', [123.5555, 3], 123.556],
    ['round', [-1.2, 0], -2],
    ['addf', [0.1, 0.2], 0.3],
    ['divf', [1, 3], 0.3333333333333333],
    ['toDecimal', ['0777'], 511],
    ['seq', [0, 2, 6], '0 2 4 6'],
    ['seq', [-2], '1 0 -1 -2'],
    ['atoi', ['99999999999999999999'], 9223372036854775807n],
    ['floor', ['-1.5'], -2],
  ])('%s %j', (name, args, want) => {
    expect(value(name, ...args)).toBe(want);
  });

  test('division by zero panics', () => {
    expect(() => call('div', 1, 0)).toThrow('runtime error: integer divide by zero');
    expect(() => call('divf', 1, 0)).toThrow('decimal division by 0');
    expect(() => call('addf', Number.NaN)).toThrow('Cannot create a Decimal from NaN');
  });
});
