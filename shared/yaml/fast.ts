/**
 * Reads the YAML that manifests and values files are made of (block mappings and sequences, one-line scalars, literal
 * blocks, small flow collections) straight into values. At anything else it gives up and the full reader takes the whole
 * text, so it must only be right about what it accepts; it never reports an error itself.
 */
import type { GoMap, GoValue } from '../go/value.ts';
import { Cursor } from './cursor.ts';
import { YamlError } from './errors.ts';
import { flowValue } from './fast-flow.ts';
import { readLiteral } from './fast-literal.ts';
import { isBlank, keyText, NOT_PLAIN, startOfLine } from './fast-plain.ts';
import { finite, GIVE_UP } from './give-up.ts';
import { plainValue } from './resolve.ts';
import { scanBlock, scanPlain, scanQuoted } from './scan-scalar.ts';

const PLAIN_ASCII = /^[\t\n\x20-\x7e]*$/;

/** Characters that need the full reader wherever they stand: controls, odd line breaks, bytes that are not UTF-8. */
const UNUSUAL = /[^\t\n\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd]/;
const SURROGATES = /[\ud800-\udfff]/;
const UNUSUAL_WITH_PAIRS = /[^\t\n\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\u{10000}-\u{10ffff}]/u;

const MAX_DEPTH = 300;
const LONGEST_KEY = 1000;
const TAB = 0x09;
const NEWLINE = 0x0a;
const SPACE = 0x20;
const HASH = 0x23;
const DASH = 0x2d;
const COLON = 0x3a;

/** The value of the first document, or undefined when the full reader has to look. */
export function parseFast(text: string, strict: boolean): GoValue | undefined {
  if (!PLAIN_ASCII.test(text) && UNUSUAL.test(text) && (!SURROGATES.test(text) || UNUSUAL_WITH_PAIRS.test(text)))
    return undefined;
  try {
    return new FastReader(text, strict).document();
  } catch (e) {
    if (e === GIVE_UP || e instanceof YamlError) return undefined;
    throw e;
  }
}

class FastReader {
  private readonly src: string;
  private readonly end: number;
  private readonly strict: boolean;
  private pos = 0;
  private lineStart = 0;
  /** Column of the next content, -1 at the end of the document. */
  private indent = 0;
  private depth = 0;

  constructor(src: string, strict: boolean) {
    this.src = src;
    this.end = src.length;
    this.strict = strict;
  }

  document(): GoValue {
    this.toContent();
    if (this.indent === 0 && this.atMarker()) this.documentStart();
    if (this.indent < 0) return null;
    const value = this.node(-1);
    if (this.indent !== -1) throw GIVE_UP;
    return value;
  }

  private documentStart(): void {
    const next = this.src.charCodeAt(this.pos + 3);
    if (next !== NEWLINE && this.pos + 3 < this.end) throw GIVE_UP;
    this.pos = Math.min(this.pos + 4, this.end);
    this.lineStart = this.pos;
    this.toContent();
    if (this.indent === 0 && this.atMarker()) this.indent = -1;
  }

  private atMarker(): boolean {
    const c = this.src.charCodeAt(this.pos);
    if (c !== DASH && c !== 0x2e) return false;
    if (this.src.charCodeAt(this.pos + 1) !== c || this.src.charCodeAt(this.pos + 2) !== c) return false;
    const next = this.src.charCodeAt(this.pos + 3);
    if (next > SPACE) return false;
    if (c === 0x2e) throw GIVE_UP;
    return true;
  }

  /** From the start of a line to the next content, past blank lines and comments. */
  private toContent(): void {
    const src = this.src;
    let i = this.pos;
    for (;;) {
      const start = i;
      let c = src.charCodeAt(i);
      while (c === SPACE) c = src.charCodeAt(++i);
      if (c === NEWLINE) {
        i++;
        continue;
      }
      if (c === HASH) {
        const newline = src.indexOf('\n', i);
        if (newline < 0) {
          i = this.end;
        } else {
          i = newline + 1;
          continue;
        }
      }
      if (i >= this.end) {
        this.pos = this.end;
        this.indent = -1;
        return;
      }
      if (c === TAB) throw GIVE_UP;
      this.pos = i;
      this.lineStart = start;
      this.indent = i - start;
      return;
    }
  }

  /** As toContent within a document: a marker at the start of a line ends it. */
  private nextContent(): void {
    this.toContent();
    if (this.indent === 0 && this.atMarker()) this.indent = -1;
  }

  /** Over blanks and a comment to the end of the line; anything else is not for this reader. */
  private endLine(): void {
    const src = this.src;
    let i = this.pos;
    let c = src.charCodeAt(i);
    if (c === SPACE) {
      do c = src.charCodeAt(++i);
      while (c === SPACE);
      if (c === HASH) {
        i = src.indexOf('\n', i);
        if (i < 0) i = this.end;
        c = NEWLINE;
      }
    }
    if (c !== NEWLINE && i < this.end) throw GIVE_UP;
    this.pos = i < this.end ? i + 1 : i;
    this.nextContent();
  }

