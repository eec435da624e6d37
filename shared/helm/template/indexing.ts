import { typeOf } from '../../go/print.ts';
import { decodeUtf8, encodeUtf8, isAscii, utf8Length } from '../../go/utf8.ts';
import {
  GoError,
  GoInt,
  type GoMap,
  type GoStruct,
  type GoValue,
  goInt,
  isStruct,
  tagType,
  typeTag,
} from '../../go/value.ts';
import { type Value, zeroOf } from './value.ts';

/** Go's `index`: `index x 1 "a"` is x[1]["a"]. */
export function index(item: Value, ...indexes: Value[]): Value {
  if (item === null || item === undefined) throw new GoError('index of untyped nil');
  let current: GoValue = item;
  for (const at of indexes) {
    if (current === null) throw new GoError('index of nil pointer');
    current = indexOne(current, at ?? null);
  }
  return current;
}

function indexOne(item: Exclude<GoValue, null>, at: GoValue): GoValue {
  if (item instanceof Map) return item.get(mapKey(item, at)) ?? zeroOf(item);
  if (Array.isArray(item)) {
    const found = item[position(at, item.length)];
    if (found === undefined) throw new GoError('reflect: slice index out of range');
    return found;
  }
  if (typeof item === 'string' || item instanceof Uint8Array) return byteAt(item, at);
  if (isStruct(item) && item.index !== undefined) {
    if (typeof at !== 'string') throw new GoError(keyError(at, 'string'));
    return item.index(at) ?? null;
  }
  throw new GoError(`can't index item of type ${typeOf(item)}`);
}

function byteAt(item: string | Uint8Array, at: GoValue): GoValue {
  const bytes = typeof item === 'string' ? encodeUtf8(item) : item;
  const byte = bytes[position(at, bytes.length)];
  if (byte === undefined) {
    throw new GoError(`reflect: ${typeof item === 'string' ? 'string' : 'slice'} index out of range`);
  }
  return new GoInt(byte, 'uint8');
}

function mapKey(map: GoMap, at: GoValue): string {
  if (typeof at === 'string') return at;
  const key = /^map\[([^\]]*)\]/.exec(typeTag(map) ?? '')?.[1] ?? 'string';
  // Maps with integer keys hold them as text.
  if (key !== 'string' && at instanceof GoInt) return String(at.value);
  throw new GoError(keyError(at, key));
}

function keyError(at: GoValue, key: string): string {
  return at === null ? `value is nil; should be of type ${key}` : `value has type ${typeOf(at)}; should be ${key}`;
}

/** An index as a number in 0..cap; the end itself is allowed here, as in Go. */
function position(at: GoValue, cap: number): number {
  if (at === null) throw new GoError('cannot index slice/array with nil');
  if (!(at instanceof GoInt)) throw new GoError(`cannot index slice/array with type ${typeOf(at)}`);
  const value = Number(at.value);
  if (value < 0 || value > cap) throw new GoError(`index out of range: ${at.value}`);
  return value;
}

/** Go's `slice` (Helm's own, from sprig, hides it): `slice x 1 2` is x[1:2]. Strings are cut by bytes. */
export function slice(item: Value, ...indexes: Value[]): Value {
  if (item === null || item === undefined) throw new GoError('slice of untyped nil');
  if (indexes.length > 3) throw new GoError(`too many slice indexes: ${indexes.length}`);
  if (typeof item === 'string' && indexes.length === 3) throw new GoError('cannot 3-index slice a string');
  const size = sizeOf(item);
  const bounds = indexes.map((at) => position(at ?? null, size));
  const from = bounds[0] ?? 0;
  const to = bounds[1] ?? size;
  if (from > to) throw new GoError(`invalid slice index: ${from} > ${to}`);
  if (bounds[2] !== undefined && to > bounds[2]) throw new GoError(`invalid slice index: ${to} > ${bounds[2]}`);
  if (typeof item === 'string') {
    return isAscii(item) ? item.slice(from, to) : decodeUtf8(encodeUtf8(item).subarray(from, to));
  }
  if (item instanceof Uint8Array) return item.subarray(from, to);
  const list = item as GoValue[];
  const cut = list.slice(from, to);
  const tag = typeTag(list);
  return tag === undefined ? cut : tagType(cut, tag);
}

function sizeOf(item: Exclude<GoValue, null>): number {
  if (typeof item === 'string') return utf8Length(item);
  if (Array.isArray(item) || item instanceof Uint8Array) return item.length;
  throw new GoError(`can't slice item of type ${typeOf(item)}`);
}

/** Go's `len`, in bytes for a string. */
export function length(item: Value): GoValue {
  if (item === undefined) throw new GoError('reflect: call of reflect.Value.Type on zero Value');
  if (item === null) throw new GoError('len of nil pointer');
  if (typeof item === 'string') return goInt(utf8Length(item));
  if (item instanceof Map) return goInt(item.size);
  if (Array.isArray(item) || item instanceof Uint8Array) return goInt(item.length);
  const entries = isStruct(item) ? (item as GoStruct).entries?.() : undefined;
  // Go looks at what a pointer points to.
  if (entries === undefined) throw new GoError(`len of type ${typeOf(item).replace(/^\*/, '')}`);
  return goInt(entries.length);
}
