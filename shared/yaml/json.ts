/** JSON as Go's encoding/json writes and reads it. */
import { encodeUtf8, sortedKeys } from '../go/utf8.ts';
import { GoInt, type GoMap, type GoValue, isStruct } from '../go/value.ts';
import { MarshalError, YamlError } from './errors.ts';
import { jsonSyntaxError } from './json-errors.ts';

/** Deepest nesting that is written. Go has no such limit but looks for cycles, and only a cycle is as deep. */
const MAX_DEPTH = 1200;

interface JsonStyle {
  readonly escapeHtml: boolean;
  /** What one level of indentation is; empty for the compact form. */
  readonly indent: string;
}

const COMPACT: JsonStyle = { escapeHtml: true, indent: '' };
const PRETTY: JsonStyle = { escapeHtml: true, indent: '  ' };
const RAW: JsonStyle = { escapeHtml: false, indent: '' };

/** encoding/json's Marshal: compact, keys by UTF-8 bytes, `<`, `>` and `&` escaped. Throws MarshalError on NaN and infinities. */
export function toJson(value: GoValue): string {
  return write(value, COMPACT, '', 0);
}

/** encoding/json's MarshalIndent with two spaces, as sprig's toPrettyJson calls it. */
export function toPrettyJson(value: GoValue): string {
  return write(value, PRETTY, '\n', 0);
}

/** Like toJson without HTML escaping, as sprig's toRawJson. */
export function toRawJson(value: GoValue): string {
  return write(value, RAW, '', 0);
}

