import { sprint } from '../../../go/print.ts';
import { parseFloat64, parseInt64 } from '../../../go/strconv.ts';
import { decodeUtf8 } from '../../../go/utf8.ts';
import { GoInt, type GoValue, goInt, isMap } from '../../../go/value.ts';

/** An int64: a number where it is a safe integer, else a bigint. */
export type Int64 = number | bigint;

const MIN_INT64 = -(2n ** 63n);
const INT64_SPAN = 2 ** 63;

/** Wraps to 64 bits and makes canonical. */
export function wrapInt64(value: bigint): Int64 {
  const wrapped = BigInt.asIntN(64, value);
  return wrapped >= -9007199254740991n && wrapped <= 9007199254740991n ? Number(wrapped) : wrapped;
}

/** A GoInt of kind int64 from a canonical int64. */
export function int64(value: Int64): GoInt {
  return goInt(value, 'int64');
}

/** Go's int64(f) on amd64: truncated; what does not fit becomes the lowest int64. */
export function truncateFloat(x: number): Int64 {
  const whole = Math.trunc(x);
  if (Number.isSafeInteger(whole)) return whole + 0;
  if (!(whole >= -INT64_SPAN && whole < INT64_SPAN)) return MIN_INT64;
  return BigInt(whole);
}

/** spf13/cast's ToInt64, which sprig's numeric functions apply to every argument: what cannot be cast is 0. */
export function toInt64(v: GoValue): Int64 {
  if (typeof v === 'number') return truncateFloat(v);
  if (v instanceof GoInt) return intValue(v);
  if (typeof v === 'string') {
    const parsed = parseInt64(trimZeroDecimal(v), 0);
    return parsed === undefined ? 0 : wrapInt64(parsed);
  }
  return v === true ? 1 : 0;
}

function intValue(v: GoInt): Int64 {
  // cast knows no Duration; Month and Weekday are ints to it.
  if (v.kind === 'time.Duration') return 0;
  return typeof v.value === 'bigint' ? wrapInt64(v.value) : v.value;
}

/** Drops the point and the zeros from the end of a number's text. */
function trimZeroDecimal(s: string): string {
  let zeros = false;
  for (let i = s.length - 1; i >= 0; i--) {
    if (s[i] === '0') zeros = true;
    else if (s[i] !== '.') return s;
    else if (zeros) return s.slice(0, i);
  }
  return s;
}

/** spf13/cast's ToFloat64: what cannot be cast is 0. */
export function toFloat64(v: GoValue): number {
  if (typeof v === 'number') return v;
  if (v instanceof GoInt) return v.kind === 'time.Duration' ? 0 : Number(v.value);
  if (typeof v === 'string') return parseFloat64(v) ?? 0;
  return v === true ? 1 : 0;
}

/** sprig's strval: strings and bytes as they are, everything else as %v prints it; nil is `<nil>`. */
export function toText(v: GoValue): string {
  if (typeof v === 'string') return v;
  if (v instanceof Uint8Array) return decodeUtf8(v);
  return sprint(v);
}

/** sprig's empty: nil, false, zero, and strings, lists and maps without content. */
export function isEmpty(v: GoValue): boolean {
  switch (typeof v) {
    case 'string':
      return v.length === 0;
    case 'boolean':
      return !v;
    case 'number':
      return v === 0;
    default:
      return isEmptyObject(v);
  }
}

function isEmptyObject(v: Exclude<GoValue, string | boolean | number>): boolean {
  if (v === null || v === undefined) return true;
  if (isMap(v)) return v.size === 0;
  if (Array.isArray(v) || v instanceof Uint8Array) return v.length === 0;
  if (v instanceof GoInt) return v.value === 0;
  if (v.goKind === 'map' || v.goKind === 'slice') return v.entries?.().length === 0;
  return false;
}
