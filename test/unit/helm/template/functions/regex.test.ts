import { describe, expect, test } from '@jest/globals';
import { nativePattern } from '../../../../../shared/helm/template/functions/regex-native.ts';
import { call } from './calling.ts';

// biome-ignore lint/suspicious/noTemplateCurlyInString: Go's syntax for a group
const GROUP = '${1}';

describe('regular expressions', () => {
  test.each<[string, unknown[], unknown]>([
    ['regexMatch', ['^[a-z]+-\\d+$', 'foo-12'], true],
    ['regexMatch', ['(', 'x'], false],
    ['regexFind', ['(?i)B+', 'abBc'], 'bB'],
    ['regexReplaceAll', ['a(x*)b', '-ab-axxb-', `${GROUP}W`], '-W-xxW-'],
    ['regexReplaceAll', ['a(x*)b', '-ab-axxb-', '$1W'], '---'],
    ['regexReplaceAll', ['(?P<n>\\w+)@', 'bob@x', '<$n>$$'], '<bob>$x'],
    ['regexReplaceAll', ['x*', 'baaac', '-'], '-b-a-a-a-c-'],
    ['regexReplaceAll', ['a*', 'baaac', '-'], '-b-c-'],
    ['regexReplaceAllLiteral', ['a(x*)b', 'ab', GROUP], GROUP],
    ['regexQuoteMeta', ['a.b*c'], 'a\\.b\\*c'],
  ])('%s %j', (name, args, want) => {
    expect(call(name, ...args)).toBe(want);
  });

  test('lists', () => {
    expect(Array.from(call('regexFindAll', '[2,4,6,8]', '123456789', 2) as string[])).toEqual(['2', '4']);
    expect(Array.from(call('regexSplit', 'z+', 'pizza', -1) as string[])).toEqual(['pi', 'a']);
    expect(call('toJson', call('regexFindAll', 'x', 'y', -1))).toBe('null');
  });

  test("errors are Go's, in two forms", () => {
    expect(() => call('regexFind', '(', 'x')).toThrow(
      'regexp: Compile(`(`): error parsing regexp: missing closing ): `(`',
    );
    expect(() => call('mustRegexFind', '(', 'x')).toThrow(/^error parsing regexp: missing closing \): `\(`$/);
    expect(() => call('mustRegexFind', 'a\\', 'x')).toThrow('trailing backslash at end of expression: ``');
  });

  test('a pattern that makes RegExp run away takes no time', () => {
    const started = performance.now();
    expect(call('regexMatch', '^(a+)+$', `${'a'.repeat(5000)}!`)).toBe(false);
    expect(call('regexMatch', 'a*a*a*a*a*b', 'a'.repeat(5000))).toBe(false);
    expect(performance.now() - started).toBeLessThan(2000);
  });
});

describe('nativePattern', () => {
  test.each(['^[a-z]+$', '[^a-z0-9-]+', '\\d+\\.\\d+', 'foo|bar', '^(v)?[0-9]+$'])('takes %s', (source) => {
    expect(nativePattern(source)).toBeDefined();
  });

  test.each(['(a+)+', '(?i)a', '\\pL', '(?P<n>a)', '\\b*', '(a|b)?c', '(a*?)?', '[[:alpha:]]', 'é'])(
    'leaves %s',
    (source) => {
      expect(nativePattern(source)).toBeUndefined();
    },
  );
});
