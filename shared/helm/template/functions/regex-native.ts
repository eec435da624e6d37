/*
 * RE2 in JS costs several times what the built-in RegExp does. A pattern of a small grammar, in which both give the same
 * matches on ASCII text, is handed to RegExp; a bound on the work keeps its backtracking from ever running away.
 */

/** A pattern that RegExp may run. */
export interface NativePattern {
  readonly regexp: RegExp;
  /** How often backtracking can multiply with the text's length: the exponent of its worst case. */
  readonly order: number;
}

const CLASS = String.raw`\[\^?-?(?:[A-Za-z0-9]-[A-Za-z0-9]|[A-Za-z0-9_ .,:;/@=+*?!#%&<>~'"()|{}$]|\\[.\-/\\+*?()|{}$^dw])*-?\]`;
const ESCAPE = String.raw`\\[-.+*?()|{}$^/\\\[\]dwDWtnr]`;
const TOKEN = new RegExp(
  String.raw`(?<class>${CLASS})|(?<anchor>[\^$]|\\b)|(?<escape>${ESCAPE})|(?<space>\\[sS])|(?<dot>\.)|(?<open>\((?:\?:)?(?![?*+]))|(?<close>\)\??)|(?<or>\|)|(?<repeat>(?:[*+]|\{[0-9]{1,3}(?:,[0-9]{0,3})?\})\??)|(?<maybe>\?\??)|(?<literal>[A-Za-z0-9_ ,:;/@=!#%&<>~'"-]+)`,
  'y',
);
const MAX_CHOICES = 4;

/** The pattern for RegExp, or undefined where only RE2 will do. `source` must be valid RE2. */
export function nativePattern(source: string): NativePattern | undefined {
  let out = '';
  let repeats = 0;
  let choices = 0;
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < source.length) {
    const groups = TOKEN.exec(source)?.groups;
    if (groups === undefined) return undefined;
    if (groups['repeat'] !== undefined) repeats++;
    if (groups['maybe'] !== undefined || groups['or'] !== undefined || groups['close'] === ')?') choices++;
    out += translate(groups);
  }
  if (choices > MAX_CHOICES || differs(source)) return undefined;
  const anchored = source.startsWith('^') && !source.includes('|');
  return { regexp: new RegExp(out, 'g'), order: repeats + (anchored ? 0 : 1) };
}

/**
 * Whether the two may differ: RegExp cannot repeat an anchor, and an optional group that prefers to match nothing does so
 * in RE2 but not in RegExp. A repeated group is RE2's matter too: nested repeats are what runs away.
 */
function differs(source: string): boolean {
  if (/\)\??[*+{]|(?:[\^$]|\\b)[*+?{]/.test(source)) return true;
  return source.includes(')?') && (source.includes('|') || /[*+?}]\?/.test(source));
}

function translate(groups: Record<string, string | undefined>): string {
  if (groups['dot'] !== undefined) return '[^\\n]';
  if (groups['space'] === '\\s') return '[\\t\\n\\f\\r ]';
  if (groups['space'] === '\\S') return '[^\\t\\n\\f\\r ]';
  return Object.values(groups).find((text) => text !== undefined) ?? '';
}

const MAX_STEPS = 1_000_000;

/** Whether the worst case on a text of that length is bearable. */
export function isCheap(pattern: NativePattern, length: number): boolean {
  return length ** pattern.order <= MAX_STEPS;
}
