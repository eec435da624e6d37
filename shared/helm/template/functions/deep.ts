import {
  GoError,
  type GoFunction,
  GoInt,
  type GoMap,
  type GoValue,
  isMap,
  isStruct,
  tagType,
  typeTag,
} from '../../../go/value.ts';
import { effect, pure } from './define.ts';
import { Visits } from './limits.ts';
import { isNilCollection } from './nil.ts';
import { VersionStruct, zeroVersion } from './semver-version.ts';

/** deepEqual, deepCopy and mustDeepCopy. */
export function deepFunctions(): GoFunction[] {
  return [
    pure('deepEqual', ['any', 'any'], (a: GoValue, b: GoValue) => deepEqual(a, b)),
    effect('deepCopy', ['any'], copy),
    effect('mustDeepCopy', ['any'], copy),
  ];
}

function copy(v: GoValue): GoValue {
  if (v === null) throw new GoError('reflect: call of reflect.Value.Type on zero Value');
  return deepCopy(v);
}

/** Copies maps and lists all the way down, types kept; other values are immutable and shared. */
export function deepCopy(v: GoValue): GoValue {
  return copyValue(v, new Visits('deepCopy'), 0);
}

function copyValue(v: GoValue, visits: Visits, depth: number): GoValue {
  if (typeof v !== 'object' || v === null || isNilCollection(v)) return v;
  visits.count(depth);
  if (isMap(v)) return copyMap(v, visits, depth);
  if (v instanceof VersionStruct) return zeroVersion(v);
  if (!Array.isArray(v)) return v;
  const out: GoValue[] = new Array(v.length);
  for (let i = 0; i < v.length; i++) out[i] = copyValue(v[i] as GoValue, visits, depth + 1);
  const tag = typeTag(v);
  return tag === undefined ? out : tagType(out, tag);
}

function copyMap(map: GoMap, visits: Visits, depth: number): GoMap {
  const out: GoMap = new Map();
  for (const [key, item] of map) out.set(key, copyValue(item, visits, depth + 1));
  const tag = typeTag(map);
  return tag === undefined ? out : tagType(out, tag);
}

/** reflect.DeepEqual: types count, so that int 1 is not float64 1 and []string is not []interface {}. */
export function deepEqual(a: GoValue, b: GoValue, visits?: Visits, depth = 0): boolean {
  if (a === b) return !Number.isNaN(a);
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (a instanceof GoInt) return b instanceof GoInt && a.kind === b.kind && a.value === b.value;
  const counted = visits ?? new Visits('deepEqual');
  counted.count(depth);
  if (Array.isArray(a)) return Array.isArray(b) && equalLists(a, b, counted, depth);
  if (isMap(a)) return isMap(b) && equalMaps(a, b, counted, depth);
  if (a instanceof Uint8Array) return b instanceof Uint8Array && Buffer.compare(a, b) === 0;
  if (a instanceof VersionStruct) return b instanceof VersionStruct && equalVersions(a, b);
  return isStruct(b) && a.goType === b.goType && (a.equals?.(b) ?? false);
}

function equalLists(a: GoValue[], b: GoValue[], visits: Visits, depth: number): boolean {
  if (a.length !== b.length || typeTag(a) !== typeTag(b) || isNilCollection(a) !== isNilCollection(b)) return false;
  for (let i = 0; i < a.length; i++) if (!deepEqual(a[i] as GoValue, b[i] as GoValue, visits, depth + 1)) return false;
  return true;
}

function equalMaps(a: GoMap, b: GoMap, visits: Visits, depth: number): boolean {
  if (a.size !== b.size || typeTag(a) !== typeTag(b) || isNilCollection(a) !== isNilCollection(b)) return false;
  for (const [key, item] of a) {
    const other = b.get(key);
    if (other === undefined || !deepEqual(item, other, visits, depth + 1)) return false;
  }
  return true;
}

/** Versions are equal field by field, the original text too. */
function equalVersions(a: VersionStruct, b: VersionStruct): boolean {
  return a.goType === b.goType && a.format() === b.format() && a.version.original === b.version.original;
}
