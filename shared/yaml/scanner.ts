/**
 * Splits YAML into tokens. A key is only known as one when its colon comes, so tokens wait in a queue while the first of
 * them may still turn out to be a key; errors come in the order in which libyaml meets them.
 */
import { isBreakChar, isSpaceOrEnd } from './chars.ts';
import { Cursor, positioned } from './cursor.ts';
import { scanBlock, scanPlain, scanQuoted, skipComment } from './scan-scalar.ts';
import { scanAnchor, scanDirective, scanTag } from './scan-tag.ts';
import * as t from './tokens.ts';

interface SimpleKey {
  possible: boolean;
  /** In block context at the current indentation nothing but a key can stand here. */
  readonly required: boolean;
  readonly tokenNumber: number;
  readonly index: number;
  readonly line: number;
  readonly column: number;
}

const NO_KEY: SimpleKey = { possible: false, required: false, tokenNumber: -1, index: 0, line: 0, column: 0 };
const LONGEST_SIMPLE_KEY = 1024;
/** libyaml's own limit on flow collections and on indentations inside each other. */
const MAX_DEPTH = 10000;

export class Scanner {
  readonly cursor: Cursor;
  private queue: t.Token[] = [];
  private head = 0;
  private parsed = 0;
  private done = false;
  private indent = -1;
  private readonly indents: number[] = [];
  private flowLevel = 0;
  private keyAllowed = true;
  private keys: SimpleKey[] = [NO_KEY];
  private readonly keyByToken = new Map<number, SimpleKey>();

  constructor(text: string) {
    this.cursor = new Cursor(text);
  }

  /** The next token, which stays. Throws YamlError. */
  peek(): t.Token {
    while (this.needsMore()) this.fetch();
    return this.queue[this.head] as t.Token;
  }

  /** Drops the token that peek gave. */
  skip(): void {
    this.head++;
    this.parsed++;
    if (this.head > 64) {
      this.queue = this.queue.slice(this.head);
      this.head = 0;
    }
  }

  private needsMore(): boolean {
    if (this.head === this.queue.length) return !this.done;
    const key = this.keyByToken.get(this.parsed);
    return key !== undefined && this.isValid(key);
  }

  private push(token: t.Token): void {
    this.queue.push(token);
  }

  private isValid(key: SimpleKey): boolean {
    if (!key.possible) return false;
    if (key.line < this.cursor.line || key.index + LONGEST_SIMPLE_KEY < this.cursor.index) {
      if (key.required) throw this.cursor.error("could not find expected ':'");
      key.possible = false;
      return false;
    }
    return true;
  }

  private saveKey(): void {
    if (!this.keyAllowed) return;
    const { index, line, column } = this.cursor;
    const required = this.flowLevel === 0 && this.indent === column;
    const tokenNumber = this.parsed + this.queue.length - this.head;
    this.removeKey();
    const key = { possible: true, required, tokenNumber, index, line, column };
    this.keys[this.keys.length - 1] = key;
    this.keyByToken.set(tokenNumber, key);
  }

  private removeKey(): void {
    const key = this.keys[this.keys.length - 1] as SimpleKey;
    if (!key.possible) return;
    if (key.required) throw this.cursor.error("could not find expected ':'");
    key.possible = false;
    this.keyByToken.delete(key.tokenNumber);
  }

  /** Opens a block collection when `column` is deeper than the current one; `number` is the token it goes before, or -1. */
  private rollIndent(column: number, number: number, type: number, line: number): void {
    if (this.flowLevel > 0 || this.indent >= column) return;
    this.indents.push(this.indent);
    this.indent = column;
    if (this.indents.length > MAX_DEPTH) throw this.cursor.error(`exceeded max depth of ${MAX_DEPTH}`);
    this.insert(number, t.token(type, line));
  }

  private insert(number: number, token: t.Token): void {
    const at = number < 0 ? -1 : number - this.parsed;
    if (at < 0) this.queue.push(token);
    else this.queue.splice(this.head + at, 0, token);
  }