  /** The node that starts here on its own line or after `- `; `parent` is the indentation of the collection around it. */
  private node(parent: number): GoValue {
    this.depth++;
    if (this.depth > MAX_DEPTH) throw GIVE_UP;
    const src = this.src;
    const column = this.pos - this.lineStart;
    const c = src.charCodeAt(this.pos);
    let value: GoValue;
    if (c === DASH && this.blankAt(this.pos + 1)) value = this.sequence(column);
    else if (c === 0x7b || c === 0x5b) value = this.flow();
    else {
      const start = this.pos;
      const key = this.key(c);
      if (key !== undefined) {
        value = this.mapping(column, key);
      } else {
        this.pos = start;
        value = this.inlineScalar(parent);
      }
    }
    this.depth--;
    return value;
  }

  private blankAt(i: number): boolean {
    const c = this.src.charCodeAt(i);
    return c === SPACE || c === NEWLINE || i >= this.end;
  }

  private sequence(column: number): GoValue[] {
    const list: GoValue[] = [];
    for (;;) {
      list.push(this.item(column));
      if (this.indent !== column) {
        if (this.indent > column) throw GIVE_UP;
        return list;
      }
      if (this.src.charCodeAt(this.pos) !== DASH || !this.blankAt(this.pos + 1)) return list;
    }
  }

  /** One entry; the cursor stands on its dash. */
  private item(column: number): GoValue {
    const src = this.src;
    let i = this.pos + 1;
    while (src.charCodeAt(i) === SPACE) i++;
    this.pos = i;
    const c = src.charCodeAt(i);
    if (c === NEWLINE || c === HASH || i >= this.end) {
      this.pos = i - 1 > this.lineStart && src.charCodeAt(i - 1) === SPACE ? i - 1 : i;
      this.endLine();
      return this.indent > column ? this.node(column) : null;
    }
    if (c === 0x7c || c === 0x3e) return this.block(column);
    return this.node(column);
  }

  /** The mapping at `column` whose first key has been read; the cursor stands after its colon. */
  private mapping(column: number, firstKey: string): GoMap {
    const map: GoMap = new Map();
    let key: string | undefined = firstKey;
    for (;;) {
      if (this.strict && map.has(key)) throw GIVE_UP;
      map.set(key, this.value(column));
      if (this.indent !== column) {
        if (this.indent > column) throw GIVE_UP;
        return map;
      }
      const c = this.src.charCodeAt(this.pos);
      if (c === DASH && this.blankAt(this.pos + 1)) throw GIVE_UP;
      key = this.key(c);
      if (key === undefined) throw GIVE_UP;
    }
  }

  /** The value after a key's colon in a mapping at `column`. */
  private value(column: number): GoValue {
    const src = this.src;
    let i = this.pos;
    while (src.charCodeAt(i) === SPACE) i++;
    const c = src.charCodeAt(i);
    if (c === NEWLINE || c === HASH || i >= this.end) {
      this.endLine();
      if (this.indent > column) return this.node(column);
      if (this.indent === column && src.charCodeAt(this.pos) === DASH && this.blankAt(this.pos + 1)) {
        return this.sequence(column);
      }
      return null;
    }
    this.pos = i;
    if (c === 0x7c || c === 0x3e) return this.block(column);
    if (c === 0x7b || c === 0x5b) return this.flow();
    if (c === DASH && this.blankAt(i + 1)) throw GIVE_UP;
    return this.inlineScalar(column);
  }

  /** A key with its colon, or undefined (with the cursor anywhere) when no key stands here. */
  private key(c: number): string | undefined {
    if (c === 0x22 || c === 0x27) return this.quotedKey(c);
    this.checkPlain(c);
    const src = this.src;
    const start = this.pos;
    let i = start + 1;
    for (; ; i++) {
      const d = src.charCodeAt(i);
      if (d === COLON) {
        const next = src.charCodeAt(i + 1);
        if (next === SPACE || next === NEWLINE || i + 1 >= this.end) break;
        if (next === TAB) throw GIVE_UP;
      } else if (d === NEWLINE || i >= this.end) {
        return undefined;
      } else if (d === HASH && isBlank(src.charCodeAt(i - 1))) {
        return undefined;
      }
    }
    if (i - start > LONGEST_KEY) throw GIVE_UP;
    this.pos = i + 1;
    while (src.charCodeAt(i - 1) === SPACE || src.charCodeAt(i - 1) === TAB) i--;
    return keyText(src.slice(start, i), c);
  }

