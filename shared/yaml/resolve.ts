/** What a plain scalar stands for: the YAML 1.1 rules as go-yaml v2 applies them. */

export type ScalarTag = 'null' | 'bool' | 'int' | 'float' | 'str' | 'timestamp' | 'merge';

export interface Resolved {
  readonly tag: ScalarTag;
  readonly value: null | boolean | number | string;
  /** The exact value when the tag is `int`. */
  readonly int?: bigint;
}

const WORDS: ReadonlyMap<string, null | boolean | number> = new Map<string, null | boolean | number>([
  ...['y', 'Y', 'yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON'].map((w) => [w, true] as const),
  ...['n', 'N', 'no', 'No', 'NO', 'false', 'False', 'FALSE', 'off', 'Off', 'OFF'].map((w) => [w, false] as const),
  ...['', '~', 'null', 'Null', 'NULL'].map((w) => [w, null] as const),
  ...['.nan', '.NaN', '.NAN'].map((w) => [w, Number.NaN] as const),
  ...['.inf', '.Inf', '.INF', '+.inf', '+.Inf', '+.INF'].map((w) => [w, Number.POSITIVE_INFINITY] as const),
  ...['-.inf', '-.Inf', '-.INF'].map((w) => [w, Number.NEGATIVE_INFINITY] as const),
]);

const HINT_WORD = 1;
const HINT_NUMBER = 2;
const HINT_DOT = 3;
const HINTS = new Uint8Array(128);
for (const c of 'yYnNtTfFoO~') HINTS[c.charCodeAt(0)] = HINT_WORD;
for (const c of '+-0123456789') HINTS[c.charCodeAt(0)] = HINT_NUMBER;
HINTS[0x2e] = HINT_DOT;

/** Whether a plain scalar starting so can be anything but a string (0 = never). */
export function scalarHint(first: number): number {
  return first < 128 ? (HINTS[first] as number) : 0;
}

const LONGEST_WORD = 5;
const FLOAT = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/;
/** What starts with a point is read by Go's own rule, which wants underscores between digits. */
const DOT_FLOAT = /^\.[0-9]+(?:_[0-9]+)*(?:[eE][-+]?[0-9]+(?:_[0-9]+)*)?$/;
const INTEGER = /^([-+]?)(?:0[xX]([0-9a-fA-F]+)|0[bB]([01]+)|0[oO]?([0-7]+)|(0|[1-9][0-9]*))$/;
/** go-yaml tries `0b` a second time with what follows the prefix as a signed number. */
const BINARY_SIGNED = /^0b([-+])([01]+)$/;

const MIN_INT64 = -(1n << 63n);
const MAX_INT64 = (1n << 63n) - 1n;
const MAX_UINT64 = (1n << 64n) - 1n;

const STRING_TAG: ScalarTag = 'str';

/** Resolves an untagged plain scalar, or (`timestamps` false) one that carries an explicit tag other than !!timestamp. */
export function resolveScalar(s: string, timestamps = true): Resolved {
  const hint = s === '' ? HINT_WORD : scalarHint(s.charCodeAt(0));
  if (hint === 0) return { tag: STRING_TAG, value: s };
  if (s.length <= LONGEST_WORD) {
    const word = WORDS.get(s);
    if (word !== undefined) {
      return { tag: word === null ? 'null' : typeof word === 'boolean' ? 'bool' : 'float', value: word };
    }
  }
  if (hint === HINT_DOT) {
    const x = DOT_FLOAT.test(s) ? Number(s.replaceAll('_', '')) : Number.POSITIVE_INFINITY;
    return Number.isFinite(x) ? { tag: 'float', value: x } : { tag: STRING_TAG, value: s };
  }
  if (hint === HINT_NUMBER) {
    if (timestamps && isTimestamp(s)) return { tag: 'timestamp', value: s };
    return resolveNumber(s);
  }
  return { tag: STRING_TAG, value: s };
}

/** The value of an untagged plain scalar, timestamps as strings. */
export function plainValue(s: string): null | boolean | number | string {
  const hint = s === '' ? HINT_WORD : scalarHint(s.charCodeAt(0));
  if (hint === 0) return s;
  if (hint === HINT_NUMBER) {
    const n = smallInteger(s);
    return n === -1 ? resolveScalar(s, false).value : n;
  }
  if (hint === HINT_WORD) {
    if (s.length > LONGEST_WORD) return s;
    const word = WORDS.get(s);
    return word === undefined ? s : word;
  }
  return resolveScalar(s).value;
}

