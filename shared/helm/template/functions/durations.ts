import { typeOf } from '../../../go/print.ts';
import { formatG, parseFloat64, quote } from '../../../go/strconv.ts';
import { GoError, type GoFunction, GoInt, type GoValue, goInt } from '../../../go/value.ts';
import { truncateFloat } from './cast.ts';
import { trimSpace } from './chars.ts';
import { pure } from './define.ts';
import { parseDuration } from './duration-parse.ts';
import { roundDuration, truncateDuration } from './duration-round.ts';

const SECOND = 1_000_000_000n;
const MINUTE = 60n * SECOND;
const HOUR = 60n * MINUTE;
const MAX_SECONDS = 9223372036n;
// What Go's constants are as float64.
const FLOAT_SECONDS = 2 ** 63 / 1e9;

/** Helm's duration functions. But for mustToDuration, what is no duration counts as zero. */
export function durationFunctions(): GoFunction[] {
  return [
    pure('mustToDuration', ['any'], (v: GoValue) => goInt(asDuration(v), 'time.Duration')),
    pure('durationSeconds', ['any'], (v: GoValue) => inUnits(orZero(v), SECOND)),
    pure('durationMinutes', ['any'], (v: GoValue) => inUnits(orZero(v), MINUTE)),
    pure('durationHours', ['any'], (v: GoValue) => inUnits(orZero(v), HOUR)),
    pure('durationDays', ['any'], (v: GoValue) => inUnits(orZero(v), HOUR) / 24),
    pure('durationWeeks', ['any'], (v: GoValue) => inUnits(orZero(v), HOUR) / 24 / 7),
    pure('durationMilliseconds', ['any'], (v: GoValue) => goInt(orZero(v) / 1_000_000n, 'int64')),
    pure('durationMicroseconds', ['any'], (v: GoValue) => goInt(orZero(v) / 1_000n, 'int64')),
    pure('durationNanoseconds', ['any'], (v: GoValue) => goInt(orZero(v), 'int64')),
    pure('durationRoundTo', ['any', 'any'], (v: GoValue, to: GoValue) => toMultiple(v, to, roundDuration)),
    pure('durationTruncateTo', ['any', 'any'], (v: GoValue, to: GoValue) => toMultiple(v, to, truncateDuration)),
  ];
}

/** A duration as Helm reads it: `1h2m`, a Duration, or a number (or its text) of seconds. Throws GoError. */
function asDuration(v: GoValue): bigint {
  if (v === null) throw new GoError('invalid duration');
  if (typeof v === 'string') return fromText(v);
  if (typeof v === 'number') return fromSeconds(v);
  if (v instanceof GoInt) return fromInteger(v);
  throw new GoError(`unsupported duration type ${typeOf(v)}`);
}

function fromText(text: string): bigint {
  const trimmed = trimSpace(text);
  if (trimmed === '') throw new GoError('empty duration');
  try {
    return parseDuration(trimmed);
  } catch {
    const seconds = parseFloat64(trimmed);
    if (seconds === undefined) throw new GoError(`could not parse duration ${quote(text)}`);
    return fromSeconds(seconds);
  }
}

function fromInteger(v: GoInt): bigint {
  const value = BigInt(v.value);
  if (v.kind === 'time.Duration') return value;
  if (value > MAX_SECONDS || value < -MAX_SECONDS) throw new GoError(`duration seconds overflow: ${value}`);
  return value * SECOND;
}

function fromSeconds(seconds: number): bigint {
  if (!Number.isFinite(seconds)) throw new GoError(`invalid duration seconds: ${formatG(seconds)}`);
  if (seconds > FLOAT_SECONDS || seconds < -FLOAT_SECONDS) {
    throw new GoError(`duration seconds overflow: ${formatG(seconds)}`);
  }
  return BigInt(truncateFloat(seconds * 1e9));
}

function orZero(v: GoValue): bigint {
  try {
    return asDuration(v);
  } catch {
    return 0n;
  }
}

/** Whole units and the rest apart, as Go adds them. */
function inUnits(d: bigint, unit: bigint): number {
  return Number(d / unit) + Number(d % unit) / Number(unit);
}

function toMultiple(v: GoValue, to: GoValue, round: (d: bigint, multiple: bigint) => bigint): GoInt {
  const d = orZero(v);
  let multiple: bigint;
  try {
    multiple = asDuration(to);
  } catch {
    return goInt(d, 'time.Duration');
  }
  return goInt(round(d, multiple), 'time.Duration');
}
