import { floatParts } from './decimal.ts';
import { formatFloat, isPrint, quote, quoteRune } from './strconv.ts';
import { encodeUtf8 } from './utf8.ts';

/** The flags, width and precision of one verb of a fmt format. */
export interface Flags {
  sharp: boolean;
  zero: boolean;
  plus: boolean;
  minus: boolean;
  space: boolean;
  sharpV: boolean;
  plusV: boolean;
  width: number | undefined;
  prec: number | undefined;
}

/** No flag set. */
export function noFlags(): Flags {
  return {
    sharp: false,
    zero: false,
    plus: false,
    minus: false,
    space: false,
    sharpV: false,
    plusV: false,
    width: undefined,
    prec: undefined,
  };
}

/** Pads to the width, counted in characters; zeros only to the left. */
export function pad(text: string, flags: Flags, zero: boolean = flags.zero): string {
  const width = flags.width ?? 0;
  if (width === 0) return text;
  const missing = width - runeCount(text);
  if (missing <= 0) return text;
  if (flags.minus) return text + ' '.repeat(missing);
  return (zero ? '0' : ' ').repeat(missing) + text;
}

function runeCount(text: string): number {
  let count = 0;
  for (const _ of text) count++;
  return count;
}

/** %s: cut to the precision, padded. */
export function formatText(text: string, flags: Flags): string {
  return pad(truncate(text, flags), flags);
}

function truncate(text: string, flags: Flags): string {
  if (flags.prec === undefined || flags.prec >= text.length) return text;
  let out = '';
  let count = 0;
  for (const char of text) {
    if (count++ >= flags.prec) break;
    out += char;
  }
  return out;
}