/** The number that a short run of digits without a leading zero stands for; -1 for anything else. */
function smallInteger(s: string): number {
  const n = s.length;
  if (n > 15) return -1;
  const first = s.charCodeAt(0) - 48;
  if (first < 1 || first > 9) return n === 1 && first === 0 ? 0 : -1;
  let x = first;
  for (let i = 1; i < n; i++) {
    const d = s.charCodeAt(i) - 48;
    if (d < 0 || d > 9) return -1;
    x = x * 10 + d;
  }
  return x;
}

const NUMBER_CHARS = /^[-+0-9._a-fA-FxXoO]+$/;

function resolveNumber(s: string): Resolved {
  if (!NUMBER_CHARS.test(s)) return { tag: STRING_TAG, value: s };
  const plain = s.includes('_') ? s.replaceAll('_', '') : s;
  const int = parseInteger(plain);
  if (int !== undefined) return { tag: 'int', value: Number(int), int };
  if (FLOAT.test(plain)) {
    const x = Number(plain);
    if (Number.isFinite(x)) return { tag: 'float', value: x };
  }
  const binary = BINARY_SIGNED.exec(plain);
  if (binary) {
    const int2 = BigInt(`0b${binary[2]}`) * (binary[1] === '+' ? 1n : -1n);
    if (int2 >= MIN_INT64 && int2 <= MAX_INT64) return { tag: 'int', value: Number(int2), int: int2 };
  }
  return { tag: STRING_TAG, value: s };
}

/** strconv.ParseInt(s, 0, 64), then ParseUint: undefined on a syntax error or out of range. */
function parseInteger(s: string): bigint | undefined {
  const m = INTEGER.exec(s);
  if (!m) return undefined;
  const [, sign, hex, bin, oct, dec] = m;
  let x: bigint;
  if (hex !== undefined) x = BigInt(`0x${hex}`);
  else if (bin !== undefined) x = BigInt(`0b${bin}`);
  else if (oct !== undefined) x = BigInt(`0o${oct}`);
  else x = BigInt(dec as string);
  if (sign === '-') x = -x;
  if (x < MIN_INT64 || x > MAX_UINT64 || (sign !== '' && x > MAX_INT64)) return undefined;
  return x;
}

const DATE =
  /^([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})(?:([Tt]| +)([0-9]{1,2}):([0-9]{1,2}):([0-9]{1,2})(?:[.,]([0-9]+))?(Z|[-+][0-9]{2}:[0-9]{2})?)?$/;

/** Whether go-yaml takes a plain scalar as a timestamp; such a string is quoted when written. */
export function isTimestamp(s: string): boolean {
  if (s.charCodeAt(4) !== 0x2d) return false;
  const m = DATE.exec(s);
  if (!m) return false;
  const [, year, month, day, separator, hour, minute, second, , zone] = m;
  if (!validDate(Number(year), Number(month), Number(day))) return false;
  if (separator === undefined) return true;
  // The form with a space has no zone, the forms with T must have one.
  if (separator.startsWith(' ') !== (zone === undefined)) return false;
  return Number(hour) < 24 && Number(minute) < 60 && Number(second) < 60 && validZone(zone);
}

function validDate(year: number, month: number, day: number): boolean {
  if (month < 1 || month > 12 || day < 1) return false;
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const days = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1] as number;
  return day <= days;
}

function validZone(zone: string | undefined): boolean {
  if (zone === undefined || zone === 'Z') return true;
  return Number(zone.slice(1, 3)) <= 24 && Number(zone.slice(4, 6)) <= 60;
}

const BASE60 = /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$/;

/** Whether old YAML readers would take a string as a base-60 number; go-yaml quotes those. */
export function isBase60(s: string): boolean {
  return s.includes(':') && BASE60.test(s);
}

const OCTAL_SIGNED = /^-?0o[-+]?[0-7]+$/;

/** Whether a string must be quoted to stay a string for go-yaml v2 (`version` 2) or v3 (3, which keeps old booleans quoted). */
export function resolvesToOther(s: string, version: 2 | 3): boolean {
  if (s === '') return true;
  const hint = scalarHint(s.charCodeAt(0));
  if (hint === 0) return false;
  if (hint === HINT_WORD) return s.length <= LONGEST_WORD && WORDS.has(s);
  if (resolveScalar(s).tag !== STRING_TAG || isBase60(s)) return true;
  return version === 3 && OCTAL_SIGNED.test(s.replaceAll('_', ''));
}
