import { type GoMap, GoPanic, type GoValue, isMap, tagType } from '../../../go/value.ts';

/*
 * Go tells a nil map or slice from an empty one: both are empty to templates, but JSON and YAML write nil as null, and
 * writing into a nil map panics. These are the nil ones. No function of templates changes a list in place or adds to a
 * nil map, so one instance of each serves.
 */

/** A nil []interface {}. */
export const NIL_LIST: GoValue[] = [];
/** A nil []string. */
export const NIL_STRINGS: GoValue[] = tagType([], '[]string');
/** A nil map[string]interface {}. */
export const NIL_MAP: GoMap = new Map();

/** Whether a value is one of the nil collections. */
export function isNilCollection(v: GoValue): boolean {
  return v === NIL_LIST || v === NIL_MAP || v === NIL_STRINGS;
}

/** Throws Go's panic for a write into a nil map. */
export function checkWritable(map: GoMap | null): asserts map is GoMap {
  if (map === null || map === NIL_MAP) throw new GoPanic('assignment to entry in nil map');
}

/** The panic of reflection on a nil interface. */
export function nilPointer(): GoPanic {
  return new GoPanic('runtime error: invalid memory address or nil pointer dereference');
}

/** The value with every nil collection replaced by null, as encoders write it; the value itself where there is none. */
export function nilToNull(v: GoValue): GoValue {
  return isNilCollection(v) ? null : containsNil(v, 0) ? replaceNil(v) : v;
}

function containsNil(v: GoValue, depth: number): boolean {
  if (typeof v !== 'object' || v === null || depth > 100) return false;
  if (Array.isArray(v)) {
    for (let i = 0; i < v.length; i++) {
      const item = v[i] as GoValue;
      if (typeof item === 'object' && (isNilCollection(item) || containsNil(item, depth + 1))) return true;
    }
    return false;
  }
  if (!isMap(v)) return false;
  for (const item of v.values()) {
    if (typeof item === 'object' && (isNilCollection(item) || containsNil(item, depth + 1))) return true;
  }
  return false;
}

function replaceNil(v: GoValue): GoValue {
  if (isNilCollection(v)) return null;
  if (Array.isArray(v)) return v.map(replaceNil);
  if (!isMap(v)) return v;
  return new Map(Array.from(v, ([key, item]) => [key, replaceNil(item)]));
}
