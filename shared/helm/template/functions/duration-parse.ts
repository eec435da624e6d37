import { GoError } from '../../../go/value.ts';

const UNITS: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  µs: 1_000n,
  μs: 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
};
const TERM = /([0-9]*)(?:(\.)([0-9]*))?([^.0-9]*)/y;
const LIMIT = 2n ** 63n;

/** time.ParseDuration in nanoseconds. Throws GoError with Go's text. */
export function parseDuration(text: string): bigint {
  const body = text.replace(/^[+-]/, '');
  if (body === '0') return 0n;
  if (body === '') throw invalid(text);
  let total = 0n;
  TERM.lastIndex = 0;
  while (TERM.lastIndex < body.length) {
    if (!/[.0-9]/.test(body[TERM.lastIndex] as string)) throw invalid(text);
    total += term(TERM.exec(body) as RegExpExecArray, text);
    if (total > LIMIT) throw invalid(text);
  }
  if (text.startsWith('-')) return -total;
  if (total === LIMIT) throw invalid(text);
  return total;
}

function term(match: RegExpExecArray, text: string): bigint {
  const [, whole = '', , fraction = '', name = ''] = match;
  if (whole === '' && fraction === '') throw invalid(text);
  if (name === '') throw new GoError(`time: missing unit in duration ${show(text)}`);
  const unit = Object.hasOwn(UNITS, name) ? UNITS[name] : undefined;
  if (unit === undefined) throw new GoError(`time: unknown unit ${show(name)} in duration ${show(text)}`);
  if (whole.length > 20) throw invalid(text);
  return BigInt(whole === '' ? 0 : whole) * unit + fractionOf(fraction, unit);
}

/** Go computes the fraction in floating point and cuts it off. */
function fractionOf(digits: string, unit: bigint): bigint {
  if (digits === '') return 0n;
  const used = digits.slice(0, 18);
  return BigInt(Math.trunc(Number(used) * (Number(unit) / 10 ** used.length)));
}

function invalid(text: string): GoError {
  return new GoError(`time: invalid duration ${show(text)}`);
}

function show(s: string): string {
  let out = '';
  for (const byte of Buffer.from(s, 'utf8')) {
    const char = String.fromCharCode(byte);
    if (byte >= 0x80 || byte < 0x20) out += `\\x${byte.toString(16).padStart(2, '0')}`;
    else out += char === '"' || char === '\\' ? `\\${char}` : char;
  }
  return `"${out}"`;
}
