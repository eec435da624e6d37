/**
 * Writes block YAML as go-yaml v2 and v3 do: where lines break, how far they are indented, how scalars are folded.
 * `whitespace` and `indention` follow libyaml's emitter: is the last thing written blank, and is the line so far only indentation.
 */
import type { GoMap, GoValue } from '../go/value.ts';
import { isBreakChar as isBreak } from './chars.ts';
import { MarshalError } from './errors.ts';
import { chompingHint, escapeChar } from './escape.ts';
import {
  analyzeScalar,
  chooseStyle,
  isPrintable,
  isSimpleLiteral,
  isSimplePlain,
  needsQuotes,
  type ScalarShape,
  type ScalarStyle,
  settleStyle,
  type YamlVersion,
} from './scalar-style.ts';

/** A value reduced to what the emitter writes. Text of a number, bool or null is written plain as it is. */
export interface PlainText {
  readonly plain: string;
}
/** A string that is not UTF-8, as base64 in lines. */
export interface BinaryText {
  readonly base64: string;
}
export type Leaf = string | PlainText | BinaryText;

/** Turns any GoValue that is not a map or a list into what is written, or into another map or list. */
export type LeafOf = (value: GoValue) => Leaf | GoMap | GoValue[];

export interface EmitterOptions {
  readonly version: YamlVersion;
  /** Column after which a space becomes a line break; 0 for never. */
  readonly width: number;
  readonly leaf: LeafOf;
  /** The same for a key. */
  readonly keyLeaf: (key: string) => Leaf;
  readonly keys: (map: GoMap) => string[];
}

const INDENT = 2;
const LONGEST_SIMPLE_KEY = 128;
const SPACES = Array.from({ length: 64 }, (_, i) => ' '.repeat(i));

function spaces(n: number): string {
  return n < 64 ? (SPACES[n] as string) : ' '.repeat(n);
}

/** Where a node stands; decides the indentation of sequences and whether a scalar is a simple key. */
type Place = 'root' | 'item' | 'value' | 'key' | 'simpleKey';

/** Maps and lists inside each other; only a map that holds itself is as deep. */
const MAX_DEPTH = 1200;

/** Thrown for a value that is nested too deeply. */
export class TooDeep extends MarshalError {}

export class Emitter {
  private out = '';
  private depth = 0;
  private column = 0;
  private indent = -1;
  private whitespace = true;
  private indention = true;
  private readonly options: EmitterOptions;
  private readonly width: number;

  constructor(options: EmitterOptions) {
    this.options = options;
    this.width = options.width === 0 ? Number.POSITIVE_INFINITY : options.width;
  }

  /** The document of one value, with its final newline. */
  document(value: GoValue): string {
    this.node(value, 'root');
    this.writeIndent();
    return this.out;
  }

  private node(value: GoValue, place: Place): void {
    if (typeof value === 'string') {
      this.scalar(value, place);
      return;
    }
    if (value instanceof Map || Array.isArray(value)) {
      this.depth++;
      if (this.depth > MAX_DEPTH) throw new TooDeep(`yaml: nesting is deeper than ${MAX_DEPTH} levels`);
      if (value instanceof Map) this.mapping(value);
      else this.sequence(value, place);
      this.depth--;
      return;
    }
    const leaf = this.options.leaf(value);
    if (typeof leaf === 'string') this.scalar(leaf, place);
    else if (leaf instanceof Map || Array.isArray(leaf)) this.node(leaf, place);
    else if ('plain' in leaf) this.plainText(leaf.plain);
    else this.binary(leaf.base64, place);
  }

  private mapping(map: GoMap): void {
    if (map.size === 0) {
      this.plainText('{}');
      return;
    }
    const outer = this.indent;
    this.increaseIndent(false, false);
    const keys = map.size === 1 ? map.keys() : this.options.keys(map);
    for (const key of keys) {
      this.writeIndent();
      const value = map.get(key) as GoValue;
      if (isSimplePlain(key) && key.length <= LONGEST_SIMPLE_KEY && !needsQuotes(key, this.options.version)) {
        this.out += `${key}:`;
        this.column += key.length + 1;
        this.whitespace = false;
        this.indention = false;
      } else {
        this.key(key);
      }
      this.node(value, 'value');
    }
    this.indent = outer;
  }

