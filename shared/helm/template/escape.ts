import { isPrint } from '../../go/strconv.ts';
import { encodeUtf8, isInvalidByte } from '../../go/utf8.ts';

const HTML: Readonly<Record<string, string>> = {
  '\x00': '\ufffd',
  '"': '&#34;',
  "'": '&#39;',
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
};

/** Go's template.HTMLEscapeString. */
export function escapeHtml(text: string): string {
  return text.replace(/[\x00"'&<>]/g, (char) => HTML[char] ?? char);
}

const JS: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  "'": "\\'",
  '"': '\\"',
  '<': '\\u003C',
  '>': '\\u003E',
  '&': '\\u0026',
  '=': '\\u003D',
};

/** Go's template.JSEscapeString. */
export function escapeJs(text: string): string {
  let out = '';
  for (const char of text) out += JS[char] ?? escapeJsChar(char);
  return out;
}

function escapeJsChar(char: string): string {
  const code = char.codePointAt(0) as number;
  if (code >= 0x20 && code < 0x80) return char;
  if (isInvalidByte(code)) return '\ufffd';
  if (code >= 0x80 && isPrint(char)) return char;
  return `\\u${code.toString(16).toUpperCase().padStart(4, '0')}`;
}

/** Go's url.QueryEscape. */
export function escapeQuery(text: string): string {
  if (/^[A-Za-z0-9\-_.~]*$/.test(text)) return text;
  let out = '';
  for (const byte of encodeUtf8(text)) {
    const char = String.fromCharCode(byte);
    if (/[A-Za-z0-9\-_.~]/.test(char)) out += char;
    else if (char === ' ') out += '+';
    else out += `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return out;
}
