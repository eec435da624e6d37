/** Go's unicode.IsSpace for one UTF-16 unit (no space is beyond the BMP). */
function isSpace(code: number): boolean {
  if (code <= 0x20) return code === 0x20 || (code >= 9 && code <= 13);
  if (code < 0x1680) return code === 0x85 || code === 0xa0;
  return (
    code === 0x1680 ||
    (code >= 0x2000 && code <= 0x200a) ||
    code === 0x2028 ||
    code === 0x2029 ||
    code === 0x202f ||
    code === 0x205f ||
    code === 0x3000
  );
}

/** Where the first character at or after `from` that is not space is; the text's length when there is none. */
function skipSpace(text: string, from: number): number {
  let at = from;
  while (at < text.length && isSpace(text.charCodeAt(at))) at++;
  return at;
}

/** strings.TrimSpace. */
export function trimSpace(text: string): string {
  const start = skipSpace(text, 0);
  let end = text.length;
  while (end > start && isSpace(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
}

/** Whether a text is nothing but space. */
export function isBlank(text: string): boolean {
  return skipSpace(text, 0) === text.length;
}

/**
 * Splits a rendered file into its documents as Helm v4: at each `---` that starts a line, whatever follows it on that line;
 * space before a document is cut, space after it stays; documents of nothing but space are dropped.
 */
export function splitManifests(text: string): string[] {
  const documents: string[] = [];
  let start = skipSpace(text, 0);
  if (text.startsWith('---', start)) start = afterSeparator(text, start);
  for (;;) {
    const separator = text.indexOf('\n---', start) + 1;
    const end = separator === 0 ? text.length : separator;
    const first = skipSpace(text, start);
    if (first < end) documents.push(text.slice(first, end));
    if (separator === 0) return documents;
    start = afterSeparator(text, separator);
  }
}

function afterSeparator(text: string, at: number): number {
  let end = at + 3;
  while (end < text.length && (text.charCodeAt(end) === 32 || text.charCodeAt(end) === 9)) end++;
  return end;
}
