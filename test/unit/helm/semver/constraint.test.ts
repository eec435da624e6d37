import { describe, expect, test } from '@jest/globals';
import { parseConstraint } from '../../../../shared/helm/semver/constraint.ts';
import { latestMatching } from '../../../../shared/helm/semver/latest.ts';
import { parseVersion } from '../../../../shared/helm/semver/version.ts';

describe('parseConstraint', () => {
  // The oracle table in test/conformance has many more rows; these say what the rules are.
  test.each([
    ['>=1.25.0-0', '1.25.3-gke.100', true],
    ['>=1.25.0', '1.25.3-gke.100', false],
    ['1.2 - 1.4', '1.4.5', true],
    ['1.2 - 1.4', '1.5.0', false],
    ['<1.0 || >=2.0, <3', '2.5.0', true],
    ['^0.2.3', '0.2.9', true],
    ['^0.2.3', '0.3.0', false],
    ['~1.2', '1.2.9', true],
    ['!=1.x', '1.9.0', false],
    ['>11', '11.5.0', false],
    ['*', '7.0.0', true],
    ['*', '7.0.0-rc.1', false],
  ])('%s takes %s: %s', (constraint, version, taken) => {
    expect(parseConstraint(constraint).check(parseVersion(version))).toBe(taken);
  });

  test.each([
    ['', 'improper constraint: ""'],
    ['x y', 'improper constraint: "x y"'],
    ['>=1.0 <', 'improper constraint: ">=1.0 <"'],
    ['1'.repeat(513), 'constraint string is too long (max 512 bytes)'],
    [Array.from({ length: 33 }, () => '1').join('||'), 'too many constraint groups (max 32)'],
  ])('%s is refused: %s', (constraint, message) => {
    expect(() => parseConstraint(constraint)).toThrow(message);
  });

  test('a hostile constraint takes no time', () => {
    const started = performance.now();
    expect(() => parseConstraint(`${'1   '.repeat(120)}!`)).toThrow('improper constraint');
    expect(performance.now() - started).toBeLessThan(200);
  });
});

describe('latestMatching', () => {
  const tags = ['1.0.0', 'v1.2.0', 'latest', '1.10.0', '1.11.0-rc.1', '2.0.0', '1.2', '1.10.0_build.2'];

  test('gives the tag as it is spelled', () => {
    expect(latestMatching(tags, '1.x')).toBe('1.10.0');
    expect(latestMatching(tags, '<1.10')).toBe('v1.2.0');
    expect(latestMatching(tags, '>=1.11.0-0 <2.0.0-0')).toBe('1.11.0-rc.1');
    expect(latestMatching(['1.0.0_b'], '1')).toBe('1.0.0_b');
  });

  test('gives undefined where nothing fits, and throws on a bad constraint', () => {
    expect(latestMatching(tags, '>5')).toBeUndefined();
    expect(() => latestMatching(tags, 'x y')).toThrow('improper constraint: "x y"');
  });
});
