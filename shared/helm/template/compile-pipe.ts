import { literalValue } from './args.ts';
import { type CommandNode, type Node, nodeText, type Operand, type PipeNode } from './ast.ts';
import { compileCall } from './compile-call.ts';
import { compileChain, compileField, compileVariable } from './compile-field.ts';
import { constant, type Expr, lastOfCommand, lastOfPipe, type Unit } from './unit.ts';

/**
 * Compiles a pipeline with its declarations. The value is not unwrapped: a nil interface is still null, which a pipeline of
 * Go turns into no value; who uses it does that where the difference shows.
 */
export function compilePipe(unit: Unit, pipe: PipeNode): Expr {
  let expr: Expr | undefined;
  let before = (): Node => pipe;
  for (const cmd of pipe.cmds) {
    expr = compileCommand(unit, cmd, expr, before);
    before = () => lastOfCommand(cmd.args) ?? pipe;
  }
  const value = expr as Expr;
  return pipe.decl.length === 0 ? value : compileDeclaration(unit, pipe, value);
}

function compileDeclaration(unit: Unit, pipe: PipeNode, value: Expr): Expr {
  const slots: number[] = [];
  for (const variable of pipe.decl) {
    const name = variable.ident[0] as string;
    const slot = pipe.isAssign ? unit.resolve(name) : unit.bind(name);
    if (slot === undefined) {
      return (frame) => {
        value(frame);
        throw unit.error(lastOfPipe(pipe), `undefined variable: ${name}`);
      };
    }
    slots.push(slot);
  }
  const [only = 0] = slots;
  if (slots.length === 1) {
    return (frame) => {
      const v = value(frame) ?? undefined;
      frame.vars[only] = v;
      frame.boxedVars?.delete(only);
      return v;
    };
  }
  return (frame) => {
    const v = value(frame) ?? undefined;
    for (const slot of slots) {
      frame.vars[slot] = v;
      frame.boxedVars?.delete(slot);
    }
    return v;
  };
}

function compileCommand(unit: Unit, cmd: CommandNode, final: Expr | undefined, before: () => Node): Expr {
  const [first, ...args] = cmd.args as [Operand, ...Operand[]];
  const method = { args, final };
  switch (first.kind) {
    case 'field':
      return compileField(unit, first, method);
    case 'chain':
      return compileChain(unit, first, compileOperand(unit, first.node), method);
    case 'identifier':
      return compileCall(unit, first, cmd, args, final);
    case 'variable':
      if (first.ident.length === 1 && hasArguments(method)) return notAFunction(unit, first, () => first, final);
      return compileVariable(unit, first, method);
    case 'pipe':
      return hasArguments(method) ? notAFunction(unit, first, before, final) : compilePipe(unit, first);
    default:
      if (hasArguments(method)) return notAFunction(unit, first, () => first, final);
      return compileLiteral(unit, first);
  }
}

function hasArguments(method: { args: readonly Operand[]; final: Expr | undefined }): boolean {
  return method.args.length > 0 || method.final !== undefined;
}

function notAFunction(unit: Unit, node: Operand, at: () => Node, final: Expr | undefined): Expr {
  return (frame) => {
    final?.(frame);
    throw unit.error(at(), `can't give argument to non-function ${nodeText(node)}`);
  };
}

function compileLiteral(unit: Unit, node: Operand): Expr {
  if (node.kind === 'dot') return (frame) => frame.dot;
  if (node.kind === 'nil') {
    return () => {
      throw unit.error(node, 'nil is not a command');
    };
  }
  const literal = literalValue(node);
  if ('value' in literal) return constant(literal.value);
  return () => {
    throw unit.error(node, literal.error);
  };
}

/** Compiles an operand where its type does not matter: what a field chain starts from, or an argument. */
export function compileOperand(unit: Unit, node: Operand): Expr {
  switch (node.kind) {
    case 'field':
      return compileField(unit, node);
    case 'variable':
      return compileVariable(unit, node);
    case 'pipe':
      return compilePipe(unit, node);
    case 'identifier':
      return compileCall(unit, node, node, [], undefined);
    case 'chain':
      return compileChain(unit, node, compileOperand(unit, node.node));
    default:
      return compileLiteral(unit, node);
  }
}
