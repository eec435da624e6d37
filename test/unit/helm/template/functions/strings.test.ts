import { describe, expect, test } from '@jest/globals';
import { GoInt } from '../../../../../shared/go/value.ts';
import { call } from './calling.ts';

describe('string functions', () => {
  test.each<[string, unknown[], unknown]>([
    ['quote', ['a"b', null, 3e6], '"a\\"b" "3e+06"'],
    ['quote', [null], ''],
    ['squote', ['it', new GoInt(1, 'int')], "'it' '1'"],
    ['nindent', [2, 'a\nb'], '\n  a\n  b'],
    ['indent', [40, 'a'], `${' '.repeat(40)}a`],
    ['replace', ['.', '$&', 'a.b.c'], 'a$&b$&c'],
    ['replace', ['', '-', 'ab'], '-a-b-'],
    ['trunc', [3, 'héé'], 'hé'],
    ['trunc', [-2, 'abc'], 'bc'],
    ['trimAll', ['-_', '-_a_-'], 'a'],
    ['trim', ['\u0085 a\u00a0\u3000'], 'a'],
    ['upper', ['straße'], 'STRAßE'],
    ['title', ['hello wOrld-x ǆ'], 'Hello WOrld-X ǅ'],
    ['snakecase', ['HTTPServer2xx'], 'http_server_2xx'],
    ['kebabcase', ['Bld4Floor3rd'], 'bld4-floor-3rd'],
    ['camelcase', ['GOLANG_IS_GREAT'], 'GolangIsGreat'],
    ['wrap', [5, 'hello wonderful world'], 'hello\nwonderful\nworld'],
    ['wrapWith', [3, '|', 'abcdefg'], 'abc|def|g'],
    ['abbrev', [5, 'hello world'], 'he...'],
    ['abbrevboth', [5, 10, '1234 5678 9123'], '...5678...'],
    ['initials', ['First Try'], 'FT'],
    ['swapcase', ['aBc Def'], 'AbC dEF'],
    ['substr', [0, 3, 'foobar'], 'foo'],
    ['cat', ['a', null, new GoInt(2, 'int')], 'a 2'],
  ])('%s %j', (name, args, want) => {
    expect(call(name, ...args)).toBe(want);
  });

  test("Go's panics come with Go's words", () => {
    expect(() => call('substr', 3, 2, 'abc')).toThrow('runtime error: slice bounds out of range [3:2]');
    expect(() => call('substr', -1, 10, 'abc')).toThrow('slice bounds out of range [:10] with length 3');
    expect(() => call('repeat', -1, 'a')).toThrow('strings: negative Repeat count');
  });

  test('a text that would be too large is refused by a limit that has a name', () => {
    expect(() => call('repeat', 1e12, 'abc')).toThrow("over chartroom's limit of 67108864 bytes");
    expect(() => call('indent', 1e9, 'a\nb')).toThrow("over chartroom's limit of 67108864 bytes");
    expect(() => call('replace', 'a', 'b'.repeat(1e6), 'a'.repeat(1e5))).toThrow("over chartroom's limit");
  });
});
