/** The grammar of Helm's `--set` flags, which Flux's `targetPath` uses as well: `a.b[0].c=value,d={x,y}`. */
import { parseInt64, parseUint64, quote, quoteRune } from '../../go/strconv.ts';
import { typeOf } from '../../go/types.ts';
import { GoInt, type GoMap, type GoValue, goInt } from '../../go/value.ts';
import { parseJson } from '../../yaml/json.ts';
import { LimitError, ValuesError } from '../errors.ts';

/** Highest index of a list and deepest nesting of names: Helm's own limits. */
const MAX_INDEX = 65_536;
const MAX_NAME_LEVEL = 30;

/** Limits of ours: what one text may build, and how deep lists may nest in lists (`a[0][0][0]`). */
const MAX_LIST_ENTRIES = 1_000_000;
const MAX_LIST_LEVEL = 500;

/** Reads the value that a `--set-file` path stands for. */
export type ReadValueFile = (path: string) => GoValue;

/** How the text after `=` is read. */
interface Grammar {
  /** A backslash keeps the next character from ending a key or a value; a comma ends both. */
  readonly escapes: boolean;
  readonly json: boolean;
  readonly read: (text: string) => GoValue;
}

/**
 * Helm's `--set`: `true`, `false`, `null` and integers are typed, all else is a string.
 *
 * @param into changed in place; after an error it may hold part of the text
 * @throws ValuesError with Helm's text (which quotes the keys, not the values)
 */
export function parseInto(text: string, into: GoMap): void {
  parse(text, into, { escapes: true, json: false, read: typedValue });
}

/** Helm's `--set-string`: every value is a string. Errors as parseInto. */
export function parseIntoString(text: string, into: GoMap): void {
  parse(text, into, { escapes: true, json: false, read: (value) => value });
}

/** Helm's `--set-json`: values are JSON; an empty one is null. Errors as parseInto, or encoding/json's. */
export function parseIntoJson(text: string, into: GoMap): void {
  parse(text, into, { escapes: true, json: true, read: (value) => value });
}

/** Helm's `--set-file`: values are paths that `read` turns into values; what it throws comes through. */
export function parseIntoFile(text: string, into: GoMap, read: ReadValueFile): void {
  parse(text, into, { escapes: true, json: false, read });
}

/** Helm's `--set-literal`: one key, and the rest of the text as it is. Errors as parseInto. */
export function parseIntoLiteral(text: string, into: GoMap): void {
  parse(text, into, { escapes: false, json: false, read: (value) => value });
}

function parse(text: string, into: GoMap, grammar: Grammar): void {
  const parser = new Parser(text, grammar);
  while (!parser.key(into, 0));
}

/** The value of `--set`: Helm types what it knows and leaves numbers with a leading zero, and fractions, as strings. */
function typedValue(text: string): GoValue {
  // Go folds case by Unicode's simple rules, as the u flag does.
  if (/^true$/iu.test(text)) return true;
  if (/^false$/iu.test(text)) return false;
  if (/^null$/iu.test(text)) return null;
  if (text === '0') return new GoInt(0, 'int64');
  if (!/^[+-]?[0-9]+$/.test(text) || text.startsWith('0')) return text;
  const parsed = parseInt64(text, 10);
  return parsed === undefined ? text : goInt(parsed, 'int64');
}

/** What ended a word: its stop character, or the end of the text. */
interface Word {
  readonly text: string;
  readonly stop: string | undefined;
}

const WHITE_SPACE = /\p{White_Space}/u;
const JSON_SCALAR = /^(?:true|false|null|-?(?:0|[1-9][0-9]*)(?:\.[0-9]*)?(?:[eE][+-]?[0-9]*)?)/;

class Parser {
  readonly #text: string;
  readonly #grammar: Grammar;
  readonly #keyStops: string;
  #at = 0;
  #entries = 0;

  constructor(text: string, grammar: Grammar) {
    this.#text = text;
    this.#grammar = grammar;
    this.#keyStops = grammar.escapes ? '=[,.' : '=[.';
  }

  /** Reads one `key=value` into the map; true when the text ended where another key would start. */
  key(data: GoMap, level: number): boolean {
    const { text: key, stop } = this.#word(this.#keyStops);
    switch (stop) {
      case '[':
        return this.#listKey(data, key, level);
      case '=':
        return this.#assign(data, key);
      case ',':
        throw new ValuesError(`key ${quote(key)} has no value (cannot end with ,)`);
      case '.':
        return this.#mapKey(data, key, level + 1);
      default:
        if (key !== '') throw new ValuesError(`key ${quote(key)} has no value`);
        return true;
    }
  }

