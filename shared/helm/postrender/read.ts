/**
 * Reads documents as kustomize does (go-yaml v3), which differs from how Helm reads them (go-yaml v2): `yes` and `on` are
 * strings, dates become RFC 3339 times, a key that stands twice and a key that is not a string are errors.
 */
import type { GoMap, GoValue } from '../../go/value.ts';
import { parseFast } from '../../yaml/fast.ts';
import { Parser } from '../../yaml/parser.ts';
import { decodeV3 } from './decode.ts';

/** Text in which the two readers may differ, roughly: words, dates, long numbers and keys that may not be strings. */
const MAY_DIFFER = new RegExp(
  [
    String.raw`(?:^|[\s,[{])(?:[yYnN]|[yY]es|YES|[nN]o|NO|[oO]n|ON|[oO]ff|OFF)[ \t]*(?:[\n,\]}:#]|$)`,
    '[0-9]{4}-[0-9]{1,2}-[0-9]',
    '[0-9_]{16}',
    String.raw`(?:^|[\s{,])(?:[-+.]?[0-9][^\s"':]*|[-+]?\.[a-zA-Z]{3}|[tT]rue|TRUE|[fF]alse|FALSE|[nN]ull|NULL|~|<<):[ \n]`,
  ].join('|'),
);

/** The first document of a text, null when there is none. Throws Error in go-yaml's words. */
export function readDocument(text: string): GoValue {
  if (!MAY_DIFFER.test(text)) {
    const fast = parseFast(text, true);
    if (fast !== undefined) return fast;
  }
  const node = new Parser(text).document();
  return node === undefined ? null : decodeV3(node);
}

interface Read {
  readonly text: string;
  readonly value: GoValue;
}

const known = new WeakMap<GoMap, Read>();

/**
 * As readDocument for a document that Helm has read already. What was read is kept with Helm's object, so that a document
 * which did not change since the last render is not read again. Shared: do not change it.
 */
export function readRendered(text: string, object: GoValue): GoValue {
  if (!(object instanceof Map)) return readDocument(text);
  const before = known.get(object);
  if (before?.text === text) return before.value;
  const value = readDocument(text);
  known.set(object, { text, value });
  return value;
}

/** As readDocument, with nulls that have no text as EMPTY_NULL. Not shared. */
export function readMarked(text: string): GoValue {
  const node = new Parser(text).document();
  return node === undefined ? null : decodeV3(node, true);
}

/** All documents of a text that have content. Throws Error in go-yaml's words. */
export function readAll(text: string): GoValue[] {
  const parser = new Parser(text);
  const values: GoValue[] = [];
  for (let node = parser.document(); node !== undefined; node = parser.document()) {
    const value = decodeV3(node);
    if (value !== null) values.push(value);
  }
  return values;
}
