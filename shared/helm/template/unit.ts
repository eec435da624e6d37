import { quote } from '../../go/strconv.ts';
import { location, type Node, nodeText, type Operand, type PipeNode, type Source } from './ast.ts';
import type { Callable } from './callable.ts';
import { ExecError, TemplateLimitError } from './errors.ts';
import type { Frame } from './runtime.ts';
import type { Value } from './value.ts';

/** A compiled expression. */
export type Expr = (frame: Frame) => Value;

/** Finds the function that a name calls. */
export type FunctionLookup = (name: string) => Callable | undefined;

/** What compiling one template body shares: its name and text for errors, its functions, its variables by scope. */
export class Unit {
  readonly source: Source;
  readonly name: string;
  readonly functions: FunctionLookup;
  private readonly operandCompiler: (unit: Unit, node: Operand) => Expr;
  /** Variables in scope; the index is the slot in the frame. */
  private scope: string[] = ['$'];
  /** The most variables that are in scope at once. */
  slots = 1;

  /** `operand` compiles an operand; it is handed in because operands hold pipelines, and pipelines operands. */
  constructor(source: Source, name: string, functions: FunctionLookup, operand: (unit: Unit, node: Operand) => Expr) {
    this.source = source;
    this.name = name;
    this.functions = functions;
    this.operandCompiler = operand;
  }

  /** Compiles an operand where its type does not matter. */
  operand(node: Operand): Expr {
    return this.operandCompiler(this, node);
  }

  /** Declares a variable and returns its slot. */
  bind(name: string): number {
    this.scope.push(name);
    this.slots = Math.max(this.slots, this.scope.length);
    return this.scope.length - 1;
  }

  /** The slot of the last variable of that name in scope. */
  resolve(name: string): number | undefined {
    const slot = this.scope.lastIndexOf(name);
    return slot < 0 ? undefined : slot;
  }

  mark(): number {
    return this.scope.length;
  }

  /**
   * Remembers the variables in scope for what is compiled later: the function that is returned runs `compile` with them.
   */
  later(): <T>(compile: () => T) => T {
    const remembered = [...this.scope];
    return (compile) => {
      const current = this.scope;
      this.scope = [...remembered];
      try {
        return compile();
      } finally {
        this.scope = current;
      }
    };
  }

  /** Drops the variables that were declared since `mark`. */
  release(mark: number): void {
    this.scope.length = mark;
  }

  /** An execution error at a node, with Go's text. */
  error(node: Node, message: string, wrapped?: Error): ExecError {
    const where = `${location(this.source, node.pos)}: executing ${quote(this.name)} at <${nodeText(node)}>`;
    return new ExecError(`template: ${where}: ${message}`, wrapped);
  }

  /** What an error that a function threw becomes. Limits and a full stack go through as they are. */
  callError(node: Node, name: string, error: unknown): unknown {
    if (!(error instanceof Error) || error instanceof TemplateLimitError || isStackOverflow(error)) return error;
    return this.error(node, `error calling ${name}: ${isTooLong(error) ? TOO_LONG : error.message}`, error);
  }
}

/** Whether an error is V8's for a full stack. */
export function isStackOverflow(error: unknown): boolean {
  return error instanceof RangeError && error.message.includes('call stack');
}

/** V8's own limit of a string; ours, for the functions that know their result's length before, is smaller. */
const TOO_LONG = "the text would be longer than chartroom's limit of 2^29 characters";

function isTooLong(error: Error): boolean {
  return error instanceof RangeError && error.message === 'Invalid string length';
}

interface Constant extends Expr {
  constant?: { readonly value: Value };
}

/** An expression that always gives the same value. */
export function constant(value: Value): Expr {
  const expr: Constant = () => value;
  expr.constant = { value };
  return expr;
}

/** The value of a constant expression. */
export function constantOf(expr: Expr): { readonly value: Value } | undefined {
  return (expr as Constant).constant;
}

/** Which argument a call of `and` or `or` stopped at when it last ran; kept for positions in errors only. */
export interface Stop {
  at: number;
}

const stops = new WeakMap<Operand, Stop>();

/** The record of where a call of `and` or `or` stops, by its identifier. */
export function stopOf(ident: Operand): Stop {
  const stop = { at: -1 };
  stops.set(ident, stop);
  return stop;
}

/**
 * The node that Go's executor was at last when an operand has been evaluated: it names errors that come after, such as an
 * argument of the wrong type. Ask when the error is there: `and` and `or` do not evaluate all their arguments.
 */
export function lastNode(node: Operand): Node {
  switch (node.kind) {
    case 'pipe':
      return lastOfPipe(node);
    case 'chain':
      return lastNode(node.node);
    default:
      return node;
  }
}

/** `lastNode` of a pipeline. */
export function lastOfPipe(pipe: PipeNode): Node {
  return lastOfCommand(pipe.cmds[pipe.cmds.length - 1]?.args ?? []) ?? pipe;
}

/** `lastNode` of a command, of which the first operand is the function. */
export function lastOfCommand(operands: readonly Operand[]): Node | undefined {
  const [first] = operands;
  const stop = first === undefined ? undefined : stops.get(first);
  const last = operands[stop === undefined || stop.at < 0 ? operands.length - 1 : stop.at + 1];
  return last === undefined ? undefined : lastNode(last);
}
