import { sprint } from '../../../go/print.ts';
import { quote } from '../../../go/strconv.ts';
import { isAscii } from '../../../go/utf8.ts';
import { type GoFunction, GoPanic, type GoValue } from '../../../go/value.ts';
import { fromByteString, toByteString } from './bytes.ts';
import { toText } from './cast.ts';
import { isSpace, toLower, toUpper, trimSpace } from './chars.ts';
import { pure, pureVariadic } from './define.ts';
import { checkTextSize } from './limits.ts';

/** Trimming, searching, quoting, indenting and cutting of strings. */
export function stringFunctions(): GoFunction[] {
  return [
    pure('trim', ['string'], trimSpace),
    pure('trimAll', ['string', 'string'], trimAll),
    pure('trimall', ['string', 'string'], trimAll),
    pure('trimSuffix', ['string', 'string'], trimSuffix),
    pure('trimPrefix', ['string', 'string'], trimPrefix),
    pure('upper', ['string'], toUpper),
    pure('lower', ['string'], toLower),
    pure('contains', ['string', 'string'], (part: string, s: string) => s.includes(part)),
    pure('hasPrefix', ['string', 'string'], (part: string, s: string) => s.startsWith(part)),
    pure('hasSuffix', ['string', 'string'], (part: string, s: string) => s.endsWith(part)),
    pureVariadic('quote', ['any'], quoteAll),
    pureVariadic('squote', ['any'], squoteAll),
    pureVariadic('cat', ['any'], cat),
    pure('indent', ['int', 'string'], (spaces: number, s: string) => indent('indent', spaces, s)),
    pure('nindent', ['int', 'string'], (spaces: number, s: string) => `\n${indent('nindent', spaces, s)}`),
    pure('replace', ['string', 'string', 'string'], replace),
    pure('repeat', ['int', 'string'], repeat),
    pure('trunc', ['int', 'string'], truncate),
    pure('substr', ['int', 'int', 'string'], substring),
    pure('nospace', ['string'], removeSpace),
    pure('plural', ['string', 'string', 'int'], (one: string, many: string, n: number) => (n === 1 ? one : many)),
    pure('toString', ['any'], toText),
  ];
}

function trimSuffix(suffix: string, s: string): string {
  return suffix !== '' && s.endsWith(suffix) ? s.slice(0, -suffix.length) : s;
}

function trimPrefix(prefix: string, s: string): string {
  return s.startsWith(prefix) ? s.slice(prefix.length) : s;
}

/** Removes every character of `cutset` from both ends. */
function trimAll(cutset: string, s: string): string {
  const cut = new Set(cutset);
  const chars = Array.from(s);
  let start = 0;
  let end = chars.length;
  while (start < end && cut.has(chars[start] as string)) start++;
  while (end > start && cut.has(chars[end - 1] as string)) end--;
  return chars.slice(start, end).join('');
}

function quoteAll(...values: GoValue[]): string {
  if (values.length === 1) {
    const only = values[0] as GoValue;
    return only === null ? '' : quote(toText(only));
  }
  const parts: string[] = [];
  for (const v of values) if (v !== null) parts.push(quote(toText(v)));
  return parts.join(' ');
}

function squoteAll(...values: GoValue[]): string {
  const parts: string[] = [];
  for (const v of values) if (v !== null) parts.push(`'${sprint(v)}'`);
  return parts.join(' ');
}

function cat(...values: GoValue[]): string {
  const parts: string[] = [];
  for (const v of values) if (v !== null) parts.push(sprint(v));
  return parts.join(' ');
}

// Charts indent by small even numbers, over and over.
const PADS = Array.from({ length: 33 }, (_, size) => ' '.repeat(size));
const LINE_PADS = PADS.map((pad) => `\n${pad}`);

function indent(fn: string, spaces: number, s: string): string {
  const pad = PADS[spaces];
  if (pad !== undefined) return pad + s.replaceAll('\n', LINE_PADS[spaces] as string);
  if (spaces < 0) throw new GoPanic('strings: negative Repeat count');
  let lines = 1;
  for (let at = s.indexOf('\n'); at >= 0; at = s.indexOf('\n', at + 1)) lines++;
  checkTextSize(fn, s.length + lines * Number(spaces));
  const wide = ' '.repeat(spaces);
  return wide + s.replaceAll('\n', `\n${wide}`);
}

function replace(from: string, to: string, s: string): string {
  if (from === '') return interleave(to, s);
  if (!s.includes(from)) return s;
  if (to.length > from.length)
    checkTextSize('replace', s.length + (s.length / from.length) * (to.length - from.length));
  // A `$` in a replacement has a meaning to replaceAll.
  return to.includes('$') ? s.split(from).join(to) : s.replaceAll(from, to);
}

/** Go puts the replacement of an empty string around each character. */
function interleave(to: string, s: string): string {
  checkTextSize('replace', s.length + (s.length + 1) * to.length);
  let out = to;
  for (const char of s) out += char + to;
  return out;
}

function repeat(count: number, s: string): string {
  if (count < 0) throw new GoPanic('strings: negative Repeat count');
  checkTextSize('repeat', Number(count) * s.length);
  return s.repeat(s === '' ? 0 : count);
}

/** The first `size` bytes; a negative size counts from the end. */
function truncate(size: number, s: string): string {
  // No character takes more than 3 bytes a UTF-16 unit.
  if (size >= s.length * 3) return s;
  if (isAscii(s)) return truncateBytes(size, s);
  return fromByteString(truncateBytes(size, toByteString(s)));
}

function truncateBytes(size: number, bytes: string): string {
  if (size >= 0) return bytes.length > size ? bytes.slice(0, size) : bytes;
  return bytes.length + Number(size) > 0 ? bytes.slice(Number(size)) : bytes;
}

function substring(from: number, to: number, s: string): string {
  const bytes = toByteString(s);
  const size = bytes.length;
  if (from < 0) return fromByteString(cut(bytes, 0, to, to > size || to < 0 ? `:${to}` : ''));
  if (to < 0 || to > size) return fromByteString(cut(bytes, from, size, ''));
  return fromByteString(cut(bytes, from, to, ''));
}

/** Go's s[from:to] with its panic. */
function cut(bytes: string, from: number, to: number, bad: string): string {
  if (bad !== '') {
    const tail = to < 0 ? '' : ` with length ${bytes.length}`;
    throw new GoPanic(`runtime error: slice bounds out of range [${bad}]${tail}`);
  }
  if (from > to) throw new GoPanic(`runtime error: slice bounds out of range [${from}:${to}]`);
  return bytes.slice(from, to);
}

/** Removes white space, byte by byte: once a byte is removed, Go writes every other byte as a character of its own. */
function removeSpace(s: string): string {
  if (isAscii(s)) return /[\t-\r ]/.test(s) ? s.replace(/[\t-\r ]+/g, '') : s;
  const bytes = toByteString(s);
  let out = '';
  for (const char of bytes) if (!isSpace(char.charCodeAt(0))) out += char;
  return out.length === bytes.length ? s : out;
}
