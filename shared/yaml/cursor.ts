/** A place in a YAML text, with the line and column that errors and indentation need. */
import { isBreakChar } from './chars.ts';
import { YamlError } from './errors.ts';

/** Raised by the scanner and the parser; `line` counts from 1 and is 0 when go-yaml names none. */
export function positioned(line: number, problem: string): YamlError {
  return new YamlError(line === 0 ? `yaml: ${problem}` : `yaml: line ${line}: ${problem}`);
}

export class Cursor {
  readonly text: string;
  readonly end: number;
  pos = 0;
  /** Characters (not code units) since the start. */
  index = 0;
  line = 0;
  column = 0;

  /** `text` must not hold NUL: past the end the cursor reads 0. */
  constructor(text: string) {
    this.text = text;
    this.end = text.length;
  }

  /** The code unit `ahead` of the cursor, 0 past the end. */
  at(ahead: number): number {
    const i = this.pos + ahead;
    return i < this.end ? this.text.charCodeAt(i) : 0;
  }

  /** Passes one character that is not a line break. */
  skip(): void {
    const c = this.text.charCodeAt(this.pos);
    this.pos += c >= 0xd800 && c < 0xdc00 ? 2 : 1;
    this.index++;
    this.column++;
  }

  /** Passes `n` characters of ASCII. */
  skipAscii(n: number): void {
    this.pos += n;
    this.index += n;
    this.column += n;
  }

  /** Moves over characters that are no line breaks up to `pos`. */
  moveTo(pos: number): void {
    let n = pos - this.pos;
    for (let i = this.pos; i < pos; i++) {
      if ((this.text.charCodeAt(i) & 0xfc00) === 0xdc00) n--;
    }
    this.pos = pos;
    this.index += n;
    this.column += n;
  }

  /** Passes a line break, if there is one, and gives what it reads as: LF, or LS and PS as they are. */
  readBreak(): string {
    const c = this.at(0);
    if (!isBreakChar(c)) return '';
    const crlf = c === 0x0d && this.at(1) === 0x0a;
    this.pos += crlf ? 2 : 1;
    this.index += crlf ? 2 : 1;
    this.line++;
    this.column = 0;
    return c === 0x2028 || c === 0x2029 ? String.fromCharCode(c) : '\n';
  }

  /** Whether `---` or `...` stands here on its own at the start of a line. */
  atDocumentIndicator(): boolean {
    if (this.column !== 0) return false;
    const c = this.at(0);
    if ((c !== 0x2d && c !== 0x2e) || this.at(1) !== c || this.at(2) !== c) return false;
    const next = this.at(3);
    return next === 0 || next === 0x20 || next === 0x09 || isBreakChar(next);
  }

  /** The scanner's error at the cursor; go-yaml names no line when it is the first. */
  error(problem: string): YamlError {
    return positioned(this.line === 0 ? 0 : this.line + 1, problem);
  }
}
