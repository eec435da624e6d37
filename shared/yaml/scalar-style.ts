/** Decides how go-yaml writes a string: plain, quoted or as a literal block. */
import { isBlankChar as isBlank, isBreakChar as isBreak } from './chars.ts';
import { resolvesToOther, scalarHint } from './resolve.ts';

export type YamlVersion = 2 | 3;
export type ScalarStyle = 'plain' | 'single' | 'double' | 'literal';

export interface ScalarShape {
  /** A line break of any kind is inside. */
  readonly multiline: boolean;
  readonly plainAllowed: boolean;
  readonly singleAllowed: boolean;
  readonly literalAllowed: boolean;
}

/** Characters that a plain scalar cannot start with; `-`, `?` and `:` only when a blank follows. */
const BAD_FIRST = new Uint8Array(128);
for (const c of '#,[]{}&*!|>\'"%@`') BAD_FIRST[c.charCodeAt(0)] = 1;
for (const c of '-?:') BAD_FIRST[c.charCodeAt(0)] = 2;

/** Whether go-yaml writes a code unit unescaped. Characters beyond the BMP are not printable to it, nor is a byte order mark. */
export function isPrintable(c: number): boolean {
  if (c < 0x7f) return c >= 0x20 || c === 0x0a;
  if (c < 0xa0) return false;
  return c < 0xd800 || (c > 0xdfff && c < 0xfffe && c !== 0xfeff);
}

/** Whether a string of printable ASCII without special places can stand plain, before asking what it would resolve to. */
export function isSimplePlain(s: string): boolean {
  const n = s.length;
  if (n === 0) return false;
  const first = s.charCodeAt(0);
  if (first <= 0x20 || first > 0x7e || BAD_FIRST[first] !== 0) return false;
  if (first === 0x2e && s.startsWith('...')) return false;
  let previous = first;
  for (let i = 1; i < n; i++) {
    const c = s.charCodeAt(i);
    if (c < 0x20 || c > 0x7e) return false;
    if (previous === 0x3a && c === 0x20) return false;
    if (c === 0x23 && previous === 0x20) return false;
    previous = c;
  }
  return previous !== 0x20 && previous !== 0x3a;
}

/** Whether a scalar that may not be plain because of what it would resolve to (`true`, `12`, empty). */
export function needsQuotes(s: string, version: YamlVersion): boolean {
  return s === '' || (scalarHint(s.charCodeAt(0)) !== 0 && resolvesToOther(s, version));
}

const ASCII_LINES = /^[\n\x20-\x7e]*$/;

/** Whether a text of several lines is surely written as a literal block: printable ASCII, no line that ends in a space. */
export function isSimpleLiteral(s: string): boolean {
  return s.includes('\n') && !s.includes(' \n') && !s.endsWith(' ') && ASCII_LINES.test(s);
}

const EMPTY: ScalarShape = { multiline: false, plainAllowed: true, singleAllowed: true, literalAllowed: false };

/** Which styles a scalar allows outside flow collections. */
export function analyzeScalar(s: string, version: YamlVersion): ScalarShape {
  const n = s.length;
  if (n === 0) return EMPTY;
  let indicators = s.startsWith('---') || s.startsWith('...') || startsWithIndicator(s);
  let special = false;
  let tabs = false;
  let breaks = false;
  let breakSpace = false;
  let spaceBreak = false;
  let previous = 0;
  let previousPrinted = 0x20;
  for (let i = 0; i < n; i++) {
    const c = s.charCodeAt(i);
    if (c === 0x3a && i > 0 && (i + 1 >= n || isBlank(s.charCodeAt(i + 1)))) indicators = true;
    if (c === 0x23 && i > 0 && (isBlank(previousPrinted) || isBreak(previousPrinted) || previousPrinted === 0)) {
      indicators = true;
    }
    if (c === 0x09 && version === 3) tabs = true;
    else if (!isPrintable(c)) special = true;
    if (c === 0x20) {
      if (previous === 2) breakSpace = true;
      previous = 1;
    } else if (isBreak(c)) {
      breaks = true;
      if (previous === 1) spaceBreak = true;
      previous = 2;
    } else {
      previous = 0;
    }
    previousPrinted = c;
  }
  const edge = isEdge(s.charCodeAt(0)) || isEdge(s.charCodeAt(n - 1));
  const trailingSpace = s.charCodeAt(n - 1) === 0x20;
  const broken = spaceBreak || special;
  return {
    multiline: breaks,
    plainAllowed: !(edge || breakSpace || broken || tabs || breaks || indicators),
    singleAllowed: !(breakSpace || broken || tabs),
    literalAllowed: !(trailingSpace || broken),
  };
}

function isEdge(c: number): boolean {
  return c === 0x20 || isBreak(c);
}

function startsWithIndicator(s: string): boolean {
  const first = s.charCodeAt(0);
  const kind = first < 128 ? BAD_FIRST[first] : 0;
  if (kind !== 2) return kind === 1;
  return s.length === 1 || isBlank(s.charCodeAt(1));
}

/** The style go-yaml chooses for a string in block context; `simpleKey` when it stands before a colon on one line. */
export function chooseStyle(s: string, shape: ScalarShape, simpleKey: boolean, version: YamlVersion): ScalarStyle {
  let style: ScalarStyle = 'plain';
  if (s.includes('\n')) style = 'literal';
  else if (needsQuotes(s, version)) style = 'double';
  return settleStyle(s, style, shape, simpleKey);
}

/** What becomes of a wished style, given what the text allows and where it stands. */
export function settleStyle(s: string, wished: ScalarStyle, shape: ScalarShape, simpleKey: boolean): ScalarStyle {
  let style = simpleKey && shape.multiline ? 'double' : wished;
  if (style === 'plain' && (!shape.plainAllowed || (s === '' && simpleKey))) style = 'single';
  if (style === 'single' && !shape.singleAllowed) style = 'double';
  if (style === 'literal' && (!shape.literalAllowed || simpleKey)) style = 'double';
  return style;
}
