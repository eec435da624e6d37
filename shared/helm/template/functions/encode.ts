import { decodeUtf8, encodeUtf8 } from '../../../go/utf8.ts';
import type { GoFunction } from '../../../go/value.ts';
import { toByteString } from './bytes.ts';
import { pure } from './define.ts';

/** base64 and base32. A decoder gives the text of its error as its result, as sprig's do. */
export function encodeFunctions(): GoFunction[] {
  return [
    pure('b64enc', ['string'], encodeBase64),
    pure('b64dec', ['string'], decodedBase64),
    pure('b32enc', ['string'], encodeBase32),
    pure('b32dec', ['string'], decodedBase32),
  ];
}

/** Bytes as a Buffer that shares their memory. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function encodeBase64(s: string): string {
  const bytes = s.isWellFormed() ? Buffer.from(s, 'utf8') : asBuffer(encodeUtf8(s));
  return bytes.toString('base64');
}

function decodedBase64(s: string): string {
  const bytes = decodeBase64(s);
  return typeof bytes === 'number' ? `illegal base64 data at input byte ${bytes}` : decodeUtf8(bytes);
}

const PLAIN_BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

/** Decodes standard base64; line ends are skipped. Where the text is bad: the offset that Go names. */
export function decodeBase64(s: string): Uint8Array | number {
  if (s.length % 4 !== 0 || !PLAIN_BASE64.test(s)) {
    const bad = base64Fault(toByteString(s));
    if (bad !== undefined) return bad;
  }
  return Buffer.from(s, 'base64');
}

const BASE64_CHAR = /[A-Za-z0-9+/]/;

/** The offset of what is wrong, or undefined where only line ends made the text look odd. */
function base64Fault(s: string): number | undefined {
  let at = 0;
  let count = 0;
  for (;;) {
    if (at === s.length) return count === 0 ? undefined : at - count;
    const char = s[at++] as string;
    if (char === '\n' || char === '\r') continue;
    if (BASE64_CHAR.test(char)) {
      count = (count + 1) % 4;
      continue;
    }
    if (char !== '=' || count < 2) return at - 1;
    if (count === 2) {
      at = skipLineEnds(s, at);
      if (at === s.length) return s.length;
      if (s[at] !== '=') return at - 1;
      at++;
    }
    at = skipLineEnds(s, at);
    return at < s.length ? at : undefined;
  }
}

function skipLineEnds(s: string, from: number): number {
  let at = from;
  while (s[at] === '\n' || s[at] === '\r') at++;
  return at;
}

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

function encodeBase32(s: string): string {
  let out = '';
  let bits = 0;
  let size = 0;
  for (const byte of encodeUtf8(s)) {
    bits = (bits << 8) | byte;
    size += 8;
    for (; size >= 5; size -= 5) out += BASE32[(bits >> (size - 5)) & 31];
    bits &= (1 << size) - 1;
  }
  if (size > 0) out += BASE32[(bits << (5 - size)) & 31];
  return out.padEnd(Math.ceil(out.length / 8) * 8, '=');
}

function decodedBase32(s: string): string {
  const bytes = decodeBase32(toByteString(s).replace(/[\r\n]+/g, ''));
  return typeof bytes === 'number' ? `illegal base32 data at input byte ${bytes}` : decodeUtf8(bytes);
}

function decodeBase32(s: string): Uint8Array | number {
  const out: number[] = [];
  let bits = 0;
  let size = 0;
  for (let at = 0; at < s.length; at++) {
    const value = BASE32.indexOf(s[at] as string);
    if (value < 0) return s[at] === '=' ? endOfBase32(s, at, out) : at;
    bits = ((bits & 0xff) << 5) | value;
    size += 5;
    if (size >= 8) {
      size -= 8;
      out.push((bits >> size) & 0xff);
    }
  }
  // Padding is missing: Go names the start of the group.
  return s.length % 8 === 0 ? Uint8Array.from(out) : s.length - (s.length % 8);
}

/** Checks the padding from `at` on. */
function endOfBase32(s: string, at: number, out: number[]): Uint8Array | number {
  const place = at % 8;
  const rest = s.length - at - 1;
  if (place < 2 || rest >= 8) return at;
  if (rest + place < 7) return s.length;
  for (let k = 0; k < 7 - place; k++) if (s[at + 1 + k] !== '=') return at + k;
  if (place === 3 || place === 6) return at;
  return Uint8Array.from(out);
}
