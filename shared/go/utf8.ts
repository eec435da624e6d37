import type { GoMap } from './value.ts';

/*
 * Go strings are bytes. Here they are JS strings in which a byte that is not part of valid UTF-8 is the lone surrogate
 * U+DC80 + (byte - 0x80). Any other lone surrogate stands for U+FFFD when it is written.
 */

const BYTE_SURROGATE = 0xdc00;
const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const encoder = new TextEncoder();

// The wrong form in a pattern: with the u flag a surrogate class matches lone surrogates only.
const LONE = /[\ud800-\udfff]/u;
const SURROGATE = /[\ud800-\udfff]/;
const NON_ASCII = /[^\x00-\x7f]/;

/** Decodes UTF-8; a byte that is not valid UTF-8 becomes the lone surrogate U+DC80 + byte - 0x80 (see `encodeUtf8`). */
export function decodeUtf8(bytes: Uint8Array): string {
  try {
    return strict.decode(bytes);
  } catch {
    return decodeInvalid(bytes);
  }
}

function decodeInvalid(bytes: Uint8Array): string {
  const parts: string[] = [];
  let from = 0;
  let at = 0;
  while (at < bytes.length) {
    const size = sequenceSize(bytes, at);
    if (size > 0) {
      at += size;
      continue;
    }
    if (at > from) parts.push(strict.decode(bytes.subarray(from, at)));
    parts.push(String.fromCharCode(BYTE_SURROGATE + (bytes[at] as number)));
    at++;
    from = at;
  }
  if (at > from) parts.push(strict.decode(bytes.subarray(from, at)));
  return parts.join('');
}

/** The length of the valid UTF-8 sequence at `at`, or 0. */
function sequenceSize(bytes: Uint8Array, at: number): number {
  const lead = bytes[at] as number;
  if (lead < 0x80) return 1;
  const [size, low, high] = sequenceShape(lead);
  if (size === 0 || at + size > bytes.length) return 0;
  const second = bytes[at + 1] as number;
  if (second < low || second > high) return 0;
  for (let i = 2; i < size; i++) {
    if (((bytes[at + i] as number) & 0xc0) !== 0x80) return 0;
  }
  return size;
}

/** Size of the sequence that a lead byte starts, and the range of its second byte. */
function sequenceShape(lead: number): [size: number, low: number, high: number] {
  if (lead >= 0xc2 && lead <= 0xdf) return [2, 0x80, 0xbf];
  if (lead === 0xe0) return [3, 0xa0, 0xbf];
  if (lead === 0xed) return [3, 0x80, 0x9f];
  if (lead >= 0xe1 && lead <= 0xef) return [3, 0x80, 0xbf];
  if (lead === 0xf0) return [4, 0x90, 0xbf];
  if (lead >= 0xf1 && lead <= 0xf3) return [4, 0x80, 0xbf];
  if (lead === 0xf4) return [4, 0x80, 0x8f];
  return [0, 0, 0];
}

/** Encodes as UTF-8, the inverse of `decodeUtf8`: U+DC80..U+DCFF alone becomes the byte that it stands for. */
export function encodeUtf8(s: string): Uint8Array {
  if (!LONE.test(s)) return encoder.encode(s);
  const out = new Uint8Array(utf8Length(s));
  let size = 0;
  let from = 0;
  for (let i = 0; i < s.length; i++) {
    const unit = s.charCodeAt(i);
    if (isPairAt(s, i)) {
      i++;
    } else if (isByteUnit(unit)) {
      size += encoder.encodeInto(s.slice(from, i), out.subarray(size)).written;
      out[size++] = unit - BYTE_SURROGATE;
      from = i + 1;
    }
  }
  encoder.encodeInto(s.slice(from), out.subarray(size));
  return out;
}

function isPairAt(s: string, i: number): boolean {
  const unit = s.charCodeAt(i);
  if (unit < 0xd800 || unit > 0xdbff) return false;
  const next = s.charCodeAt(i + 1);
  return next >= 0xdc00 && next <= 0xdfff;
}

function isByteUnit(unit: number): boolean {
  return unit >= 0xdc80 && unit <= 0xdcff;
}

/** Whether a code point, as `for (const c of s)` gives it, is a byte of invalid UTF-8; the byte is `code - 0xdc00`. */
export function isInvalidByte(codePoint: number): boolean {
  return isByteUnit(codePoint);
}

/** The number of bytes of a string's UTF-8: Go's `len`. */
export function utf8Length(s: string): number {
  if (!NON_ASCII.test(s)) return s.length;
  let size = 0;
  for (let i = 0; i < s.length; i++) {
    const unit = s.charCodeAt(i);
    if (unit < 0x80) size += 1;
    else if (unit < 0x800) size += 2;
    else if (isPairAt(s, i)) {
      size += 4;
      i++;
    } else size += isByteUnit(unit) ? 1 : 3;
  }
  return size;
}

/** Whether every character is ASCII, so that offsets in bytes and in JS characters agree. */
export function isAscii(s: string): boolean {
  return !NON_ASCII.test(s);
}

/** Orders two strings by their UTF-8 bytes, as Go does: negative, 0 or positive. */
export function compareUtf8(a: string, b: string): number {
  if (a === b) return 0;
  if (!SURROGATE.test(a) && !SURROGATE.test(b)) return a < b ? -1 : 1;
  const left = encodeUtf8(a);
  const right = encodeUtf8(b);
  const size = Math.min(left.length, right.length);
  for (let i = 0; i < size; i++) {
    const order = (left[i] as number) - (right[i] as number);
    if (order !== 0) return order;
  }
  return left.length - right.length;
}

/** A map's keys in the order of their UTF-8 bytes, which is how Go's range, printing and JSON visit a map. */
export function sortedKeys(map: GoMap): string[] {
  const keys = Array.from(map.keys());
  return sortStrings(keys);
}

/** Sorts strings in place by their UTF-8 bytes and returns them. */
export function sortStrings(keys: string[]): string[] {
  let sorted = true;
  let plain = true;
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i] as string;
    if (i > 0 && (keys[i - 1] as string) > key) sorted = false;
    if (SURROGATE.test(key)) plain = false;
  }
  if (plain) return sorted ? keys : keys.sort();
  return keys.sort(compareUtf8);
}
