import { describe, expect, test } from '@jest/globals';
import { DurationError, formatDuration, parseDuration } from '../../../shared/api/duration.ts';

describe('parseDuration', () => {
  test.each([
    ['0', 0],
    ['30s', 30_000],
    ['5m0s', 300_000],
    ['1h30m', 5_400_000],
    ['1.5h', 5_400_000],
    ['.5s', 500],
    ['1.s', 1000],
    ['-2ms', -2],
    ['+2ms', 2],
    ['750us', 0.75],
    ['1µs', 0.001],
    ['0s', 0],
  ])('%s is %d ms', (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  // What time.ParseDuration of Go says.
  test.each([
    ['', 'time: invalid duration ""'],
    ['5', 'time: missing unit in duration "5"'],
    ['1h5', 'time: missing unit in duration "1h5"'],
    ['1d', 'time: unknown unit "d" in duration "1d"'],
    ['10 minutes', 'time: unknown unit " minutes" in duration "10 minutes"'],
    ['s', 'time: invalid duration "s"'],
    ['.s', 'time: invalid duration ".s"'],
    ['-', 'time: invalid duration "-"'],
    ['9999999999h', 'time: invalid duration "9999999999h"'],
  ])('refuses %j', (text, message) => {
    expect(() => parseDuration(text)).toThrow(new DurationError(message));
  });
});

describe('formatDuration', () => {
  test.each([
    [0, '0s'],
    [300_000, '5m0s'],
    [3_600_000, '1h0m0s'],
    [5_461_500, '1h31m1.5s'],
    [1500, '1.5s'],
    [750, '750ms'],
    [0.75, '750µs'],
    [0.0005, '500ns'],
    [-1500, '-1.5s'],
  ])('%d ms is %s', (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });
});