/** %q of a string. */
export function formatQuoted(text: string, flags: Flags): string {
  const cut = truncate(text, flags);
  if (flags.sharp && !/[`\x00-\x08\x0a-\x1f\x7f\ufeff]|[\ud800-\udfff]/u.test(cut)) return pad(`\`${cut}\``, flags);
  return pad(quote(cut, flags.plus), flags);
}

/** %x and %X of a string's bytes. */
export function formatHexBytes(bytes: Uint8Array, upper: boolean, flags: Flags): string {
  const count = flags.prec === undefined ? bytes.length : Math.min(flags.prec, bytes.length);
  const prefix = flags.sharp ? (upper ? '0X' : '0x') : '';
  const parts: string[] = [];
  for (let i = 0; i < count; i++) {
    const hex = (bytes[i] as number).toString(16).padStart(2, '0');
    parts.push(upper ? hex.toUpperCase() : hex);
  }
  if (count === 0) return pad('', flags);
  const body = flags.space ? parts.map((part) => prefix + part).join(' ') : prefix + parts.join('');
  return pad(body, flags);
}

/** %x of a string. */
export function formatHexText(text: string, upper: boolean, flags: Flags): string {
  return formatHexBytes(encodeUtf8(text), upper, flags);
}

/** Integers in the bases of %d %b %o %O %x %X. */
export function formatInteger(value: bigint, base: 2 | 8 | 10 | 16, verb: string, flags: Flags): string {
  const negative = value < 0n;
  let digits = (negative ? -value : value).toString(base);
  if (verb === 'X') digits = digits.toUpperCase();
  const signed = negative || flags.plus || flags.space;
  let prec = 0;
  if (flags.prec !== undefined) {
    prec = flags.prec;
    if (prec === 0 && value === 0n) return pad('', flags, false);
  } else if (flags.zero && !flags.minus && flags.width !== undefined) {
    prec = flags.width - (signed ? 1 : 0);
  }
  digits = digits.padStart(prec, '0');
  if (flags.sharp) digits = sharpPrefix(base, verb, digits) + digits;
  if (verb === 'O') digits = `0o${digits}`;
  const sign = negative ? '-' : flags.plus ? '+' : flags.space ? ' ' : '';
  return pad(sign + digits, flags, false);
}

function sharpPrefix(base: number, verb: string, digits: string): string {
  if (base === 2) return '0b';
  if (base === 8) return digits.startsWith('0') ? '' : '0';
  if (base === 16) return verb === 'X' ? '0X' : '0x';
  return '';
}

/** %c: a code point as a character. */
export function formatRune(value: bigint, flags: Flags): string {
  return pad(String.fromCodePoint(validRune(value)), flags);
}

/** %q of an integer. */
export function formatQuotedRune(value: bigint, flags: Flags): string {
  return pad(quoteRune(validRune(value), flags.plus), flags);
}

function validRune(value: bigint): number {
  const code = value >= 0n && value <= 0x10ffffn ? Number(value) : 0xfffd;
  return code >= 0xd800 && code <= 0xdfff ? 0xfffd : code;
}

/** %U: `U+0041`, with # also the character. */
export function formatUnicode(value: bigint, flags: Flags): string {
  const unsigned = BigInt.asUintN(64, value);
  const hex = unsigned
    .toString(16)
    .toUpperCase()
    .padStart(Math.max(flags.prec ?? 4, 4), '0');
  const char =
    unsigned <= 0x10ffffn && (unsigned < 0xd800n || unsigned > 0xdfffn) ? String.fromCodePoint(validRune(value)) : '';
  const shown = flags.sharp && char !== '' && isPrint(char) ? ` '${char}'` : '';
  return pad(`U+${hex}${shown}`, flags, false);
}

/** Floats by the verbs of strconv.FormatFloat plus G, E, x, X and b. */
export function formatFloatVerb(x: number, verb: string, defaultPrec: number, flags: Flags): string {
  let text = floatDigits(x, verb, flags.prec ?? defaultPrec);
  let sign = '+';
  if (text[0] === '-' || text[0] === '+') {
    sign = text[0];
    text = text.slice(1);
  }
  if (flags.space && sign === '+' && !flags.plus) sign = ' ';
  if (text[0] === 'I' || text[0] === 'N') return specialFloat(text, sign, flags);
  if (flags.sharp && verb !== 'b') text = sharpFloat(text, verb, flags.prec ?? defaultPrec);
  if (!flags.plus && sign === '+') return pad(text, flags);
  const width = flags.width ?? 0;
  if (flags.zero && !flags.minus && width > text.length + 1) return sign + text.padStart(width - 1, '0');
  return pad(sign + text, flags);
}

function specialFloat(text: string, sign: string, flags: Flags): string {
  const bare = text[0] === 'N' ? !flags.space && !flags.plus : sign === '+' && !flags.plus;
  return pad(bare ? text : sign + text, flags, false);
}

function floatDigits(x: number, verb: string, prec: number): string {
  switch (verb) {
    case 'e':
    case 'f':
    case 'g':
      return formatFloat(x, verb, prec);
    case 'E':
      return formatFloat(x, 'e', prec).replace('e', 'E');
    case 'G':
      return formatFloat(x, 'g', prec).replace('e', 'E');
    default:
      return Number.isFinite(x) ? binaryFloat(x, verb, prec) : formatFloat(x, 'g', -1);
  }
}

function binaryFloat(x: number, verb: string, prec: number): string {
  const sign = x < 0 || Object.is(x, -0) ? '-' : '';
  const [mantissa, exponent] = floatParts(x);
  if (verb === 'b') return `${sign}${mantissa}p${exponent < 0 ? '' : '+'}${exponent}`;
  const text = sign + hexFloat(mantissa, exponent, prec);
  return verb === 'X' ? text.toUpperCase() : text;
}

function hexFloat(mantissa: bigint, exponent: number, prec: number): string {
  let bits = mantissa;
  let power = exponent;
  if (bits !== 0n) {
    // Normalised to one bit before the point and 60 after it.
    const shift = 61 - bits.toString(2).length;
    bits <<= BigInt(shift);
    power += 60 - shift;
  } else power = 0;
  if (prec >= 0 && prec < 15) {
    const drop = BigInt(60 - 4 * prec);
    const rest = bits & ((1n << drop) - 1n);
    const half = 1n << (drop - 1n);
    bits >>= drop;
    if (rest > half || (rest === half && bits % 2n === 1n)) bits += 1n;
    bits <<= drop;
    if (bits >= 1n << 61n) {
      bits >>= 1n;
      power++;
    }
  }
  const digits = (bits & ((1n << 60n) - 1n)).toString(16).padStart(15, '0');
  const fraction = prec < 0 ? digits.replace(/0+$/, '') : digits.padEnd(prec, '0').slice(0, prec);
  const tail = `p${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
  return `0x${bits >> 60n}${fraction === '' ? '' : `.${fraction}`}${tail}`;
}

/** The # flag: keeps the point and the trailing zeros. */
function sharpFloat(text: string, verb: string, prec: number): string {
  let wanted = 'gGxv'.includes(verb) ? (prec === -1 ? 6 : prec) : 0;
  const split = verb === 'x' || verb === 'X' ? text.search(/[pP]/) : text.search(/[eE]/);
  let body = split < 0 ? text : text.slice(0, split);
  const tail = split < 0 ? '' : text.slice(split);
  const significant = body.replace('.', '').replace(/^0+/, '');
  wanted -= significant.length;
  if (!body.includes('.')) {
    if (body === '0') wanted--;
    body += '.';
  }
  return body + '0'.repeat(Math.max(wanted, 0)) + tail;
}
