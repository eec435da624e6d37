/** Small decisions of the fast reader about plain scalars and keys. */
import { GIVE_UP } from './give-up.ts';
import { resolveScalar, scalarHint } from './resolve.ts';

const SPACE = 0x20;
const TAB = 0x09;

/** What a scalar may not start with in order to be read here; `-` only when a blank follows it. */
export const NOT_PLAIN = new Uint8Array(128);
for (const c of '\t\n ,[]{}#&*!|>\'"%@`?:') NOT_PLAIN[c.charCodeAt(0)] = 1;

/** Where the line of `pos` starts. */
export function startOfLine(src: string, pos: number): number {
  return src.lastIndexOf('\n', pos - 1) + 1;
}

/** A space or a tab. */
export function isBlank(c: number): boolean {
  return c === SPACE || c === TAB;
}

/** A plain key as the text it has in JSON; keys that are null, floats or merges are for the full reader. */
export function keyText(text: string, first: number): string {
  if (scalarHint(first) === 0) {
    if (text === '<<') throw GIVE_UP;
    return text;
  }
  const resolved = resolveScalar(text);
  if (resolved.tag === 'str' || resolved.tag === 'timestamp') return text;
  if (resolved.tag === 'bool') return String(resolved.value);
  if (resolved.int !== undefined && resolved.int < 1n << 63n) return resolved.int.toString();
  throw GIVE_UP;
}
