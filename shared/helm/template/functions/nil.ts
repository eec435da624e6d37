import { type GoMap, GoPanic, type GoValue, isMap, tagType } from '../../../go/value.ts';
import { Visits } from './limits.ts';

/*
 * Go tells a nil map or slice from an empty one: both are empty to templates, but JSON and YAML write nil as null, and
 * writing into a nil map panics. These are the nil ones. No function of templates changes a list in place or adds to a
 * nil map, so one instance of each serves.
 */

const MAX_ENCODED_DEPTH = 1_900;

/** A nil []interface {}. */
export const NIL_LIST: GoValue[] = [];
/** A nil []string. */
export const NIL_STRINGS: GoValue[] = tagType([], '[]string');
/** A nil map[string]interface {}. */
export const NIL_MAP: GoMap = new Map();

/** A nil map[string]string. */
export const NIL_TEXTS: GoMap = tagType(new Map(), 'map[string]string');

/** Whether a value is one of the nil collections. */
export function isNilCollection(v: GoValue): boolean {
  return v === NIL_LIST || v === NIL_MAP || v === NIL_STRINGS || v === NIL_TEXTS;
}

/** Throws Go's panic for a write into a nil map. */
export function checkWritable(map: GoMap | null): asserts map is GoMap {
  if (map === null || map === NIL_MAP) throw new GoPanic('assignment to entry in nil map');
}

/** The panic of reflection on a nil interface. */
export function nilPointer(): GoPanic {
  return new GoPanic('runtime error: invalid memory address or nil pointer dereference');
}

/**
 * The value with every nil collection replaced by null, as encoders write it; the value itself where there is none. Refuses
 * a value that is too large to write.
 */
export function nilToNull(v: GoValue): GoValue {
  if (isNilCollection(v)) return null;
  return containsNil(v, new Visits('encoding'), 0) ? replaceNil(v) : v;
}

/** Visits all there is, so that what is too large is found before it is written. */
function containsNil(v: GoValue, visits: Visits, depth: number): boolean {
  // The writers have a limit of depth of their own.
  if (typeof v !== 'object' || v === null || depth > MAX_ENCODED_DEPTH) return false;
  let found = false;
  if (Array.isArray(v)) {
    visits.count(depth);
    for (let i = 0; i < v.length; i++) {
      const item = v[i] as GoValue;
      if (typeof item === 'object' && (isNilCollection(item) || containsNil(item, visits, depth + 1))) found = true;
    }
  } else if (isMap(v)) {
    visits.count(depth);
    for (const item of v.values()) {
      if (typeof item === 'object' && (isNilCollection(item) || containsNil(item, visits, depth + 1))) found = true;
    }
  }
  return found;
}

function replaceNil(v: GoValue): GoValue {
  if (isNilCollection(v)) return null;
  if (Array.isArray(v)) return v.map(replaceNil);
  if (!isMap(v)) return v;
  return new Map(Array.from(v, ([key, item]) => [key, replaceNil(item)]));
}
