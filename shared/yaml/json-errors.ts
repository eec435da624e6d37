/**
 * Finds what encoding/json says about a text that is not JSON. It runs only after JSON.parse has refused the text,
 * so it is written for the message and not for speed.
 */
import { encodeUtf8 } from '../go/utf8.ts';

const END = 'unexpected end of JSON input';

class Syntax extends Error {}

/** The message of json.SyntaxError for a text that JSON.parse refuses. */
export function jsonSyntaxError(text: string): string {
  // Go's scanner works on bytes and names the offending byte.
  const checker = new Checker(encodeUtf8(text));
  try {
    checker.document();
  } catch (e) {
    if (e instanceof Syntax) return e.message;
    throw e;
  }
  return END;
}

/** `'x'` as Go's scanner quotes a byte: single quotes are escaped, a double quote is not. */
function quoteByte(c: number): string {
  if (c === 0x27) return "'\\''";
  if (c === 0x22) return "'\"'";
  if (c === 0x5c) return "'\\\\'";
  if (c >= 0x20 && c <= 0x7e) return `'${String.fromCharCode(c)}'`;
  const named = new Map([
    [7, 'a'],
    [8, 'b'],
    [9, 't'],
    [10, 'n'],
    [11, 'v'],
    [12, 'f'],
    [13, 'r'],
  ]).get(c);
  if (named !== undefined) return `'\\${named}'`;
  if (c < 0x80) return `'\\x${c.toString(16).padStart(2, '0')}'`;
  // A byte above 0x7f is printed as the code point of that number.
  const printable = c > 0xa0 && c !== 0xad;
  return printable ? `'${String.fromCharCode(c)}'` : `'\\u00${c.toString(16)}'`;
}

class Checker {
  private readonly bytes: Uint8Array;
  private pos = 0;
  private depth = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  document(): void {
    this.value();
    this.space();
    if (this.pos < this.bytes.length) this.fail('after top-level value');
  }

  private fail(context: string): never {
    // At the end Go's scanner is given a space: fine between tokens and in a string, an error inside others.
    const inToken = context !== 'in string literal' && /literal|escape/.test(context);
    const c = this.bytes[this.pos] ?? (inToken ? 0x20 : undefined);
    if (c === undefined) throw new Syntax(END);
    throw new Syntax(`invalid character ${quoteByte(c)} ${context}`);
  }

  private peek(): string {
    const c = this.bytes[this.pos];
    return c === undefined ? '' : String.fromCharCode(c);
  }

  private space(): void {
    while (' \t\r\n'.includes(this.peek()) && this.peek() !== '') this.pos++;
  }

  private value(): void {
    this.space();
    const c = this.peek();
    if (c === '{') this.nested(() => this.object());
    else if (c === '[') this.nested(() => this.array());
    else if (c === '"') this.string();
    else if (c === '-' || (c >= '0' && c <= '9')) this.number();
    else if (c === 't') this.literal('true');
    else if (c === 'f') this.literal('false');
    else if (c === 'n') this.literal('null');
    else this.fail('looking for beginning of value');
  }

  private nested(body: () => void): void {
    this.depth++;
    if (this.depth > 2000) throw new Syntax('exceeded max depth');
    this.pos++;
    body();
    this.depth--;
  }

  private object(): void {
    this.space();
    if (this.peek() === '}') {
      this.pos++;
      return;
    }
    for (;;) {
      this.space();
      if (this.peek() !== '"') this.fail('looking for beginning of object key string');
      this.string();
      this.space();
      if (this.peek() !== ':') this.fail('after object key');
      this.pos++;
      this.value();
      this.space();
      if (this.peek() === '}') break;
      if (this.peek() !== ',') this.fail('after object key:value pair');
      this.pos++;
    }
    this.pos++;
  }

  private array(): void {
    this.space();
    if (this.peek() === ']') {
      this.pos++;
      return;
    }
    for (;;) {
      this.value();
      this.space();
      if (this.peek() === ']') break;
      if (this.peek() !== ',') this.fail('after array element');
      this.pos++;
    }
    this.pos++;
  }

  private literal(word: string): void {
    this.pos++;
    for (const c of word.slice(1)) {
      if (this.peek() !== c) this.fail(`in literal ${word} (expecting ${quoteByte(c.charCodeAt(0))})`);
      this.pos++;
    }
  }

  private string(): void {
    this.pos++;
    for (;;) {
      const c = this.bytes[this.pos];
      if (c === undefined || c < 0x20) this.fail('in string literal');
      this.pos++;
      if (c === 0x22) return;
      if (c === 0x5c) this.escape();
    }
  }

  private escape(): void {
    const c = this.peek();
    if (c === '' || !'bfnrt\\/"u'.includes(c)) this.fail('in string escape code');
    this.pos++;
    if (c !== 'u') return;
    for (let i = 0; i < 4; i++) {
      if (!/^[0-9a-fA-F]$/.test(this.peek())) this.fail('in \\u hexadecimal character escape');
      this.pos++;
    }
  }

  private digits(context: string): void {
    if (!/^[0-9]$/.test(this.peek())) this.fail(context);
    while (/^[0-9]$/.test(this.peek())) this.pos++;
  }

  private number(): void {
    if (this.peek() === '-') this.pos++;
    if (this.peek() === '0') this.pos++;
    else this.digits('in numeric literal');
    if (this.peek() === '.') {
      this.pos++;
      this.digits('after decimal point in numeric literal');
    }
    if (this.peek() === 'e' || this.peek() === 'E') {
      this.pos++;
      if (this.peek() === '+' || this.peek() === '-') this.pos++;
      this.digits('in exponent of numeric literal');
    }
  }
}
