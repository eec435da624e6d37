import { typeOf } from '../../../go/print.ts';
import { sortedKeys } from '../../../go/utf8.ts';
import { type GoFunction, type GoMap, GoPanic, type GoValue, isMap, typeTag } from '../../../go/value.ts';
import { toText } from './cast.ts';
import { effect, effectVariadic } from './define.ts';
import { mergeInto } from './merge.ts';
import { checkWritable } from './nil.ts';
import { stringList } from './split.ts';

const DICT = 'map[string]any';

/** Dictionaries. set, unset and the merges change their first argument, visibly to every holder of it. */
export function dictFunctions(): GoFunction[] {
  return [
    effectVariadic('dict', ['any'], makeDict),
    effect('get', [DICT, 'string'], (map: GoMap | null, key: string) => map?.get(key) ?? missing(map, key)),
    effect('set', [DICT, 'string', 'any'], set),
    effect('unset', [DICT, 'string'], unset),
    effect('hasKey', [DICT, 'string'], (map: GoMap | null, key: string) => map?.has(key) ?? false),
    effectVariadic('pluck', ['string', DICT], pluck),
    effectVariadic('keys', [DICT], keys),
    effect('values', [DICT], values),
    effectVariadic('pick', [DICT, 'string'], pick),
    effectVariadic('omit', [DICT, 'string'], omit),
    ...mergeFunctions(),
    effectVariadic('dig', ['any'], dig),
  ];
}

function mergeFunctions(): GoFunction[] {
  const keep = (into: GoMap | null, ...from: (GoMap | null)[]) => mergeInto(into, from, false);
  const overwrite = (into: GoMap | null, ...from: (GoMap | null)[]) => mergeInto(into, from, true);
  return [
    effectVariadic('merge', [DICT, DICT], keep),
    effectVariadic('mustMerge', [DICT, DICT], keep),
    effectVariadic('mergeOverwrite', [DICT, DICT], overwrite),
    effectVariadic('mustMergeOverwrite', [DICT, DICT], overwrite),
  ];
}

/** What get gives for a key whose value is nil, or that is not there. */
function missing(map: GoMap | null, key: string): GoValue {
  return map?.has(key) ? null : '';
}

/** A key without a value gets "". */
function makeDict(...parts: GoValue[]): GoMap {
  const out: GoMap = new Map();
  for (let i = 0; i < parts.length; i += 2) {
    const key = parts[i] as GoValue;
    out.set(typeof key === 'string' ? key : toText(key), parts[i + 1] ?? (i + 1 < parts.length ? null : ''));
  }
  return out;
}

function set(map: GoMap | null, key: string, value: GoValue): GoMap {
  checkWritable(map);
  return map.set(key, value);
}

function unset(map: GoMap | null, key: string): GoMap | null {
  map?.delete(key);
  return map;
}

function pluck(key: string, ...maps: (GoMap | null)[]): GoValue[] {
  const out: GoValue[] = [];
  for (const map of maps) if (map?.has(key)) out.push(map.get(key) as GoValue);
  return out;
}

/** Go gives keys in random order; here they are sorted, so that one input has one output. */
function keys(...maps: (GoMap | null)[]): GoValue[] {
  return stringList(maps.flatMap((map) => (map === null ? [] : sortedKeys(map))));
}

function values(map: GoMap | null): GoValue[] {
  return map === null ? [] : sortedKeys(map).map((key) => map.get(key) as GoValue);
}

function pick(map: GoMap | null, ...wanted: string[]): GoMap {
  const out: GoMap = new Map();
  for (const key of wanted) {
    const value = map?.get(key);
    if (value !== undefined) out.set(key, value);
  }
  return out;
}

function omit(map: GoMap | null, ...unwanted: string[]): GoMap {
  const out: GoMap = new Map();
  for (const [key, value] of map ?? []) if (!unwanted.includes(key)) out.set(key, value);
  return out;
}

/** dig "a" "b" default dict: the value at a path, or the default where a key is missing. */
function dig(...parts: GoValue[]): GoValue {
  if (parts.length < 3) throw new GoPanic('dig needs at least three arguments');
  let at = plainMap(parts.at(-1) as GoValue);
  const path = parts.slice(0, -2).map(plainString);
  for (let i = 0; i < path.length; i++) {
    const step = at.get(path[i] as string);
    if (step === undefined) return parts.at(-2) as GoValue;
    if (i === path.length - 1) return step;
    at = plainMap(step);
  }
  return null;
}

/** Go asserts the exact type: common.Values is not map[string]interface {}. */
function plainMap(v: GoValue): GoMap {
  if (isMap(v) && typeTag(v) === undefined) return v;
  throw new GoPanic(`interface conversion: interface {} is ${typeName(v)}, not map[string]interface {}`);
}

function plainString(v: GoValue): string {
  if (typeof v === 'string') return v;
  throw new GoPanic(`interface conversion: interface {} is ${typeName(v)}, not string`);
}

function typeName(v: GoValue): string {
  return v === null ? 'nil' : typeOf(v);
}
