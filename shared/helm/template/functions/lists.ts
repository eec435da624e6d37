import { kindOf } from '../../../go/print.ts';
import { GoError, type GoFunction, GoInt, GoPanic, type GoValue, tagType, typeTag } from '../../../go/value.ts';
import { isEmpty, toInt64 } from './cast.ts';
import { deepEqual } from './deep.ts';
import { effect, effectVariadic, withAliases, withMust } from './define.ts';
import { checkListSize, Visits } from './limits.ts';
import { NIL_LIST, nilPointer } from './nil.ts';

/** Lists: none changes its argument. */
export function listFunctions(): GoFunction[] {
  const append = effect('append', ['any', 'any'], (list: GoValue, v: GoValue) => [
    ...items(list, 'Cannot push on type'),
    v,
  ]);
  return [
    ...withAliases(effectVariadic('list', ['any'], makeList), 'tuple'),
    ...withMust(append),
    ...withMust({ ...append, name: 'push' }),
    ...withMust(
      effect('prepend', ['any', 'any'], (list: GoValue, v: GoValue) => [v, ...items(list, 'Cannot prepend on type')]),
    ),
    ...withMust(effect('first', ['any'], (list: GoValue) => items(list, 'Cannot find first on type')[0] ?? null)),
    ...withMust(effect('last', ['any'], (list: GoValue) => items(list, 'Cannot find last on type').at(-1) ?? null)),
    ...withMust(effect('rest', ['any'], (list: GoValue) => orNil(items(list, 'Cannot find rest on type'), 1))),
    ...withMust(
      effect('initial', ['any'], (list: GoValue) => orNil(items(list, 'Cannot find initial on type'), 0, -1)),
    ),
    ...withMust(effect('reverse', ['any'], (list: GoValue) => items(list, 'Cannot find reverse on type').toReversed())),
    ...withMust(
      effect('compact', ['any'], (list: GoValue) => items(list, 'Cannot compact on type').filter((v) => !isEmpty(v))),
    ),
    ...withMust(effect('uniq', ['any'], uniq)),
    ...withMust({ ...effectVariadic('without', ['any', 'any'], without) }),
    ...withMust(effect('has', ['any', 'any'], has)),
    ...withMust(effectVariadic('slice', ['any', 'any'], slice)),
    ...withMust(effect('chunk', ['int', 'any'], chunk)),
    effectVariadic('concat', ['any'], concat),
  ];
}

function makeList(...values: GoValue[]): GoValue[] {
  return values;
}

/** A list's items; `complaint` is the start of the error for what is no list. */
function items(list: GoValue, complaint: string): GoValue[] {
  if (Array.isArray(list)) return list;
  if (list === null) throw nilPointer();
  if (list instanceof Uint8Array) return Array.from(list, (byte) => new GoInt(byte, 'uint8'));
  throw new GoError(`${complaint} ${kindOf(list)}`);
}

/** Part of a list; of an empty list a nil one. */
function orNil(list: GoValue[], from: number, to?: number): GoValue[] {
  return list.length === 0 ? NIL_LIST : list.slice(from, to);
}

function uniq(list: GoValue): GoValue[] {
  const seen = new Set<GoValue>();
  const large: GoValue[] = [];
  const visits = new Visits('uniq');
  return items(list, 'Cannot find uniq on type').filter((item) => {
    const key = simpleKey(item);
    if (key === undefined) {
      if (large.some((other) => deepEqual(item, other, visits))) return false;
      large.push(item);
      return true;
    }
    if (seen.has(key) && !Number.isNaN(key)) return false;
    seen.add(key);
    return true;
  });
}

/** What tells values without parts from each other: an integer's kind and value, or the value itself. */
function simpleKey(v: GoValue): GoValue | undefined {
  if (typeof v !== 'object' || v === null) return typeof v === 'string' ? `s${v}` : v;
  return v instanceof GoInt ? `i${v.kind} ${v.value}` : undefined;
}

function contains(list: readonly GoValue[], wanted: GoValue): boolean {
  for (let i = 0; i < list.length; i++) if (deepEqual(wanted, list[i] as GoValue)) return true;
  return false;
}

function without(list: GoValue, ...omit: GoValue[]): GoValue[] {
  return items(list, 'Cannot find without on type').filter((item) => !contains(omit, item));
}

function has(wanted: GoValue, list: GoValue): boolean {
  return list !== null && contains(items(list, 'Cannot find has on type'), wanted);
}

function slice(list: GoValue, ...indices: GoValue[]): GoValue {
  const all = items(list, 'list should be type of slice or array but');
  if (all.length === 0) return null;
  const from = indices.length > 0 ? toInt64(indices[0] as GoValue) : 0;
  const to = indices.length > 1 ? toInt64(indices[1] as GoValue) : all.length;
  if (from < 0 || to < from || to > all.length) throw new GoPanic('reflect.Value.Slice: slice index out of bounds');
  if (list instanceof Uint8Array) return list.subarray(Number(from), Number(to));
  const out = all.slice(Number(from), Number(to));
  const tag = typeTag(all);
  return tag === undefined ? out : tagType(out, tag);
}

function chunk(given: number, list: GoValue): GoValue[] {
  const size = Number(given);
  const all = items(list, 'Cannot chunk type');
  if (size <= 0) return oddChunk(size, all);
  const out: GoValue[] = [];
  for (let at = 0; at < all.length; at += size) out.push(all.slice(at, at + size));
  return tagType(out, '[][]interface {}');
}

/** Where Go's arithmetic ends for a size that is not positive: mostly in a panic. */
function oddChunk(size: number, all: GoValue[]): GoValue[] {
  const count = Math.floor((all.length - 1) / size) + 1;
  if (size < -1 && all.length === 1) return tagType([all.slice()], '[][]interface {}');
  if (count !== 0 || !Number.isFinite(count)) throw new GoPanic('runtime error: makeslice: len out of range');
  return tagType([], '[][]interface {}');
}

function concat(...lists: GoValue[]): GoValue[] {
  let out: GoValue[] = [];
  for (const list of lists) {
    const added = concatItems(list);
    checkListSize('concat', out.length + added.length);
    out = out.concat(added);
  }
  return out.length === 0 ? NIL_LIST : out;
}

function concatItems(list: GoValue): GoValue[] {
  const plain = Array.isArray(list) || list instanceof Uint8Array || list === null;
  if (!plain) throw new GoPanic(`Cannot concat type ${kindOf(list)} as list`);
  return items(list, '');
}
