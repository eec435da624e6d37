import { typeOf } from '../../go/print.ts';
import { GoError, GoInt, type GoValue } from '../../go/value.ts';
import { type IdentifierNode, type Node, nodeText, type Operand } from './ast.ts';
import type { Callable } from './callable.ts';
import { type ArgExpr, literalArgs, type PreparedArgs, prepareArgs } from './compile-args.ts';
import { printfParts } from './printf.ts';
import type { Frame } from './runtime.ts';
import { constant, constantOf, type Expr, type Stop, stopOf, type Unit } from './unit.ts';
import { isTrue, type Value } from './value.ts';

/**
 * Compiles a function call. `node` is what Go reports an error of the function at: the command, or the bare name where it
 * is an argument. `final` is the pipeline's value before it.
 */
export function compileCall(
  unit: Unit,
  ident: IdentifierNode,
  node: Node,
  args: readonly Operand[],
  final: Expr | undefined,
): Expr {
  const fn = unit.functions(ident.name);
  if (fn === undefined) {
    return failing(final, () => unit.error(ident, `"${ident.name}" is not a defined function`));
  }
  let prepared: PreparedArgs;
  try {
    prepared = prepareArgs(unit, named(fn, ident.name), args, final !== undefined, ident);
  } catch (error) {
    // The number of arguments is wrong: Go says so when the call runs.
    return failing(final, () => error);
  }
  if (fn.shortCircuit !== undefined)
    return shortCircuit(fn.shortCircuit, stopOf(ident), prepared.args as Expr[], final);
  const site: CallSite = { unit, node, name: ident.name };
  if (fn.bound !== undefined) return boundCall(site, fn.bound, prepared, final);
  if (fn.name === 'call') return callOfValue(site, args[0], prepared, final);
  return folded(fn, prepared, final) ?? plainCall(site, withFormat(fn, prepared, final), prepared, final);
}

interface CallSite {
  readonly unit: Unit;
  readonly node: Node;
  readonly name: string;
}

function named(fn: Callable, name: string): Callable {
  return fn.name === name ? fn : { ...fn, name };
}

function failing(final: Expr | undefined, error: () => unknown): Expr {
  return (frame) => {
    final?.(frame);
    throw error();
  };
}

function shortCircuit(kind: 'and' | 'or', stop: Stop, args: readonly Expr[], final: Expr | undefined): Expr {
  const stopAt = kind === 'or';
  if (args.length === 2 && final === undefined) {
    const [a, b] = args as [Expr, Expr];
    return (frame) => {
      const first = a(frame);
      if (isTrue(first) === stopAt) {
        stop.at = 0;
        return first;
      }
      const second = b(frame);
      stop.at = -1;
      return second;
    };
  }
  return (frame) => {
    const last = final === undefined ? undefined : (final(frame) ?? undefined);
    let v: Value;
    for (let i = 0; i < args.length; i++) {
      v = (args[i] as Expr)(frame);
      if (isTrue(v) === stopAt) {
        stop.at = i;
        return v;
      }
    }
    stop.at = -1;
    return final === undefined ? v : last;
  };
}

/** A call of literals that always gives the same simple value is made once. */
function folded(fn: Callable, prepared: PreparedArgs, final: Expr | undefined): Expr | undefined {
  if (!fn.pure) return undefined;
  const values = literalArgs(prepared.args);
  const last = final === undefined ? undefined : constantOf(final);
  if (values === undefined || (final !== undefined && last === undefined)) return undefined;
  try {
    if (prepared.final !== undefined) values.push(prepared.final(last?.value));
    const result = fn.call(...values);
    const simple = typeof result !== 'object' || result === null || result instanceof GoInt;
    return simple ? constant(result) : undefined;
  } catch {
    // It fails every time; it must do so where the template reaches it.
    return undefined;
  }
}

/** printf with a literal format is taken apart once. */
function withFormat(fn: Callable, prepared: PreparedArgs, final: Expr | undefined): Callable['call'] {
  if (fn.name !== 'printf') return fn.call;
  const format = prepared.args[0] === undefined ? undefined : constantOf(prepared.args[0] as Expr)?.value;
  if (typeof format !== 'string') return fn.call;
  const given = prepared.args.length - 1 + (final === undefined ? 0 : 1);
  const parts = printfParts(format, given);
  return parts === undefined ? fn.call : (_format: string, ...args: GoValue[]) => parts(args);
}

function plainCall(site: CallSite, call: Callable['call'], prepared: PreparedArgs, final: Expr | undefined): Expr {
  const { unit, node, name } = site;
  const { args } = prepared;
  if (final !== undefined && prepared.final !== undefined) return finalCall(site, call, args, prepared.final, final);
  const [a, b] = args;
  if (args.length === 1 && a !== undefined) {
    return (frame) => {
      const first = a(frame);
      try {
        return call(first);
      } catch (error) {
        throw unit.callError(node, name, error);
      }
    };
  }
  if (args.length === 2 && a !== undefined && b !== undefined) {
    return (frame) => {
      const first = a(frame);
      const second = b(frame);
      try {
        return call(first, second);
      } catch (error) {
        throw unit.callError(node, name, error);
      }
    };
  }
  return (frame) => {
    const values: unknown[] = [];
    for (const arg of args) values.push(arg(frame));
    return spread(site, call, values);
  };
}

function spread({ unit, node, name }: CallSite, call: Callable['call'], values: unknown[]): Value {
  try {
    return call(...values);
  } catch (error) {
    throw unit.callError(node, name, error);
  }
}

/** Calls with the pipeline's value as the last argument; it is evaluated before the others. */
function finalCall(
  site: CallSite,
  call: Callable['call'],
  args: readonly ArgExpr[],
  convert: (v: Value) => unknown,
  final: Expr,
): Expr {
  const { unit, node, name } = site;
  const [a] = args;
  if (args.length === 0) {
    return (frame) => {
      const last = convert(final(frame));
      try {
        return call(last);
      } catch (error) {
        throw unit.callError(node, name, error);
      }
    };
  }
  if (args.length === 1 && a !== undefined) {
    return (frame) => {
      const piped = final(frame);
      const first = a(frame);
      const last = convert(piped);
      try {
        return call(first, last);
      } catch (error) {
        throw unit.callError(node, name, error);
      }
    };
  }
  return (frame) => {
    const piped = final(frame);
    const values: unknown[] = [];
    for (const arg of args) values.push(arg(frame));
    values.push(convert(piped));
    return spread(site, call, values);
  };
}

function boundCall(
  { unit, node, name }: CallSite,
  bound: NonNullable<Callable['bound']>,
  prepared: PreparedArgs,
  final: Expr | undefined,
): Expr {
  const { args } = prepared;
  return (frame: Frame) => {
    const piped = final?.(frame);
    const values: unknown[] = [];
    for (const arg of args) values.push(arg(frame));
    if (prepared.final !== undefined) values.push(prepared.final(piped));
    try {
      return bound(frame.rt, ...values);
    } catch (error) {
      throw unit.callError(node, name, error);
    }
  };
}

/** Go's `call`: no value that a chart can reach is a function, so it only says so. */
function callOfValue(
  site: CallSite,
  callee: Operand | undefined,
  prepared: PreparedArgs,
  final: Expr | undefined,
): Expr {
  const call = (fn: Value): Value => {
    if (fn === null || fn === undefined) throw new GoError('call of nil');
    const shown = typeof fn === 'string' ? fn : `<${typeOf(fn)} Value>`;
    throw new GoError(`non-function ${callee === undefined ? shown : nodeText(callee)} of type ${typeOf(fn)}`);
  };
  return plainCall(site, call, prepared, final);
}
