import { sprint } from '../../go/print.ts';
import { quote } from '../../go/strconv.ts';
import { sortedKeys } from '../../go/utf8.ts';
import { GoInt, type GoMap, type GoValue, isStruct } from '../../go/value.ts';
import type { ActionNode, BranchNode, ListNode, Statement, TemplateNode, Tree } from './ast.ts';
import { NO_VALUE } from './builtins.ts';
import { compileOperand, compilePipe } from './compile-pipe.ts';
import { type Frame, runTemplate, type Signal, type Template } from './runtime.ts';
import { type Expr, type FunctionLookup, lastOfPipe, Unit } from './unit.ts';
import { boxesElements, isTrue, type Value } from './value.ts';

type Step = (frame: Frame) => Signal;

/** Makes a template of a tree. Its body is compiled when it first runs: charts define more than a release uses. */
export function compileTree(tree: Tree, functions: FunctionLookup): Template {
  const template: { name: string; slots: number; run: Step } = {
    name: tree.name,
    slots: 1,
    run: (frame) => {
      const unit = new Unit(tree.source, tree.name, functions, compileOperand);
      template.run = compileList(unit, tree.root);
      template.slots = unit.slots;
      return template.run(frame);
    },
  };
  return template;
}

function compileList(unit: Unit, list: ListNode): Step {
  const steps = list.nodes.map((node) => compileStatement(unit, node));
  const [a, b, c] = steps;
  if (a === undefined) return () => 0;
  if (steps.length === 1) return a;
  if (steps.length === 2 && b !== undefined) return (frame) => a(frame) || b(frame);
  if (steps.length === 3 && b !== undefined && c !== undefined) return (frame) => a(frame) || b(frame) || c(frame);
  return (frame) => {
    for (let i = 0; i < steps.length; i++) {
      const signal = (steps[i] as Step)(frame);
      if (signal !== 0) return signal;
    }
    return 0;
  };
}

function compileStatement(unit: Unit, node: Statement): Step {
  switch (node.kind) {
    case 'text': {
      const { text } = node;
      return (frame) => {
        frame.out += text;
        return 0;
      };
    }
    case 'action':
      return compileAction(unit, node);
    case 'if':
      return compileIf(unit, node);
    case 'with':
      return compileWith(unit, node);
    case 'range':
      return compileRange(unit, node);
    case 'template':
      return compileTemplate(unit, node);
    case 'break':
      return () => 1;
    case 'continue':
      return () => 2;
  }
}

function compileAction(unit: Unit, node: ActionNode): Step {
  const expr = compilePipe(unit, node.pipe);
  if (node.pipe.decl.length > 0) {
    return (frame) => {
      expr(frame);
      return 0;
    };
  }
  return (frame) => {
    const v = expr(frame);
    frame.out += typeof v === 'string' ? v : printed(v);
    return 0;
  };
}

function printed(v: Value): string {
  if (v === undefined || v === null) return NO_VALUE;
  return (isStruct(v) ? v.print?.() : undefined) ?? sprint(v);
}

/** The parts of an if, with or range; variables live until its end, those of the first list not in the else. */
function branch(unit: Unit, node: BranchNode): { expr: Expr; list: Step; otherwise: Step | undefined } {
  const mark = unit.mark();
  const expr = compilePipe(unit, node.pipe);
  const inner = unit.mark();
  const list = compileList(unit, node.list);
  unit.release(inner);
  const otherwise = node.elseList === undefined ? undefined : compileList(unit, node.elseList);
  unit.release(mark);
  return { expr, list, otherwise };
}

function compileIf(unit: Unit, node: BranchNode): Step {
  const { expr, list, otherwise } = branch(unit, node);
  if (otherwise === undefined) return (frame) => (isTrue(expr(frame)) ? list(frame) : 0);
  return (frame) => (isTrue(expr(frame)) ? list(frame) : otherwise(frame));
}

function compileWith(unit: Unit, node: BranchNode): Step {
  const { expr, list, otherwise } = branch(unit, node);
  return (frame) => {
    const v = expr(frame);
    if (!isTrue(v)) return otherwise === undefined ? 0 : otherwise(frame);
    const { dot, boxed } = frame;
    frame.dot = v;
    frame.boxed = false;
    const signal = list(frame);
    frame.dot = dot;
    frame.boxed = boxed;
    return signal;
  };
}

