/** Whether Go's unicode.IsSpace holds for a code point. */
export function isSpace(code: number): boolean {
  if (code < 0x80) return code === 0x20 || (code >= 9 && code <= 13);
  if (code === 0x85 || code === 0xa0) return true;
  if (code < 0x1680) return false;
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

/** strings.TrimSpace. */
export function trimSpace(s: string): string {
  let start = 0;
  let end = s.length;
  while (start < end && isSpace(s.charCodeAt(start))) start++;
  while (end > start && isSpace(s.charCodeAt(end - 1))) end--;
  return start === 0 && end === s.length ? s : s.slice(start, end);
}

const NON_ASCII = /[^\x00-\x7f]/;
const UPPER = /^\p{Lu}$/u;
const LOWER = /^\p{Ll}$/u;
const LETTER = /^\p{L}$/u;

/** Whether a character is an upper case letter (unicode.IsUpper). */
export function isUpper(char: string): boolean {
  return NON_ASCII.test(char) ? UPPER.test(char) : char >= 'A' && char <= 'Z';
}

/** Whether a character is a lower case letter (unicode.IsLower). */
export function isLower(char: string): boolean {
  return NON_ASCII.test(char) ? LOWER.test(char) : char >= 'a' && char <= 'z';
}

/** Whether a character is a letter (unicode.IsLetter). */
export function isLetter(char: string): boolean {
  return LETTER.test(char);
}

/** Greek letters with iota subscript: one title-case code point each, where JS gives two letters. */
function iotaUpper(code: number): number | undefined {
  if (code >= 0x1f80 && code <= 0x1faf) return code | 8;
  if (code === 0x1fb3 || code === 0x1fc3 || code === 0x1ff3) return code + 9;
  return undefined;
}

/** unicode.ToUpper of one character: never more than one code point. */
export function upperChar(char: string): string {
  const upper = char.toUpperCase();
  if (upper.length <= char.length && upper.length > 0) return upper;
  const code = iotaUpper(char.codePointAt(0) as number);
  return code === undefined ? char : String.fromCodePoint(code);
}

/** unicode.ToLower of one character: never more than one code point. */
export function lowerChar(char: string): string {
  return char === '\u0130' ? 'i' : char.toLowerCase();
}

/** The digraphs that have a title case apart from the upper case: the middle one of each three. */
const DIGRAPHS = [0x1c5, 0x1c8, 0x1cb, 0x1f2];

/** unicode.ToTitle of one character. */
export function titleChar(char: string): string {
  const code = char.codePointAt(0) as number;
  if (code < 0x80) return char.toUpperCase();
  const middle = DIGRAPHS.find((m) => Math.abs(m - code) <= 1);
  if (middle !== undefined) return String.fromCodePoint(middle);
  // Georgian letters have capitals but are their own title case.
  if ((code >= 0x10d0 && code <= 0x10fa) || (code >= 0x10fd && code <= 0x10ff)) return char;
  return upperChar(char);
}

/** strings.ToUpper. */
export function toUpper(s: string): string {
  return NON_ASCII.test(s) ? mapChars(s, upperChar) : s.toUpperCase();
}

/** strings.ToLower. */
export function toLower(s: string): string {
  return NON_ASCII.test(s) ? mapChars(s, lowerChar) : s.toLowerCase();
}

/** Maps each code point; a byte that is not UTF-8 becomes U+FFFD, as it does in Go's rune conversions. */
export function mapChars(s: string, f: (char: string) => string): string {
  let out = '';
  for (const char of s) out += isLone(char) ? '\ufffd' : f(char);
  return out;
}

/** Whether a code point stands for a byte that is not UTF-8. */
export function isLone(char: string): boolean {
  const code = char.charCodeAt(0);
  return char.length === 1 && code >= 0xd800 && code <= 0xdfff;
}
