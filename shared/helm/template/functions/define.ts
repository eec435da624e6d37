import type { GoFunction, GoValue, ParamType } from '../../../go/value.ts';

// biome-ignore lint/suspicious/noExplicitAny: the engine has checked the arguments against the declared parameters
type Call = (...args: any[]) => GoValue;

/** Declares a function whose result depends on nothing but its arguments and is itself immutable: it may be folded. */
export function pure(name: string, params: readonly ParamType[], call: Call): GoFunction {
  return { name, params, call, pure: true };
}

/** As `pure`, where the last parameter takes zero or more arguments. */
export function pureVariadic(name: string, params: readonly ParamType[], call: Call): GoFunction {
  return { name, params, call, pure: true, variadic: true };
}

/** Declares a function that reads the clock or chance, changes its arguments, or returns a new map or list each time. */
export function effect(name: string, params: readonly ParamType[], call: Call): GoFunction {
  return { name, params, call };
}

/** As `effect`, where the last parameter takes zero or more arguments. */
export function effectVariadic(name: string, params: readonly ParamType[], call: Call): GoFunction {
  return { name, params, call, variadic: true };
}

/** The same function under further names. The first one is kept. */
export function withAliases(fn: GoFunction, ...names: string[]): GoFunction[] {
  return [fn, ...names.map((name) => ({ ...fn, name }))];
}

/**
 * A function and its `must` form. Sprig's plain form panics with the error that the must form returns, and the
 * template engine reports both alike, so that one body serves both.
 */
export function withMust(fn: GoFunction): GoFunction[] {
  const name = `must${fn.name.charAt(0).toUpperCase()}${fn.name.slice(1)}`;
  return [fn, { ...fn, name }];
}