  #listKey(data: GoMap, key: string, level: number): boolean {
    const index = this.#index();
    if (index === undefined) return true;
    const known = data.get(key);
    if (known !== undefined && !Array.isArray(known)) throw conversionError(known, '[]interface {}');
    const item = this.#listItem(known ?? [], index, level, 0);
    setKey(data, key, item.list);
    return item.ended;
  }

  #mapKey(data: GoMap, key: string, level: number): boolean {
    if (level > MAX_NAME_LEVEL) {
      throw new ValuesError(
        `value name nested level is greater than maximum supported nested level of ${MAX_NAME_LEVEL}`,
      );
    }
    const known = data.get(key);
    if (known !== undefined && !(known instanceof Map)) throw conversionError(known, 'map[string]interface {}');
    const inner: GoMap = known ?? new Map();
    const ended = this.key(inner, level);
    if (!ended && inner.size === 0) throw new ValuesError(`key map ${quote(key)} has no value`);
    if (inner.size > 0) setKey(data, key, inner);
    return ended;
  }

  #assign(data: GoMap, key: string): boolean {
    // Only `--set k=` ends the text here: the other forms find the end at the next key.
    const ended = this.#grammar.escapes && !this.#grammar.json && this.#at >= this.#text.length;
    setKey(data, key, this.#value());
    return ended;
  }

  /** What follows `name[index]`. `ended` as of key(). */
  #listItem(list: GoValue[], index: number, level: number, listLevel: number): { list: GoValue[]; ended: boolean } {
    if (index < 0) throw new ValuesError(`negative ${index} index not allowed`);
    if (listLevel > MAX_LIST_LEVEL) throw overLimit('list-level', `lists nest deeper than ${MAX_LIST_LEVEL} levels`);
    const { text, stop } = this.#word('[.=');
    if (text !== '') {
      throw new ValuesError(`unexpected data at end of array index: [${[...text].map(quoteOf).join(' ')}]`);
    }
    if (stop === undefined) return { list, ended: true };
    if (stop === '=') return { list: this.#setIndex(list, index, this.#value()), ended: false };
    if (stop === '[') return this.#innerList(list, index, level, listLevel);
    const { inner, ended } = this.#innerMap(list, index, level);
    return ended ? { list, ended } : { list: this.#setIndex(list, index, inner), ended };
  }

  #innerList(list: GoValue[], index: number, level: number, listLevel: number): { list: GoValue[]; ended: boolean } {
    const next = this.#index();
    if (next === undefined) return { list, ended: true };
    const known = list[index] ?? [];
    if (!Array.isArray(known)) throw conversionError(known, '[]interface {}');
    const item = this.#listItem(known, next, level, listLevel + 1);
    if (item.ended) return { list, ended: true };
    return { list: this.#setIndex(list, index, item.list), ended: false };
  }

  #innerMap(list: GoValue[], index: number, level: number): { inner: GoMap; ended: boolean } {
    const known = list[index];
    const inner: GoMap = known instanceof Map ? known : new Map();
    if (index < list.length) list[index] = inner;
    return { inner, ended: this.key(inner, level) };
  }

  /** The number between brackets, or undefined when the text ends first (which Helm takes as the end of the text). */
  #index(): number | undefined {
    const { text, stop } = this.#word(']');
    if (stop === undefined) return undefined;
    // Go sees the overflow before it sees a character that is no digit.
    const digits = /^[+-]?[0-9]+/.exec(text)?.[0];
    const index = digits === text ? parseInt64(digits, 10) : undefined;
    if (index !== undefined) return Number(index);
    const overflows =
      digits !== undefined && (digits === text || parseUint64(digits.replace(/^[+-]/, ''), 10) === undefined);
    throw indexError(text, overflows ? 'value out of range' : 'invalid syntax');
  }

  #setIndex(list: GoValue[], index: number, value: GoValue): GoValue[] {
    if (index > MAX_INDEX) {
      throw new ValuesError(`index of ${index} is greater than maximum supported index of ${MAX_INDEX}`);
    }
    const missing = index + 1 - list.length;
    if (missing > 0) {
      this.#entries += missing;
      if (this.#entries > MAX_LIST_ENTRIES) {
        throw overLimit('list-entries', `lists get more than ${MAX_LIST_ENTRIES} entries`);
      }
      for (let i = 0; i < missing; i++) list.push(null);
    }
    list[index] = value;
    return list;
  }

  #value(): GoValue {
    if (this.#grammar.json) return this.#jsonValue();
    if (!this.#grammar.escapes) {
      const rest = this.#text.slice(this.#at);
      this.#at = this.#text.length;
      return this.#grammar.read(rest);
    }
    if (this.#at >= this.#text.length) return '';
    if (this.#text[this.#at] === '{') return this.#listValue();
    return this.#grammar.read(this.#word(',').text);
  }

  #listValue(): GoValue[] {
    this.#at++;
    const list: GoValue[] = [];
    for (;;) {
      const { text, stop } = this.#word(',}');
      if (stop === undefined) throw new ValuesError("list must terminate with '}'");
      list.push(this.#grammar.read(text));
      if (stop === ',') continue;
      if (this.#text[this.#at] === ',') this.#at++;
      return list;
    }
  }

  #jsonValue(): GoValue {
    if (this.#emptyValue()) return null;
    const rest = this.#text.slice(this.#at);
    const length = jsonLength(rest);
    const value = readJson(rest, length ?? rest.length);
    this.#at += length ?? rest.length;
    this.#emptyValue();
    return value;
  }

  /** Skips white space up to a comma (skipped too) or the end, and says whether one of them came. */
  #emptyValue(): boolean {
    for (; this.#at < this.#text.length; this.#at++) {
      const char = this.#text[this.#at] ?? '';
      if (char === ',') {
        this.#at++;
        return true;
      }
      if (!WHITE_SPACE.test(char)) return false;
    }
    return true;
  }

  /** Reads up to one of the stop characters (skipped) or the end of the text. */
  #word(stops: string): Word {
    const { escapes } = this.#grammar;
    let text = '';
    while (this.#at < this.#text.length) {
      const char = this.#text[this.#at++] ?? '';
      if (stops.includes(char)) return { text, stop: char };
      if (escapes && char === '\\') {
        if (this.#at >= this.#text.length) break;
        text += this.#text[this.#at++];
      } else {
        text += char;
      }
    }
    return { text, stop: undefined };
  }
}

/** An empty key sets nothing. */
function setKey(data: GoMap, key: string, value: GoValue): void {
  if (key !== '') data.set(key, value);
}

/** How many characters the JSON value at the start of a text takes, as far as they go; undefined when it is not whole. */
function jsonLength(text: string): number | undefined {
  const first = text[0] ?? '';
  if (first !== '{' && first !== '[' && first !== '"') return JSON_SCALAR.exec(text)?.[0].length;
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    const char = text[i];
    if (char === '"') {
      for (i++; i < text.length && text[i] !== '"'; i++) if (text[i] === '\\') i++;
      if (i >= text.length) return undefined;
    } else if (char === '{' || char === '[') depth++;
    else if (char === '}' || char === ']') depth--;
    if (depth === 0) return i + 1;
  }
  return undefined;
}

function readJson(text: string, length: number): GoValue {
  try {
    return parseJson(text.slice(0, length));
  } catch (first) {
    if (length < text.length) return readJson(text, text.length);
    const { message } = first as Error;
    // Go's stream decoder has other words for a text that ends too early; a number may end only when a space follows.
    const early =
      message === 'unexpected end of JSON input' ||
      (message.startsWith("invalid character ' '") && !text.includes(' '));
    throw new ValuesError(early ? 'unexpected EOF' : message);
  }
}

function quoteOf(char: string): string {
  return quoteRune(char.codePointAt(0) ?? 0);
}

function indexError(text: string, why: string): ValuesError {
  return new ValuesError(`error parsing index: strconv.Atoi: parsing ${quote(text)}: ${why}`);
}

/** Go's words for a value that is not of the type that the key needs. */
function conversionError(found: GoValue, wanted: string): ValuesError {
  const type = found === null ? 'nil' : typeOf(found);
  return new ValuesError(`unable to parse key: interface conversion: interface {} is ${type}, not ${wanted}`);
}

function overLimit(limit: string, what: string): LimitError {
  return new LimitError(limit, `cannot set values: ${what}; give them in a values file`);
}
