/** Scans the text of scalars: plain, quoted and block ones, with YAML's folding of lines. */
import { hexValue, isBlankChar, isBreakChar, isBreakOrEnd, isDigitChar, isSpaceOrEnd } from './chars.ts';
import type { Cursor } from './cursor.ts';

/** Joins two lines: one break becomes a space, further ones stay. */
function joinLines(first: string, rest: string): string {
  if (first === '\n') return rest === '' ? ' ' : rest;
  return first + rest;
}

function endsPlain(cursor: Cursor, c: number, pos: number, flow: boolean): boolean {
  if (c === 0x3a) return isSpaceOrEnd(pos + 1 < cursor.end ? cursor.text.charCodeAt(pos + 1) : 0);
  if (!flow) return false;
  return c === 0x2c || c === 0x3f || c === 0x5b || c === 0x5d || c === 0x7b || c === 0x7d;
}

/** The end of the run of non-blank characters from the cursor that belong to a plain scalar. */
function plainRunEnd(cursor: Cursor, flow: boolean): number {
  let i = cursor.pos;
  for (; i < cursor.end; i++) {
    const c = cursor.text.charCodeAt(i);
    if (isSpaceOrEnd(c) || endsPlain(cursor, c, i, flow)) break;
  }
  return i;
}

/**
 * A plain scalar whose lines are indented by at least `indent`. `endsLine` tells that a line break follows it, after
 * which a key may start.
 */
export function scanPlain(cursor: Cursor, indent: number, flow: boolean): { value: string; endsLine: boolean } {
  let value = '';
  let blanks = '';
  let first = '';
  let rest = '';
  let broken = false;
  for (;;) {
    if (cursor.atDocumentIndicator() || cursor.at(0) === 0x23) break;
    const end = plainRunEnd(cursor, flow);
    if (end > cursor.pos) {
      value += broken ? joinLines(first, rest) : blanks;
      value += cursor.text.slice(cursor.pos, end);
      blanks = first = rest = '';
      broken = false;
      cursor.moveTo(end);
    }
    if (!isBlankChar(cursor.at(0)) && !isBreakChar(cursor.at(0))) break;
    for (let c = cursor.at(0); isBlankChar(c) || isBreakChar(c); c = cursor.at(0)) {
      if (isBlankChar(c)) {
        if (broken && cursor.column < indent && c === 0x09) {
          throw cursor.error('found a tab character that violates indentation');
        }
        if (!broken) blanks += String.fromCharCode(c);
        cursor.skip();
      } else if (broken) {
        rest += cursor.readBreak();
      } else {
        blanks = '';
        first = cursor.readBreak();
        broken = true;
      }
    }
    if (!flow && cursor.column < indent) break;
  }
  return { value, endsLine: broken };
}

const ESCAPES: ReadonlyMap<number, string> = new Map(
  Object.entries({
    0: '\0',
    a: '\x07',
    b: '\b',
    t: '\t',
    '\t': '\t',
    n: '\n',
    v: '\v',
    f: '\f',
    r: '\r',
    e: '\x1b',
    ' ': ' ',
    '"': '"',
    "'": "'",
    '\\': '\\',
    N: '\x85',
    _: '\xa0',
    L: '\u2028',
    P: '\u2029',
  }).map(([k, v]) => [k.charCodeAt(0), v]),
);

/** An escape sequence of a double-quoted scalar; the cursor stands on the backslash. */
function scanEscape(cursor: Cursor): string {
  const c = cursor.at(1);
  const simple = ESCAPES.get(c);
  const length = c === 0x78 ? 2 : c === 0x75 ? 4 : c === 0x55 ? 8 : 0;
  if (simple === undefined && length === 0) throw cursor.error('found unknown escape character');
  cursor.skipAscii(2);
  if (simple !== undefined) return simple;
  let code = 0;
  for (let i = 0; i < length; i++) {
    const digit = hexValue(cursor.at(i));
    if (digit < 0) throw cursor.error('did not find expected hexdecimal number');
    code = code * 16 + digit;
  }
  if ((code >= 0xd800 && code <= 0xdfff) || code > 0x10ffff) {
    throw cursor.error('found invalid Unicode character escape code');
  }
  cursor.skipAscii(length);
  return String.fromCodePoint(code);
}

/** Reads up to the next blank, break or closing quote. `escapedBreak` tells that it ended in a backslash and a break. */
function scanQuotedRun(cursor: Cursor, quote: number): { text: string; escapedBreak: boolean } {
  const single = quote === 0x27;
  let text = '';
  for (;;) {
    let i = cursor.pos;
    let c = 0;
    for (; i < cursor.end; i++) {
      c = cursor.text.charCodeAt(i);
      if (isSpaceOrEnd(c) || c === quote || (c === 0x5c && !single)) break;
    }
    if (i > cursor.pos) {
      text += cursor.text.slice(cursor.pos, i);
      cursor.moveTo(i);
    }
    c = cursor.at(0);
    if (c === quote && single && cursor.at(1) === quote) {
      text += "'";
      cursor.skipAscii(2);
    } else if (c === 0x5c && !single) {
      if (isBreakChar(cursor.at(1))) {
        cursor.skip();
        cursor.readBreak();
        return { text, escapedBreak: true };
      }
      text += scanEscape(cursor);
    } else {
      return { text, escapedBreak: false };
    }
  }
}

