import { sprint } from '../../go/print.ts';
import { quote } from '../../go/strconv.ts';
import { typeOf } from '../../go/types.ts';
import { GoInt, type GoMap, type GoValue } from '../../go/value.ts';
import { ValuesError } from '../errors.ts';
import { copyMap } from './tables.ts';

/** What coalescing needs of a chart: its name (or alias), its defaults, and its dependencies. */
export interface ValuesNode {
  readonly name: string;
  readonly values: GoMap;
  readonly dependencies: readonly ValuesNode[];
}

/** Receives the warnings that Helm prints on standard error. */
export type Warn = (message: string) => void;

interface Pass {
  readonly warn: Warn;
  /** Keep nulls (Helm's MergeValues) instead of letting them remove keys (CoalesceValues). */
  readonly merge: boolean;
}

const noWarning: Warn = () => {};

/**
 * Puts the defaults of a chart and of all its subcharts under the given values, as Helm v4's CoalesceValues: given values
 * win, maps merge, null removes a key, nulls among the defaults vanish, and `global` is handed down.
 *
 * @returns a new map; neither the values given nor the defaults are changed or shared
 * @throws ValuesError when a subchart's values are not a map
 */
export function coalesceValues(chart: ValuesNode, values: GoMap, warn: Warn = noWarning): GoMap {
  return coalesce({ warn, merge: false }, chart, copyMap(values), '');
}

/** As coalesceValues, but nulls are kept: Helm's MergeValues, which import-values is computed with. */
export function coalesceKeepingNulls(chart: ValuesNode, values: GoMap, warn: Warn = noWarning): GoMap {
  return coalesce({ warn, merge: true }, chart, copyMap(values), '');
}

/** Merges src under dst in place, dst winning: Helm's MergeTables. Both maps may be changed and shared afterwards. */
export function mergeTables(dst: GoMap, src: GoMap): GoMap {
  return coalesceTables({ warn: noWarning, merge: true }, dst, src, '');
}

function coalesce(pass: Pass, chart: ValuesNode, dest: GoMap, prefix: string): GoMap {
  coalesceDefaults(pass, chart, dest, prefix);
  for (const sub of chart.dependencies) {
    const own = dest.get(sub.name);
    let table: GoMap;
    if (own === undefined) {
      table = new Map();
      dest.set(sub.name, table);
    } else if (own instanceof Map) {
      table = own;
    } else {
      throw new ValuesError(`type mismatch on ${sub.name}: ${percentT(own)}`);
    }
    const subPrefix = join(prefix, chart.name);
    coalesceGlobals(pass, table, dest, subPrefix);
    coalesce(pass, sub, table, subPrefix);
  }
  return dest;
}

/** Helm prints the value with the boolean verb %t. */
function percentT(value: GoValue): string {
  if (typeof value === 'boolean') return String(value);
  if (value === null) return '%!t(<nil>)';
  if (typeof value === 'string' || typeof value === 'number' || value instanceof GoInt) {
    return `%!t(${typeOf(value)}=${sprint(value)})`;
  }
  if (Array.isArray(value)) return `[${value.map(percentT).join(' ')}]`;
  return sprint(value);
}

function coalesceGlobals(pass: Pass, dest: GoMap, src: GoMap, prefix: string): void {
  const to = dest.get('global') ?? (dest.has('global') ? null : new Map<string, GoValue>());
  if (!(to instanceof Map)) {
    pass.warn('warning: skipping globals because destination global is not a table.');
    return;
  }
  const from = src.get('global') ?? (src.has('global') ? null : new Map<string, GoValue>());
  if (!(from instanceof Map)) {
    pass.warn('warning: skipping globals because source global is not a table.');
    return;
  }
  for (const [key, value] of from) {
    const old = to.get(key);
    if (value instanceof Map) {
      const copy: GoMap = new Map(value);
      if (old === undefined) to.set(key, copy);
      else if (old instanceof Map) {
        coalesceTables({ warn: pass.warn, merge: true }, copy, old, join(prefix, key));
        to.set(key, copy);
      } else pass.warn(`Conflict: cannot merge map onto non-map for ${quote(key)}. Skipping.`);
    } else if (old instanceof Map) {
      pass.warn(`key ${key} is table. Skipping`);
    } else {
      to.set(key, value);
    }
  }
  dest.set('global', to);
}

function coalesceDefaults(pass: Pass, chart: ValuesNode, dest: GoMap, prefix: string): void {
  const subPrefix = join(prefix, chart.name);
  for (const [key, value] of copyMap(chart.values)) {
    const given = dest.get(key);
    if (given === undefined) {
      if (!pass.merge) {
        if (value === null) continue;
        if (value instanceof Map) dropNulls(value);
      }
      dest.set(key, value);
    } else if (given === null && !pass.merge) {
      dest.delete(key);
    } else if (given instanceof Map) {
      coalesceGiven(pass, chart, given, key, value, subPrefix);
    }
  }
}

function coalesceGiven(pass: Pass, chart: ValuesNode, given: GoMap, key: string, value: GoValue, prefix: string): void {
  if (!(value instanceof Map)) {
    if (value !== null) pass.warn(`warning: skipped value for ${prefix}.${key}: Not a table.`);
    return;
  }
  const merge = pass.merge || chart.dependencies.some((sub) => sub.name === key);
  if (!merge) dropNulls(value);
  coalesceTables({ warn: pass.warn, merge }, given, value, join(prefix, key));
}

function coalesceTables(pass: Pass, dst: GoMap, src: GoMap, prefix: string): GoMap {
  // A null given for a key that has no default stays; one for a key with a default removes it.
  const nullsOfDst: string[] = [];
  for (const [key, value] of dst) {
    if (value === null) nullsOfDst.push(key);
  }
  const removed = new Set(pass.merge ? [] : nullsOfDst.filter((key) => (src.get(key) ?? null) !== null));
  for (const key of nullsOfDst) src.set(key, null);
  for (const key of removed) dst.delete(key);
  for (const [key, value] of src) {
    if (removed.has(key)) continue;
    const given = dst.get(key);
    if (given === undefined) {
      dst.set(key, value);
    } else if (value instanceof Map) {
      if (given instanceof Map) coalesceTables(pass, given, value, join(prefix, key));
      else pass.warn(`warning: cannot overwrite table with non table for ${join(prefix, key)} (${sprint(value)})`);
    } else if (given instanceof Map && value !== null) {
      pass.warn(
        `warning: destination for ${join(prefix, key)} is a table. Ignoring non-table value (${sprint(value)})`,
      );
    }
  }
  return dst;
}

/** Removes nulls from a map and the maps in it, in place. */
function dropNulls(map: GoMap): void {
  for (const [key, value] of map) {
    if (value === null) map.delete(key);
    else if (value instanceof Map) dropNulls(value);
  }
}

function join(prefix: string, key: string): string {
  return prefix === '' ? key : `${prefix}.${key}`;
}
