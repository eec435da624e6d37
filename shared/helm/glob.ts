/**
 * The globs of `.Files.Glob`: `*` and `?` stop at `/`, `**` does not, `[a-c]`, `[!abc]`, `{one,two}`, `\` escapes. A pattern
 * that does not parse matches everything, as in Helm.
 */
export function compileGlob(pattern: string): (name: string) => boolean {
  const parser = new GlobParser([...pattern]);
  const source = parser.parse();
  if (source === undefined) return () => true;
  const regexp = new RegExp(`^(?:${source})$`, 'su');
  return (name) => regexp.test(name);
}

class GlobParser {
  private readonly chars: readonly string[];
  private at = 0;

  constructor(chars: readonly string[]) {
    this.chars = chars;
  }

  /** The RegExp source, or undefined when the pattern is not well formed. */
  parse(): string | undefined {
    const source = this.sequence(false);
    return this.at < this.chars.length ? undefined : source;
  }

  private sequence(inTerms: boolean): string | undefined {
    let out = '';
    while (this.at < this.chars.length) {
      const char = this.chars[this.at] ?? '';
      if (inTerms && (char === ',' || char === '}')) return out;
      this.at++;
      const piece = this.piece(char, out);
      if (piece === undefined) return undefined;
      out += piece;
    }
    return inTerms ? undefined : out;
  }

  private piece(char: string, before: string): string | undefined {
    if (char === '*') {
      if (this.chars[this.at] !== '*') return before.endsWith('[^/]*') ? '' : '[^/]*';
      this.at++;
      return before.endsWith('.*') ? '' : '.*';
    }
    if (char === '?') return '[^/]';
    if (char === '[') return this.range();
    if (char === '{') return this.terms();
    if (char !== '\\') return literal(char);
    const escaped = this.chars[this.at];
    this.at++;
    return escaped === undefined ? '' : literal(escaped);
  }

  private range(): string | undefined {
    const not = this.chars[this.at] === '!';
    if (not) this.at++;
    const sign = not ? '^' : '';
    const [low, dash, high, close] = this.chars.slice(this.at, this.at + 4);
    if (dash === '-') {
      if (low === undefined || high === undefined || close !== ']') return undefined;
      if ((low.codePointAt(0) ?? 0) >= (high.codePointAt(0) ?? 0)) return undefined;
      this.at += 4;
      return `[${sign}${literal(low)}-${literal(high)}]`;
    }
    return this.list(sign);
  }

  private list(sign: string): string | undefined {
    let body = '';
    while (this.chars[this.at] !== ']') {
      if (this.chars[this.at] === '\\') this.at++;
      const char = this.chars[this.at];
      if (char === undefined) return undefined;
      body += literal(char);
      this.at++;
    }
    this.at++;
    return body === '' ? undefined : `[${sign}${body}]`;
  }

  private terms(): string | undefined {
    const terms: string[] = [];
    for (;;) {
      const term = this.sequence(true);
      if (term === undefined) return undefined;
      terms.push(term);
      const end = this.chars[this.at];
      this.at++;
      if (end === '}') return `(?:${terms.join('|')})`;
    }
  }
}

function literal(char: string): string {
  return /[a-zA-Z0-9_]/.test(char) ? char : `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`;
}
