import { civilFromDays, daysFromCivil, MONTHS, WEEKDAYS } from './calendar.ts';
import type { Zone } from './zone.ts';

const ELEMENT =
  /January|Jan(?![a-z])|Monday|Mon(?![a-z])|MST|0[1-6]|002|15|1|2006|2|_2(?!006)|__2|[345]|PM|pm|-070000|-07:00:00|-0700|-07:00|-07|Z070000|Z07:00:00|Z0700|Z07:00|Z07|[.,](?:0+|9+)(?![0-9])/g;

/** A layout of Go cut into elements (odd places) and the text between them (even places). */
export function layoutParts(layout: string): string[] {
  const parts: string[] = [];
  let from = 0;
  for (const match of layout.matchAll(ELEMENT)) {
    parts.push(layout.slice(from, match.index), match[0]);
    from = match.index + match[0].length;
  }
  parts.push(layout.slice(from));
  return parts;
}

/** An instant in a zone: Unix seconds and nanoseconds. */
export interface Instant {
  readonly seconds: number;
  readonly nanos: number;
  readonly zone: Zone;
}

/** The fields of an instant's wall clock. */
export interface Clock {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly yearDay: number;
  readonly weekday: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly nanos: number;
  readonly offset: number;
  readonly abbreviation: string;
}

const DAY = 86_400;

/** What the wall clock of an instant's zone shows. */
export function clockOf(instant: Instant): Clock {
  const { offset, abbreviation } = instant.zone.at(instant.seconds);
  const local = instant.seconds + offset;
  const days = Math.floor(local / DAY);
  const ofDay = local - days * DAY;
  const date = civilFromDays(days);
  return {
    ...date,
    yearDay: days - daysFromCivil(date.year, 1, 1) + 1,
    weekday: (((days + 4) % 7) + 7) % 7,
    hour: Math.floor(ofDay / 3600),
    minute: Math.floor(ofDay / 60) % 60,
    second: ofDay % 60,
    nanos: instant.nanos,
    offset,
    abbreviation,
  };
}

/** time.Time's Format. */
export function formatInstant(instant: Instant, layout: string): string {
  const clock = clockOf(instant);
  return layoutParts(layout)
    .map((part, i) => (i % 2 === 0 ? part : formatElement(part, clock)))
    .join('');
}

function two(n: number): string {
  return String(n).padStart(2, '0');
}

function formatElement(element: string, clock: Clock): string {
  const first = element[0] as string;
  if (first === '-' || first === 'Z') return formatOffset(element, clock.offset);
  if (first === '.' || first === ',') return formatFraction(element, clock.nanos);
  return formatDate(element, clock) ?? formatTime(element, clock);
}

function formatDate(element: string, clock: Clock): string | undefined {
  switch (element) {
    case '2006':
      return clock.year < 0 ? `-${String(-clock.year).padStart(4, '0')}` : String(clock.year).padStart(4, '0');
    case '06':
      return two(Math.max(clock.year, 0) % 100);
    case 'January':
      return MONTHS[clock.month - 1] as string;
    case 'Jan':
      return (MONTHS[clock.month - 1] as string).slice(0, 3);
    case '1':
      return String(clock.month);
    case '01':
      return two(clock.month);
    case 'Monday':
      return WEEKDAYS[clock.weekday] as string;
    case 'Mon':
      return (WEEKDAYS[clock.weekday] as string).slice(0, 3);
    case '2':
      return String(clock.day);
    case '02':
      return two(clock.day);
    case '_2':
      return String(clock.day).padStart(2);
    case '__2':
      return String(clock.yearDay).padStart(3);
    case '002':
      return String(clock.yearDay).padStart(3, '0');
    default:
      return undefined;
  }
}

function formatTime(element: string, clock: Clock): string {
  const hour12 = clock.hour % 12 === 0 ? 12 : clock.hour % 12;
  switch (element) {
    case '15':
      return two(clock.hour);
    case '3':
      return String(hour12);
    case '03':
      return two(hour12);
    case '4':
      return String(clock.minute);
    case '04':
      return two(clock.minute);
    case '5':
      return String(clock.second);
    case '05':
      return two(clock.second);
    case 'PM':
      return clock.hour >= 12 ? 'PM' : 'AM';
    case 'pm':
      return clock.hour >= 12 ? 'pm' : 'am';
    default:
      return clock.abbreviation;
  }
}

/** `.000` always has its digits; `.999` drops zeros, and itself where nothing is left. */
function formatFraction(element: string, nanos: number): string {
  const digits = String(nanos)
    .padStart(9, '0')
    .slice(0, element.length - 1)
    .padEnd(element.length - 1, '0');
  if (element[1] === '0') return element[0] + digits;
  const short = digits.replace(/0+$/, '');
  return short === '' ? '' : element[0] + short;
}

function formatOffset(element: string, offset: number): string {
  if (element[0] === 'Z' && offset === 0) return 'Z';
  const abs = Math.abs(offset);
  const fields = [Math.floor(abs / 3600), Math.floor(abs / 60) % 60, abs % 60].map(two);
  const shape = element.slice(1);
  const count = shape.replaceAll(':', '').length / 2;
  return (offset < 0 ? '-' : '+') + fields.slice(0, count).join(shape.includes(':') ? ':' : '');
}
