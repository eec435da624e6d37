import type { GoFunction, GoMap, GoValue } from '../../go/value.ts';
import { TemplateLimitError } from './errors.ts';
import type { Value } from './value.ts';

/** Reads objects for `lookup`, synchronously; gives an empty map for what is not there, a list for an empty name. */
export type LookupReader = (apiVersion: string, kind: string, namespace: string, name: string) => GoMap;

export interface TemplateLimits {
  /** Milliseconds of wall time for the render. */
  readonly maxMillis: number;
  /** Characters (UTF-16 units) that one template may write, and all files together. */
  readonly maxOutput: number;
  /** Nested includes of one name (Helm: 1000). */
  readonly maxIncludeDepth: number;
}

/** What one render brings to a compiled set of templates. */
export interface RenderEnv {
  readonly limits: TemplateLimits;
  /** Milliseconds, monotonic; only the deadline is measured with it. */
  readonly clock: () => number;
  readonly lookup?: LookupReader;
  /** `--strict`: a missing key is an error. */
  readonly strict?: boolean;
}

/** A template body that can run. Compiled when it first runs. */
export interface Template {
  readonly name: string;
  readonly run: (frame: Frame) => Signal;
  /** How many variables a frame of it holds. */
  readonly slots: number;
}

/** How a statement ended: 0 normally, 1 by break, 2 by continue. */
export type Signal = 0 | 1 | 2;

/** The templates that a name is looked up among. `tpl` adds a scope of its own over its caller's. */
export interface Scope {
  find(name: string): Template | undefined;
}

/** A render in progress. */
export class Runtime {
  readonly env: RenderEnv;
  readonly strict: boolean;
  readonly includes = new Map<string, number>();
  scope: Scope;
  private readonly deadline: number;
  private fuel = FUEL;
  private written = 0;

  constructor(scope: Scope, env: RenderEnv) {
    this.scope = scope;
    this.env = env;
    this.strict = env.strict === true;
    this.deadline = env.clock() + env.limits.maxMillis;
  }

  /** Called once per loop iteration and template: looks at the clock now and then, and at the size of the output. */
  tick(frame: Frame): void {
    if (frame.out.length > this.env.limits.maxOutput) this.failOutput();
    if (--this.fuel > 0) return;
    this.fuel = FUEL;
    if (this.env.clock() > this.deadline) {
      throw new TemplateLimitError(
        `rendering took longer than the limit of ${this.env.limits.maxMillis} ms (maxRenderMillis); make the chart's loops smaller or raise the limit`,
      );
    }
  }

  /** Counts what was written into the output that all templates of the render share. */
  count(text: string): void {
    this.written += text.length;
    if (this.written > this.env.limits.maxOutput) this.failOutput();
  }

  private failOutput(): never {
    throw new TemplateLimitError(
      `rendered output is larger than the limit of ${this.env.limits.maxOutput} characters (maxOutputBytes); make the chart write less or raise the limit`,
    );
  }
}

const FUEL = 256;

/** One invocation of a template: its dot, variables and output. */
export class Frame {
  readonly rt: Runtime;
  dot: Value;
  /** Slot 0 is `$`. */
  readonly vars: Value[];
  out = '';
  /** Whether dot was read out of a list or map of any: only error texts ask. */
  boxed = false;
  /** The variables of which the same is true. */
  boxedVars: Set<number> | undefined;

  constructor(rt: Runtime, data: Value, slots: number) {
    this.rt = rt;
    this.dot = data;
    const vars: Value[] = [data];
    for (let i = 1; i < slots; i++) vars.push(undefined);
    this.vars = vars;
  }
}

/** Runs a template on data and returns what it wrote. */
export function runTemplate(rt: Runtime, template: Template, data: Value): string {
  const frame = new Frame(rt, data, template.slots);
  rt.tick(frame);
  template.run(frame);
  return frame.out;
}

/** A function that needs the render: include, tpl, lookup. Arguments arrive as a GoFunction's do. */
export interface BoundFunction extends Omit<GoFunction, 'call'> {
  // biome-ignore lint/suspicious/noExplicitAny: the engine has checked the arguments against params
  readonly bound: (rt: Runtime, ...args: any[]) => GoValue;
}
