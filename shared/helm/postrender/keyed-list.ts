/** Lists whose items are told apart by the text of some fields, with the corner cases of kustomize's list setter. */
import { GoInt, type GoValue } from '../../go/value.ts';
import { scalarText } from './types.ts';

/** A field's text, '' for what is absent, null, or not a scalar. */
export function fieldText(item: GoValue, key: string): string {
  return item instanceof Map ? textOf(item.get(key)) : '';
}

function textOf(value: GoValue | undefined): string {
  return value instanceof GoInt ? String(value.value) : scalarText(value);
}

/** Null, absent, or a map without entries: no item of a keyed list. */
export function isBlank(value: GoValue | undefined): boolean {
  return value === undefined || value === null || (value instanceof Map && value.size === 0);
}

/** Whether an item has all fields with these texts. */
function matches(item: GoValue, keys: readonly string[], texts: readonly string[], emptyIsAny: boolean): boolean {
  if (!(item instanceof Map)) return false;
  return keys.every((key, at) => {
    const value = item.get(key);
    return value !== undefined && ((emptyIsAny && texts[at] === '') || textOf(value) === texts[at]);
  });
}

/** The first item with these fields. */
export function findItem(
  list: readonly GoValue[],
  keys: readonly string[],
  texts: readonly string[],
): GoValue | undefined {
  return list.find((item) => matches(item, keys, texts, false));
}

/**
 * Replaces each item that has these fields, or removes them when there is no new one; one that replaces none is added. An
 * empty text stands for any value: kustomize removes all items that have a key when one without it is merged.
 */
export function setItem(
  list: GoValue[],
  item: GoValue | undefined,
  keys: readonly string[],
  texts: readonly string[],
): void {
  let replaced = false;
  const kept: GoValue[] = [];
  for (const one of list) {
    if (isBlank(one)) continue;
    if (!matches(one, keys, texts, true)) {
      kept.push(one);
      continue;
    }
    replaced = true;
    if (item !== undefined) kept.push(item);
  }
  if (item !== undefined && !replaced) kept.push(item);
  list.splice(0, list.length, ...kept);
}

/**
 * Puts items after those of a list, in the place of one with the same fields. With several keys such an item loses its place,
 * and an item that lacks a key takes out all that agree in the keys that it has: so kustomize does.
 */
export function appendItems(list: GoValue[], items: readonly GoValue[], keys: readonly string[]): GoValue[] {
  for (const item of items) {
    if (!(item instanceof Map)) {
      list.push(item);
      continue;
    }
    const present = keys.filter((key) => item.has(key));
    for (let missing = keys.length - present.length; missing > 0; missing--) list.push(item);
    const texts = present.map((key) => fieldText(item, key));
    if (keys.length > 1) setItem(list, undefined, present, texts);
    setItem(list, item, present, texts);
  }
  return list;
}
