import { formatDuration } from './duration.ts';
import {
  type Flags,
  formatFloatVerb,
  formatHexBytes,
  formatHexText,
  formatInteger,
  formatQuoted,
  formatQuotedRune,
  formatRune,
  formatText,
  formatUnicode,
  noFlags,
  pad,
} from './format-state.ts';
import { formatG } from './strconv.ts';
import { isUnsigned, kindOf as kindOfValue, typeOf as typeOfValue } from './types.ts';
import { decodeUtf8, sortedKeys } from './utf8.ts';
import { GoInt, type GoMap, type GoStruct, type GoValue, isMap } from './value.ts';

const MONTHS = 'January February March April May June July August September October November December'.split(' ');
const WEEKDAYS = 'Sunday Monday Tuesday Wednesday Thursday Friday Saturday'.split(' ');

/** fmt's %T of a value (see types.ts). */
export const typeOf: (v: GoValue) => string = typeOfValue;
/** reflect's Kind of a value (see types.ts). */
export const kindOf: (v: GoValue) => string = kindOfValue;

/** fmt.Sprint of one value, its %v: `map[a:1 b:[x <nil>]]`, `3e+06`, `1h0m0s`; nil is `<nil>`. */
export function sprint(v: GoValue): string {
  if (typeof v === 'string') return v;
  if (typeof v === 'number') return formatG(v);
  if (typeof v === 'boolean') return v ? 'true' : 'false';
  if (v === null || v === undefined) return '<nil>';
  if (v instanceof GoInt) return intText(v);
  return formatComposite(v, 'v', PLAIN, 0);
}

/** fmt.Sprint of many values: a space between two operands when neither is a string. */
export function sprintAll(args: readonly GoValue[]): string {
  let out = '';
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] as GoValue;
    if (i > 0 && typeof arg !== 'string' && typeof args[i - 1] !== 'string') out += ' ';
    out += sprint(arg);
  }
  return out;
}

/** fmt.Sprintln: a space between all operands, a newline at the end. */
export function sprintln(args: readonly GoValue[]): string {
  return `${args.map(sprint).join(' ')}\n`;
}

const PLAIN: Flags = Object.freeze(noFlags());

function intText(v: GoInt): string {
  return stringerText(v) ?? String(v.value);
}

/** What the String method of a named integer type gives; undefined for plain integers. */
function stringerText(v: GoInt): string | undefined {
  switch (v.kind) {
    case 'time.Duration':
      return formatDuration(v.value);
    case 'time.Month':
      return MONTHS[Number(v.value) - 1] ?? `%!Month(${v.value})`;
    case 'time.Weekday':
      return WEEKDAYS[Number(v.value)] ?? `%!Weekday(${v.value})`;
    default:
      return undefined;
  }
}

/** Formats one value by one verb; `depth` is how far inside maps and slices it stands. */
export function formatArg(v: GoValue, verb: string, flags: Flags, depth = 0): string {
  if (v === null || v === undefined) return formatNil(verb, flags, depth);
  if (verb === 'T' && depth === 0) return formatText(typeOf(v), flags);
  if (typeof v === 'string') return formatString(v, verb, flags);
  if (typeof v === 'number') return formatNumber(v, verb, flags);
  if (typeof v === 'boolean') return verb === 't' || verb === 'v' ? pad(String(v), flags) : badVerb(v, verb, flags);
  if (v instanceof GoInt) return formatInt(v, verb, flags);
  return formatComposite(v, verb, flags, depth);
}

function formatNil(verb: string, flags: Flags, depth: number): string {
  if (depth > 0) return flags.sharpV ? 'interface {}(nil)' : '<nil>';
  return verb === 'T' || verb === 'v' ? pad('<nil>', flags) : `%!${verb}(<nil>)`;
}

function badVerb(v: GoValue, verb: string, flags: Flags): string {
  return `%!${verb}(${typeOf(v)}=${formatArg(v, 'v', flags)})`;
}

function formatString(text: string, verb: string, flags: Flags): string {
  switch (verb) {
    case 'v':
      return flags.sharpV ? formatQuoted(text, flags) : formatText(text, flags);
    case 's':
      return formatText(text, flags);
    case 'q':
      return formatQuoted(text, flags);
    case 'x':
    case 'X':
      return formatHexText(text, verb === 'X', flags);
    default:
      return badVerb(text, verb, flags);
  }
}