  private unrollIndent(column: number): void {
    if (this.flowLevel > 0) return;
    while (this.indent > column) {
      this.push(t.token(t.BLOCK_END, this.cursor.line));
      this.indent = this.indents.pop() as number;
    }
  }

  private fetch(): void {
    const cursor = this.cursor;
    this.toNextToken();
    this.unrollIndent(cursor.column);
    if (cursor.pos >= cursor.end) {
      this.fetchStreamEnd();
      return;
    }
    const c = cursor.at(0);
    if (cursor.column === 0 && c === 0x25) {
      this.resetForDocument();
      this.push(scanDirective(cursor));
      return;
    }
    if (cursor.atDocumentIndicator()) {
      this.resetForDocument();
      this.indicator(c === 0x2d ? t.DOCUMENT_START : t.DOCUMENT_END, 3);
      return;
    }
    if (!this.fetchIndicator(c)) this.fetchScalar(c);
  }

  /** Tokens that one character tells; false when it is a scalar or nothing. */
  private fetchIndicator(c: number): boolean {
    switch (c) {
      case 0x5b:
        this.fetchFlowStart(t.FLOW_SEQUENCE_START);
        return true;
      case 0x7b:
        this.fetchFlowStart(t.FLOW_MAPPING_START);
        return true;
      case 0x5d:
        this.fetchFlowEnd(t.FLOW_SEQUENCE_END);
        return true;
      case 0x7d:
        this.fetchFlowEnd(t.FLOW_MAPPING_END);
        return true;
      case 0x2c:
        this.removeKey();
        this.keyAllowed = true;
        this.indicator(t.FLOW_ENTRY, 1);
        return true;
      case 0x2d:
        if (!isSpaceOrEnd(this.cursor.at(1))) return false;
        this.fetchBlockEntry();
        return true;
      case 0x3f:
        if (this.flowLevel === 0 && !isSpaceOrEnd(this.cursor.at(1))) return false;
        this.fetchKey();
        return true;
      case 0x3a:
        if (this.flowLevel === 0 && !isSpaceOrEnd(this.cursor.at(1))) return false;
        this.fetchValue();
        return true;
      case 0x2a:
      case 0x26:
        this.saveKey();
        this.keyAllowed = false;
        this.push(scanAnchor(this.cursor, c === 0x2a ? t.ALIAS : t.ANCHOR));
        return true;
      case 0x21:
        this.saveKey();
        this.keyAllowed = false;
        this.push(scanTag(this.cursor));
        return true;
      default:
        return false;
    }
  }

  private fetchScalar(c: number): void {
    const cursor = this.cursor;
    const line = cursor.line;
    if ((c === 0x7c || c === 0x3e) && this.flowLevel === 0) {
      this.removeKey();
      this.keyAllowed = true;
      this.push(t.token(t.SCALAR, line, scanBlock(cursor, c === 0x7c, this.indent)));
    } else if (c === 0x27 || c === 0x22) {
      this.saveKey();
      this.keyAllowed = false;
      this.push(t.token(t.SCALAR, line, scanQuoted(cursor)));
    } else if (this.startsPlain(c)) {
      this.saveKey();
      this.keyAllowed = false;
      const { value, endsLine } = scanPlain(cursor, this.indent + 1, this.flowLevel > 0);
      if (endsLine) this.keyAllowed = true;
      this.push(t.token(t.SCALAR, line, value, '', true));
    } else {
      throw cursor.error('found character that cannot start any token');
    }
  }

  private startsPlain(c: number): boolean {
    const next = this.cursor.at(1);
    if (c === 0x2d) return next !== 0x20 && next !== 0x09;
    if (c === 0x3f || c === 0x3a) return this.flowLevel === 0 && !isSpaceOrEnd(next);
    return !isSpaceOrEnd(c) && !NOT_PLAIN.has(c);
  }