  private key(key: string): void {
    const leaf = this.options.keyLeaf(key);
    const text = typeof leaf === 'string' ? leaf : (leaf as BinaryText).base64;
    const shape = analyzeScalar(text, this.options.version);
    const tagLength = typeof leaf === 'string' ? 0 : '!!binary'.length;
    if (!shape.multiline && Buffer.byteLength(text) + tagLength <= LONGEST_SIMPLE_KEY) {
      if (typeof leaf === 'string') this.shaped(text, shape, 'simpleKey');
      else this.binary(text, 'simpleKey');
      this.indicator(':', false, false);
      return;
    }
    this.indicator('?', true, true);
    if (typeof leaf === 'string') this.shaped(text, shape, 'key');
    else this.binary(text, 'key');
    this.writeIndent();
    this.indicator(':', true, true);
  }

  private sequence(list: GoValue[], place: Place): void {
    if (list.length === 0) {
      this.plainText('[]');
      return;
    }
    const outer = this.indent;
    const indentless = this.options.version === 2 && (place === 'value' || place === 'key') && !this.indention;
    this.increaseIndent(false, indentless);
    for (const item of list) {
      this.writeIndent();
      this.indicator('-', true, true);
      this.node(item as GoValue, 'item');
    }
    this.indent = outer;
  }

  private increaseIndent(flow: boolean, indentless: boolean): void {
    if (this.indent < 0) this.indent = flow ? INDENT : 0;
    else if (!indentless) this.indent += INDENT;
  }

  private putBreak(): void {
    this.out += '\n';
    this.column = 0;
    if (this.options.version === 3) this.indention = true;
  }

  private writeIndent(): void {
    const indent = Math.max(this.indent, 0);
    if (!this.indention || this.column > indent || (this.column === indent && !this.whitespace)) this.putBreak();
    if (this.column < indent) {
      this.out += spaces(indent - this.column);
      this.column = indent;
    }
    this.whitespace = true;
    if (this.options.version === 2) this.indention = true;
  }

  private indicator(text: string, needSpace: boolean, isIndention: boolean): void {
    if (needSpace && !this.whitespace) {
      this.out += ' ';
      this.column++;
    }
    this.out += text;
    this.column += text.length;
    this.whitespace = false;
    this.indention = this.indention && isIndention;
  }

  /** Text without spaces to fold at, such as `{}`, `null` and numbers. */
  private plainText(text: string): void {
    if (this.whitespace) {
      this.out += text;
      this.column += text.length;
    } else {
      this.out += ` ${text}`;
      this.column += text.length + 1;
    }
    this.whitespace = false;
    this.indention = false;
  }

  private scalar(s: string, place: Place): void {
    if (isSimplePlain(s) && !needsQuotes(s, this.options.version)) {
      if (this.column + s.length < this.width || !s.includes(' ')) {
        this.plainText(s);
        return;
      }
      this.scalarAs(s, 'plain', false);
      return;
    }
    if (isSimpleLiteral(s)) {
      this.scalarAs(s, 'literal', false);
      return;
    }
    const leaf = this.options.leaf(s);
    if (typeof leaf === 'string') this.shaped(leaf, analyzeScalar(leaf, this.options.version), place);
    else this.binary((leaf as BinaryText).base64, place);
  }

  private binary(base64: string, place: Place): void {
    this.indicator('!!binary', true, false);
    const shape = analyzeScalar(base64, this.options.version);
    const style = settleStyle(base64, base64.includes('\n') ? 'literal' : 'plain', shape, place === 'simpleKey');
    this.scalarAs(base64, style, place === 'simpleKey');
  }

  private shaped(s: string, shape: ScalarShape, place: Place): void {
    const simpleKey = place === 'simpleKey';
    this.scalarAs(s, chooseStyle(s, shape, simpleKey, this.options.version), simpleKey);
  }

  private scalarAs(s: string, style: ScalarStyle, simpleKey: boolean): void {
    const outer = this.indent;
    this.increaseIndent(true, false);
    if (style === 'plain') this.plain(s, !simpleKey);
    else if (style === 'single') this.singleQuoted(s, !simpleKey);
    else if (style === 'double') this.doubleQuoted(s, !simpleKey);
    else this.literal(s);
    this.indent = outer;
  }

  private plain(s: string, allowBreaks: boolean): void {
    if (!this.whitespace) {
      this.out += ' ';
      this.column++;
    }
    this.folded(s, allowBreaks, 'plain');
    this.whitespace = false;
    this.indention = false;
  }

