import { ArgError, convert, literalArg } from './args.ts';
import type { Node, Operand } from './ast.ts';
import type { Callable, Param } from './callable.ts';
import type { Frame } from './runtime.ts';
import { constant, constantOf, type Expr, lastNode, type Unit } from './unit.ts';
import type { Value } from './value.ts';

/** An argument of a call: a value converted to its parameter. */
export type ArgExpr = (frame: Frame) => unknown;

/** A call's arguments, compiled for the parameters of a function. */
export interface PreparedArgs {
  readonly args: readonly ArgExpr[];
  /** Converts the pipeline's value before it, which is the last argument. */
  readonly final: ((v: Value) => unknown) | undefined;
}

/**
 * Compiles arguments for a function's parameters.
 *
 * @throws ExecError where their number is wrong: callers that compile ahead must throw it only when the call runs.
 */
export function prepareArgs(
  unit: Unit,
  fn: Callable,
  nodes: readonly Operand[],
  hasFinal: boolean,
  ident: Node,
): PreparedArgs {
  checkCount(unit, fn, nodes.length, hasFinal, ident);
  const args = nodes.map((node, i) => compileArg(unit, paramAt(fn, i), node));
  if (!hasFinal) return { args, final: undefined };
  const param = paramAt(fn, nodes.length);
  const last = nodes[nodes.length - 1];
  const at = last === undefined ? () => ident : () => lastNode(last);
  return { args, final: (v) => checked(unit, param, v ?? undefined, at) };
}

function checkCount(unit: Unit, fn: Callable, given: number, hasFinal: boolean, at: Node): void {
  const count = given + (hasFinal ? 1 : 0);
  const declared = fn.params.length;
  if (fn.variadic) {
    if (count >= declared - 1) return;
    throw unit.error(at, `wrong number of args for ${fn.name}: want at least ${declared - 1} got ${given}`);
  }
  if (count !== declared) throw unit.error(at, `wrong number of args for ${fn.name}: want ${declared} got ${count}`);
}

function paramAt(fn: Callable, i: number): Param {
  const last = fn.params.length - 1;
  return fn.params[Math.min(i, last)] as Param;
}

function checked(unit: Unit, param: Param, v: Value, at: () => Node): unknown {
  try {
    return convert(param, v);
  } catch (error) {
    throw error instanceof ArgError ? unit.error(at(), error.message) : error;
  }
}

function compileArg(unit: Unit, param: Param, node: Operand): ArgExpr {
  if (node.kind === 'nil' || node.kind === 'bool' || node.kind === 'string' || node.kind === 'number') {
    const literal = literalArg(param, node);
    if ('value' in literal) return constant(literal.value as Value);
    return () => {
      throw unit.error(node, literal.error);
    };
  }
  const expr = unit.operand(node);
  // A pipeline's nil is no value; a nil that was read from a map is a nil interface.
  const isPipe = node.kind === 'pipe';
  if (param === 'value') return isPipe ? (frame) => expr(frame) ?? undefined : expr;
  if (param === 'any') return constantOf(expr) === undefined ? (frame) => expr(frame) ?? null : expr;
  const at = () => lastNode(node);
  if (param === 'string') {
    return (frame) => {
      const v = expr(frame);
      return typeof v === 'string' ? v : checked(unit, param, isPipe ? (v ?? undefined) : v, at);
    };
  }
  return (frame) => {
    const v = expr(frame);
    return checked(unit, param, isPipe ? (v ?? undefined) : v, at);
  };
}

/** Evaluates arguments in order, the pipeline's value last. */
export function convertAll(prepared: PreparedArgs, frame: Frame, final: Value): unknown[] {
  const values: unknown[] = [];
  for (const arg of prepared.args) values.push(arg(frame));
  if (prepared.final !== undefined) values.push(prepared.final(final));
  return values;
}

/** The values of arguments that are all literals. */
export function literalArgs(args: readonly ArgExpr[]): unknown[] | undefined {
  const values: unknown[] = [];
  for (const arg of args) {
    const known = constantOf(arg as Expr);
    if (known === undefined) return undefined;
    values.push(known.value);
  }
  return values;
}
