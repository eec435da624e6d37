import { parseInt64 } from '../../../go/strconv.ts';
import { sortStrings } from '../../../go/utf8.ts';
import { type GoFunction, GoInt, type GoValue, goInt, tagType, typeTag } from '../../../go/value.ts';
import { toText } from './cast.ts';
import { effect, pure } from './define.ts';
import { checkListSize } from './limits.ts';

/** Joining and splitting, and lists of strings. */
export function splitFunctions(): GoFunction[] {
  return [
    pure('join', ['string', 'any'], (sep: string, list: GoValue) => toStrings(list).join(sep)),
    effect('split', ['string', 'string'], (sep: string, s: string) => numbered(splitString(s, sep, -1))),
    effect('splitn', ['string', 'int', 'string'], (sep: string, n: number, s: string) =>
      numbered(splitString(s, sep, n)),
    ),
    effect('splitList', ['string', 'string'], (sep: string, s: string) => stringList(splitString(s, sep, -1))),
    effect('toStrings', ['any'], (v: GoValue) => stringList(toStrings(v))),
    effect('sortAlpha', ['any'], sortAlpha),
    pure('atoi', ['string'], atoi),
  ];
}

/** Marks a list as []string. */
export function stringList(items: string[]): GoValue[] {
  return tagType(items as GoValue[], '[]string');
}

/** Sprig's strslice: a list's items as text without nil ones; anything else as a list of one; nil as none. */
export function toStrings(v: GoValue): string[] {
  if (Array.isArray(v)) {
    if (typeTag(v) === '[]string') return v as string[];
    const out: string[] = [];
    for (let i = 0; i < v.length; i++) {
      const item = v[i] as GoValue;
      if (item !== null) out.push(typeof item === 'string' ? item : toText(item));
    }
    return out;
  }
  if (v instanceof Uint8Array) return Array.from(v, String);
  return v === null ? [] : [toText(v)];
}

/** strings.SplitN: n < 0 is all parts, 0 is none, else at most n; an empty separator splits into characters. */
export function splitString(s: string, sep: string, n: number): string[] {
  if (n === 0) return [];
  if (sep === '') checkListSize('split', s.length / 2);
  const parts = sep === '' ? Array.from(s) : s.split(sep);
  checkListSize('split', parts.length);
  if (n < 0 || parts.length <= n) return parts;
  const rest = parts.splice(n - 1);
  parts.push(rest.join(sep));
  return parts;
}

function numbered(parts: string[]): GoValue {
  const out = new Map<string, GoValue>();
  for (let i = 0; i < parts.length; i++) out.set(`_${i}`, parts[i] as string);
  return tagType(out, 'map[string]string');
}

/** Sorts by bytes. A []string is sorted in place, as in Go; anything else is copied. */
function sortAlpha(v: GoValue): GoValue {
  if (Array.isArray(v) || v instanceof Uint8Array) return stringList(sortStrings(toStrings(v)));
  return stringList([toText(v)]);
}

const MAX_INT64 = 9223372036854775807n;

/** strconv.Atoi without its error: 0 for what is no number, the nearest int for what does not fit. */
function atoi(s: string): GoInt {
  const value = parseInt64(s, 10);
  if (value !== undefined) return goInt(value);
  if (!/^[+-]?[0-9]+$/.test(s)) return new GoInt(0, 'int');
  return new GoInt(s.startsWith('-') ? -MAX_INT64 - 1n : MAX_INT64, 'int');
}
