import { formatUnicode, noFlags } from '../../go/format-state.ts';
import { quote } from '../../go/strconv.ts';

export type TokenKind =
  | 'error'
  | 'bool'
  | 'char'
  | 'charConstant'
  | 'complex'
  | 'assign'
  | 'declare'
  | 'eof'
  | 'field'
  | 'identifier'
  | 'leftDelim'
  | 'leftParen'
  | 'number'
  | 'pipe'
  | 'rawString'
  | 'rightDelim'
  | 'rightParen'
  | 'space'
  | 'string'
  | 'text'
  | 'variable'
  | Keyword;

export type Keyword =
  | 'block'
  | 'break'
  | 'continue'
  | 'dot'
  | 'define'
  | 'else'
  | 'end'
  | 'if'
  | 'nil'
  | 'range'
  | 'template'
  | 'with';

/** A token: its text, its offset in the input (UTF-16 units) and the line that it starts on, from 1. */
export interface Token {
  readonly kind: TokenKind;
  readonly pos: number;
  readonly text: string;
  readonly line: number;
}

const KEYWORDS: ReadonlyMap<string, Keyword> = new Map<string, Keyword>([
  ['.', 'dot'],
  ['block', 'block'],
  ['break', 'break'],
  ['continue', 'continue'],
  ['define', 'define'],
  ['else', 'else'],
  ['end', 'end'],
  ['if', 'if'],
  ['range', 'range'],
  ['nil', 'nil'],
  ['template', 'template'],
  ['with', 'with'],
]);
const KEYWORD_KINDS: ReadonlySet<TokenKind> = new Set(KEYWORDS.values());

/** How Go's parser names a token in an error. */
export function tokenText(token: Token): string {
  if (token.kind === 'eof') return 'EOF';
  if (token.kind === 'error') return token.text;
  if (KEYWORD_KINDS.has(token.kind)) return `<${token.text}>`;
  // Go measures bytes here and cuts characters.
  const chars = Array.from(token.text);
  return chars.length > 10 ? `${quote(chars.slice(0, 10).join(''))}...` : quote(token.text);
}

const NON_ASCII_ALPHANUMERIC = /^[\p{L}\p{Nd}]$/u;

function isSpaceCode(code: number): boolean {
  return code === 32 || code === 10 || code === 9 || code === 13;
}

