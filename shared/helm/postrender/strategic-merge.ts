/**
 * Strategic merge as kustomize does it, which is not kubectl's: items of a patch go before those of the object, lists merge
 * only in kinds that kustomize has a schema of, and of the directives only `$patch` (delete, replace, merge) is known.
 * Values are changed in place: callers hand in copies.
 */
import type { GoMap, GoValue } from '../../go/value.ts';
import { EMPTY_NULL } from './decode.ts';
import { appendItems, fieldText, findItem, isBlank, setItem } from './keyed-list.ts';
import { fieldShape, itemShape, type Shape } from './merge-keys.ts';
import { PostRenderError } from './types.ts';

type Maybe = GoValue | undefined;

/**
 * Merges a patch into a value; undefined when nothing is left of it.
 *
 * @param shape what is known of the value's lists
 * @throws PostRenderError when the two are of different types at some field
 */
export function strategicMerge(value: Maybe, patch: Maybe, shape: Shape | undefined, path = ''): Maybe {
  const first = isNull(value) ? patch : value;
  if (first instanceof Map) {
    expect(value, patch, path, (one) => one instanceof Map, 'a map');
    return mergeMap(value, patch, shape, path);
  }
  if (Array.isArray(first)) {
    expect(value, patch, path, Array.isArray, 'a list');
    const keys = shape?.keys;
    if (keys === undefined) return patch === undefined ? value : patch;
    return mergeKeyed(
      value as GoValue[] | null | undefined,
      patch as GoValue[] | null | undefined,
      keys,
      shape ?? {},
      path,
    );
  }
  if (isNull(first)) return isNull(patch) && patch !== undefined ? patch : value;
  expect(value, patch, path, (one) => !(one instanceof Map) && !Array.isArray(one), 'a scalar');
  return patch === undefined ? value : patch;
}

function isNull(value: Maybe): value is null | undefined {
  return value === undefined || value === null || value === EMPTY_NULL;
}

function expect(value: Maybe, patch: Maybe, path: string, fits: (value: GoValue) => boolean, wanted: string): void {
  for (const [what, one] of [
    ['object', value],
    ['patch', patch],
  ] as const) {
    if (!isNull(one) && !fits(one)) {
      throw new PostRenderError(`the ${what} has at ${path === '' ? 'its root' : path} something other than ${wanted}`);
    }
  }
}

function mergeMap(value: Maybe, patch: Maybe, shape: Shape | undefined, path: string): Maybe {
  const into = startMap(value as GoMap | null | undefined, patch as GoMap | null | undefined, path);
  if (into === undefined) return undefined;
  const names = new Set(into.keys());
  if (patch instanceof Map) for (const key of patch.keys()) names.add(key);
  for (const name of names) {
    const before = into.get(name);
    const change = patch instanceof Map ? patch.get(name) : undefined;
    const merged = strategicMerge(before, change, fieldShape(shape, name), path === '' ? name : `${path}.${name}`);
    // A null that is written and that the patch does not name stays.
    const isKept = merged !== undefined && (!isNull(merged) || (merged === null && change === undefined));
    if (!isKept) into.delete(name);
    else into.set(name, merged);
  }
  return into;
}

/** The map that the merge goes on with; undefined to delete it. */
function startMap(value: GoMap | null | undefined, patch: GoMap | null | undefined, path: string): GoMap | undefined {
  if (isNull(value)) {
    if (isNull(patch)) return undefined;
    return takeDirective(patch, path) === 'delete' ? undefined : patch;
  }
  if (patch === null) return undefined;
  const directive = patch === undefined ? 'merge' : takeDirective(patch, path);
  if (directive === 'delete') return undefined;
  return directive === 'replace' ? (patch as GoMap) : value;
}

const DIRECTIVE = '$patch';

/** Reads the directive of a map and removes it. */
function takeDirective(patch: GoMap, path: string): string {
  const directive = patch.get(DIRECTIVE);
  if (isNull(directive)) return 'merge';
  patch.delete(DIRECTIVE);
  return known(directive, path);
}

/** The same for a list: an item that has nothing but the directive is for the list. */
function takeListDirective(patch: GoValue[], path: string): string {
  const holder = patch.find((item) => item instanceof Map && item.has(DIRECTIVE)) as GoMap | undefined;
  if (holder === undefined || holder.size > 1) return 'merge';
  const directive = known(holder.get(DIRECTIVE) as GoValue, path);
  setItem(patch, undefined, [DIRECTIVE], [directive]);
  return directive;
}