function formatNumber(x: number, verb: string, flags: Flags): string {
  switch (verb) {
    case 'v':
      return formatFloatVerb(x, 'g', -1, flags);
    case 'b':
    case 'g':
    case 'G':
    case 'x':
    case 'X':
      return formatFloatVerb(x, verb, -1, flags);
    case 'e':
    case 'E':
    case 'f':
      return formatFloatVerb(x, verb, 6, flags);
    case 'F':
      return formatFloatVerb(x, 'f', 6, flags);
    default:
      return badVerb(x, verb, flags);
  }
}

function formatInt(v: GoInt, verb: string, flags: Flags): string {
  if (!flags.sharpV && 'vsxXq'.includes(verb)) {
    const text = stringerText(v);
    if (text !== undefined) return formatString(text, verb, flags);
  }
  const value = BigInt(v.value);
  switch (verb) {
    case 'v':
      if (flags.sharpV && isUnsigned(v)) return formatInteger(value, 16, 'v', { ...flags, sharp: true });
      return formatInteger(value, 10, verb, flags);
    case 'd':
      return formatInteger(value, 10, verb, flags);
    case 'b':
      return formatInteger(value, 2, verb, flags);
    case 'o':
    case 'O':
      return formatInteger(value, 8, verb, flags);
    case 'x':
    case 'X':
      return formatInteger(value, 16, verb, flags);
    case 'c':
      return formatRune(value, flags);
    case 'q':
      return formatQuotedRune(value, flags);
    case 'U':
      return formatUnicode(value, flags);
    default:
      return badVerb(v, verb, flags);
  }
}

function formatComposite(
  v: GoMap | GoValue[] | Uint8Array | GoStruct,
  verb: string,
  flags: Flags,
  depth: number,
): string {
  // Addresses differ from run to run in Go; a template that prints one has no stable output.
  if (verb === 'p' && depth === 0) return '0xc000000000';
  if (v instanceof Uint8Array) return formatBytes(v, verb, flags);
  if (isMap(v)) return formatMap(v, verb, flags, depth);
  if (Array.isArray(v)) {
    const items = v.map((item) => formatArg(item, verb, flags, depth + 1));
    return flags.sharpV ? `${typeOf(v)}{${items.join(', ')}}` : `[${items.join(' ')}]`;
  }
  if ('vsxXq'.includes(verb)) return formatString(v.format(), verb === 'v' ? 's' : verb, flags);
  return `%!${verb}(${typeOf(v)}=${v.format()})`;
}

function formatMap(map: GoMap, verb: string, flags: Flags, depth: number): string {
  const entries = sortedKeys(map).map((key) => {
    const shown = formatArg(key, verb, flags, depth + 1);
    return `${shown}:${formatArg(map.get(key) as GoValue, verb, flags, depth + 1)}`;
  });
  return flags.sharpV ? `${typeOf(map)}{${entries.join(', ')}}` : `map[${entries.join(' ')}]`;
}

function formatBytes(bytes: Uint8Array, verb: string, flags: Flags): string {
  switch (verb) {
    case 's':
      return formatText(decodeUtf8(bytes), flags);
    case 'q':
      return formatQuoted(decodeUtf8(bytes), flags);
    case 'x':
    case 'X':
      return formatHexBytes(bytes, verb === 'X', flags);
    default: {
      if (flags.sharpV) return `[]byte{${Array.from(bytes, (byte) => `0x${byte.toString(16)}`).join(', ')}}`;
      const items = Array.from(bytes, (byte) => formatArg(new GoInt(byte, 'uint8'), verb, flags, 1));
      return `[${items.join(' ')}]`;
    }
  }
}

/**
 * fmt.Sprintf: every verb, flag, width, precision, `*` and `[n]`. What does not fit is printed as Go does:
 * `%!d(string=hi)`, `%!z(int=5)`, `%!d(MISSING)`, `%!(EXTRA int=1)`.
 */
export function sprintf(format: string, args: readonly GoValue[]): string {
  let at = format.indexOf('%');
  if (at < 0 && args.length === 0) return format;
  const scan: Scan = { format, args, pos: 0, arg: 0, reordered: false, goodArg: true, afterIndex: false };
  let out = '';
  while (at >= 0) {
    out += format.slice(scan.pos, at);
    scan.pos = at + 1;
    out += oneVerb(scan);
    at = format.indexOf('%', scan.pos);
  }
  out += format.slice(scan.pos);
  return scan.reordered || scan.arg >= args.length ? out : out + extraArgs(args.slice(scan.arg));
}

interface Scan {
  readonly format: string;
  readonly args: readonly GoValue[];
  pos: number;
  arg: number;
  reordered: boolean;
  goodArg: boolean;
  afterIndex: boolean;
}