function isAlphaNumericCode(code: number): boolean {
  if (code < 128) {
    return (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || (code >= 48 && code <= 57) || code === 95;
  }
  return NON_ASCII_ALPHANUMERIC.test(String.fromCodePoint(code));
}

/** Go's %#U of a character; a byte that is not UTF-8 counts as U+FFFD. */
function describe(code: number): string {
  const shown = code >= 0xd800 && code <= 0xdfff ? 0xfffd : code;
  return formatUnicode(BigInt(shown), { ...noFlags(), sharp: true });
}

/** Raised inside the lexer to end an action with an error token. */
class Failure {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/**
 * Splits a template into tokens as Go's text/template does, with `{{` and `}}`: trim markers applied, comments left out,
 * and at the end an `eof` or an `error` token.
 */
export function lex(input: string): Token[] {
  return new Lexer(input).run();
}

class Lexer {
  private readonly input: string;
  private readonly tokens: Token[] = [];
  private pos = 0;
  private start = 0;
  private line = 1;
  private lineAt = 0;

  constructor(input: string) {
    this.input = input;
  }

  run(): Token[] {
    try {
      while (this.text()) this.action();
      this.emit('eof', 'EOF');
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      this.emit('error', error.text);
    }
    return this.tokens;
  }

  /** Adds a token that starts at `start`. Lines are counted forward, once per character of the input. */
  private emit(kind: TokenKind, text: string = this.input.slice(this.start, this.pos)): void {
    this.countLines();
    this.tokens.push({ kind, pos: this.start, text, line: this.line });
    this.start = this.pos;
  }

  private countLines(): void {
    let at = this.input.indexOf('\n', this.lineAt);
    while (at >= 0 && at < this.start) {
      this.line++;
      this.lineAt = at + 1;
      at = this.input.indexOf('\n', this.lineAt);
    }
    // Remember where the next line break is, so that a long line is searched once.
    this.lineAt = at < 0 ? this.input.length : at;
  }

  private fail(text: string): never {
    throw new Failure(text);
  }

  /** Reads text up to an action and past its left delimiter; false at the end of the input. */
  private text(): boolean {
    for (;;) {
      const at = this.input.indexOf('{{', this.pos);
      if (at < 0) {
        this.pos = this.input.length;
        if (this.pos > this.start) this.emit('text');
        return false;
      }
      const trim = this.input[at + 2] === '-' && isSpaceCode(this.input.charCodeAt(at + 3));
      this.pos = trim ? this.trimmedEnd(at) : at;
      if (this.pos > this.start) this.emit('text');
      this.start = at;
      const afterMarker = at + (trim ? 4 : 2);
      if (!this.input.startsWith('/*', afterMarker)) {
        this.pos = at + 2;
        this.emit('leftDelim');
        this.pos = afterMarker;
        this.start = afterMarker;
        return true;
      }
      this.comment(afterMarker);
    }
  }

  private trimmedEnd(end: number): number {
    let at = end;
    while (at > this.start && isSpaceCode(this.input.charCodeAt(at - 1))) at--;
    return at;
  }

  private comment(from: number): void {
    this.start = from;
    const end = this.input.indexOf('*/', from + 2);
    if (end < 0) this.fail('unclosed comment');
    this.pos = end + 2;
    if (!this.rightDelim(false)) this.fail('comment ends before closing delimiter');
  }

  /** Reads a right delimiter at `pos`, with its trim marker and the space that it trims; false where there is none. */
  private rightDelim(emit: boolean): boolean {
    const trim = this.atTrimmedDelim(this.pos);
    if (!trim && !this.input.startsWith('}}', this.pos)) return false;
    if (trim) this.pos += 2;
    this.start = this.pos;
    this.pos += 2;
    if (emit) this.emit('rightDelim');
    if (trim) while (isSpaceCode(this.input.charCodeAt(this.pos))) this.pos++;
    this.start = this.pos;
    return true;
  }

  private atTrimmedDelim(at: number): boolean {
    return isSpaceCode(this.input.charCodeAt(at)) && this.input.startsWith('-}}', at + 1);
  }

  /** Reads the inside of an action and its right delimiter. */
  private action(): void {
    let depth = 0;
    for (;;) {
      if (this.atTrimmedDelim(this.pos) || this.input.startsWith('}}', this.pos)) {
        if (depth > 0) this.fail('unclosed left paren');
        this.rightDelim(true);
        return;
      }
      if (this.pos >= this.input.length) this.fail('unclosed action');
      const code = this.input.charCodeAt(this.pos);
      if (code === 40) depth++;
      else if (code === 41 && --depth < 0) this.fail('unexpected right paren');
      this.element(code);
    }
  }

  private element(code: number): void {
    if (isSpaceCode(code)) this.space();
    else if (code === 61) this.single('assign');
    else if (code === 58) this.colonEquals();
    else if (code === 124) this.single('pipe');
    else if (code === 34) this.quoted('"', 'string', 'unterminated quoted string');
    else if (code === 39) this.quoted("'", 'charConstant', 'unterminated character constant');
    else if (code === 96) this.rawString();
    else if (code === 36) this.fieldOrVariable('variable');
    else if (code === 46 && this.startsField(this.pos + 1)) this.fieldOrVariable('field');
    else if (code === 46 || code === 43 || code === 45 || this.digitAt(this.pos)) this.number();
    else if (isAlphaNumericCode(this.codeAt(this.pos))) this.identifier();
    else if (code === 40) this.single('leftParen');
    else if (code === 41) this.single('rightParen');
    else if (code > 32 && code < 127) this.single('char');
    else this.fail(`unrecognized character in action: ${describe(this.codeAt(this.pos))}`);
  }

  private codeAt(at: number): number {
    return this.input.codePointAt(at) ?? -1;
  }

  /** A dot before a digit starts a number, and so, oddly, does one at the end of the input. */
  private startsField(at: number): boolean {
    return at < this.input.length && !this.digitAt(at);
  }

  private digitAt(at: number): boolean {
    const code = this.input.charCodeAt(at);
    return code >= 48 && code <= 57;
  }

  private single(kind: TokenKind): void {
    this.pos++;
    this.emit(kind);
  }

  private colonEquals(): void {
    if (this.input[this.pos + 1] !== '=') this.fail('expected :=');
    this.pos += 2;
    this.emit('declare');
  }

  private space(): void {
    while (isSpaceCode(this.input.charCodeAt(this.pos))) this.pos++;
    // The last space belongs to a trim marker that follows.
    if (this.atTrimmedDelim(this.pos - 1)) {
      this.pos--;
      if (this.pos === this.start) return;
    }
    this.emit('space');
  }

  private quoted(delimiter: string, kind: TokenKind, failure: string): void {
    for (this.pos++; ; this.pos++) {
      let char = this.input[this.pos];
      if (char === '\\') {
        char = this.input[++this.pos];
        if (char !== undefined && char !== '\n') continue;
      }
      if (char === undefined || char === '\n') this.fail(failure);
      if (char === delimiter) break;
    }
    this.pos++;
    this.emit(kind);
  }

  private rawString(): void {
    const end = this.input.indexOf('`', this.pos + 1);
    if (end < 0) this.fail('unterminated raw quoted string');
    this.pos = end + 1;
    this.emit('rawString');
  }

  private fieldOrVariable(kind: 'field' | 'variable'): void {
    this.pos++;
    if (this.atTerminator()) {
      this.emit(kind === 'variable' ? kind : 'dot');
      return;
    }
    this.alphaNumerics();
    if (!this.atTerminator()) this.fail(`bad character ${describe(this.codeAt(this.pos))}`);
    this.emit(kind);
  }

  private identifier(): void {
    this.alphaNumerics();
    if (!this.atTerminator()) this.fail(`bad character ${describe(this.codeAt(this.pos))}`);
    const word = this.input.slice(this.start, this.pos);
    if (word === 'true' || word === 'false') this.emit('bool');
    else this.emit(KEYWORDS.get(word) ?? 'identifier');
  }

  private alphaNumerics(): void {
    for (;;) {
      const code = this.codeAt(this.pos);
      if (code < 0 || !isAlphaNumericCode(code)) return;
      this.pos += code > 0xffff ? 2 : 1;
    }
  }

  private atTerminator(): boolean {
    if (this.pos >= this.input.length) return true;
    const char = this.input[this.pos] as string;
    return isSpaceCode(char.charCodeAt(0)) || '.,|:)('.includes(char) || this.input.startsWith('}}', this.pos);
  }

  private number(): void {
    let ok = this.scanNumber();
    let kind: TokenKind = 'number';
    if (ok && (this.input[this.pos] === '+' || this.input[this.pos] === '-')) {
      ok = this.scanNumber() && this.input[this.pos - 1] === 'i';
      kind = 'complex';
    }
    if (!ok) this.fail(`bad number syntax: ${quote(this.input.slice(this.start, this.pos))}`);
    this.emit(kind);
  }

  private scanNumber(): boolean {
    this.accept('+-');
    let digits = '0123456789_';
    if (this.accept('0')) {
      if (this.accept('xX')) digits = '0123456789abcdefABCDEF_';
      else if (this.accept('oO')) digits = '01234567_';
      else if (this.accept('bB')) digits = '01_';
    }
    this.acceptRun(digits);
    if (this.accept('.')) this.acceptRun(digits);
    const exponent = digits.length === 11 ? 'eE' : digits.length === 23 ? 'pP' : '';
    if (this.accept(exponent)) {
      this.accept('+-');
      this.acceptRun('0123456789_');
    }
    this.accept('i');
    const code = this.codeAt(this.pos);
    if (code < 0 || !isAlphaNumericCode(code)) return true;
    this.pos += code > 0xffff ? 2 : 1;
    return false;
  }

  private accept(valid: string): boolean {
    const char = this.input[this.pos];
    if (char === undefined || !valid.includes(char)) return false;
    this.pos++;
    return true;
  }

  private acceptRun(valid: string): void {
    while (this.accept(valid));
  }
}
