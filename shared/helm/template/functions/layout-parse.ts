import { GoError } from '../../../go/value.ts';
import { daysFromCivil, daysInMonth, MONTHS, WEEKDAYS } from './calendar.ts';
import { type Instant, layoutParts } from './layout.ts';
import { fixedZone, UTC, type Zone } from './zone.ts';

/** What has been read of a text so far. */
interface Reading {
  rest: string;
  year: number;
  month: number | undefined;
  day: number | undefined;
  yearDay: number | undefined;
  hour: number;
  minute: number;
  second: number;
  nanos: number;
  half: 'am' | 'pm' | undefined;
  utc: boolean;
  offset: number | undefined;
  zoneName: string;
}

/** An element that the text does not match. */
class Mismatch extends Error {}
/** A field whose number is out of its range; the message names the field. */
class OutOfRange extends Error {}

/** time.ParseInLocation: reads a text by a layout. Throws GoError with Go's text. */
export function parseInstant(layout: string, value: string, local: Zone): Instant {
  const reading: Reading = {
    rest: value,
    year: 0,
    month: undefined,
    day: undefined,
    yearDay: undefined,
    hour: 0,
    minute: 0,
    second: 0,
    nanos: 0,
    half: undefined,
    utc: false,
    offset: undefined,
    zoneName: '',
  };
  const parts = layoutParts(layout);
  parts.forEach((part, i) => {
    const hold = reading.rest;
    try {
      if (i % 2 === 0) skipText(reading, part);
      else readElement(reading, part, parts[i + 1] === '' ? parts[i + 2] : undefined);
    } catch (error) {
      throw parseError(error, { layout, value, part, hold: i % 2 === 0 ? reading.rest : hold });
    }
  });
  if (reading.rest !== '') throw new GoError(`parsing time ${show(value)}: extra text: ${show(reading.rest)}`);
  return assemble(reading, value, local);
}

function parseError(error: unknown, at: { layout: string; value: string; part: string; hold: string }): unknown {
  if (error instanceof OutOfRange) return new GoError(`parsing time ${show(at.value)}: ${error.message} out of range`);
  if (!(error instanceof Mismatch)) return error;
  return new GoError(
    `parsing time ${show(at.value)} as ${show(at.layout)}: cannot parse ${show(at.hold)} as ${show(at.part)}`,
  );
}

/** The time package quotes with every byte beyond ASCII escaped. */
function show(s: string): string {
  let out = '';
  for (const byte of Buffer.from(s, 'utf8')) {
    const char = String.fromCharCode(byte);
    if (byte >= 0x80 || byte < 0x20) out += `\\x${byte.toString(16).padStart(2, '0')}`;
    else out += char === '"' || char === '\\' ? `\\${char}` : char;
  }
  return `"${out}"`;
}

/** Text between elements must be there; a run of spaces matches any number of them, none too at the end. */
function skipText(reading: Reading, text: string): void {
  let prefix = text;
  while (prefix !== '') {
    const { rest } = reading;
    if (prefix[0] === ' ') {
      if (rest !== '' && rest[0] !== ' ') throw new Mismatch();
      prefix = prefix.replace(/^ +/, '');
      reading.rest = rest.replace(/^ +/, '');
    } else {
      if (rest === '' || rest[0] !== prefix[0]) throw new Mismatch();
      prefix = prefix.slice(1);
      reading.rest = rest.slice(1);
    }
  }
}

function take(reading: Reading, pattern: RegExp): string {
  const match = pattern.exec(reading.rest);
  if (match === null) throw new Mismatch();
  reading.rest = reading.rest.slice(match[0].length);
  return match[0];
}

function takeNumber(reading: Reading, pattern: RegExp, field: string, low: number, high: number): number {
  const value = Number(take(reading, pattern));
  if (value < low || value > high) throw new OutOfRange(field);
  return value;
}