  private quotedKey(quote: number): string | undefined {
    const src = this.src;
    const start = this.pos;
    const text = this.quoted(quote);
    let i = this.pos;
    while (src.charCodeAt(i) === SPACE) i++;
    if (src.charCodeAt(i) !== COLON) return undefined;
    if (!this.blankAt(i + 1)) throw GIVE_UP;
    // A key stands on one line.
    if (i - start > LONGEST_KEY || src.slice(start, i).includes('\n')) throw GIVE_UP;
    this.pos = i + 1;
    return text;
  }

  /** The text of a quoted scalar; the cursor goes past its closing quote, which may be on a later line. */
  private quoted(quote: number): string {
    const src = this.src;
    const from = this.pos + 1;
    const close = src.indexOf(quote === 0x22 ? '"' : "'", from);
    if (close < 0) throw GIVE_UP;
    const text = src.slice(from, close);
    const simple =
      quote === 0x22
        ? !text.includes('\\') && !text.includes('\n')
        : src.charCodeAt(close + 1) !== quote && !text.includes('\n');
    if (simple) {
      this.pos = close + 1;
      return text;
    }
    const cursor = this.cursor();
    const value = scanQuoted(cursor);
    this.leave(cursor);
    return value;
  }

  private cursor(): Cursor {
    const cursor = new Cursor(this.src);
    cursor.pos = this.pos;
    cursor.column = this.pos - this.lineStart;
    return cursor;
  }

  private leave(cursor: Cursor): void {
    this.pos = cursor.pos;
    this.lineStart = cursor.pos - cursor.column;
  }

  /** A quoted or plain scalar up to the end of its line, or folded over several. */
  private inlineScalar(parent: number): GoValue {
    const src = this.src;
    const start = this.pos;
    const first = src.charCodeAt(start);
    if (first === 0x22 || first === 0x27) {
      const text = this.quoted(first);
      this.endLine();
      if (this.indent > parent) throw GIVE_UP;
      return text;
    }
    this.checkPlain(first);
    let i = start + 1;
    let comment = false;
    for (; i < this.end; i++) {
      const c = src.charCodeAt(i);
      if (c === NEWLINE) break;
      if (c === COLON) {
        const next = src.charCodeAt(i + 1);
        if (next <= SPACE || i + 1 >= this.end) throw GIVE_UP;
      } else if (c === HASH && isBlank(src.charCodeAt(i - 1))) {
        comment = true;
        break;
      }
    }
    let last = i;
    while (isBlank(src.charCodeAt(last - 1))) last--;
    if (comment) i = src.indexOf('\n', i);
    this.pos = i < 0 || i >= this.end ? this.end : i + 1;
    this.nextContent();
    if (this.indent > parent) return comment ? this.giveUp() : this.foldedPlain(start, parent);
    return finite(plainValue(src.slice(start, last)));
  }

  private checkPlain(first: number): void {
    if (first < 128 && NOT_PLAIN[first] !== 0) throw GIVE_UP;
    if (first === DASH && this.src.charCodeAt(this.pos + 1) === TAB) throw GIVE_UP;
  }

  private giveUp(): never {
    throw GIVE_UP;
  }

  private foldedPlain(start: number, parent: number): GoValue {
    this.pos = start;
    this.lineStart = startOfLine(this.src, start);
    const cursor = this.cursor();
    const { value } = scanPlain(cursor, parent + 1, false);
    const c = cursor.at(0);
    if (c === COLON || c === TAB) throw GIVE_UP;
    if (c === HASH) {
      const newline = this.src.indexOf('\n', cursor.pos);
      this.pos = newline < 0 ? this.end : newline + 1;
    } else if (cursor.pos >= this.end) {
      this.pos = this.end;
    } else {
      this.pos = cursor.pos - cursor.column;
    }
    this.nextContent();
    if (this.indent > parent) throw GIVE_UP;
    return finite(plainValue(value));
  }

  /** A flow collection on one line, alone. */
  private flow(): GoValue {
    const at = { pos: this.pos };
    const value = flowValue(this.src, at, 0);
    this.pos = at.pos;
    this.endLine();
    return value;
  }

  /** A block scalar inside a collection at `parent`; the cursor stands on its indicator. */
  private block(parent: number): string {
    const src = this.src;
    let i = this.pos + 1;
    let keep = 0;
    const c = src.charCodeAt(i);
    if (c === DASH || c === 0x2b) {
      keep = c === DASH ? -1 : 1;
      i++;
    }
    const literal = src.charCodeAt(this.pos) === 0x7c;
    const block = literal && src.charCodeAt(i) === NEWLINE ? readLiteral(src, i + 1, keep, parent) : undefined;
    if (block !== undefined) {
      this.pos = block.next;
      this.nextContent();
      return block.text;
    }
    const cursor = this.cursor();
    const text = scanBlock(cursor, literal, parent);
    this.pos = cursor.pos >= this.end ? this.end : cursor.pos - cursor.column;
    this.nextContent();
    return text;
  }
}
