/** Escapes of double-quoted scalars and the chomping indicators of literal ones. */
import { isBreakChar as isBreak } from './chars.ts';

/** `-` without a final line break, `+` with more than one or nothing else, '' with exactly one. */
export function chompingHint(s: string): string {
  const n = s.length;
  if (n === 0 || !isBreak(s.charCodeAt(n - 1))) return '-';
  return n === 1 || isBreak(s.charCodeAt(n - 2)) ? '+' : '';
}

const ESCAPES: ReadonlyMap<number, string> = new Map([
  [0x00, '\\0'],
  [0x07, '\\a'],
  [0x08, '\\b'],
  [0x09, '\\t'],
  [0x0a, '\\n'],
  [0x0b, '\\v'],
  [0x0c, '\\f'],
  [0x0d, '\\r'],
  [0x1b, '\\e'],
  [0x22, '\\"'],
  [0x5c, '\\\\'],
  [0x85, '\\N'],
  [0xa0, '\\_'],
  [0x2028, '\\L'],
  [0x2029, '\\P'],
]);

/** A character as go-yaml escapes it in double quotes. */
export function escapeChar(code: number): string {
  const named = ESCAPES.get(code);
  if (named !== undefined) return named;
  const hex = code.toString(16).toUpperCase();
  if (code <= 0xff) return `\\x${hex.padStart(2, '0')}`;
  if (code <= 0xffff) return `\\u${hex.padStart(4, '0')}`;
  return `\\U${hex.padStart(8, '0')}`;
}