function oneVerb(scan: Scan): string {
  const { format, args } = scan;
  const flags = readFlags(scan);
  scan.goodArg = true;
  let out = readWidth(scan, flags);
  if (scan.pos >= format.length) return `${out}%!(NOVERB)`;
  const verb = String.fromCodePoint(format.codePointAt(scan.pos) as number);
  scan.pos += verb.length;
  if (verb === '%') return `${out}%`;
  if (!scan.goodArg) return `${out}%!${verb}(BADINDEX)`;
  if (scan.arg >= args.length) return `${out}%!${verb}(MISSING)`;
  if (verb === 'v') {
    flags.sharpV = flags.sharp;
    flags.sharp = false;
    flags.plusV = flags.plus;
    flags.plus = false;
  }
  const arg = args[scan.arg++] as GoValue;
  out += verb === 'w' ? badVerb(arg, verb, flags) : formatArg(arg, verb, flags);
  return out;
}

function readFlags(scan: Scan): Flags {
  const flags = noFlags();
  for (; scan.pos < scan.format.length; scan.pos++) {
    const char = scan.format[scan.pos];
    if (char === '#') flags.sharp = true;
    else if (char === '0') flags.zero = true;
    else if (char === '+') flags.plus = true;
    else if (char === '-') flags.minus = true;
    else if (char === ' ') flags.space = true;
    else break;
  }
  return flags;
}

/** Reads argument indexes, width and precision; returns what Go prints for a bad one. */
function readWidth(scan: Scan, flags: Flags): string {
  const { format } = scan;
  let out = '';
  scan.afterIndex = readIndex(scan);
  if (format[scan.pos] === '*') {
    scan.pos++;
    flags.width = starArg(scan);
    if (flags.width === undefined) out += '%!(BADWIDTH)';
    else if (flags.width < 0) {
      flags.width = -flags.width;
      flags.minus = true;
      flags.zero = false;
    }
    scan.afterIndex = false;
  } else {
    flags.width = readNumber(scan);
    if (scan.afterIndex && flags.width !== undefined) scan.goodArg = false;
  }
  if (format[scan.pos] === '.' && scan.pos + 1 < format.length) out += readPrecision(scan, flags);
  if (!scan.afterIndex) scan.afterIndex = readIndex(scan);
  return out;
}

function readPrecision(scan: Scan, flags: Flags): string {
  scan.pos++;
  if (scan.afterIndex) scan.goodArg = false;
  scan.afterIndex = readIndex(scan);
  if (scan.format[scan.pos] !== '*') {
    flags.prec = readNumber(scan) ?? 0;
    return '';
  }
  scan.pos++;
  scan.afterIndex = false;
  const prec = starArg(scan);
  flags.prec = prec !== undefined && prec >= 0 ? prec : undefined;
  return flags.prec === undefined ? '%!(BADPREC)' : '';
}

const MAX_WIDTH = 1_000_000;

function readNumber(scan: Scan): number | undefined {
  const start = scan.pos;
  let value = 0;
  for (; scan.pos < scan.format.length; scan.pos++) {
    const digit = scan.format.charCodeAt(scan.pos) - 48;
    if (digit < 0 || digit > 9) break;
    if (value > MAX_WIDTH) {
      scan.pos = scan.format.length;
      return undefined;
    }
    value = value * 10 + digit;
  }
  return scan.pos === start ? undefined : value;
}

function starArg(scan: Scan): number | undefined {
  if (scan.arg >= scan.args.length) return undefined;
  const arg = scan.args[scan.arg++];
  if (!(arg instanceof GoInt)) return undefined;
  const value = Number(arg.value);
  return Math.abs(value) > MAX_WIDTH ? undefined : value;
}

/** Reads `[n]`; true when there was one that could be read. */
function readIndex(scan: Scan): boolean {
  const { format } = scan;
  if (format[scan.pos] !== '[') return false;
  scan.reordered = true;
  const close = format.indexOf(']', scan.pos);
  if (close < 0) {
    scan.goodArg = false;
    scan.pos++;
    return false;
  }
  const text = format.slice(scan.pos + 1, close);
  scan.pos = close + 1;
  const readable = /^[0-9]{1,7}$/.test(text);
  const index = Number(text) - 1;
  if (readable && index >= 0 && index < scan.args.length) scan.arg = index;
  else scan.goodArg = false;
  return readable;
}

function extraArgs(args: readonly GoValue[]): string {
  const shown = args.map((arg) => (arg === null ? '<nil>' : `${typeOf(arg)}=${sprint(arg)}`));
  return `%!(EXTRA ${shown.join(', ')})`;
}
