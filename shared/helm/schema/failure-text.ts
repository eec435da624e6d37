import { formatFloat, quote } from '../../go/strconv.ts';
import { GoInt, type GoValue } from '../../go/value.ts';
import type { Failure } from './types.ts';

/** Failures as Helm prints them: a line per failure, causes indented below, without the line that heads them. */
export function failureText(failures: readonly Failure[]): string {
  return failures.map((one) => lines(one, 0)).join('');
}

function lines(failure: Failure, indent: number): string {
  const hidden = failure.kind === 'reference' && failure.causes.length === 1;
  const own = hidden ? '' : `${'  '.repeat(indent)}- at ${quoted(pointer(failure.at))}: ${failure.text}\n`;
  return own + failure.causes.map((cause) => lines(cause, hidden ? indent : indent + 1)).join('');
}

function pointer(at: readonly string[]): string {
  return at.map((token) => `/${token.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

/** A text in single quotes, with Go's escapes. */
export function quoted(text: string): string {
  return `'${quote(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`;
}

/** Texts in single quotes with commas between them. */
export function quotedList(texts: readonly string[]): string {
  return texts.map(quoted).join(', ');
}

/** A value that is no list or map, as messages show it. */
export function display(value: GoValue): string {
  if (typeof value === 'string') return quoted(value);
  if (value === null) return '<nil>';
  if (value instanceof Map || Array.isArray(value)) return 'value';
  return String(value instanceof GoInt ? value.value : value);
}

/** A count with commas between thousands. */
export function count(value: number): string {
  return String(value).replace(/\B(?=(?:[0-9]{3})+$)/g, ',');
}

const SUPERSCRIPT = '⁰¹²³⁴⁵⁶⁷⁸⁹';

/** A float as golang.org/x/text writes it in English: 65,535 or 1.25×10⁻⁰⁵. */
export function float(value: number): string {
  const [mantissa = '', exponent] = formatFloat(value, 'g', -1).split('e');
  if (exponent !== undefined) {
    const digits = [...exponent].map((char) => (char === '-' ? '⁻' : (SUPERSCRIPT[Number(char)] ?? '')));
    return `${mantissa}×10${(exponent.startsWith('+') ? digits.slice(1) : digits).join('')}`;
  }
  const [whole = '', fraction] = mantissa.split('.');
  const grouped = whole.replace(/\B(?=(?:[0-9]{3})+$)/g, ',');
  return fraction === undefined ? grouped : `${grouped}.${fraction}`;
}