function takeName(reading: Reading, names: readonly string[], size?: number): number {
  const rest = reading.rest.toLowerCase();
  const index = names.findIndex((name) => rest.startsWith(name.slice(0, size).toLowerCase()));
  if (index < 0) throw new Mismatch();
  reading.rest = reading.rest.slice((names[index] as string).slice(0, size).length);
  return index;
}

const ONE_OR_TWO = /^[0-9]{1,2}/;
const TWO = /^[0-9]{2}/;

function readElement(reading: Reading, element: string, following: string | undefined): void {
  const first = element[0] as string;
  if (first === '-' || first === 'Z') readOffset(reading, element);
  else if (first === '.' || first === ',') readFraction(reading, element);
  else if (!readDate(reading, element)) readTime(reading, element, following);
}

function readDate(reading: Reading, element: string): boolean {
  switch (element) {
    case '2006':
      reading.year = Number(take(reading, /^[0-9]{4}/));
      return true;
    case '06':
      reading.year = Number(take(reading, TWO));
      // Unix time starts on the last day of 1969 in some zones.
      reading.year += reading.year >= 69 ? 1900 : 2000;
      return true;
    case 'January':
      reading.month = takeName(reading, MONTHS) + 1;
      return true;
    case 'Jan':
      reading.month = takeName(reading, MONTHS, 3) + 1;
      return true;
    case '1':
    case '01':
      reading.month = takeNumber(reading, element === '01' ? TWO : ONE_OR_TWO, 'month', 1, 12);
      return true;
    case 'Monday':
      takeName(reading, WEEKDAYS);
      return true;
    case 'Mon':
      takeName(reading, WEEKDAYS, 3);
      return true;
    case '2':
    case '_2':
    case '02':
      reading.day = Number(take(reading, element === '02' ? TWO : element === '_2' ? /^ ?[0-9]{1,2}/ : ONE_OR_TWO));
      return true;
    case '__2':
    case '002':
      reading.yearDay = Number(take(reading, element === '002' ? /^[0-9]{3}/ : /^ {0,2}[0-9]{1,3}/));
      return true;
    default:
      return false;
  }
}

function readTime(reading: Reading, element: string, following: string | undefined): void {
  switch (element) {
    case '15':
      reading.hour = takeNumber(reading, ONE_OR_TWO, 'hour', 0, 23);
      return;
    case '3':
    case '03':
      reading.hour = takeNumber(reading, element === '03' ? TWO : ONE_OR_TWO, 'hour', 0, 12);
      return;
    case '4':
    case '04':
      reading.minute = takeNumber(reading, element === '04' ? TWO : ONE_OR_TWO, 'minute', 0, 59);
      return;
    case '5':
    case '05':
      reading.second = takeNumber(reading, element === '05' ? TWO : ONE_OR_TWO, 'second', 0, 59);
      // A fraction is read even where the layout has none.
      if (!/^[.,][09]/.test(following ?? '') && /^[.,][0-9]/.test(reading.rest)) readFraction(reading, '.9');
      return;
    case 'PM':
      reading.half = take(reading, /^(?:AM|PM)/) === 'PM' ? 'pm' : 'am';
      return;
    case 'pm':
      reading.half = take(reading, /^(?:am|pm)/) === 'pm' ? 'pm' : 'am';
      return;
    default:
      readZoneName(reading);
  }
}

const ZONE_NAME =
  /^(?:ChST|MeST|GMT[+-](?:2[0-3]|1[0-9]|[0-9])|GMT|[+-][0-9]{2}(?![0-9])|WITA|[A-Z]{2}T(?![A-Z])|[A-Z]{3}T(?![A-Z])|[A-Z]{4}T(?![A-Z])|[A-Z]{3}(?![A-Z]))/;

function readZoneName(reading: Reading): void {
  if (reading.rest.startsWith('UTC')) {
    reading.utc = true;
    reading.rest = reading.rest.slice(3);
  } else reading.zoneName = take(reading, ZONE_NAME);
}

