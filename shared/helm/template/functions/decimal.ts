import { type GoFunction, GoPanic, type GoValue } from '../../../go/value.ts';
import { toFloat64 } from './cast.ts';
import { pure, pureVariadic } from './define.ts';

/** add1f, addf, subf, mulf, divf: arithmetic on decimals, so that 0.1 + 0.2 is 0.3. */
export function decimalFunctions(): GoFunction[] {
  return [
    pure('add1f', ['any'], (v: GoValue) => fold(toFloat64(v), [1], add)),
    pureVariadic('addf', ['any'], (...values: GoValue[]) => fold(0, values.map(toFloat64), add)),
    pureVariadic('subf', ['any', 'any'], chain(subtract)),
    pureVariadic('mulf', ['any', 'any'], chain(multiply)),
    pureVariadic('divf', ['any', 'any'], chain(divide)),
  ];
}

/** coefficient × 10^exponent. */
interface Decimal {
  readonly coefficient: bigint;
  readonly exponent: number;
}

type Operation = (a: Decimal, b: Decimal) => Decimal;

function chain(operation: Operation): (first: GoValue, ...rest: GoValue[]) => number {
  return (first, ...rest) => fold(toFloat64(first), rest.map(toFloat64), operation);
}

function fold(first: number, rest: number[], operation: Operation): number {
  let at = fromFloat(first);
  for (const x of rest) at = operation(at, fromFloat(x));
  return Number(`${at.coefficient}e${at.exponent}`);
}

function fromFloat(x: number): Decimal {
  if (!Number.isFinite(x)) {
    const shown = Number.isNaN(x) ? 'NaN' : x > 0 ? '+Inf' : '-Inf';
    throw new GoPanic(`Cannot create a Decimal from ${shown}`);
  }
  const [mantissa = '0', exponent = '0'] = x.toExponential().split('e');
  const [whole = '0', fraction = ''] = mantissa.split('.');
  return { coefficient: BigInt(whole + fraction), exponent: Number(exponent) - fraction.length };
}

function scaleTo(d: Decimal, exponent: number): bigint {
  return d.coefficient * 10n ** BigInt(d.exponent - exponent);
}

function add(a: Decimal, b: Decimal): Decimal {
  const exponent = Math.min(a.exponent, b.exponent);
  return { coefficient: scaleTo(a, exponent) + scaleTo(b, exponent), exponent };
}

function subtract(a: Decimal, b: Decimal): Decimal {
  return add(a, { coefficient: -b.coefficient, exponent: b.exponent });
}

function multiply(a: Decimal, b: Decimal): Decimal {
  return { coefficient: a.coefficient * b.coefficient, exponent: a.exponent + b.exponent };
}

const PLACES = 16;

/** To 16 places, halves away from zero. */
function divide(a: Decimal, b: Decimal): Decimal {
  if (b.coefficient === 0n) throw new GoPanic('decimal division by 0');
  const shift = a.exponent - b.exponent + PLACES;
  const top = shift > 0 ? a.coefficient * 10n ** BigInt(shift) : a.coefficient;
  const bottom = shift < 0 ? b.coefficient * 10n ** BigInt(-shift) : b.coefficient;
  let quotient = top / bottom;
  const rest = top % bottom;
  const twice = rest < 0n ? -rest * 2n : rest * 2n;
  if (twice >= (bottom < 0n ? -bottom : bottom)) quotient += top < 0n === bottom < 0n ? 1n : -1n;
  return { coefficient: quotient, exponent: -PLACES };
}
