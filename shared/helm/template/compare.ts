import { noFlags } from '../../go/format-state.ts';
import { formatArg, typeOf } from '../../go/print.ts';
import { isUnsigned, kindOf } from '../../go/types.ts';
import { compareUtf8 } from '../../go/utf8.ts';
import { GoError, GoInt, type GoValue, isStruct } from '../../go/value.ts';
import { isNilCollection } from './functions/nil.ts';
import type { Value } from './value.ts';

type Basic = 'bool' | 'int' | 'uint' | 'float' | 'string' | 'complex' | undefined;

function basicKind(v: Value): Basic {
  if (typeof v === 'string') return 'string';
  if (typeof v === 'number') return 'float';
  if (typeof v === 'boolean') return 'bool';
  if (v instanceof GoInt) return isUnsigned(v) ? 'uint' : 'int';
  if (v !== undefined && isStruct(v)) {
    if (v.goKind === 'complex128') return 'complex';
    if (v.goKind === 'string') return 'string';
  }
  return undefined;
}

/** Go's `eq`: whether the first argument equals any of the others. */
export function equal(first: Value, ...others: Value[]): boolean {
  if (others.length === 0) throw new GoError('missing argument for comparison');
  for (const other of others) if (equalPair(first, other)) return true;
  return false;
}

/** `eq` of two values; throws GoError where Go cannot compare their types. */
export function equalPair(a: Value, b: Value): boolean {
  if (typeof a === 'string' && typeof b === 'string') return a === b;
  const kindA = basicKind(a);
  const kindB = basicKind(b);
  if (kindA !== kindB) return equalMixed(a, kindA, b, kindB);
  if (kindA === undefined) return equalOther(a ?? null, b ?? null);
  if (a instanceof GoInt && b instanceof GoInt) return a.value === b.value;
  if (typeof a === 'object' || typeof b === 'object') return text(a) === text(b);
  return a === b;
}

function text(v: Value): string {
  return v !== undefined && isStruct(v) ? v.format() : String(v);
}

function equalMixed(a: Value, kindA: Basic, b: Value, kindB: Basic): boolean {
  // Go compares integers whatever their sign.
  if (a instanceof GoInt && b instanceof GoInt) return a.value === b.value;
  if (isNone(a) || isNone(b)) return false;
  throw incompatible(a, kindA, b, kindB);
}

function isNone(v: Value): v is null | undefined {
  return v === null || v === undefined;
}

function incompatible(a: Value, _kindA: Basic, b: Value, _kindB: Basic): GoError {
  return new GoError(`incompatible types for comparison: ${typeOf(a ?? null)} and ${typeOf(b ?? null)}`);
}

function equalOther(a: GoValue, b: GoValue): boolean {
  if (a === null || b === null) return a === b;
  const flags = noFlags();
  if (kindOf(a) !== kindOf(b)) {
    const left = `${formatArg(a, 's', flags)}: ${typeOf(a)}`;
    throw new GoError(`non-comparable types ${left}, ${typeOf(b)}: ${formatArg(b, 'v', flags)}`);
  }
  // Lists and maps compare with nil ones only.
  if (isNilCollection(a) || isNilCollection(b)) return isNilCollection(a) && isNilCollection(b);
  if (isStruct(a) && isStruct(b)) return a.equals === undefined ? a === b : a.equals(b);
  throw new GoError(`non-comparable type ${formatArg(b, 's', flags)}: ${typeOf(b)}`);
}

/** Go's `lt`. */
export function less(a: Value, b: Value): boolean {
  const kindA = basicKind(a);
  const kindB = basicKind(b);
  if (kindA === undefined || kindB === undefined) throw new GoError('invalid type for comparison');
  if (a instanceof GoInt && b instanceof GoInt) return a.value < b.value;
  if (kindA !== kindB) throw incompatible(a, kindA, b, kindB);
  if (typeof a === 'number' && typeof b === 'number') return a < b;
  if (kindA === 'string') return compareUtf8(text(a), text(b)) < 0;
  throw new GoError('invalid type for comparison');
}

/** Go's `le`. */
export function lessOrEqual(a: Value, b: Value): boolean {
  return less(a, b) || equalPair(a, b);
}
