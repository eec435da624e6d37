import { describe, expect, test } from '@jest/globals';
import { type FlagSpec, parseFlags } from '../../../cli/flags.ts';

const SPECS: Record<string, FlagSpec> = {
  crds: { kind: 'bool', short: 'c' },
  name: { kind: 'string', short: 'n' },
  set: { kind: 'array' },
  values: { kind: 'list', short: 'f' },
  wait: { kind: 'string', bare: 'watcher' },
};

describe('flags', () => {
  test('all ways to write them', () => {
    const flags = parseFlags(
      ['a', '--crds', '--name=x=y', '-fone,two', '-f', '"three,3",four', '--set', 'a=1,b=2', '--wait', 'b', '--', '-z'],
      SPECS,
    );
    expect(flags.positional).toEqual(['a', 'b', '-z']);
    expect(flags.bool('crds')).toBe(true);
    expect(flags.text('name')).toBe('x=y');
    expect(flags.list('values')).toEqual(['one', 'two', 'three,3', 'four']);
    expect(flags.list('set')).toEqual(['a=1,b=2']);
    expect(flags.text('wait')).toBe('watcher');
  });

  test('the last one counts, short flags stand together, a dash is an argument', () => {
    const flags = parseFlags(['--crds', '--crds=false', '-cn', 'x', '-n=y', '-'], SPECS);
    expect(flags.bool('crds')).toBe(true);
    expect(flags.text('name')).toBe('y');
    expect(flags.positional).toEqual(['-']);
  });

  test.each([
    [['--nosuch'], 'unknown flag: --nosuch'],
    [['--constructor'], 'unknown flag: --constructor'],
    [['-cz'], "unknown shorthand flag: 'z' in -z"],
    [['--set'], 'flag needs an argument: --set'],
    [['-cf'], "flag needs an argument: 'f' in -f"],
    [['--crds=x'], 'invalid argument "x" for "-c, --crds" flag: strconv.ParseBool: parsing "x": invalid syntax'],
  ])('wrong: %j', (args, message) => {
    expect(() => parseFlags(args, SPECS)).toThrow(message);
  });
});
