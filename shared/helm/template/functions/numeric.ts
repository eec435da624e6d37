import { sprint } from '../../../go/print.ts';
import { parseInt64 } from '../../../go/strconv.ts';
import { type GoFunction, GoInt, GoPanic, type GoValue, goInt, tagType } from '../../../go/value.ts';
import { type Int64, int64, toFloat64, toInt64, wrapInt64 } from './cast.ts';
import { effect, pure, pureVariadic, withAliases } from './define.ts';
import { checkListSize } from './limits.ts';
import { roundFloat } from './round.ts';

/** Integer arithmetic (64 bits, wrapping), casts, rounding and ranges. */
export function numericFunctions(): GoFunction[] {
  return [
    ...arithmetic(),
    pure('int', ['any'], (v: GoValue) => goInt(toInt64(v), 'int')),
    pure('int64', ['any'], (v: GoValue) => int64(toInt64(v))),
    pure('float64', ['any'], toFloat64),
    pure('toDecimal', ['any'], (v: GoValue) => int64(wrapInt64(parseInt64(sprint(v), 8) ?? 0n))),
    ...withAliases(pureVariadic('max', ['any', 'any'], largest), 'biggest'),
    pureVariadic('min', ['any', 'any'], smallest),
    pureVariadic('maxf', ['any', 'any'], (...values: GoValue[]) => Math.max(...values.map(toFloat64))),
    pureVariadic('minf', ['any', 'any'], (...values: GoValue[]) => Math.min(...values.map(toFloat64))),
    pure('ceil', ['any'], (v: GoValue) => Math.ceil(toFloat64(v))),
    pure('floor', ['any'], (v: GoValue) => Math.floor(toFloat64(v))),
    pureVariadic('round', ['any', 'int', 'float64'], (v: GoValue, places: number, ...from: number[]) =>
      roundFloat(toFloat64(v), places, from[0] ?? 0.5),
    ),
    effect('until', ['int'], (count: number) => range('until', 0, count, count < 0 ? -1 : 1)),
    effect('untilStep', ['int', 'int', 'int'], (start: number, stop: number, step: number) =>
      range('untilStep', start, stop, step),
    ),
    pureVariadic('seq', ['int'], sequence),
  ];
}

function arithmetic(): GoFunction[] {
  return [
    pure('add1', ['any'], (v: GoValue) => int64(add(toInt64(v), 1))),
    pureVariadic('add', ['any'], (...values: GoValue[]) => {
      let sum: Int64 = 0;
      for (const v of values) sum = add(sum, toInt64(v));
      return int64(sum);
    }),
    pure('sub', ['any', 'any'], (a: GoValue, b: GoValue) => int64(subtract(toInt64(a), toInt64(b)))),
    pureVariadic('mul', ['any', 'any'], (first: GoValue, ...rest: GoValue[]) => {
      let product = toInt64(first);
      for (const v of rest) product = multiply(product, toInt64(v));
      return int64(product);
    }),
    pure('div', ['any', 'any'], (a: GoValue, b: GoValue) => int64(divide(toInt64(a), toInt64(b)))),
    pure('mod', ['any', 'any'], (a: GoValue, b: GoValue) => int64(remainder(toInt64(a), toInt64(b)))),
  ];
}

// Each takes the fast way where the result is exact as a number.

function add(a: Int64, b: Int64): Int64 {
  if (typeof a === 'number' && typeof b === 'number') {
    const sum = a + b;
    if (Number.isSafeInteger(sum)) return sum;
  }
  return wrapInt64(BigInt(a) + BigInt(b));
}

function subtract(a: Int64, b: Int64): Int64 {
  if (typeof a === 'number' && typeof b === 'number') {
    const difference = a - b;
    if (Number.isSafeInteger(difference)) return difference;
  }
  return wrapInt64(BigInt(a) - BigInt(b));
}

function multiply(a: Int64, b: Int64): Int64 {
  if (typeof a === 'number' && typeof b === 'number') {
    const product = a * b;
    if (Number.isSafeInteger(product)) return product + 0;
  }
  return wrapInt64(BigInt(a) * BigInt(b));
}

function divide(a: Int64, b: Int64): Int64 {
  if (b === 0) throw new GoPanic('runtime error: integer divide by zero');
  if (typeof a === 'number' && typeof b === 'number') return Math.trunc(a / b) + 0;
  return wrapInt64(BigInt(a) / BigInt(b));
}

function remainder(a: Int64, b: Int64): Int64 {
  if (b === 0) throw new GoPanic('runtime error: integer divide by zero');
  if (typeof a === 'number' && typeof b === 'number') return (a % b) + 0;
  return wrapInt64(BigInt(a) % BigInt(b));
}

function largest(...values: GoValue[]): GoInt {
  return int64(pickInt(values, (a, b) => b > a));
}

function smallest(...values: GoValue[]): GoInt {
  return int64(pickInt(values, (a, b) => b < a));
}

function pickInt(values: GoValue[], better: (a: Int64, b: Int64) => boolean): Int64 {
  return values.map(toInt64).reduce((a, b) => (better(a, b) ? b : a));
}

/** start, start+step, … before stop; nothing where the step leads away from it. */
function steps(fn: string, start: number, stop: number, step: number): number[] {
  const down = stop < start;
  if (down ? step >= 0 : step <= 0) return [];
  checkListSize(fn, Math.ceil((Number(stop) - Number(start)) / Number(step)));
  const out: number[] = [];
  for (let i = start; down ? i > stop : i < stop; i += step) out.push(i);
  return out;
}

function range(fn: string, start: number, stop: number, step: number): GoValue[] {
  const out: GoValue[] = steps(fn, start, stop, step).map((i) => new GoInt(i, 'int'));
  return tagType(out, '[]int');
}

/** seq end | seq start end | seq start step end: the numbers, the end included, as text. */
function sequence(...given: number[]): string {
  const params = given.map(Number);
  if (params.length < 1 || params.length > 3) return '';
  const start = params.length === 1 ? 1 : (params[0] as number);
  const end = params.at(-1) as number;
  const toward = end < start ? -1 : 1;
  const step = params.length === 3 ? (params[1] as number) : toward;
  return steps('seq', start, end + toward, step).join(' ');
}
