/** Reads YAML as sigs.k8s.io/yaml does: by go-yaml v2, through JSON, into `any`. */
import type { GoMap, GoValue } from '../go/value.ts';
import { Decoder } from './decoder.ts';
import { YamlError } from './errors.ts';
import { parseFast } from './fast.ts';
import { jsonTypeError } from './json.ts';
import { Parser } from './parser.ts';
import { findReaderProblem, withoutMark } from './reader.ts';

export interface ParseOptions {
  /** Refuses a key that a map has twice, as UnmarshalStrict does. */
  readonly strict?: boolean;
}

const PREFIX = 'error converting YAML to JSON: ';

/**
 * sigs.k8s.io/yaml.Unmarshal into `any`: the first document of the text (null when there is none), every number a float64,
 * keys as strings. Throws YamlError with Go's message.
 */
export function parseYaml(text: string, options: ParseOptions = {}): GoValue {
  const fast = parseFast(text, options.strict === true);
  if (fast !== undefined) return fast;
  try {
    const stream = new DocumentStream(text, options.strict === true);
    return stream.next() ?? null;
  } catch (e) {
    throw prefixed(e);
  }
}

/** All documents of a text, as a decoder that is called until io.EOF gives them. Throws YamlError. */
export function parseYamlDocuments(text: string, options: ParseOptions = {}): GoValue[] {
  const values: GoValue[] = [];
  try {
    const stream = new DocumentStream(text, options.strict === true);
    for (let value = stream.next(); value !== undefined; value = stream.next()) values.push(value);
  } catch (e) {
    throw prefixed(e);
  }
  return values;
}

/** sigs.k8s.io/yaml.Unmarshal into a `map[string]any`; an empty text or null leaves it empty. Throws YamlError. */
export function parseYamlMap(text: string, options: ParseOptions = {}): GoMap {
  const value = parseYaml(text, options) ?? new Map();
  if (value instanceof Map) return value;
  throw typeError(value, 'map[string]interface {}');
}

/** sigs.k8s.io/yaml.Unmarshal into a `[]any`; an empty text or null leaves it empty. Throws YamlError. */
export function parseYamlArray(text: string, options: ParseOptions = {}): GoValue[] {
  const value = parseYaml(text, options) ?? [];
  if (Array.isArray(value)) return value;
  throw typeError(value, '[]interface {}');
}

function typeError(value: GoValue, goType: string): YamlError {
  return new YamlError(`error unmarshaling JSON: while decoding JSON: ${jsonTypeError(value, goType)}`);
}

function prefixed(e: unknown): unknown {
  if (e instanceof YamlError) return new YamlError(PREFIX + e.message);
  return e;
}

/**
 * What go-yaml decodes from a JSON text, for writing it again: integers that a float64 cannot hold stay exact, as GoInt.
 * Throws YamlError with go-yaml's own message.
 */
export function parseExact(text: string): GoValue {
  return new DocumentStream(text, false, true).next() ?? null;
}

/** The documents of a text one by one, with the reader's checks on what has been read. */
class DocumentStream {
  private readonly parser: Parser;
  private readonly problem: ReturnType<typeof findReaderProblem>;
  private readonly strict: boolean;
  private readonly exact: boolean;

  constructor(text: string, strict: boolean, exact = false) {
    const body = withoutMark(text);
    this.problem = findReaderProblem(body, text.length - body.length);
    // The scanner takes NUL for the end of the text; the reader refuses it when the scanner comes so far.
    const nul = body.indexOf('\0');
    this.parser = new Parser(nul < 0 ? body : body.slice(0, nul));
    this.strict = strict;
    this.exact = exact;
  }

  /** The next document's value, undefined at the end. */
  next(): GoValue | undefined {
    let node: ReturnType<Parser['document']>;
    try {
      node = this.parser.document();
    } catch (e) {
      this.checkReader();
      throw e;
    }
    this.checkReader();
    return node === undefined ? undefined : new Decoder(this.strict, this.exact).decode(node);
  }

  private checkReader(): void {
    if (this.problem && this.parser.scanner.cursor.pos >= this.problem.from) throw this.problem.error;
  }
}
