import type { GoMap, GoValue } from '../../go/value.ts';

/** Deep copy of maps and lists; scalars and other values are shared. */
export function copyValue(value: GoValue): GoValue {
  if (value instanceof Map) return copyMap(value);
  if (Array.isArray(value)) return value.map(copyValue);
  return value;
}

/** Deep copy of a map. */
export function copyMap(map: GoMap): GoMap {
  const out: GoMap = new Map();
  for (const [key, value] of map) {
    out.set(key, typeof value === 'object' && value !== null ? copyValue(value) : value);
  }
  return out;
}

/**
 * Helm's merge of values files (`-f a -f b`) and of the documents of one values file: maps merge, all else is replaced; null
 * is a value like others. Returns a new map that shares what it did not merge.
 */
export function mergeValues(a: GoMap, b: GoMap): GoMap {
  const out: GoMap = new Map(a);
  for (const [key, value] of b) {
    const old = out.get(key);
    out.set(key, value instanceof Map && old instanceof Map ? mergeValues(old, value) : value);
  }
  return out;
}

/** The map at a path of keys, or undefined when a step is missing or not a map. */
export function tableAt(values: GoMap, path: readonly string[]): GoMap | undefined {
  let current: GoValue | undefined = values;
  for (const key of path) {
    if (!(current instanceof Map)) return undefined;
    current = current.get(key);
  }
  return current instanceof Map ? current : undefined;
}

/** Helm's PathValue: what is at a dotted path, when it exists and is not a map. */
export function pathValue(values: GoMap, dotted: string): GoValue | undefined {
  const path = dotted.split('.');
  const key = path.pop() ?? '';
  const value = (path.length === 0 ? values : tableAt(values, path))?.get(key);
  return value instanceof Map ? undefined : value;
}