function compileTemplate(unit: Unit, node: TemplateNode): Step {
  const data = node.pipe === undefined ? undefined : compilePipe(unit, node.pipe);
  return (frame) => {
    const { rt } = frame;
    const template = rt.scope.find(node.name);
    if (template === undefined) throw unit.error(node, `template ${quote(node.name)} not defined`);
    frame.out += runTemplate(rt, template, data === undefined ? undefined : (data(frame) ?? undefined));
    return 0;
  };
}

/** A range in progress: the body and where it puts its variables. */
interface Loop {
  readonly body: Step;
  readonly key: number | undefined;
  readonly element: number | undefined;
}

function compileRange(unit: Unit, node: BranchNode): Step {
  const { decl, isAssign } = node.pipe;
  const mark = unit.mark();
  const assigned = isAssign ? decl.map((variable) => unit.resolve(variable.ident[0] as string)) : [];
  const { expr, list, otherwise } = branch(unit, node);
  const slots = isAssign ? assigned : decl.map((_, i) => mark + i);
  const loop: Loop = {
    body: list,
    key: slots.length > 1 ? slots[0] : undefined,
    element: slots[slots.length - 1],
  };
  return (frame) => {
    const v = expr(frame);
    const { dot, boxed } = frame;
    const ran = iterate(unit, node, loop, frame, v);
    frame.dot = dot;
    frame.boxed = boxed;
    return ran || otherwise === undefined ? 0 : otherwise(frame);
  };
}

/** Runs the body for each element; false when there was none. */
function iterate(unit: Unit, node: BranchNode, loop: Loop, frame: Frame, v: Value): boolean {
  if (v === undefined || v === null) return false;
  frame.boxed = boxesElements(v);
  if (frame.boxed && loop.element !== undefined) {
    frame.boxedVars ??= new Set();
    frame.boxedVars.add(loop.element);
  }
  if (Array.isArray(v)) return overList(loop, frame, v);
  if (v instanceof Map) return overMap(loop, frame, v);
  if (v instanceof GoInt) return overInt(unit, node, loop, frame, v);
  if (v instanceof Uint8Array)
    return overList(
      loop,
      frame,
      Array.from(v, (byte) => new GoInt(byte, 'uint8')),
    );
  const entries = isStruct(v) ? v.entries?.() : undefined;
  if (entries !== undefined) return overEntries(loop, frame, entries);
  throw unit.error(lastOfPipe(node.pipe), `range can't iterate over ${sprint(v)}`);
}

/** One iteration; true when the loop ends. */
function once(loop: Loop, frame: Frame, key: Value, element: Value): boolean {
  if (loop.element !== undefined) frame.vars[loop.element] = element;
  if (loop.key !== undefined) frame.vars[loop.key] = key;
  frame.dot = element;
  frame.rt.tick(frame);
  return loop.body(frame) === 1;
}

function overList(loop: Loop, frame: Frame, list: GoValue[]): boolean {
  const { boxed } = frame;
  const size = list.length;
  for (let i = 0; i < size; i++) {
    frame.boxed = boxed;
    if (once(loop, frame, loop.key === undefined ? undefined : new GoInt(i, 'int'), list[i] ?? null)) break;
  }
  return size > 0;
}

function overMap(loop: Loop, frame: Frame, map: GoMap): boolean {
  const { boxed } = frame;
  const keys = sortedKeys(map);
  // Go reads all values before the first iteration.
  const values = keys.map((key) => map.get(key) as GoValue);
  for (let i = 0; i < keys.length; i++) {
    frame.boxed = boxed;
    if (once(loop, frame, keys[i], values[i])) break;
  }
  return keys.length > 0;
}

function overEntries(loop: Loop, frame: Frame, entries: [GoValue, GoValue][]): boolean {
  for (const [key, value] of entries) if (once(loop, frame, key, value)) break;
  return entries.length > 0;
}

function overInt(unit: Unit, node: BranchNode, loop: Loop, frame: Frame, count: GoInt): boolean {
  if (loop.key !== undefined) {
    throw unit.error(lastOfPipe(node.pipe), `can't use ${count.value} to iterate over more than one variable`);
  }
  const end = Number(count.value);
  for (let i = 0; i < end; i++) {
    if (once(loop, frame, undefined, new GoInt(i, count.kind))) break;
  }
  return end > 0;
}
