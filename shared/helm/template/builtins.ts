import { sprint, sprintAll, sprintf, sprintln, typeOf } from '../../go/print.ts';
import { GoError, type GoValue } from '../../go/value.ts';
import type { Callable, Param } from './callable.ts';
import { equal, equalPair, less, lessOrEqual } from './compare.ts';
import { escapeHtml, escapeJs, escapeQuery } from './escape.ts';
import { index, length, slice } from './indexing.ts';
import { isTrue, type Value } from './value.ts';

type Call = Callable['call'];

function builtin(name: string, params: readonly Param[], variadic: boolean, call: Call): Callable {
  // Go's builtins have no effect, but a call that fails must fail when it runs: the compiler keeps those.
  return { name, params, variadic, pure: true, call };
}

function lazy(name: 'and' | 'or'): Callable {
  const call = (): Value => {
    throw new GoError(`${name} is evaluated by the compiler`);
  };
  return { name, params: ['value', 'value'], variadic: true, pure: false, shortCircuit: name, call };
}

/** Text of arguments for html, js and urlquery: as print, but nil prints as `<no value>`. */
function joined(args: GoValue[]): string {
  const [first] = args;
  if (args.length === 1) return first === null || first === undefined ? NO_VALUE : sprint(first);
  return sprintAll(args.map((arg) => arg ?? NO_VALUE_OPERAND));
}

/** What a nil prints as in an action. */
export const NO_VALUE = '<no value>';
const NO_VALUE_OPERAND: GoValue = NO_VALUE;

function call(fn: Value): Value {
  if (fn === null || fn === undefined) throw new GoError('call of nil');
  throw new GoError(`non-function of type ${typeOf(fn)}`);
}

/** Go's predefined functions. `slice` is hidden by sprig's in Helm. */
export function builtinFunctions(): ReadonlyMap<string, Callable> {
  const all: Callable[] = [
    lazy('and'),
    lazy('or'),
    builtin('call', ['value', 'value'], true, call),
    builtin('html', ['any'], true, (...args: GoValue[]) => escapeHtml(joined(args))),
    builtin('js', ['any'], true, (...args: GoValue[]) => escapeJs(joined(args))),
    builtin('urlquery', ['any'], true, (...args: GoValue[]) => escapeQuery(joined(args))),
    builtin('index', ['value', 'value'], true, index),
    builtin('slice', ['value', 'value'], true, slice),
    builtin('len', ['value'], false, length),
    builtin('not', ['value'], false, (v: Value) => !isTrue(v)),
    builtin('print', ['any'], true, (...args: GoValue[]) => sprintAll(args)),
    builtin('printf', ['string', 'any'], true, (format: string, ...args: GoValue[]) => sprintf(format, args)),
    builtin('println', ['any'], true, (...args: GoValue[]) => sprintln(args)),
    builtin('eq', ['value', 'value'], true, equal),
    builtin('ne', ['value', 'value'], false, (a: Value, b: Value) => !equalPair(a, b)),
    builtin('lt', ['value', 'value'], false, less),
    builtin('le', ['value', 'value'], false, lessOrEqual),
    builtin('gt', ['value', 'value'], false, (a: Value, b: Value) => !lessOrEqual(a, b)),
    builtin('ge', ['value', 'value'], false, (a: Value, b: Value) => !less(a, b)),
  ];
  return new Map(all.map((fn) => [fn.name, fn]));
}
