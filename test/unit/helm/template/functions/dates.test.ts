import { describe, expect, test } from '@jest/globals';
import { GoInt, type GoStruct, type GoValue } from '../../../../../shared/go/value.ts';
import { call } from './calling.ts';

const text = (v: GoValue): string => (v as GoStruct).format();
const int64 = (n: number): GoInt => new GoInt(n, 'int64');

describe('dates', () => {
  test("the host's clock is now", () => {
    expect(text(call('now'))).toBe('2024-05-06 07:08:09.123 +0000 UTC');
    expect(call('htmlDate', 'not a time')).toBe('2024-05-06');
    expect(call('ago', int64(1714979289 - 3700))).toBe('1h1m40s');
  });

  test.each([
    ['Mon Jan _2 15:04:05.000 2006 MST', 'UTC', 'Fri Feb 13 23:31:30.000 2009 UTC'],
    ['02/01/06 03:04pm -07:00', 'America/New_York', '13/02/09 06:31pm -05:00'],
    ['2006-01-02T15:04:05Z07:00 MST 002', 'Europe/Berlin', '2009-02-14T00:31:30+01:00 CET 045'],
    ['MST', 'America/Sao_Paulo', '-02'],
    ['MST', 'nowhere', 'UTC'],
  ])('layout %s in %s', (layout, zone, want) => {
    expect(call('dateInZone', layout, int64(1234567890), zone)).toBe(want);
  });

  test.each([
    ['2006-01-02 -0700', '2020-01-01 +0530', '2020-01-01 00:00:00 +0530 +0530'],
    ['Jan 2 2006 3:04PM', 'Mar 7 2021 12:05AM', '2021-03-07 00:05:00 +0000 UTC'],
    ['2006 002', '2020 366', '2020-12-31 00:00:00 +0000 UTC'],
    ['2006', 'x', '0001-01-01 00:00:00 +0000 UTC'],
  ])('toDate %s %s', (layout, value, want) => {
    expect(text(call('toDate', layout, value))).toBe(want);
  });

  test('mustToDate says what is wrong', () => {
    expect(() => call('mustToDate', '2006-01-02', '2020-02-30')).toThrow('parsing time "2020-02-30": day out of range');
    expect(() => call('mustToDate', 'Jan', 'xx')).toThrow('parsing time "xx" as "Jan": cannot parse "xx" as "Jan"');
  });

  test('dates change by durations', () => {
    const date = call('toDate', '2006-01-02', '2020-02-29');
    expect(text(call('dateModify', '-24h', date))).toBe('2020-02-28 00:00:00 +0000 UTC');
    expect(call('dateModify', 'x', date)).toBe(date);
    expect(call('unixEpoch', date)).toBe('1582934400');
    expect((date as GoStruct).method('AddDate')?.call(1, 0, 0)).toMatchObject({ instant: { seconds: 1614556800 } });
  });
});

describe('durations', () => {
  test.each<[string, unknown[], unknown]>([
    ['duration', ['95'], '1m35s'],
    ['duration', [new GoInt(95, 'int')], '0s'],
    ['durationRound', ['2h30m'], '2h'],
    ['durationRound', ['800h'], '1mo'],
    ['durationSeconds', ['1m30.5s'], 90.5],
    ['durationHours', [90 * 60], 1.5],
    ['durationDays', ['36h'], 1.5],
    ['durationSeconds', ['nonsense'], 0],
  ])('%s %j', (name, args, want) => {
    expect(call(name, ...args)).toBe(want);
  });

  test('rounding and errors', () => {
    expect((call('durationRoundTo', '2h13m', '30m') as GoInt).value).toBe(2 * 3600e9);
    expect((call('durationTruncateTo', '2h59m', '1h') as GoInt).value).toBe(2 * 3600e9);
    expect(() => call('mustToDuration', '1d')).toThrow('could not parse duration "1d"');
    expect(() => call('mustToDuration', null)).toThrow('invalid duration');
  });
});
