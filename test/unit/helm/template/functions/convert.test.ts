import { describe, expect, test } from '@jest/globals';
import type { GoMap } from '../../../../../shared/go/value.ts';
import { call } from './calling.ts';

describe('YAML, JSON, TOML, base64 and URLs', () => {
  test('errors of reading come as values', () => {
    const error = (name: string, text: string) => (call(name, text) as GoMap).get('Error');
    expect(error('fromYaml', '[1]')).toContain('cannot unmarshal array into Go value of type map[string]interface {}');
    expect(error('fromJson', '[')).toBe('unexpected end of JSON input');
    expect(call('fromYamlArray', 'a')).toEqual([expect.stringContaining('cannot unmarshal string')]);
    expect(() => call('mustFromJson', '[')).toThrow('unexpected end of JSON input');
  });

  test('what cannot be written is empty, or panics', () => {
    expect(call('toJson', Number.NaN)).toBe('');
    expect(call('toYaml', Number.NaN)).toBe('');
    expect(() => call('mustToJson', Number.NaN)).toThrow('json: unsupported value: NaN');
  });

  test('an empty YAML text is an empty map, a JSON null is a nil one', () => {
    expect(call('toJson', call('fromYaml', ''))).toBe('{}');
    expect(call('toJson', call('fromJson', 'null'))).toBe('null');
    expect(() => call('set', call('fromJson', 'null'), 'a', 1)).toThrow('assignment to entry in nil map');
  });

  test.each([
    ['YWJj', 'abc'],
    ['YW\nJj', 'abc'],
    ['YW!j', 'illegal base64 data at input byte 2'],
    ['YWJ', 'illegal base64 data at input byte 0'],
    ['YQ=x', 'illegal base64 data at input byte 2'],
  ])('b64dec %j', (text, want) => {
    expect(call('b64dec', text)).toBe(want);
  });

  test('bytes that are no text survive base64', () => {
    expect(call('b64enc', call('b64dec', '/wD+'))).toBe('/wD+');
    expect(call('b32dec', call('b32enc', 'foobar'))).toBe('foobar');
  });

  test('URLs', () => {
    const url = 'http://a:b@[::1]:80/x%20y?q=1#f';
    expect((call('urlParse', url) as GoMap).get('hostname')).toBe('::1');
    expect(call('urlJoin', call('urlParse', url))).toBe(url);
    expect(() => call('urlParse', 'http://[::1')).toThrow(
      'unable to parse url: parse "http://[::1": missing \']\' in host',
    );
    expect(() => call('urlJoin', new Map([['path', 5]]))).toThrow('unable to parse path key, must be of type string');
  });

  test('paths', () => {
    expect(call('clean', '/a/../b//c/')).toBe('/b/c');
    expect(call('dir', 'a')).toBe('.');
    expect(call('osBase', '/')).toBe('/');
    expect(call('ext', 'a.tar.gz')).toBe('.gz');
  });
});
