import { type GoFunction, GoPanic, type GoValue, type ParamType } from '../../go/value.ts';
import type { Runtime } from './runtime.ts';
import type { Value } from './value.ts';

/** `value` is Go's reflect.Value: the argument as it is, nil included. */
export type Param = ParamType | 'value';

/** A function as the compiler calls it: one of the table's, a builtin, or one that needs the render. */
export interface Callable {
  readonly name: string;
  readonly params: readonly Param[];
  readonly variadic: boolean;
  readonly pure: boolean;
  /** Go's `and` and `or`, which evaluate only the arguments that they need. */
  readonly shortCircuit?: 'and' | 'or';
  // biome-ignore lint/suspicious/noExplicitAny: the engine has checked the arguments against params
  readonly call: (...args: any[]) => Value;
  /** Instead of `call`, for functions of the render. */
  // biome-ignore lint/suspicious/noExplicitAny: as for call
  readonly bound?: (rt: Runtime, ...args: any[]) => GoValue;
}

/** A function of the table as a Callable. */
export function tableFunction(fn: GoFunction): Callable {
  return {
    name: fn.name,
    params: fn.params,
    variadic: fn.variadic === true,
    pure: fn.pure === true,
    call: fn.name === 'set' ? guardNilMap(fn.call) : fn.call,
  };
}

/** Go's nil map, as an argument: empty to read, a panic to assign to. */
export class NilMap extends Map<string, GoValue> {}

function guardNilMap(call: GoFunction['call']): GoFunction['call'] {
  return (...args) => {
    if (args[0] instanceof NilMap) throw new GoPanic('assignment to entry in nil map');
    return call(...args);
  };
}
