/** YAML as Helm's templates write it: toYaml (sigs.k8s.io/yaml over go-yaml v2) and toYamlPretty (go-yaml v3). */

import { formatDuration } from '../go/duration.ts';
import { formatFloat } from '../go/strconv.ts';
import { encodeUtf8 } from '../go/utf8.ts';
import { GoInt, type GoMap, type GoValue, isStruct } from '../go/value.ts';
import { Emitter, type EmitterOptions, type Leaf, TooDeep } from './emitter.ts';
import { MarshalError } from './errors.ts';
import { jsonNumber, jsonString, toJson } from './json.ts';
import { naturalKeys } from './natural-sort.ts';
import { parseExact } from './read.ts';

const THROUGH_JSON: EmitterOptions = {
  version: 2,
  width: 80,
  leaf: jsonLeaf,
  keyLeaf: jsonKey,
  keys: (map) => naturalKeys(map, 2),
};
const PRETTY: EmitterOptions = {
  version: 3,
  width: 0,
  leaf: goLeaf,
  keyLeaf: goText,
  keys: (map) => naturalKeys(map, 3),
};

/**
 * sigs.k8s.io/yaml's Marshal, with its trailing newline: the value goes through JSON, so structs and bytes become what
 * JSON has, whole floats become integers and keys get go-yaml's natural order. Throws MarshalError (a NaN) or YamlError
 * (text that go-yaml cannot read back from the JSON, such as a DEL character or a key of more than 1022 characters).
 */
export function toYaml(value: GoValue): string {
  try {
    return new Emitter(THROUGH_JSON).document(value);
  } catch (e) {
    if (!(e instanceof NotPlainJson) && !(e instanceof TooDeep)) throw wrap(e);
  }
  return slowly(value);
}

/** Helm v4's toYamlPretty before it trims the last newline: go-yaml v3 with an indent of two, and no detour by JSON. */
export function toYamlPretty(value: GoValue): string {
  return new Emitter(PRETTY).document(value);
}

/** A text that reads back from JSON as something else; seen while writing, and then the long way is taken. */
class NotPlainJson extends Error {}

function slowly(value: GoValue): string {
  let json: string;
  try {
    json = toJson(value);
  } catch (e) {
    throw wrap(e);
  }
  // go-yaml reads the JSON here and its errors surface as they are.
  const back = parseExact(json);
  return new Emitter({ ...THROUGH_JSON, leaf: plainLeaf, keyLeaf: (key) => key }).document(back);
}

function wrap(e: unknown): unknown {
  if (e instanceof MarshalError) return new MarshalError(`error marshaling into JSON: ${e.message}`);
  return e;
}

/** Characters that JSON leaves as they are and YAML refuses or folds, and lone surrogates (bytes that are not UTF-8). */
const UNREADABLE = /[\x7f-\x9f\ufffe\uffff\ud800-\udfff]/;
const LONGEST_JSON_KEY = 1024;

function jsonKey(key: string): string {
  // go-yaml takes no key on one line that is longer than this.
  if (key.length > 150 && [...jsonString(key)].length > LONGEST_JSON_KEY) throw new NotPlainJson();
  return jsonText(key);
}

function jsonText(s: string): string {
  if (UNREADABLE.test(s) && !isReadable(s)) throw new NotPlainJson();
  return s;
}

function jsonLeaf(value: GoValue): Leaf | GoMap | GoValue[] {
  return typeof value === 'string' ? jsonText(value) : plainLeaf(value);
}

function isReadable(s: string): boolean {
  return s.isWellFormed() && !/[\x7f-\x9f\ufffe\uffff]/.test(s);
}

function plainLeaf(value: GoValue): Leaf | GoMap | GoValue[] {
  if (value === null) return { plain: 'null' };
  if (typeof value === 'boolean') return { plain: value ? 'true' : 'false' };
  if (typeof value === 'number') return { plain: yamlNumber(value) };
  if (value instanceof GoInt) return { plain: String(value.value) };
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (isStruct(value)) {
    if (!value.toValue) throw new MarshalError(`json: unsupported type: ${value.goType}`);
    const inner = value.toValue();
    return inner instanceof Map || Array.isArray(inner) || typeof inner === 'string' ? inner : plainLeaf(inner);
  }
  return value;
}

/** A float64 after JSON and back: whole numbers that fit 64 bits are integers, the rest have the shortest 'g' form. */
function yamlNumber(x: number): string {
  if (!Number.isFinite(x)) jsonNumber(x);
  if (Number.isInteger(x)) return wholeNumber(x);
  return formatFloat(x, 'g', -1);
}

/** A whole float64 as go-yaml writes it once it has become an integer; -0 loses its sign. */
export function wholeNumber(x: number): string {
  if (x === 0) return '0';
  const abs = Math.abs(x);
  if (abs < 1e15) return String(x);
  // JSON has the shortest digits padded with zeros; they are read as an integer when they fit.
  const text = abs < 1e21 ? String(x) : '';
  if (text !== '') {
    const int = BigInt(text);
    if (int >= -(1n << 63n) && int < 1n << 64n) return text;
  }
  return formatFloat(x, 'g', -1);
}

/** What go-yaml v3 makes of a Go value that is not a map, a list or UTF-8 text. */
export function goLeaf(value: GoValue): Leaf | GoMap | GoValue[] {
  if (typeof value === 'string') return goText(value);
  if (typeof value === 'number') return { plain: goFloat(value) };
  if (value instanceof GoInt)
    return value.kind === 'time.Duration' ? formatDuration(value.value) : { plain: String(value.value) };
  if (value instanceof Uint8Array) return Array.from(value, (b) => new GoInt(b, 'uint8'));
  return plainLeaf(value);
}

/** A string of Go as go-yaml writes it: one that is not UTF-8 becomes base64. */
export function goText(s: string): Leaf {
  return s.isWellFormed() ? s : { base64: base64Lines(s) };
}

/** A float64 as go-yaml writes it: `3e+06`, `.inf`, `.nan`. */
export function goFloat(x: number): string {
  if (Number.isNaN(x)) return '.nan';
  if (!Number.isFinite(x)) return x > 0 ? '.inf' : '-.inf';
  return formatFloat(x, 'g', -1);
}

const BASE64_LINE = 70;

/** Bytes in base64, in lines of 70 characters when there is more than one. */
export function base64Lines(s: string): string {
  const text = Buffer.from(encodeUtf8(s)).toString('base64');
  if (text.length < BASE64_LINE) return text;
  return text.replace(/.{1,70}/g, '$&\n');
}
