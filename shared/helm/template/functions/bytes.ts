import { decodeUtf8, encodeUtf8, isAscii } from '../../../go/utf8.ts';

/**
 * Runs a function that counts and cuts bytes, as Go's string functions do, on a string: ASCII goes in as it is, else a
 * string with one character per byte goes in and what comes out is read as UTF-8 again.
 */
export function onBytes(s: string, f: (bytes: string) => string): string {
  if (isAscii(s)) return f(s);
  return fromByteString(f(toByteString(s)));
}

/** A string with one character (U+0000 to U+00FF) for each byte of the UTF-8. */
export function toByteString(s: string): string {
  return isAscii(s) ? s : Buffer.from(encodeUtf8(s)).toString('latin1');
}

/** The inverse of `toByteString`. */
export function fromByteString(bytes: string): string {
  return isAscii(bytes) ? bytes : decodeUtf8(Buffer.from(bytes, 'latin1'));
}
