import { type GoMap, isMap } from '../../../go/value.ts';
import { isEmpty } from './cast.ts';
import { Visits } from './limits.ts';
import { NIL_MAP } from './nil.ts';

/**
 * Merges maps into the first as mergo does, in order, and returns it. Without `overwrite` a value is taken where `into`
 * has none or an empty one (false, 0, "" and the like count as empty); with it every value is taken. Maps merge into
 * maps; lists are taken whole. Values are shared, not copied.
 */
export function mergeInto(into: GoMap | null, sources: readonly (GoMap | null)[], overwrite: boolean): GoMap | null {
  let target = into;
  const visits = new Visits('merge');
  for (const source of sources) {
    if (source === null || source === NIL_MAP) continue;
    // Only the outermost map can be replaced where it is nil.
    if (target === null || target === NIL_MAP) target = new Map();
    mergeMap(target, source, overwrite, visits, 0);
  }
  return target;
}

function mergeMap(into: GoMap, from: GoMap, overwrite: boolean, visits: Visits, depth: number): void {
  if (into === from) return;
  visits.count(depth);
  for (const [key, value] of from) {
    if (value === null) {
      // A nil is only ever written over something, never added by a plain merge.
      if (overwrite) into.set(key, null);
      continue;
    }
    const old = into.get(key);
    if (isMap(value) && isMap(old)) {
      if (old !== NIL_MAP) mergeMap(old, value, overwrite, visits, depth + 1);
      if (old.size > 0) continue;
    }
    if (overwrite || old === undefined || isEmpty(old)) into.set(key, value);
  }
}
