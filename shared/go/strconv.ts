import { type Decimal, roundedDecimal, shortestDecimal } from './decimal.ts';
import { decodeUtf8, encodeUtf8, isInvalidByte } from './utf8.ts';

/**
 * Formats a float as Go's strconv.FormatFloat(x, fmt, prec, 64) does. `prec` -1 means the shortest digits that read
 * back as x. `expThreshold` is, for 'g' with prec -1, the exponent from which the e-form is used: 6 in strconv and fmt
 * (the default), 21 where other writers say so.
 */
export function formatFloat(x: number, fmt: 'e' | 'f' | 'g', prec: number, expThreshold?: number): string {
  if (Number.isNaN(x)) return 'NaN';
  if (!Number.isFinite(x)) return x > 0 ? '+Inf' : '-Inf';
  const sign = x < 0 || Object.is(x, -0) ? '-' : '';
  const abs = Math.abs(x);
  const decimal = prec < 0 ? shortestDecimal(abs) : roundedDecimal(abs, fmt, prec);
  if (fmt === 'e') return sign + eForm(decimal, prec < 0 ? decimal.digits.length - 1 : prec);
  if (fmt === 'f') return sign + fForm(decimal, prec < 0 ? Math.max(decimal.digits.length - decimal.point, 0) : prec);
  return sign + gForm(decimal, prec, expThreshold);
}

function gForm(decimal: Decimal, prec: number, expThreshold: number | undefined): string {
  const digits = decimal.digits.replace(/0+$/, '');
  const count = digits.length;
  if (count === 0) return '0';
  let limit = prec === 0 ? 1 : prec;
  if (limit > count && count >= decimal.point) limit = count;
  if (prec < 0) limit = expThreshold ?? 6;
  const trimmed = { digits, point: decimal.point };
  const exponent = decimal.point - 1;
  if (exponent < -4 || exponent >= limit) return eForm(trimmed, Math.max(count - 1, 0));
  return fForm(trimmed, Math.max(count - decimal.point, 0));
}

function eForm({ digits, point }: Decimal, prec: number): string {
  const first = digits[0] ?? '0';
  const rest = prec > 0 ? `.${digits.slice(1, prec + 1).padEnd(prec, '0')}` : '';
  const exponent = digits === '' || /^0*$/.test(digits) ? 0 : point - 1;
  const magnitude = String(Math.abs(exponent)).padStart(2, '0');
  return `${first}${rest}e${exponent < 0 ? '-' : '+'}${magnitude}`;
}

function fForm({ digits, point }: Decimal, prec: number): string {
  const whole = point > 0 ? digits.slice(0, point).padEnd(point, '0') : '0';
  if (prec <= 0) return whole;
  const fraction = point > 0 ? digits.slice(point) : '0'.repeat(Math.min(-point, prec)) + digits;
  return `${whole}.${fraction.slice(0, prec).padEnd(prec, '0')}`;
}

/** fmt's %v of a float64: the shortest digits, in e-form when the exponent is < -4 or >= 6 (3000000 prints as 3e+06). */
export function formatG(x: number): string {
  // Whole numbers below a million are the common case and print as JS prints them.
  if (x > -1e6 && x < 1e6 && Number.isInteger(x) && !Object.is(x, -0)) return String(x);
  return formatFloat(x, 'g', -1);
}

