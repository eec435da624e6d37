import { quote } from '../../go/strconv.ts';
import { type GoFunction, type GoMap, type GoStruct, isStruct } from '../../go/value.ts';
import type { ChainNode, FieldNode, Node, Operand, VariableNode } from './ast.ts';
import { tableFunction } from './callable.ts';
import { convertAll, type PreparedArgs, prepareArgs } from './compile-args.ts';
import type { Frame } from './runtime.ts';
import { type Expr, lastNode, type Unit } from './unit.ts';
import { boxesElements, receiverType, type Value, zeroOf } from './value.ts';
import { isValuesMethod, valuesMethod } from './values-methods.ts';

/** What a chain of fields starts from: how to get it, and whether it is an element of a list or map of any. */
interface Root {
  readonly expr: Expr;
  readonly boxed: (frame: Frame) => boolean;
}

/** Arguments of the last field, which must then be a method, and the pipeline's value before it. */
export interface MethodArgs {
  readonly args: readonly Operand[];
  readonly final: Expr | undefined;
}

const NO_ARGS: MethodArgs = { args: [], final: undefined };
const DOT: Root = { expr: (frame) => frame.dot, boxed: (frame) => frame.boxed };

/** `.a.b.c`, perhaps a method call. */
export function compileField(unit: Unit, node: FieldNode, method: MethodArgs = NO_ARGS): Expr {
  return fieldChain(new FieldSite(unit, { node, error: () => node }, node.ident, DOT, method), method);
}

/** `$x` or `$x.a.b`; `notFunction` is called where a plain variable is given arguments. */
export function compileVariable(unit: Unit, node: VariableNode, method: MethodArgs = NO_ARGS): Expr {
  const name = node.ident[0] as string;
  const slot = unit.resolve(name);
  if (slot === undefined) {
    return () => {
      throw unit.error(node, `undefined variable: ${name}`);
    };
  }
  const expr: Expr = (frame) => frame.vars[slot];
  if (node.ident.length === 1) return expr;
  const root: Root = { expr, boxed: (frame) => frame.boxedVars?.has(slot) === true };
  return fieldChain(new FieldSite(unit, { node, error: () => node }, node.ident.slice(1), root, method), method);
}

/** `(pipe).a.b` or `func.a`. */
export function compileChain(unit: Unit, node: ChainNode, inner: Expr, method: MethodArgs = NO_ARGS): Expr {
  // A pipeline's nil is no value at all; its fields are nothing, not an error.
  const expr: Expr = node.node.kind === 'pipe' ? (frame) => inner(frame) ?? undefined : inner;
  const root: Root = { expr, boxed: () => false };
  return fieldChain(new FieldSite(unit, { node, error: () => lastNode(node.node) }, node.fields, root, method), method);
}

interface SiteNodes {
  /** The node of the chain: calls of its methods are reported here. */
  readonly node: Node;
  /** The node that other errors are reported at. */
  readonly error: () => Node;
}

class FieldSite {
  readonly unit: Unit;
  private readonly node: Node;
  private readonly errorNode: () => Node;
  readonly names: readonly string[];
  readonly root: Root;
  private readonly inScope: <T>(compile: () => T) => T;
  private readonly prepared = new Map<string, PreparedArgs>();
  /** Whether a name in the chain may be a method of common.Values. */
  readonly methodNames: boolean;

  constructor(unit: Unit, nodes: SiteNodes, names: readonly string[], root: Root, method: MethodArgs) {
    this.unit = unit;
    this.node = nodes.node;
    this.errorNode = nodes.error;
    this.names = names;
    this.root = root;
    this.methodNames = names.some(isValuesMethod);
    // Arguments are compiled when the method is found, with the variables of here.
    this.inScope = method.args.length > 0 ? unit.later() : (compile) => compile();
  }

  /** Reads the first `count` fields of a value. */
  walk(frame: Frame, start: Value, count: number): Value {
    let current = start;
    let container: Value;
    for (let i = 0; i < count; i++) {
      const name = this.names[i] as string;
      const next = current instanceof Map ? this.key(frame, current, name) : undefined;
      if (next !== undefined) {
        container = current;
        current = next;
        continue;
      }
      const before = current;
      current = this.read(frame, current, i, container);
      container = before;
    }
    return current;
  }

  private key(frame: Frame, map: GoMap, name: string): Value {
    const method = this.methodNames ? valuesMethod(map, name) : undefined;
    return method === undefined ? map.get(name) : this.callMethod(frame, method, NO_ARGS, undefined);
  }

  /** Reads a field that is not simply a key that the map has. */
  private read(frame: Frame, receiver: Value, at: number, container: Value): Value {
    const name = this.names[at] as string;
    if (receiver === undefined) return this.ofNothing(frame, name);
    const boxed = at === 0 ? this.root.boxed(frame) : boxesElements(container);
    if (receiver === null) {
      throw this.unit.error(this.errorNode(), `nil pointer evaluating ${receiverType(receiver, boxed)}.${name}`);
    }
    if (receiver instanceof Map) return this.missing(frame, receiver, name);
    if (isStruct(receiver)) {
      const method = receiver.method(name);
      if (method !== undefined) return this.callMethod(frame, method, NO_ARGS, undefined);
      const value = structField(receiver, name);
      if (value !== undefined) return value;
    }
    throw this.unit.error(this.errorNode(), `can't evaluate field ${name} in type ${receiverType(receiver, boxed)}`);
  }