function readFraction(reading: Reading, element: string): void {
  const exact = element[1] === '0';
  if (!exact && !/^[.,][0-9]/.test(reading.rest)) return;
  const text = take(reading, exact ? new RegExp(`^[.,][0-9]{${element.length - 1}}`) : /^[.,][0-9]+/);
  reading.nanos = Number(text.slice(1, 10).padEnd(9, '0'));
}

function readOffset(reading: Reading, element: string): void {
  if (element[0] === 'Z' && reading.rest[0] === 'Z') {
    reading.rest = reading.rest.slice(1);
    reading.utc = true;
    return;
  }
  const shape = element.slice(1).replace(/[0-9]{2}/g, '[0-9]{2}');
  const text = take(reading, new RegExp(`^[+-]${shape}`));
  const [hours = 0, minutes = 0, seconds = 0] = (text.match(/[0-9]{2}/g) ?? []).map(Number);
  if (hours > 24) throw new OutOfRange('time zone offset hour');
  if (minutes > 60) throw new OutOfRange('time zone offset minute');
  if (seconds > 60) throw new OutOfRange('time zone offset second');
  reading.offset = ((hours * 60 + minutes) * 60 + seconds) * (text[0] === '-' ? -1 : 1);
}

function assemble(reading: Reading, value: string, local: Zone): Instant {
  const { year, nanos } = reading;
  const { month, day } = monthAndDay(reading, value);
  if (day < 1 || day > daysInMonth(year, month)) throw new GoError(`parsing time ${show(value)}: day out of range`);
  let hour = reading.hour;
  if (reading.half === 'pm' && hour < 12) hour += 12;
  else if (reading.half === 'am' && hour === 12) hour = 0;
  const wall = daysFromCivil(year, month, day) * 86_400 + hour * 3600 + reading.minute * 60 + reading.second;
  if (reading.utc) return { seconds: wall, nanos, zone: UTC };
  if (reading.offset !== undefined) return atOffset(wall, nanos, reading.offset, reading.zoneName, local);
  if (reading.zoneName !== '') return atName(wall, nanos, reading.zoneName, local);
  return { seconds: wallToUnix(wall, local), nanos, zone: local };
}

function monthAndDay(reading: Reading, value: string): { month: number; day: number } {
  const { year, yearDay, month, day } = reading;
  if (yearDay === undefined) return { month: month ?? 1, day: day ?? 1 };
  const length = daysFromCivil(year + 1, 1, 1) - daysFromCivil(year, 1, 1);
  const fail = (what: string) => new GoError(`parsing time ${show(value)}: day-of-year ${what}`);
  if (yearDay < 1 || yearDay > length) throw fail('out of range');
  let m = 1;
  let d = yearDay;
  while (d > daysInMonth(year, m)) d -= daysInMonth(year, m++);
  if (month !== undefined && month !== m) throw fail('does not match month');
  if (day !== undefined && day !== d) throw fail('does not match day');
  return { month: m, day: d };
}

/** The instant at which a zone's wall clock shows so many seconds since 1970. */
export function wallToUnix(wall: number, zone: Zone): number {
  const guess = wall - zone.at(wall).offset;
  return wall - zone.at(guess).offset;
}

function atOffset(wall: number, nanos: number, offset: number, name: string, local: Zone): Instant {
  const seconds = wall - offset;
  const here = local.at(seconds);
  const isLocal = here.offset === offset && (name === '' || here.abbreviation === name);
  return { seconds, nanos, zone: isLocal ? local : fixedZone(name, offset) };
}

/** An abbreviation alone says little: it counts where the local zone has it, else its offset is taken as zero. */
function atName(wall: number, nanos: number, name: string, local: Zone): Instant {
  const seconds = wallToUnix(wall, local);
  if (local.at(seconds).abbreviation === name) return { seconds, nanos, zone: local };
  const hours = /^GMT([+-][0-9]+)$/.exec(name)?.[1];
  return { seconds: wall, nanos, zone: fixedZone(name, Number(hours ?? 0) * 3600) };
}