const NEEDS_ESCAPE = /[^\x20-\x7e]|["\\<>&]/;
const HTML = /[<>&\u2028\u2029]/g;
const LINES = /[\u2028\u2029]/g;
const LONE_ESCAPE = /\\(?:\\|ud[89a-f][0-9a-f]{2})/g;

/** A string as encoding/json writes it, quotes included. */
export function jsonString(s: string, escapeHtml = true): string {
  if (!NEEDS_ESCAPE.test(s)) return `"${s}"`;
  let out = JSON.stringify(s);
  // JSON.stringify writes lone surrogates, our bytes that are not UTF-8, as \udc80; Go writes U+FFFD for each.
  if (!s.isWellFormed()) out = out.replace(LONE_ESCAPE, (m) => (m === '\\\\' ? m : '\\ufffd'));
  return out.replace(escapeHtml ? HTML : LINES, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** A float64 as encoding/json writes it. Throws MarshalError when it is not finite. */
export function jsonNumber(x: number): string {
  if (x === 0) return Object.is(x, -0) ? '-0' : '0';
  if (Number.isFinite(x)) return String(x);
  const text = Number.isNaN(x) ? 'NaN' : x > 0 ? '+Inf' : '-Inf';
  throw new MarshalError(`json: unsupported value: ${text}`);
}

function write(value: GoValue, style: JsonStyle, newline: string, depth: number): string {
  if (typeof value === 'string') return jsonString(value, style.escapeHtml);
  if (typeof value === 'number') return jsonNumber(value);
  if (typeof value === 'boolean') return value ? 'true' : 'false';
  if (value === null) return 'null';
  if (depth > MAX_DEPTH) throw new MarshalError(`json: unsupported value: encountered a cycle via ${cycleType(value)}`);
  if (value instanceof Map) return writeMap(value, style, newline, depth);
  if (Array.isArray(value)) return writeArray(value, style, newline, depth);
  if (value instanceof GoInt) return String(value.value);
  if (value instanceof Uint8Array) return `"${Buffer.from(value).toString('base64')}"`;
  if (isStruct(value)) {
    if (!value.toValue) throw new MarshalError(`json: unsupported type: ${value.goType}`);
    return writeStruct(value.toValue(), value.goKind, style, newline, depth + 1);
  }
  throw new MarshalError(`json: unsupported type: ${typeof value}`);
}

function cycleType(value: GoValue): string {
  return Array.isArray(value) ? '[]interface {}' : 'map[string]interface {}';
}

/** Go writes a struct's fields in the order of their declaration, which is the order that toValue gives. */
function writeStruct(value: GoValue, kind: string, style: JsonStyle, newline: string, depth: number): string {
  if (!(value instanceof Map) || kind === 'map') return write(value, style, newline, depth);
  return writeMap(value, style, newline, depth, [...value.keys()]);
}

function writeMap(map: GoMap, style: JsonStyle, newline: string, depth: number, keys = sortedKeys(map)): string {
  if (map.size === 0) return '{}';
  const inner = newline === '' ? '' : newline + style.indent;
  const colon = newline === '' ? ':' : ': ';
  let out = '{';
  let first = true;
  for (const key of keys) {
    out += first ? inner : `,${inner}`;
    first = false;
    out += jsonString(key, style.escapeHtml) + colon + write(map.get(key) ?? null, style, inner, depth + 1);
  }
  return `${out}${newline}}`;
}

function writeArray(list: GoValue[], style: JsonStyle, newline: string, depth: number): string {
  if (list.length === 0) return '[]';
  const inner = newline === '' ? '' : newline + style.indent;
  let out = '[';
  for (let i = 0; i < list.length; i++) {
    out += i === 0 ? inner : `,${inner}`;
    out += write(list[i] ?? null, style, inner, depth + 1);
  }
  return `${out}${newline}]`;
}

/**
 * encoding/json's Unmarshal into `any`: numbers become float64, invalid UTF-8 and lone surrogate escapes become U+FFFD,
 * the last of equal keys wins. Throws YamlError with Go's text.
 */
export function parseJson(text: string): GoValue {
  let plain: unknown;
  try {
    plain = JSON.parse(text);
  } catch {
    throw new YamlError(jsonSyntaxError(text));
  }
  const value = fromPlain(plain);
  if (text.length > 300) checkNumbers(text, value);
  else if (/[eE]|[0-9]{300}/.test(text)) checkNumbers(text, value);
  return text.isWellFormed() && !/\\u[dD][89a-fA-F]/.test(text) ? value : wellFormed(value);
}

/** Go refuses numbers that a float64 cannot hold, where JSON.parse gives an infinity. */
function checkNumbers(text: string, value: GoValue): void {
  if (!hasInfinity(value)) return;
  for (const m of text.matchAll(/"(?:[^"\\]|\\.)*"|-?[0-9][0-9.eE+-]*/g)) {
    if (m[0][0] !== '"' && !Number.isFinite(Number(m[0]))) {
      throw new YamlError(`json: cannot unmarshal number ${m[0]} into Go value of type float64`);
    }
  }
}

function hasInfinity(value: GoValue): boolean {
  if (typeof value === 'number') return !Number.isFinite(value);
  if (Array.isArray(value)) return value.some(hasInfinity);
  if (value instanceof Map) return [...value.values()].some(hasInfinity);
  return false;
}

function wellFormed(value: GoValue): GoValue {
  if (typeof value === 'string') return value.toWellFormed();
  if (Array.isArray(value)) return value.map(wellFormed);
  if (value instanceof Map) return new Map([...value].map(([k, v]) => [k.toWellFormed(), wellFormed(v)]));
  return value;
}

/** A json.Unmarshal of an object into `map[string]any`; null gives null (Go's nil map). Throws YamlError. */
export function parseJsonMap(text: string): GoMap | null {
  const value = parseJson(text);
  if (value === null || value instanceof Map) return value;
  throw new YamlError(jsonTypeError(value, 'map[string]interface {}'));
}

/** A json.Unmarshal of an array into `[]any`; null gives null (Go's nil slice). Throws YamlError. */
export function parseJsonArray(text: string): GoValue[] | null {
  const value = parseJson(text);
  if (value === null || Array.isArray(value)) return value;
  throw new YamlError(jsonTypeError(value, '[]interface {}'));
}

/** What encoding/json says when a JSON value does not fit the Go type it is decoded into. */
export function jsonTypeError(value: GoValue, goType: string): string {
  return `json: cannot unmarshal ${jsonKind(value)} into Go value of type ${goType}`;
}

function jsonKind(value: GoValue): string {
  if (value === null) return 'null';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'string') return 'string';
  if (Array.isArray(value)) return 'array';
  return value instanceof Map ? 'object' : 'number';
}

/** JSON.parse's output in the form of GoValue: objects become Map. `undefined` becomes null. */
export function fromPlain(x: unknown): GoValue {
  if (typeof x !== 'object') return typeof x === 'bigint' ? Number(x) : ((x ?? null) as GoValue);
  if (x === null) return null;
  if (Array.isArray(x)) {
    const list: GoValue[] = new Array(x.length);
    for (let i = 0; i < x.length; i++) list[i] = fromPlain(x[i]);
    return list;
  }
  if (x instanceof Map || x instanceof GoInt || x instanceof Uint8Array || isStruct(x)) return x as GoValue;
  const map: GoMap = new Map();
  for (const key of Object.keys(x)) map.set(key, fromPlain((x as Record<string, unknown>)[key]));
  return map;
}

/** The inverse of fromPlain, for JSON.stringify and API clients. A key `__proto__` stays an own property. */
export function toPlain(value: GoValue): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Map) {
    const out: Record<string, unknown> = {};
    for (const [key, item] of value) {
      if (key === '__proto__') {
        Object.defineProperty(out, key, { value: toPlain(item), enumerable: true, writable: true, configurable: true });
      } else {
        out[key] = toPlain(item);
      }
    }
    return out;
  }
  if (Array.isArray(value)) return value.map(toPlain);
  if (value instanceof GoInt) return Number(value.value);
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  return value.toValue ? toPlain(value.toValue()) : value.format();
}

/** The bytes of toJson, for hashing and for the release record. */
export function toJsonBytes(value: GoValue): Uint8Array {
  return encodeUtf8(toJson(value));
}