/** A quoted scalar; the cursor stands on the opening quote. */
export function scanQuoted(cursor: Cursor): string {
  const quote = cursor.at(0);
  cursor.skip();
  let value = '';
  for (;;) {
    if (cursor.atDocumentIndicator()) throw cursor.error('found unexpected document indicator');
    if (cursor.pos >= cursor.end) throw cursor.error('found unexpected end of stream');
    const run = scanQuotedRun(cursor, quote);
    value += run.text;
    if (cursor.at(0) === quote) break;
    value += scanQuotedBlanks(cursor, run.escapedBreak);
  }
  cursor.skip();
  return value;
}

function scanQuotedBlanks(cursor: Cursor, afterEscape: boolean): string {
  let blanks = '';
  let first = '';
  let rest = '';
  let broken = afterEscape;
  for (let c = cursor.at(0); isBlankChar(c) || isBreakChar(c); c = cursor.at(0)) {
    if (isBlankChar(c)) {
      if (!broken) blanks += String.fromCharCode(c);
      cursor.skip();
    } else if (broken) {
      rest += cursor.readBreak();
    } else {
      first = cursor.readBreak();
      broken = true;
    }
  }
  return broken ? joinLines(first, rest) : blanks;
}

interface BlockHeader {
  /** -1 strips the last breaks, 1 keeps them, 0 leaves one. */
  chomping: number;
  increment: number;
}

function scanBlockHeader(cursor: Cursor): BlockHeader {
  const header: BlockHeader = { chomping: 0, increment: 0 };
  const chomping = () => {
    const c = cursor.at(0);
    if (c !== 0x2b && c !== 0x2d) return false;
    header.chomping = c === 0x2b ? 1 : -1;
    cursor.skip();
    return true;
  };
  const increment = () => {
    const c = cursor.at(0);
    if (!isDigitChar(c)) return false;
    if (c === 0x30) throw cursor.error('found an indentation indicator equal to 0');
    header.increment = c - 0x30;
    cursor.skip();
    return true;
  };
  if (chomping()) increment();
  else if (increment()) chomping();
  while (isBlankChar(cursor.at(0))) cursor.skip();
  if (cursor.at(0) === 0x23) skipComment(cursor);
  if (!isBreakOrEnd(cursor.at(0))) throw cursor.error('did not find expected comment or line break');
  cursor.readBreak();
  return header;
}

/** Passes the rest of the line. */
export function skipComment(cursor: Cursor): void {
  let i = cursor.pos;
  while (i < cursor.end && !isBreakChar(cursor.text.charCodeAt(i))) i++;
  cursor.moveTo(i);
}

/** A literal or folded block scalar; the cursor stands on its indicator. `parent` is the indentation around it, -1 at the top. */
export function scanBlock(cursor: Cursor, literal: boolean, parent: number): string {
  cursor.skip();
  const { chomping, increment } = scanBlockHeader(cursor);
  const wanted = increment === 0 ? 0 : Math.max(parent, 0) + increment;
  let { indent, breaks } = scanBlockBreaks(cursor, wanted, parent);
  let value = '';
  let lineBreak = '';
  let wasBlank = false;
  while (cursor.column === indent && cursor.pos < cursor.end) {
    const blank = isBlankChar(cursor.at(0));
    if (!literal && !wasBlank && !blank && lineBreak === '\n') {
      if (breaks === '') value += ' ';
    } else {
      value += lineBreak;
    }
    value += breaks;
    wasBlank = blank;
    const start = cursor.pos;
    skipComment(cursor);
    value += cursor.text.slice(start, cursor.pos);
    lineBreak = cursor.readBreak();
    ({ indent, breaks } = scanBlockBreaks(cursor, indent, parent));
  }
  if (chomping !== -1) value += lineBreak;
  if (chomping === 1) value += breaks;
  return value;
}

/** Passes empty lines and the indentation of the next; finds the indentation when it is not known yet (0). */
function scanBlockBreaks(cursor: Cursor, known: number, parent: number): { indent: number; breaks: string } {
  let breaks = '';
  let deepest = 0;
  for (;;) {
    while ((known === 0 || cursor.column < known) && cursor.at(0) === 0x20) cursor.skip();
    deepest = Math.max(deepest, cursor.column);
    if ((known === 0 || cursor.column < known) && cursor.at(0) === 0x09) {
      throw cursor.error('found a tab character where an indentation space is expected');
    }
    if (!isBreakChar(cursor.at(0))) break;
    breaks += cursor.readBreak();
  }
  return { indent: known === 0 ? Math.max(deepest, parent + 1, 1) : known, breaks };
}
