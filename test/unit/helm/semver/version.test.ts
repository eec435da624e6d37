import { describe, expect, test } from '@jest/globals';
import {
  compareVersions,
  parseVersion,
  tryParseStrictVersion,
  tryParseVersion,
} from '../../../../shared/helm/semver/version.ts';

describe('parseVersion', () => {
  test.each([
    ['1.2.3', '1.2.3'],
    ['v1.2', '1.2.0'],
    ['1', '1.0.0'],
    ['01.02.003', '1.2.3'],
    ['v1.2.3-beta.1+build.5', '1.2.3-beta.1+build.5'],
    ['18446744073709551615.0.0', '18446744073709551615.0.0'],
  ])('%s reads as %s and keeps its text', (text, canonical) => {
    const version = parseVersion(text);
    expect(version.toString()).toBe(canonical);
    expect(version.original).toBe(text);
  });

  test.each([
    ['', 'invalid semantic version'],
    ['x', 'invalid semantic version'],
    ['1.2.3.4', 'invalid semantic version'],
    ['1.2.3-01', 'version segment starts with 0'],
    ['99999999999999999999.0.0', 'value out of range'],
    ['1'.repeat(257), 'version string is too long (max 256 bytes)'],
  ])('%s is refused: %s', (text, message) => {
    expect(() => parseVersion(text)).toThrow(message);
    expect(tryParseVersion(text)).toBeUndefined();
  });

  test('strictly, three numbers without leading zeros are asked for', () => {
    expect(tryParseStrictVersion('1.2.3-a+b')?.toString()).toBe('1.2.3-a+b');
    for (const text of ['1.2', 'v1.2.3', '01.2.3', '1.2.3.4']) expect(tryParseStrictVersion(text)).toBeUndefined();
  });
});

describe('compareVersions', () => {
  test('orders as semver says, numbers beyond 2^53 too', () => {
    const order = [
      '1.0.0-1',
      '1.0.0-2',
      '1.0.0-10',
      '1.0.0-alpha',
      '1.0.0-alpha.1',
      '1.0.0-beta',
      '1.0.0',
      '1.0.1',
      '1.1.0',
      '2.0.0',
      '9007199254740993.0.0',
      '9007199254740995.0.0',
    ].map(parseVersion);
    for (let i = 1; i < order.length; i++) {
      const [low, high] = [order[i - 1], order[i]] as [(typeof order)[0], (typeof order)[0]];
      expect([compareVersions(low, high), compareVersions(high, low)]).toEqual([-1, 1]);
    }
  });

  test('metadata does not count', () => {
    expect(compareVersions(parseVersion('1.0.0+a'), parseVersion('1.0.0+b'))).toBe(0);
  });
});
