/** The checks that libyaml's reader makes on the bytes before the scanner sees them. */
import { encodeUtf8, utf8Length } from '../go/utf8.ts';
import { YamlError } from './errors.ts';
import { utf8Width } from './scan-tag.ts';

/** The reader takes the text in pieces of this many bytes, and refuses a piece as a whole. */
const CHUNK = 512;

const REFUSED = /[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u;

export interface ReaderProblem {
  /** The scanner must not come to this index of the text. */
  readonly from: number;
  readonly error: YamlError;
}

/** Drops the byte order mark at the start, as the reader does, and a second one, as the scanner does. */
export function withoutMark(text: string): string {
  return text.replace(/^\ufeff{1,2}/, '');
}

/** The first character that the reader refuses, or undefined. `marks` byte order marks were before `text`. */
export function findReaderProblem(text: string, marks: number): ReaderProblem | undefined {
  const match = REFUSED.exec(text);
  if (!match) return undefined;
  const at = match.index;
  const offset = utf8Length(text.slice(0, at)) + 3 * marks;
  const chunkStart = Math.floor(offset / CHUNK) * CHUNK;
  let from = at;
  for (let left = offset - chunkStart; left > 0 && from > 0; left--) from--;
  return { from, error: new YamlError(`yaml: ${describe(text.slice(at, at + 8))}`) };
}

function describe(rest: string): string {
  const code = rest.codePointAt(0) as number;
  if (code < 0xd800 || code > 0xdfff) return 'control characters are not allowed';
  const bytes = encodeUtf8(rest);
  const width = utf8Width(bytes[0] as number);
  if (width <= 1) return 'invalid leading UTF-8 octet';
  if (bytes.length < width) return 'incomplete UTF-8 octet sequence';
  for (let i = 1; i < width; i++) {
    if (((bytes[i] as number) & 0xc0) !== 0x80) return 'invalid trailing UTF-8 octet';
  }
  const value = bytes
    .slice(1, width)
    .reduce((v, b) => v * 64 + (b & 0x3f), (bytes[0] as number) & (0xff >> (width + 1)));
  const least = [0, 0, 0x80, 0x800, 0x10000][width] as number;
  return value < least ? 'invalid length of a UTF-8 sequence' : 'invalid Unicode character';
}