  private ofNothing(frame: Frame, name: string): Value {
    if (frame.rt.strict) throw this.unit.error(this.errorNode(), `nil data; no entry for key ${quote(name)}`);
    return undefined;
  }

  private missing(frame: Frame, map: Map<string, Value>, name: string): Value {
    if (frame.rt.strict) throw this.unit.error(this.errorNode(), `map has no entry for key ${quote(name)}`);
    return zeroOf(map as Map<string, Exclude<Value, undefined>>);
  }

  /** Reads all fields, the last of them with arguments. */
  call(frame: Frame, method: MethodArgs, final: Value): Value {
    const last = this.names.length - 1;
    const receiver = this.walk(frame, this.root.expr(frame), last);
    const name = this.names[last] as string;
    if (receiver === undefined) return this.ofNothing(frame, name);
    if (isStruct(receiver)) {
      const found = receiver.method(name);
      if (found !== undefined) return this.callMethod(frame, found, method, final);
      if (structField(receiver, name) !== undefined) {
        throw this.unit.error(this.errorNode(), `${name} has arguments but cannot be invoked as function`);
      }
    }
    if (receiver instanceof Map) {
      const found = this.methodNames ? valuesMethod(receiver, name) : undefined;
      if (found !== undefined) return this.callMethod(frame, found, method, final);
      throw this.unit.error(this.errorNode(), `${name} is not a method but has arguments`);
    }
    const what = receiver === null ? `nil pointer evaluating interface {}.${name}` : undefined;
    const boxed = last === 0 ? this.root.boxed(frame) : true;
    const other = `can't evaluate field ${name} in type ${receiverType(receiver, boxed)}`;
    throw this.unit.error(this.errorNode(), what ?? other);
  }

  /** A method's parameters are known only when it is found; its arguments are compiled then, once per method. */
  private callMethod(frame: Frame, found: GoFunction, method: MethodArgs, final: Value): Value {
    const prepared = this.argsFor(found, method);
    const args = convertAll(prepared, frame, final);
    try {
      return found.call(...args);
    } catch (error) {
      throw this.unit.callError(this.node, found.name, error);
    }
  }

  private argsFor(found: GoFunction, method: MethodArgs): PreparedArgs {
    const key = `${found.name}(${found.params.join()})${found.variadic === true}${method === NO_ARGS}`;
    const known = this.prepared.get(key);
    if (known !== undefined) return known;
    const hasFinal = method.final !== undefined;
    const made = this.inScope(() =>
      prepareArgs(this.unit, tableFunction(found), method.args, hasFinal, this.errorNode()),
    );
    this.prepared.set(key, made);
    return made;
  }
}

function structField(receiver: GoStruct, name: string): Value {
  const value = receiver.field(name);
  if (value !== undefined || receiver.goKind !== 'map') return value;
  return receiver.index?.(name);
}

function fieldChain(site: FieldSite, method: MethodArgs): Expr {
  if (method.args.length > 0 || method.final !== undefined) {
    const { final } = method;
    if (final === undefined) return (frame) => site.call(frame, method, undefined);
    return (frame) => site.call(frame, method, final(frame) ?? undefined);
  }
  if (site.root === DOT && !site.methodNames) return dotChain(site);
  const { expr } = site.root;
  const count = site.names.length;
  if (count === 1 && !site.methodNames) {
    const [a = ''] = site.names;
    return (frame) => {
      const start = expr(frame);
      if (start instanceof Map) {
        const found = start.get(a);
        if (found !== undefined) return found;
      }
      return site.walk(frame, start, 1);
    };
  }
  return (frame) => site.walk(frame, expr(frame), count);
}

/** The common chains from dot, unrolled; whatever is not a key that is there is read again by `walk`. */
function dotChain(site: FieldSite): Expr {
  const count = site.names.length;
  const [a = '', b = '', c = ''] = site.names;
  if (count === 1) {
    return (frame) => {
      const { dot } = frame;
      const found = dot instanceof Map ? dot.get(a) : undefined;
      return found === undefined ? site.walk(frame, dot, 1) : found;
    };
  }
  if (count === 2) {
    return (frame) => {
      const { dot } = frame;
      const first = dot instanceof Map ? dot.get(a) : undefined;
      const found = first instanceof Map ? first.get(b) : undefined;
      return found === undefined ? site.walk(frame, dot, 2) : found;
    };
  }
  if (count === 3) {
    return (frame) => {
      const { dot } = frame;
      const first = dot instanceof Map ? dot.get(a) : undefined;
      const second = first instanceof Map ? first.get(b) : undefined;
      const found = second instanceof Map ? second.get(c) : undefined;
      return found === undefined ? site.walk(frame, dot, 3) : found;
    };
  }
  return (frame) => site.walk(frame, frame.dot, count);
}