function known(directive: GoValue, path: string): string {
  if (directive === 'delete' || directive === 'replace' || directive === 'merge') return directive;
  throw new PostRenderError(`unknown patch strategy '${String(directive)}' at ${path === '' ? 'the root' : path}`);
}

function mergeKeyed(
  value: GoValue[] | null | undefined,
  patch: GoValue[] | null | undefined,
  keys: readonly string[],
  shape: Shape,
  path: string,
): Maybe {
  const list = startList(value, patch, path);
  if (list === undefined) return undefined;
  // `patch` and `list` are one when the patch brings the list: then its items are merged with themselves.
  const lists = { value: list, patch: patch ?? undefined };
  if (keys.length === 0) return mergePrimitives(lists);
  return mergeItems(lists, keys, itemShape(shape), path);
}

function startList(
  value: GoValue[] | null | undefined,
  patch: GoValue[] | null | undefined,
  path: string,
): GoValue[] | undefined {
  if (isNull(value)) return patch ?? undefined;
  if (patch === null) return undefined;
  const directive = patch === undefined ? 'merge' : takeListDirective(patch, path);
  if (directive === 'delete') return undefined;
  return directive === 'replace' ? patch : value;
}

interface Lists {
  readonly value: GoValue[];
  readonly patch: GoValue[] | undefined;
}

function mergePrimitives({ value, patch }: Lists): GoValue[] {
  const merged: GoValue[] = [];
  for (const item of [...(patch ?? []), ...value]) if (!merged.includes(item)) merged.push(item);
  return merged;
}

/** Merges items that have the same keys. Those of the patch come first, in its order. */
function mergeItems(
  { value, patch }: Lists,
  keys: readonly string[],
  shape: Shape | undefined,
  path: string,
): GoValue[] {
  const ids = identities([...(patch ?? []), ...value], keys);
  if (ids.length === 0) return value;
  const used = keys.filter((_, at) => ids.some((id) => id[at] !== ''));
  const valid = used.length === 0 ? keys : used;
  const merged: GoValue[] = [];
  for (const id of ids) {
    const texts = id.filter((_, at) => valid.includes(keys[at] as string));
    const own = withText(valid, texts);
    const item = strategicMerge(
      findItem(value, own.keys, own.texts),
      patch === undefined ? undefined : findItem(patch, own.keys, own.texts),
      shape,
      `${path}[${texts.join(',')}]`,
    );
    if (isBlank(item)) {
      setItem(value, undefined, valid, texts);
      continue;
    }
    if (item instanceof Map) for (const [at, key] of valid.entries()) addKey(item, key, texts[at] as string);
    setItem(merged, item, valid, texts);
  }
  return appendItems(merged, value, valid);
}

function addKey(item: GoMap, key: string, text: string): void {
  if (!item.has(key) && text !== '') item.set(key, text);
}

function withText(
  keys: readonly string[],
  texts: readonly string[],
): { keys: readonly string[]; texts: readonly string[] } {
  const at = keys.map((_, index) => index).filter((index) => texts[index] !== '');
  if (at.length === 0) return { keys, texts };
  return { keys: at.map((index) => keys[index] as string), texts: at.map((index) => texts[index] as string) };
}

/** The different key values of items; with several keys, those that only lack one take it from another that has it. */
function identities(items: readonly GoValue[], keys: readonly string[]): string[][] {
  const ids: string[][] = [];
  for (const item of items) {
    const id = keys.map((key) => fieldText(item, key));
    if (!ids.some((other) => sameTexts(other, id))) ids.push(id);
  }
  if (keys.length > 1) {
    for (let i = 0; i < ids.length; i++) {
      for (let j = 0; j < ids.length; j++) {
        const both = combined(ids[i] as string[], ids[j] as string[]);
        if (both === undefined) continue;
        ids[i] = both;
        ids[j] = both;
      }
    }
  }
  return ids;
}

function sameTexts(a: readonly string[], b: readonly string[]): boolean {
  return a.every((text, at) => text === b[at]);
}

function combined(a: readonly string[], b: readonly string[]): string[] | undefined {
  if (!a.some((text, at) => text === b[at])) return undefined;
  if (a.some((text, at) => text !== '' && b[at] !== '' && text !== b[at])) return undefined;
  return a.map((text, at) => (text === '' ? (b[at] as string) : text));
}
