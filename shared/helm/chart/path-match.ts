import { ChartError } from '../errors.ts';

/**
 * Go's filepath.Match: `*` and `?` stop at `/`, `[a-z]` and `[^a-z]` classes, `\` escapes. The whole name must match.
 *
 * @throws ChartError `syntax error in pattern`
 */
export function matchPath(pattern: string, name: string): boolean {
  return compile(pattern).test(name);
}

const cache = new Map<string, RegExp>();

function compile(pattern: string): RegExp {
  const known = cache.get(pattern);
  if (known !== undefined) return known;
  const made = new RegExp(`^(?:${source([...pattern])})$`, 'su');
  if (cache.size > 500) cache.clear();
  cache.set(pattern, made);
  return made;
}

function source(chars: string[]): string {
  let out = '';
  let i = 0;
  while (i < chars.length) {
    const char = chars[i] ?? '';
    i++;
    if (char === '*') {
      // Runs of stars are one star, so that the RegExp cannot backtrack between them.
      while (chars[i] === '*') i++;
      out += '[^/]*';
    } else if (char === '?') out += '[^/]';
    else if (char === '[') {
      const [text, next] = charClass(chars, i);
      out += text;
      i = next;
    } else if (char === '\\') {
      const escaped = chars[i];
      if (escaped === undefined) bad();
      out += literal(escaped);
      i++;
    } else out += literal(char);
  }
  return out;
}

/** A class from after its `[`; returns its RegExp and where it ends. A class may match `/`, as in Go. */
function charClass(chars: string[], start: number): [string, number] {
  let i = start;
  const negated = chars[i] === '^';
  if (negated) i++;
  let body = '';
  let ranges = 0;
  while (chars[i] !== ']' || ranges === 0) {
    const [low, afterLow] = classChar(chars, i);
    i = afterLow;
    let high = low;
    if (chars[i] === '-') [high, i] = classChar(chars, i + 1);
    // A range that is upside down matches nothing.
    if ((low.codePointAt(0) ?? 0) <= (high.codePointAt(0) ?? 0)) body += `${literal(low)}-${literal(high)}`;
    ranges++;
  }
  return [negated ? `[^${body}]` : body === '' ? '(?!)' : `[${body}]`, i + 1];
}

function classChar(chars: string[], start: number): [string, number] {
  let i = start;
  if (chars[i] === undefined || chars[i] === '-' || chars[i] === ']') bad();
  if (chars[i] === '\\') i++;
  const char = chars[i];
  if (char === undefined || chars[i + 1] === undefined) bad();
  return [char, i + 1];
}

function literal(char: string): string {
  return /[a-zA-Z0-9_]/.test(char) ? char : `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`;
}

function bad(): never {
  throw new ChartError('syntax error in pattern');
}