const PRINTABLE = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u;
const SHORT_ESCAPES: Readonly<Record<string, string>> = {
  '\x07': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
};
const PLAIN_QUOTED = /^[ !#-[\]-~]*$/;

/** Quotes a string as Go's strconv.Quote (fmt's %q) does; `asciiOnly` as QuoteToASCII. */
export function quote(s: string, asciiOnly = false): string {
  if (PLAIN_QUOTED.test(s)) return `"${s}"`;
  let out = '"';
  for (const char of s) out += escapeChar(char, '"', asciiOnly);
  return `${out}"`;
}

/** Quotes a code point as Go's strconv.QuoteRune: `'x'`. A code point that is not valid becomes U+FFFD. */
export function quoteRune(codePoint: number, asciiOnly = false): string {
  const valid = codePoint >= 0 && codePoint <= 0x10ffff && !(codePoint >= 0xd800 && codePoint <= 0xdfff);
  return `'${escapeChar(String.fromCodePoint(valid ? codePoint : 0xfffd), "'", asciiOnly)}'`;
}

/** Whether Go's strconv.IsPrint takes a character as printable. */
export function isPrint(char: string): boolean {
  return PRINTABLE.test(char);
}

function escapeChar(char: string, delimiter: string, asciiOnly: boolean): string {
  const code = char.codePointAt(0) as number;
  if (char === delimiter || char === '\\') return `\\${char}`;
  if (isInvalidByte(code)) return `\\x${(code - 0xdc00).toString(16).padStart(2, '0')}`;
  if (code >= 0xd800 && code <= 0xdfff) return asciiOnly ? '\\ufffd' : '\ufffd';
  const short = SHORT_ESCAPES[char];
  if (short !== undefined) return short;
  if (code < 0x80 ? code >= 0x20 && code < 0x7f : !asciiOnly && isPrint(char)) return char;
  if (code < 0x20 || code === 0x7f) return `\\x${code.toString(16).padStart(2, '0')}`;
  if (code < 0x10000) return `\\u${code.toString(16).padStart(4, '0')}`;
  return `\\U${code.toString(16).padStart(8, '0')}`;
}

const SIMPLE: Readonly<Record<string, number>> = {
  a: 7,
  b: 8,
  f: 12,
  n: 10,
  r: 13,
  t: 9,
  v: 11,
  '\\': 92,
};

/**
 * Reads a Go string, raw string or character literal with its quotes, as strconv.Unquote does; undefined where it is not
 * a valid literal.
 */
export function unquote(s: string): string | undefined {
  const delimiter = s[0];
  if (s.length < 2 || delimiter === undefined || s[s.length - 1] !== delimiter) return undefined;
  const body = s.slice(1, -1);
  if (delimiter === '`') return body.includes('`') ? undefined : body.replaceAll('\r', '');
  if (delimiter !== '"' && delimiter !== "'") return undefined;
  if (body.includes('\n')) return undefined;
  if (delimiter === '"' && !body.includes('\\') && !body.includes('"')) return body;
  return unquoteBody(body, delimiter);
}

function unquoteBody(body: string, delimiter: string): string | undefined {
  let out = '';
  let bytes = false;
  let count = 0;
  for (let i = 0; i < body.length; count++) {
    const part = unquoteChar(body, i, delimiter);
    if (part === undefined) return undefined;
    out += part.text;
    bytes ||= part.isByte;
    i = part.next;
  }
  if (delimiter === "'" && count > 1) return undefined;
  // Bytes given one by one may make valid UTF-8 together.
  return bytes ? decodeUtf8(encodeUtf8(out)) : out;
}

interface UnquotedChar {
  text: string;
  next: number;
  isByte: boolean;
}

/** Reads one character of a literal at `at`; undefined where Go refuses it. */
export function unquoteChar(body: string, at: number, delimiter: string): UnquotedChar | undefined {
  const code = body.codePointAt(at) as number;
  const char = String.fromCodePoint(code);
  if (char === delimiter) return undefined;
  if (char !== '\\') return { text: char, next: at + char.length, isByte: false };
  const kind = body[at + 1];
  if (kind === undefined) return undefined;
  const simple = SIMPLE[kind];
  if (simple !== undefined) return { text: String.fromCharCode(simple), next: at + 2, isByte: false };
  if (kind === delimiter) return { text: kind, next: at + 2, isByte: false };
  if (kind === 'x') return numeric(body, at + 2, 2, 16);
  if (kind === 'u') return numeric(body, at + 2, 4, 16);
  if (kind === 'U') return numeric(body, at + 2, 8, 16);
  if (kind >= '0' && kind <= '7') return numeric(body, at + 1, 3, 8);
  return undefined;
}

function numeric(body: string, at: number, size: number, base: 8 | 16): UnquotedChar | undefined {
  const digits = body.slice(at, at + size);
  if (digits.length !== size || !(base === 16 ? /^[0-9a-fA-F]+$/ : /^[0-7]+$/).test(digits)) return undefined;
  const value = Number.parseInt(digits, base);
  const next = at + size;
  if (size <= 3) {
    if (value > 255) return undefined;
    return { text: String.fromCharCode(value < 0x80 ? value : 0xdc00 + value), next, isByte: value >= 0x80 };
  }
  if (value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff)) return undefined;
  return { text: String.fromCodePoint(value), next, isByte: false };
}

const MIN_INT64 = -(2n ** 63n);
const MAX_INT64 = 2n ** 63n - 1n;
const MAX_UINT64 = 2n ** 64n - 1n;

/** strconv.ParseInt(s, base, 64) with base 0 (prefixes and underscores) or 2..36; undefined where Go gives an error. */
export function parseInt64(s: string, base: number): bigint | undefined {
  const negative = s[0] === '-';
  const body = negative || s[0] === '+' ? s.slice(1) : s;
  const magnitude = parseMagnitude(body, base);
  if (magnitude === undefined) return undefined;
  const value = negative ? -magnitude : magnitude;
  return value < MIN_INT64 || value > MAX_INT64 ? undefined : value;
}

