import { typeOf } from '../../go/print.ts';
import { elementType } from '../../go/types.ts';
import { GO_STRUCT, GoInt, type GoMap, type GoValue, isStruct, typeTag } from '../../go/value.ts';

/**
 * What an expression gives. `undefined` is Go's invalid reflect.Value (a nil that went through a pipeline: its fields are
 * nothing); `null` is a nil interface read out of a map or list (its fields are an error).
 */
export type Value = GoValue | undefined;

/** The truth of a value, as `if`, `and`, `not` and `with` see it. */
export function isTrue(v: Value): boolean {
  if (v === undefined || v === null) return false;
  if (typeof v === 'boolean') return v;
  if (typeof v === 'string') return v !== '';
  if (typeof v === 'number') return v !== 0;
  if (v instanceof Map) return v.size > 0;
  if (Array.isArray(v)) return v.length > 0;
  if (v instanceof GoInt) return v.value !== 0;
  if (v instanceof Uint8Array) return v.length > 0;
  return v.truthy === undefined ? true : v.truthy();
}

/** Go's zero value of an element type, for a key that a map does not have. */
export function zeroOf(map: GoMap): GoValue {
  if (typeTag(map) === undefined) return null;
  switch (elementType(map)) {
    case 'string':
      return '';
    case 'bool':
      return false;
    case 'int':
      return new GoInt(0, 'int');
    case 'float64':
      return 0;
    case '[]uint8':
    case '[]byte':
      return new Uint8Array(0);
    default:
      return null;
  }
}

/** A complex constant. Nothing in Helm computes with one; it can only be printed. */
export function complexValue(real: number, imaginary: number, show: (x: number) => string): GoValue {
  const sign = imaginary < 0 || Object.is(imaginary, -0) ? '' : '+';
  const text = `(${show(real)}${sign}${show(imaginary)}i)`;
  return {
    [GO_STRUCT]: true,
    goType: 'complex128',
    goKind: 'complex128',
    field: () => undefined,
    method: () => undefined,
    format: () => text,
    truthy: () => real !== 0 || imaginary !== 0,
    equals: (other) => other.format() === text,
  };
}

/** The type that Go's errors name for the receiver of a field. `boxed`: it was read out of a map or list of any. */
export function receiverType(v: Value, boxed: boolean): string {
  return boxed || v === null || v === undefined ? 'interface {}' : typeOf(v);
}

/** Whether reading an element of this container gives Go an interface, not a value of a type of its own. */
export function boxesElements(container: Value): boolean {
  if (container instanceof Map || Array.isArray(container)) return elementType(container) === 'interface {}';
  return isStruct(container) ? false : container === null;
}
