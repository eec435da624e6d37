import { GoInt, type GoValue } from '../../go/value.ts';

/** The JSON type of a value, or undefined when JSON has none for it. Integers are numbers here. */
export function jsonType(value: GoValue): string | undefined {
  if (value === null) return 'null';
  if (typeof value === 'string') return 'string';
  if (typeof value === 'boolean') return 'boolean';
  if (typeof value === 'number') return Number.isFinite(value) ? 'number' : undefined;
  if (value instanceof GoInt) return 'number';
  if (value instanceof Map) return 'object';
  return Array.isArray(value) ? 'array' : undefined;
}

/** A JSON number as a JS number; undefined for other values. An integer beyond 2^53 is rounded. */
export function numberOf(value: GoValue): number | undefined {
  if (typeof value === 'number') return value;
  return value instanceof GoInt ? Number(value.value) : undefined;
}

/** JSON equality: numbers by value, objects without order. */
export function jsonEqual(a: GoValue, b: GoValue): boolean {
  if (a === b) return true;
  if (a instanceof Map) {
    if (!(b instanceof Map) || a.size !== b.size) return false;
    for (const [key, value] of a) {
      const other = b.get(key);
      if (other === undefined || !jsonEqual(value, other)) return false;
    }
    return true;
  }
  if (Array.isArray(a)) {
    return Array.isArray(b) && a.length === b.length && a.every((value, i) => jsonEqual(value, b[i] ?? null));
  }
  const number = numberOf(a);
  return number !== undefined && number === numberOf(b);
}

/** The first two equal items of a list, by their indexes. */
export function duplicates(list: readonly GoValue[]): [number, number] | undefined {
  const buckets = new Map<string, number[]>();
  for (const [i, item] of list.entries()) {
    const key = bucket(item);
    const others = buckets.get(key) ?? [];
    for (const j of others) if (jsonEqual(item, list[j] ?? null)) return [j, i];
    others.push(i);
    buckets.set(key, others);
  }
  return undefined;
}

/** Equal values have equal buckets; scalars of one bucket are equal. */
function bucket(value: GoValue): string {
  if (typeof value === 'string') return `s${value}`;
  const number = numberOf(value);
  if (number !== undefined) return `n${number === 0 ? 0 : number}`;
  if (value instanceof Map) return `m${[...value.keys()].sort().join('\u0000')}`;
  return Array.isArray(value) ? `l${value.length}` : String(value);
}

/** Whether a number is a multiple of another, by their decimal digits: 0.3 is one of 0.1. */
export function isMultiple(value: number, of: number): boolean {
  const [a, b] = [decimal(value), decimal(of)];
  if (b.digits === 0n) return false;
  const places = Math.min(a.exponent, b.exponent);
  const scaled = (one: Decimal): bigint => one.digits * 10n ** BigInt(one.exponent - places);
  return scaled(a) % scaled(b) === 0n;
}

interface Decimal {
  readonly digits: bigint;
  readonly exponent: number;
}

function decimal(value: number): Decimal {
  const [mantissa = '0', exponent = '0'] = String(value).split('e');
  const [whole = '0', fraction = ''] = mantissa.split('.');
  return { digits: BigInt(whole + fraction), exponent: Number(exponent) - fraction.length };
}
