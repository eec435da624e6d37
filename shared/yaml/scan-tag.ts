/** Scans anchors, aliases, tags and directives. */
import { decodeUtf8 } from '../go/utf8.ts';
import { hexValue, isBlankChar, isBreakOrEnd, isDigitChar, isSpaceOrEnd, isWordChar } from './chars.ts';
import type { Cursor } from './cursor.ts';
import { skipComment } from './scan-scalar.ts';
import { TAG, TAG_DIRECTIVE, type Token, token, VERSION_DIRECTIVE } from './tokens.ts';

function scanWord(cursor: Cursor): string {
  let i = cursor.pos;
  while (i < cursor.end && isWordChar(cursor.text.charCodeAt(i))) i++;
  const word = cursor.text.slice(cursor.pos, i);
  cursor.moveTo(i);
  return word;
}

const AFTER_ANCHOR = new Set(Array.from('?:,]}%@`', (c) => c.charCodeAt(0)));

/** The name of an anchor or alias; the cursor stands on `&` or `*`. */
export function scanAnchor(cursor: Cursor, type: number): Token {
  const line = cursor.line;
  cursor.skip();
  const name = scanWord(cursor);
  const next = cursor.at(0);
  if (name === '' || !(isSpaceOrEnd(next) || AFTER_ANCHOR.has(next))) {
    throw cursor.error('did not find expected alphabetic or numeric character');
  }
  return token(type, line, name);
}

/** A tag; the cursor stands on `!`. */
export function scanTag(cursor: Cursor): Token {
  const line = cursor.line;
  let handle = '';
  let suffix: string;
  if (cursor.at(1) === 0x3c) {
    cursor.skipAscii(2);
    suffix = scanTagUri(cursor, '');
    if (cursor.at(0) !== 0x3e) throw cursor.error("did not find the expected '>'");
    cursor.skip();
  } else {
    handle = scanTagHandle(cursor, false);
    if (handle.length > 1 && handle.endsWith('!')) {
      suffix = scanTagUri(cursor, '');
    } else {
      suffix = scanTagUri(cursor, handle);
      handle = '!';
      // The tag `!` alone has no handle and is its own suffix.
      if (suffix === '') [handle, suffix] = [suffix, handle];
    }
  }
  if (!isSpaceOrEnd(cursor.at(0))) throw cursor.error('did not find expected whitespace or line break');
  return token(TAG, line, handle, suffix);
}

function scanTagHandle(cursor: Cursor, directive: boolean): string {
  if (cursor.at(0) !== 0x21) throw cursor.error("did not find expected '!'");
  cursor.skip();
  const handle = `!${scanWord(cursor)}`;
  if (cursor.at(0) === 0x21) {
    cursor.skip();
    return `${handle}!`;
  }
  if (directive && handle !== '!') throw cursor.error("did not find expected '!'");
  return handle;
}

const URI = new Set(Array.from(";/?:@&=+$,.!~*'()[]%", (c) => c.charCodeAt(0)));

/** A tag's URI. `head` is what was taken for its handle: its text after `!` belongs to the URI. */
function scanTagUri(cursor: Cursor, head: string): string {
  let uri = head.slice(1);
  let found = head !== '';
  for (let c = cursor.at(0); isWordChar(c) || URI.has(c); c = cursor.at(0)) {
    if (c === 0x25) {
      uri += scanUriEscapes(cursor);
    } else {
      uri += String.fromCharCode(c);
      cursor.skip();
    }
    found = true;
  }
  if (!found) throw cursor.error('did not find expected tag URI');
  return uri;
}

/** The bytes of one character, each as `%XX`. */
function scanUriEscapes(cursor: Cursor): string {
  const bytes: number[] = [];
  let length = 1;
  while (bytes.length < length) {
    const high = hexValue(cursor.at(1));
    const low = hexValue(cursor.at(2));
    if (cursor.at(0) !== 0x25 || high < 0 || low < 0) throw cursor.error('did not find URI escaped octet');
    const byte = high * 16 + low;
    if (bytes.length === 0) {
      length = utf8Width(byte);
      if (length === 0) throw cursor.error('found an incorrect leading UTF-8 octet');
    } else if ((byte & 0xc0) !== 0x80) {
      throw cursor.error('found an incorrect trailing UTF-8 octet');
    }
    bytes.push(byte);
    cursor.skipAscii(3);
  }
  return decodeUtf8(Uint8Array.from(bytes));
}

/** How many bytes a character takes by its first one; 0 when no character starts so. */
export function utf8Width(byte: number): number {
  if ((byte & 0x80) === 0) return 1;
  if ((byte & 0xe0) === 0xc0) return 2;
  if ((byte & 0xf0) === 0xe0) return 3;
  return (byte & 0xf8) === 0xf0 ? 4 : 0;
}

/** A `%YAML` or `%TAG` line; the cursor stands on `%`. A version is in `value` and `suffix` as digits. */
export function scanDirective(cursor: Cursor): Token {
  const line = cursor.line;
  cursor.skip();
  const name = scanWord(cursor);
  if (name === '') throw cursor.error('could not find expected directive name');
  if (!isSpaceOrEnd(cursor.at(0))) throw cursor.error('found unexpected non-alphabetical character');
  let result: Token;
  if (name === 'YAML') result = scanVersion(cursor, line);
  else if (name === 'TAG') result = scanTagDirective(cursor, line);
  else throw cursor.error('found unknown directive name');
  while (isBlankChar(cursor.at(0))) cursor.skip();
  if (cursor.at(0) === 0x23) skipComment(cursor);
  if (!isBreakOrEnd(cursor.at(0))) throw cursor.error('did not find expected comment or line break');
  cursor.readBreak();
  return result;
}

function scanVersion(cursor: Cursor, line: number): Token {
  while (isBlankChar(cursor.at(0))) cursor.skip();
  const major = scanVersionNumber(cursor);
  if (cursor.at(0) !== 0x2e) throw cursor.error("did not find expected digit or '.' character");
  cursor.skip();
  return token(VERSION_DIRECTIVE, line, major, scanVersionNumber(cursor));
}

function scanVersionNumber(cursor: Cursor): string {
  let digits = '';
  for (let c = cursor.at(0); isDigitChar(c); c = cursor.at(0)) {
    if (digits.length === 2) throw cursor.error('found extremely long version number');
    digits += String.fromCharCode(c);
    cursor.skip();
  }
  if (digits === '') throw cursor.error('did not find expected version number');
  return String(Number(digits));
}

function scanTagDirective(cursor: Cursor, line: number): Token {
  while (isBlankChar(cursor.at(0))) cursor.skip();
  const handle = scanTagHandle(cursor, true);
  if (!isBlankChar(cursor.at(0))) throw cursor.error('did not find expected whitespace');
  while (isBlankChar(cursor.at(0))) cursor.skip();
  const prefix = scanTagUri(cursor, '');
  if (!isSpaceOrEnd(cursor.at(0))) throw cursor.error('did not find expected whitespace or line break');
  return token(TAG_DIRECTIVE, line, handle, prefix);
}
