import { describe, expect, test } from '@jest/globals';
import { compareUtf8, decodeUtf8, encodeUtf8, sortedKeys, utf8Length } from '../../../shared/go/utf8.ts';

describe('strings as bytes', () => {
  test('any bytes survive decoding and encoding', () => {
    let seed = 7;
    for (let round = 0; round < 500; round++) {
      const bytes = new Uint8Array(round % 40);
      for (let i = 0; i < bytes.length; i++) {
        seed = (seed * 1103515245 + 12345) & 0x7fffffff;
        bytes[i] = seed >> 16;
      }
      const text = decodeUtf8(bytes);
      expect(encodeUtf8(text)).toEqual(bytes);
      expect(utf8Length(text)).toBe(bytes.length);
    }
  });

  test('a byte order mark is kept, a surrogate in UTF-8 is not valid', () => {
    expect(decodeUtf8(new Uint8Array([0xef, 0xbb, 0xbf, 0x61]))).toBe('\ufeffa');
    expect(decodeUtf8(new Uint8Array([0xed, 0xa0, 0x80]))).toBe('\udced\udca0\udc80');
  });

  test('a lone surrogate that is no byte is written as U+FFFD', () => {
    expect(encodeUtf8('\ud800')).toEqual(new Uint8Array([0xef, 0xbf, 0xbd]));
    expect(utf8Length('\ud800')).toBe(3);
  });

  test('orders by bytes where UTF-16 orders otherwise', () => {
    expect(compareUtf8('\uff5e', '😀')).toBeLessThan(0);
    expect(compareUtf8('a', 'a')).toBe(0);
    expect(sortedKeys(new Map(['b', '😀', '\uff5e', 'A', '10', '9'].map((key) => [key, null])))).toEqual([
      '10',
      '9',
      'A',
      'b',
      '\uff5e',
      '😀',
    ]);
  });
});
