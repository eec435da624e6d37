/** The order in which go-yaml writes the keys of a map: letters after the rest, numbers inside by value. */

const LETTER = /^\p{L}$/u;
const DIGIT = /^\p{Nd}$/u;

function isLetter(c: number): boolean {
  if (c < 128) return (c >= 0x61 && c <= 0x7a) || (c >= 0x41 && c <= 0x5a);
  return LETTER.test(String.fromCodePoint(c));
}

function isDigit(c: number): boolean {
  if (c < 128) return c >= 0x30 && c <= 0x39;
  return DIGIT.test(String.fromCodePoint(c));
}

function codePoints(s: string): number[] {
  // A byte that is not UTF-8 counts as U+FFFD, as in a Go conversion to []rune.
  return Array.from(s.toWellFormed(), (c) => c.codePointAt(0) as number);
}

/** Compares two keys: negative when `a` is written first. `version` 3 puts letters before other signs after a digit. */
export function compareKeys(a: string, b: string, version: 2 | 3): number {
  const n = Math.min(a.length, b.length);
  for (let i = 0; i < n; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x === y && x < 0xd800) continue;
    if (x > 127 || y > 127) return compareRunes(codePoints(a), codePoints(b), version);
    if (isLetter(x) && isLetter(y)) return x - y;
    return compareAt(a, b, i, (s, j) => s.charCodeAt(j), version);
  }
  return a.length - b.length;
}

function compareRunes(a: number[], b: number[], version: 2 | 3): number {
  const n = Math.min(a.length, b.length);
  for (let i = 0; i < n; i++) {
    if (a[i] !== b[i]) return compareAt(a, b, i, (s, j) => s[j] as number, version);
  }
  return a.length - b.length;
}

/** Decides at the first difference `i`. `at` reads a code point of a key. */
function compareAt<T extends { length: number }>(
  a: T,
  b: T,
  i: number,
  at: (s: T, j: number) => number,
  version: 2 | 3,
): number {
  const x = at(a, i);
  const y = at(b, i);
  const xLetter = isLetter(x);
  const yLetter = isLetter(y);
  if (xLetter && yLetter) return x - y;
  if (xLetter || yLetter) {
    const afterDigit = version === 3 && i > 0 && isDigit(at(a, i - 1));
    return (afterDigit ? xLetter : yLetter) ? -1 : 1;
  }
  const start = x === 0x30 || y === 0x30 ? leadingDigits(a, i, at) : 0;
  const xEnd = digitsEnd(a, i, at);
  const yEnd = digitsEnd(b, i, at);
  const order =
    Math.max(xEnd, yEnd) - i < SAFE_DIGITS ? compareSmall(a, b, i, start, at) : compareBig(a, b, i, start, at);
  if (order !== 0) return order;
  return xEnd !== yEnd ? xEnd - yEnd : x - y;
}

type At<T> = (s: T, j: number) => number;

/** Digits that a float64 holds exactly, one more for what leadingDigits gives. */
const SAFE_DIGITS = 15;

/** 1 when a non-zero digit runs up to the difference: then a zero there counts as a place and not as padding. */
function leadingDigits<T>(s: T, i: number, at: At<T>): number {
  for (let j = i - 1; j >= 0 && isDigit(at(s, j)); j--) {
    if (at(s, j) !== 0x30) return 1;
  }
  return 0;
}

function digitsEnd<T extends { length: number }>(s: T, i: number, at: At<T>): number {
  let j = i;
  while (j < s.length && isDigit(at(s, j))) j++;
  return j;
}

function compareSmall<T extends { length: number }>(a: T, b: T, i: number, start: number, at: At<T>): number {
  return smallNumber(a, i, start, at) - smallNumber(b, i, start, at);
}

function smallNumber<T extends { length: number }>(s: T, i: number, start: number, at: At<T>): number {
  let n = start;
  for (let j = i; j < s.length && isDigit(at(s, j)); j++) n = n * 10 + at(s, j) - 0x30;
  return n;
}

function compareBig<T extends { length: number }>(a: T, b: T, i: number, start: number, at: At<T>): number {
  const x = bigNumber(a, i, start, at);
  const y = bigNumber(b, i, start, at);
  return x === y ? 0 : x < y ? -1 : 1;
}

/** As an int64 that overflows. */
function bigNumber<T extends { length: number }>(s: T, i: number, start: number, at: At<T>): bigint {
  let n = BigInt(start);
  for (let j = i; j < s.length && isDigit(at(s, j)); j++) n = BigInt.asIntN(64, n * 10n + BigInt(at(s, j) - 0x30));
  return n;
}

/** The keys of a map in the order in which go-yaml v2 or v3 writes them. */
export function naturalKeys(map: ReadonlyMap<string, unknown>, version: 2 | 3): string[] {
  const keys = [...map.keys()];
  for (let i = 1; i < keys.length; i++) {
    if (compareKeys(keys[i - 1] as string, keys[i] as string, version) > 0) {
      return keys.sort((a, b) => compareKeys(a, b, version));
    }
  }
  return keys;
}