  private toNextToken(): void {
    const cursor = this.cursor;
    for (;;) {
      for (;;) {
        const c = cursor.at(0);
        if (c !== 0x20 && (c !== 0x09 || (this.flowLevel === 0 && this.keyAllowed))) break;
        cursor.skip();
      }
      if (cursor.at(0) === 0x23) skipComment(cursor);
      if (!isBreakChar(cursor.at(0))) return;
      cursor.readBreak();
      if (this.flowLevel === 0) this.keyAllowed = true;
    }
  }

  private fetchStreamEnd(): void {
    if (this.cursor.column !== 0) {
      this.cursor.column = 0;
      this.cursor.line++;
    }
    this.resetForDocument();
    this.push(t.token(t.STREAM_END, this.cursor.line));
    this.done = true;
  }

  private resetForDocument(): void {
    this.unrollIndent(-1);
    this.removeKey();
    this.keyAllowed = false;
  }

  private indicator(type: number, length: number): void {
    const line = this.cursor.line;
    this.cursor.skipAscii(length);
    this.push(t.token(type, line));
  }

  private fetchFlowStart(type: number): void {
    this.saveKey();
    this.keys.push({ ...NO_KEY, tokenNumber: this.parsed + this.queue.length - this.head });
    this.flowLevel++;
    if (this.flowLevel > MAX_DEPTH) throw this.cursor.error(`exceeded max depth of ${MAX_DEPTH}`);
    this.keyAllowed = true;
    this.indicator(type, 1);
  }

  private fetchFlowEnd(type: number): void {
    this.removeKey();
    if (this.flowLevel > 0) {
      this.flowLevel--;
      // libyaml forgets here that an empty collection may be a key: `{}: a` ends after the braces.
      this.keyByToken.delete(this.keys.pop()?.tokenNumber ?? -1);
    }
    this.keyAllowed = false;
    this.indicator(type, 1);
  }

  private fetchBlockEntry(): void {
    const { column, line } = this.cursor;
    if (this.flowLevel === 0) {
      if (!this.keyAllowed) throw this.cursor.error('block sequence entries are not allowed in this context');
      this.rollIndent(column, -1, t.BLOCK_SEQUENCE_START, line);
    }
    this.removeKey();
    this.keyAllowed = true;
    this.indicator(t.BLOCK_ENTRY, 1);
  }

  private fetchKey(): void {
    const { column, line } = this.cursor;
    if (this.flowLevel === 0) {
      if (!this.keyAllowed) throw this.cursor.error('mapping keys are not allowed in this context');
      this.rollIndent(column, -1, t.BLOCK_MAPPING_START, line);
    }
    this.removeKey();
    this.keyAllowed = this.flowLevel === 0;
    this.indicator(t.KEY, 1);
  }

  private fetchValue(): void {
    const key = this.keys[this.keys.length - 1] as SimpleKey;
    if (this.isValid(key)) {
      this.insert(key.tokenNumber, t.token(t.KEY, key.line));
      this.rollIndent(key.column, key.tokenNumber, t.BLOCK_MAPPING_START, key.line);
      key.possible = false;
      this.keyByToken.delete(key.tokenNumber);
      this.keyAllowed = false;
    } else {
      if (this.flowLevel === 0) {
        if (!this.keyAllowed) throw this.cursor.error('mapping values are not allowed in this context');
        this.rollIndent(this.cursor.column, -1, t.BLOCK_MAPPING_START, this.cursor.line);
      }
      this.keyAllowed = this.flowLevel === 0;
    }
    this.indicator(t.VALUE, 1);
  }
}

const NOT_PLAIN = new Set(Array.from(',[]{}#&*!|>\'"%@`', (c) => c.charCodeAt(0)));

/** A parser's error, at a token: it names the line before, and that of the collection when the token is on the first. */
export function parserError(line: number, contextLine: number, problem: string): Error {
  return positioned(line !== 0 ? line : contextLine, problem);
}
