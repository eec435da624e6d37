/** A time zone: what Go calls a Location. */
export interface Zone {
  /** The offset from UTC in seconds and the abbreviation (`CET`, `-03`) at an instant (Unix seconds). */
  at(unix: number): { readonly offset: number; readonly abbreviation: string };
}

const UTC_STATE = { offset: 0, abbreviation: 'UTC' };
export const UTC: Zone = { at: () => UTC_STATE };

/** A zone with one offset. Where Go knows no name it prints the offset. */
export function fixedZone(abbreviation: string, offset: number): Zone {
  const state = { offset, abbreviation: abbreviation === '' ? offsetName(offset, true) : abbreviation };
  return { at: () => state };
}

/** Zones of one offset that Intl takes for cities. */
const FIXED: Readonly<Record<string, number>> = { EST: -5, MST: -7, HST: -10 };

const zones = new Map<string, Zone | undefined>();

/** The zone of an IANA name, as time.LoadLocation reads it; undefined where there is none. "" is UTC. */
export function loadZone(name: string): Zone | undefined {
  if (name === '' || name === 'UTC') return UTC;
  const hours = FIXED[name];
  if (hours !== undefined) return fixedZone(name, hours * 3600);
  if (zones.has(name)) return zones.get(name);
  const zone = isZoneName(name) ? new NamedZone(name) : undefined;
  if (zones.size < 1000) zones.set(name, zone);
  return zone;
}

function isZoneName(name: string): boolean {
  if (!/^[A-Za-z][A-Za-z0-9_+/-]*$/.test(name)) return false;
  try {
    const known = new Intl.DateTimeFormat('en-US', { timeZone: name }).resolvedOptions().timeZone;
    // Go's names are file names: case counts. Other spellings than the canonical one are aliases.
    return known === name || known.toLowerCase() !== name.toLowerCase();
  } catch {
    return false;
  }
}

/** Where Intl in no language gives the abbreviation that the tz database has. */
const ABBREVIATIONS: Readonly<Record<string, string>> = {
  'Europe/Moscow': 'MSK',
  'Europe/Simferopol': 'MSK',
  'Asia/Seoul': 'KST',
  'Asia/Pyongyang': 'KST',
  'Asia/Karachi': 'PKT',
  'Asia/Shanghai': 'CST',
  'Asia/Taipei': 'CST',
  'Asia/Macau': 'CST',
  'Asia/Hong_Kong': 'HKT',
  'Asia/Manila': 'PST',
  'Asia/Jakarta': 'WIB',
  'Asia/Makassar': 'WITA',
  'Asia/Jayapura': 'WIT',
  'Pacific/Guam': 'ChST',
  'Pacific/Pago_Pago': 'SST',
};
/** The abbreviations that the tz database has; Intl has more, for zones where tz gives the offset. */
const TZ_NAMES: ReadonlySet<string> = new Set(
  (
    'EST EDT CST CDT MST MDT PST PDT AKST AKDT HST HDT AST ADT NST NDT GMT BST IST IDT CET CEST EET EEST WET WEST ' +
    'MSK JST KST AEST AEDT ACST ACDT AWST NZST NZDT SAST EAT CAT WAT PKT HKT'
  ).split(' '),
);
const LOCALES = ['en-US', 'en-GB', 'en-AU', 'en-NZ', 'en-IN', 'en-ZA', 'en-KE', 'en-NG', 'en-ZW', 'ja-JP', 'he-IL'];
const MAX_SECONDS = 8.64e12;

class NamedZone implements Zone {
  readonly #name: string;
  readonly #clock: Intl.DateTimeFormat;
  #last: { unix: number; state: { offset: number; abbreviation: string } } | undefined;

  constructor(name: string) {
    this.#name = name;
    const field = 'numeric';
    this.#clock = new Intl.DateTimeFormat('en-US', {
      timeZone: name,
      hourCycle: 'h23',
      era: 'short',
      year: field,
      month: field,
      day: field,
      hour: field,
      minute: field,
      second: field,
    });
  }

  at(unix: number): { offset: number; abbreviation: string } {
    if (this.#last?.unix === unix) return this.#last.state;
    const clamped = Math.min(Math.max(unix, -MAX_SECONDS), MAX_SECONDS);
    const offset = this.#offset(clamped);
    const state = { offset, abbreviation: this.#abbreviation(clamped, offset) };
    this.#last = { unix, state };
    return state;
  }

  #offset(unix: number): number {
    const parts: Record<string, string> = {};
    for (const part of this.#clock.formatToParts(unix * 1000)) parts[part.type] = part.value;
    const number = (type: string): number => Number(parts[type]);
    const year = parts['era'] === 'BC' ? 1 - number('year') : number('year');
    const wall = new Date(0);
    wall.setUTCFullYear(year, number('month') - 1, number('day'));
    wall.setUTCHours(number('hour'), number('minute'), number('second'));
    return Math.round(wall.getTime() / 1000 - unix);
  }

  #abbreviation(unix: number, offset: number): string {
    // Before zones had whole minutes of difference, each town kept its own time.
    if (unix < -1e9 && offset % 3600 !== 0) return 'LMT';
    const known = ABBREVIATIONS[this.#name];
    if (known !== undefined) return known;
    // Intl has names only from 1970 on.
    if (unix < 0 && this.#offset(0) === offset) return this.#abbreviation(0, offset);
    for (const locale of LOCALES) {
      const format = new Intl.DateTimeFormat(locale, { timeZone: this.#name, timeZoneName: 'short' });
      const text = format.formatToParts(unix * 1000).find((part) => part.type === 'timeZoneName')?.value ?? '';
      if (TZ_NAMES.has(text)) return text;
    }
    return offsetName(offset, false);
  }
}

/** `-03`, `+0530`. */
function offsetName(offset: number, always4: boolean): string {
  const minutes = Math.floor(Math.abs(offset) / 60);
  const hours = String(Math.floor(minutes / 60)).padStart(2, '0');
  const rest = String(minutes % 60).padStart(2, '0');
  const sign = offset < 0 ? '-' : '+';
  return rest === '00' && !always4 ? sign + hours : sign + hours + rest;
}
