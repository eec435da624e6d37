const NANOSECONDS: ReadonlyMap<string, number> = new Map([
  ['ns', 1],
  ['us', 1e3],
  ['µs', 1e3],
  ['μs', 1e3],
  ['ms', 1e6],
  ['s', 1e9],
  ['m', 60e9],
  ['h', 3600e9],
]);
const MAX_NANOSECONDS = 2 ** 63;
const TERM = /([0-9]*\.?[0-9]*)([^0-9.]+)/y;

/** A text that is not a duration of Go's syntax. */
export class DurationError extends Error {
  override readonly name = 'DurationError';
}

/**
 * Reads a duration of Go's syntax (`90s`, `1h30m`, `1.5h`, `-2ms`, `0`) into milliseconds, fractions kept.
 * Mirrors time.ParseDuration; throws DurationError with its text.
 */
export function parseDuration(text: string): number {
  const sign = text.startsWith('-') ? -1 : 1;
  const body = /^[-+]/.test(text) ? text.slice(1) : text;
  if (body === '0') return 0;
  if (body === '') throw new DurationError(`time: invalid duration ${JSON.stringify(text)}`);
  let nanoseconds = 0;
  let end = 0;
  while (end < body.length) {
    TERM.lastIndex = end;
    const term = TERM.exec(body);
    nanoseconds += termNanoseconds(term, body.slice(end), text);
    end = TERM.lastIndex;
  }
  if (nanoseconds >= MAX_NANOSECONDS) throw new DurationError(`time: invalid duration ${JSON.stringify(text)}`);
  return nanoseconds === 0 ? 0 : (sign * nanoseconds) / 1e6;
}

function termNanoseconds(term: RegExpExecArray | null, rest: string, text: string): number {
  const quoted = JSON.stringify(text);
  const number = term?.[1] ?? '';
  const unit = term?.[2] ?? '';
  if (term === null) {
    const isNumber = /^([0-9]+\.?[0-9]*|\.[0-9]+)$/.test(rest);
    throw new DurationError(`time: ${isNumber ? 'missing unit in' : 'invalid'} duration ${quoted}`);
  }
  if (number === '' || number === '.') throw new DurationError(`time: invalid duration ${quoted}`);
  const scale = NANOSECONDS.get(unit);
  if (scale === undefined) throw new DurationError(`time: unknown unit ${JSON.stringify(unit)} in duration ${quoted}`);
  return Number(number) * scale;
}

/** Writes milliseconds as Go prints a Duration: `5m0s`, `1h0m0s`, `1.5s`, `750ms`, `0s`. */
export function formatDuration(ms: number): string {
  const sign = ms < 0 ? '-' : '';
  const total = BigInt(Math.round(Math.abs(ms) * 1e6));
  if (total === 0n) return '0s';
  if (total < 1_000n) return `${sign}${total}ns`;
  if (total < 1_000_000n) return `${sign}${decimal(total, 1_000n)}µs`;
  if (total < 1_000_000_000n) return `${sign}${decimal(total, 1_000_000n)}ms`;
  const hours = total / 3_600_000_000_000n;
  const minutes = (total / 60_000_000_000n) % 60n;
  const seconds = `${decimal(total % 60_000_000_000n, 1_000_000_000n)}s`;
  if (hours > 0n) return `${sign}${hours}h${minutes}m${seconds}`;
  return minutes > 0n ? `${sign}${minutes}m${seconds}` : `${sign}${seconds}`;
}

function decimal(value: bigint, unit: bigint): string {
  const digits = unit.toString().length - 1;
  const fraction = (value % unit).toString().padStart(digits, '0').replace(/0+$/, '');
  return fraction === '' ? `${value / unit}` : `${value / unit}.${fraction}`;
}
