import { RE2JS } from 're2js';
import { isAscii } from '../../../go/utf8.ts';
import { GoError } from '../../../go/value.ts';
import { isCheap, type NativePattern, nativePattern } from './regex-native.ts';

/** One match: where it is, and the text of each group (undefined where a group took no part). */
export interface Found {
  readonly start: number;
  readonly end: number;
  readonly groups: readonly (string | undefined)[];
}

/** Finds the leftmost match that starts at `from` or after; anchors see the whole text. */
export type Finder = (from: number) => Found | undefined;

/** A compiled regular expression of Go. */
export interface RegexProgram {
  readonly names: Readonly<Record<string, number>>;
  /** A finder for one text. */
  on(text: string): Finder;
}

const MAX_CACHED = 500;
const cache = new Map<string, RegexProgram>();

/** Compiles by RE2's grammar, through a cache. Throws GoError with Go's text. */
export function compileRegex(source: string): RegexProgram {
  const known = cache.get(source);
  if (known !== undefined) return known;
  const program = compile(source);
  if (cache.size >= MAX_CACHED) cache.delete(cache.keys().next().value as string);
  cache.set(source, program);
  return program;
}

function compile(source: string): RegexProgram {
  const re2 = compileRe2(source);
  const native = nativePattern(source);
  return {
    names: re2.namedGroups(),
    on: (text) =>
      native !== undefined && isCheap(native, text.length) && isAscii(text)
        ? nativeFinder(native, text)
        : re2Finder(re2, text),
  };
}

function compileRe2(source: string): RE2JS {
  try {
    return RE2JS.compile(source);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    // Go ends every such message with the part of the pattern that it means; here it is empty.
    throw new GoError(message.endsWith('end of expression') ? `${message}: \`\`` : message);
  }
}

function nativeFinder(pattern: NativePattern, text: string): Finder {
  const { regexp } = pattern;
  return (from) => {
    regexp.lastIndex = from;
    const match = regexp.exec(text);
    return match ? { start: match.index, end: match.index + match[0].length, groups: match } : undefined;
  };
}

function re2Finder(re2: RE2JS, text: string): Finder {
  const matcher = re2.matcher(text);
  const count = re2.groupCount();
  return (from) => {
    if (!matcher.find(from)) return undefined;
    const groups: (string | undefined)[] = [];
    for (let i = 0; i <= count; i++) groups.push(matcher.group(i) ?? undefined);
    return { start: matcher.start(), end: matcher.end(), groups };
  };
}