  private singleQuoted(s: string, allowBreaks: boolean): void {
    this.indicator("'", true, false);
    this.folded(s, allowBreaks, 'single');
    this.indicator("'", false, false);
  }

  /** The text of a plain or single-quoted scalar: a single space past the width becomes a line break. */
  private folded(s: string, allowBreaks: boolean, style: 'plain' | 'single'): void {
    let wasSpace = false;
    let wasBreak = false;
    const last = s.length - 1;
    for (let i = 0; i <= last; i++) {
      const c = s.charCodeAt(i);
      if (c === 0x20) {
        const inside = style === 'plain' || (i > 0 && i < last);
        if (allowBreaks && !wasSpace && this.column > this.width && inside && s.charCodeAt(i + 1) !== 0x20) {
          this.writeIndent();
        } else {
          this.put(' ');
        }
        wasSpace = true;
      } else if (isBreak(c)) {
        if (!wasBreak && c === 0x0a) this.putBreak();
        this.writeBreak(c);
        wasBreak = true;
      } else {
        if (wasBreak) this.writeIndent();
        if (c === 0x27 && style === 'single') this.put("'");
        i = this.putChar(s, i);
        this.indention = false;
        wasSpace = false;
        wasBreak = false;
      }
    }
  }

  private writeBreak(c: number): void {
    if (c === 0x0a) {
      this.putBreak();
    } else {
      this.out += String.fromCharCode(c);
      this.column = 0;
    }
    this.indention = true;
  }

  private put(text: string): void {
    this.out += text;
    this.column++;
  }

  /** Writes the character at `i`, both halves of a surrogate pair; gives the index of its last code unit. */
  private putChar(s: string, i: number): number {
    const c = s.charCodeAt(i);
    const pair = c >= 0xd800 && c < 0xdc00 && i + 1 < s.length;
    this.put(pair ? s.slice(i, i + 2) : s.charAt(i));
    return pair ? i + 1 : i;
  }

  private doubleQuoted(s: string, allowBreaks: boolean): void {
    this.indicator('"', true, false);
    // A text that starts with a byte order mark has every character escaped.
    const escapeAll = s.charCodeAt(0) === 0xfeff;
    let wasSpace = false;
    const last = s.length - 1;
    for (let i = 0; i <= last; i++) {
      const c = s.charCodeAt(i);
      if (escapeAll || !isPrintable(c) || isBreak(c) || c === 0x22 || c === 0x5c) {
        const code = s.codePointAt(i) as number;
        if (code > 0xffff) i++;
        const text = escapeChar(code);
        this.out += text;
        this.column += text.length;
        wasSpace = false;
      } else if (c === 0x20) {
        if (allowBreaks && !wasSpace && this.column > this.width && i > 0 && i < last) {
          this.writeIndent();
          if (s.charCodeAt(i + 1) === 0x20) this.put('\\');
        } else {
          this.put(' ');
        }
        wasSpace = true;
      } else {
        this.put(s.charAt(i));
        wasSpace = false;
      }
    }
    this.indicator('"', false, false);
  }

  private literal(s: string): void {
    this.indicator('|', true, false);
    const first = s.charCodeAt(0);
    if (first === 0x20 || isBreak(first)) this.indicator(String(INDENT), false, false);
    const hint = chompingHint(s);
    if (hint !== '') this.indicator(hint, false, false);
    this.putBreak();
    this.indention = true;
    this.whitespace = true;
    if (/[\r\x85\u2028\u2029]/.test(s)) this.literalSlowly(s);
    else this.literalLines(s);
  }

  private literalLines(s: string): void {
    const pad = spaces(this.indent);
    let start = 0;
    for (;;) {
      const end = s.indexOf('\n', start);
      if (end < 0) break;
      this.out += end === start ? '\n' : `${pad}${s.slice(start, end)}\n`;
      start = end + 1;
    }
    this.column = 0;
    if (start < s.length) {
      this.out += pad + s.slice(start);
      this.column = this.indent + s.length - start;
      this.whitespace = true;
      this.indention = false;
    }
  }

  private literalSlowly(s: string): void {
    let wasBreak = true;
    for (let i = 0; i < s.length; i++) {
      const c = s.charCodeAt(i);
      if (isBreak(c)) {
        this.writeBreak(c);
        wasBreak = true;
      } else {
        if (wasBreak) this.writeIndent();
        i = this.putChar(s, i);
        this.indention = false;
        wasBreak = false;
      }
    }
  }
}
