import { quote } from '../../go/strconv.ts';
import { GoError, type GoMap, type GoValue } from '../../go/value.ts';
import type { Callable, Param } from './callable.ts';
import { TemplateLimitError, WrapError, warnWrap } from './errors.ts';
import { type Runtime, runTemplate, type Scope } from './runtime.ts';
import { isStackOverflow } from './unit.ts';

/** The name of Helm's template set, which errors and `tpl` use. */
export const SET_NAME = 'gotpl';

const NO_VALUE = /<no value>/g;

/** Takes out what Go prints for a nil, as Helm does with each file and each result of tpl, even where it is literal text. */
export function stripNoValue(text: string): string {
  return text.includes('<no value>') ? text.replace(NO_VALUE, '') : text;
}

/** Makes the scope in which a text of `tpl` runs, over the scope of its caller. Throws TemplateError. */
export type TplScope = (text: string, over: Scope) => Scope;

type Bound = NonNullable<Callable['bound']>;

function special(name: string, params: readonly Param[], bound: Bound): Callable {
  const call = (): never => {
    throw new GoError(`${name} needs a render`);
  };
  return { name, params, variadic: false, pure: false, call, bound };
}

/** Helm's functions that need the render: include, tpl, required, fail, lookup, getHostByName. */
export function specialFunctions(tplScope: TplScope): ReadonlyMap<string, Callable> {
  const all = [
    special('include', ['string', 'any'], include),
    special('tpl', ['string', 'any'], (rt, text: string, data: GoValue) => tpl(rt, tplScope, text, data)),
    special('required', ['string', 'any'], (_rt, message: string, v: GoValue) => required(message, v)),
    special('fail', ['string'], (_rt, message: string) => {
      throw new GoError(warnWrap(message));
    }),
    special('lookup', ['string', 'string', 'string', 'string'], lookup),
    // Helm answers so unless --enable-dns is given, which chartroom does not have.
    special('getHostByName', ['string'], () => ''),
  ];
  return new Map(all.map((fn) => [fn.name, fn]));
}

function include(rt: Runtime, name: string, data: GoValue): string {
  const depth = rt.includes.get(name) ?? 0;
  if (depth > rt.env.limits.maxIncludeDepth) {
    throw new GoError(`rendering template has a nested reference name: ${name}: unable to execute template`);
  }
  const template = rt.scope.find(name);
  if (template === undefined) {
    throw new GoError(`template: no template ${quote(name)} associated with template ${quote(SET_NAME)}`);
  }
  rt.includes.set(name, depth + 1);
  const text = runTemplate(rt, template, data ?? undefined);
  rt.includes.set(name, depth);
  return text;
}

function tpl(rt: Runtime, tplScope: TplScope, text: string, data: GoValue): string {
  if (!text.includes('{{')) return stripNoValue(text);
  const caller = rt.scope;
  let scope: Scope;
  try {
    scope = tplScope(text, caller);
  } catch (error) {
    throw wrap(`cannot parse template ${quote(text)}`, error);
  }
  rt.scope = scope;
  try {
    const own = scope.find(SET_NAME);
    return own === undefined ? '' : stripNoValue(runTemplate(rt, own, data ?? undefined));
  } catch (error) {
    throw wrap(`error during tpl function execution for ${quote(text)}`, error);
  } finally {
    rt.scope = caller;
  }
}

function wrap(message: string, error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof TemplateLimitError || isStackOverflow(error)) return error;
  return new WrapError(`${message}: ${error.message}`, error);
}

function required(message: string, v: GoValue): GoValue {
  if (v === null || v === '') throw new GoError(warnWrap(message));
  return v;
}

function lookup(rt: Runtime, apiVersion: string, kind: string, namespace: string, name: string): GoMap {
  return rt.env.lookup === undefined ? new Map() : rt.env.lookup(apiVersion, kind, namespace, name);
}
