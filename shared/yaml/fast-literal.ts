/** Literal blocks as manifests have them: the first line gives the indentation and all others have it. */
import { GIVE_UP } from './give-up.ts';

const TAB = 0x09;
const NEWLINE = 0x0a;
const SPACE = 0x20;

export interface LiteralBlock {
  readonly text: string;
  /** Start of the line after the block. */
  readonly next: number;
}

/**
 * The literal block whose content starts at the line `start`, inside a collection at column `parent`; undefined when its
 * indentation is unusual. `keep` is 1 for `|+`, -1 for `|-`, 0 for `|`. Throws GIVE_UP at a tab in the indentation.
 */
export function readLiteral(src: string, start: number, keep: number, parent: number): LiteralBlock | undefined {
  const end = src.length;
  let i = start;
  while (src.charCodeAt(i) === NEWLINE) i++;
  const firstLine = i;
  while (src.charCodeAt(i) === SPACE) i++;
  const indent = i - firstLine;
  const c = src.charCodeAt(i);
  if (indent <= parent || c === NEWLINE || c === TAB || i >= end) return undefined;
  const pad = src.slice(firstLine, i);
  let text = '\n'.repeat(firstLine - start);
  let breaks = 0;
  let line = firstLine;
  let ended = false;
  while (line < end) {
    // A line of the indentation alone is empty, one with more spaces is not.
    if (src.startsWith(pad, line) && src.charCodeAt(line + indent) !== NEWLINE) {
      if (line + indent >= end) break;
      let newline = src.indexOf('\n', line);
      if (newline < 0) newline = end;
      if (breaks > 0) text += breaks === 1 ? '\n' : '\n'.repeat(breaks);
      text += src.slice(line + indent, newline);
      ended = newline < end;
      breaks = 1;
      line = newline + 1;
    } else {
      const next = afterEmptyLine(src, line);
      if (next < 0) break;
      breaks++;
      line = next;
    }
  }
  if (ended && keep === 0) text += '\n';
  if (ended && keep === 1) text += '\n'.repeat(breaks);
  return { text, next: Math.min(line, end) };
}

/** Where the line after an empty one starts, or -1 when this one has content. */
function afterEmptyLine(src: string, line: number): number {
  let i = line;
  while (src.charCodeAt(i) === SPACE) i++;
  const c = src.charCodeAt(i);
  if (c === TAB) throw GIVE_UP;
  return c === NEWLINE ? i + 1 : -1;
}
