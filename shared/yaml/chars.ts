/** Character classes of YAML 1.1 as libyaml's scanner has them; 0 stands for the end of the text. */

export function isBreakChar(c: number): boolean {
  return c === 0x0a || c === 0x0d || c === 0x85 || c === 0x2028 || c === 0x2029;
}

export function isBlankChar(c: number): boolean {
  return c === 0x20 || c === 0x09;
}

/** A line break or the end. */
export function isBreakOrEnd(c: number): boolean {
  return c === 0 || isBreakChar(c);
}

/** A blank, a line break or the end. */
export function isSpaceOrEnd(c: number): boolean {
  return c === 0x20 || c === 0x09 || c === 0 || isBreakChar(c);
}

export function isDigitChar(c: number): boolean {
  return c >= 0x30 && c <= 0x39;
}

/** A letter, digit, `_` or `-` of ASCII. */
export function isWordChar(c: number): boolean {
  return isDigitChar(c) || (c >= 0x41 && c <= 0x5a) || (c >= 0x61 && c <= 0x7a) || c === 0x5f || c === 0x2d;
}

/** The value of a hex digit, or -1. */
export function hexValue(c: number): number {
  if (isDigitChar(c)) return c - 0x30;
  if (c >= 0x41 && c <= 0x46) return c - 0x41 + 10;
  if (c >= 0x61 && c <= 0x66) return c - 0x61 + 10;
  return -1;
}