/** strconv.ParseUint(s, base, 64). */
export function parseUint64(s: string, base: number): bigint | undefined {
  const value = parseMagnitude(s, base);
  return value === undefined || value > MAX_UINT64 ? undefined : value;
}

function parseMagnitude(body: string, base: number): bigint | undefined {
  if (base === 0) return parsePrefixed(body);
  if (body === '' || body.length > 4096) return undefined;
  if (base === 10) return /^[0-9]+$/.test(body) ? BigInt(body) : undefined;
  let value = 0n;
  for (const char of body.toLowerCase()) {
    const digit = Number.parseInt(char, 36);
    if (Number.isNaN(digit) || digit >= base) return undefined;
    value = value * BigInt(base) + BigInt(digit);
  }
  return value;
}

function parsePrefixed(body: string): bigint | undefined {
  const underscores = body.includes('_');
  if (underscores && !underscoresOk(body)) return undefined;
  const plain = underscores ? body.replaceAll('_', '') : body;
  const prefix = /^0([xX]|[bB]|[oO])/.exec(plain)?.[1]?.toLowerCase();
  if (prefix === 'x') return parseMagnitude(plain.slice(2), 16);
  if (prefix === 'b') return parseMagnitude(plain.slice(2), 2);
  if (prefix === 'o') return parseMagnitude(plain.slice(2), 8);
  if (plain.length > 1 && plain[0] === '0') return parseMagnitude(plain.slice(1), 8);
  return parseMagnitude(plain, 10);
}

/** Underscores may only stand between digits, or between a base prefix and a digit. */
function underscoresOk(body: string): boolean {
  const unsigned = body.replace(/^[+-]/, '');
  const hex = /^0[xX]/.test(unsigned);
  const rest = unsigned.replace(/^0[xXbBoO]/, '0');
  return !/__|^_|_$/.test(rest) && !(hex ? /_[^0-9a-fA-F]|[^0-9a-fA-F]_/ : /_[^0-9]|[^0-9]_/).test(rest);
}

const DECIMAL = /^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$/;
const HEX = /^([+-]?)0[xX]([0-9a-fA-F]*)\.?([0-9a-fA-F]*)[pP]([+-]?[0-9]+)$/;
const SPECIAL = /^([+-]?)(inf|infinity|nan)$/i;

/** strconv.ParseFloat(s, 64): undefined where Go gives a syntax or range error. */
export function parseFloat64(s: string): number | undefined {
  if (s.includes('_')) return underscoresOk(s) ? parseFloat64(s.replaceAll('_', '')) : undefined;
  if (DECIMAL.test(s)) return finite(Number(s));
  const special = SPECIAL.exec(s);
  if (special) {
    if (special[2]?.toLowerCase() === 'nan') return special[1] === '' ? Number.NaN : undefined;
    return special[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  }
  return parseHexFloat(s);
}

function parseHexFloat(s: string): number | undefined {
  const match = HEX.exec(s);
  if (!match) return undefined;
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match;
  const digits = whole + fraction;
  if (digits === '' || digits.length > 4096) return undefined;
  const power = Number(exponent) - 4 * fraction.length;
  const value = scale(BigInt(`0x${digits}`), power);
  return finite(sign === '-' ? -value : value);
}

/** mantissa × 2^power, rounded once. */
function scale(mantissa: bigint, power: number): number {
  if (mantissa === 0n) return 0;
  if (power >= 0) return power > 2048 ? Number.POSITIVE_INFINITY : Number(mantissa << BigInt(power));
  const bits = mantissa.toString(2).length;
  if (bits + power > -1021) {
    const direct = Number(mantissa);
    return direct * 2 ** Math.max(power, -1000) * 2 ** Math.min(power + 1000, 0);
  }
  if (bits + power < -1080) return 0;
  if (power === -1074) return Number(mantissa) * 2 ** -1074;
  // Subnormal: round half to even at the last bit that a double has.
  const drop = BigInt(-power - 1074);
  const kept = mantissa >> drop;
  const rest = mantissa - (kept << drop);
  const half = 1n << (drop - 1n);
  const up = rest > half || (rest === half && kept % 2n === 1n) ? 1n : 0n;
  return Number(kept + up) * 2 ** -1074;
}

function finite(value: number): number | undefined {
  return Number.isFinite(value) ? value : undefined;
}
