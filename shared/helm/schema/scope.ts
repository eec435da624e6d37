import type { GoValue } from '../../go/value.ts';
import type { Schema } from './types.ts';

/** What is checked, and through which schemas the check came here. */
export interface Scope {
  readonly schema: Schema;
  readonly value: GoValue;
  /** The key or index of the value in its parent's. */
  readonly token: string;
  /** Grows with each step into the value: scopes of one level check the same value. */
  readonly level: number;
  readonly parent: Scope | undefined;
  /** The keyword of a reference that led here; else the schema is inside its parent. */
  readonly reference: string | undefined;
}

/** Properties and items that no keyword has looked at yet, kept only where a schema asks for them. */
export interface Unevaluated {
  properties: Set<string> | undefined;
  items: Set<number> | undefined;
}

/** Most schemas ask for none. It never gets members, so all checks can share it. */
const nothing: Unevaluated = { properties: undefined, items: undefined };

/** What is unevaluated before a check begins; all of it only where the schema, or (`asked`) its caller, wants to know. */
export function startUnevaluated(schema: Schema, value: GoValue, asked: boolean): Unevaluated {
  if (!asked && schema.unevaluatedProperties === undefined && schema.unevaluatedItems === undefined) return nothing;
  const out: Unevaluated = { properties: undefined, items: undefined };
  if (value instanceof Map) {
    const wanted = asked || schema.unevaluatedProperties !== undefined;
    if (wanted && schema.additionalProperties === undefined) out.properties = new Set(value.keys());
  } else if (Array.isArray(value)) {
    const wanted = asked || schema.unevaluatedItems !== undefined;
    const all = schema.items !== undefined || schema.restItems !== undefined;
    const first = schema.prefixItems?.length ?? 0;
    if (wanted && !all && first < value.length) {
      out.items = new Set();
      for (let i = first; i < value.length; i++) out.items.add(i);
    }
  }
  return out;
}

/** Takes out what another check of the same value has evaluated. */
export function mergeUnevaluated(into: Unevaluated, other: Unevaluated): void {
  for (const name of into.properties ?? []) if (other.properties?.has(name) !== true) into.properties?.delete(name);
  for (const i of into.items ?? []) if (other.items?.has(i) !== true) into.items?.delete(i);
}

/** The keys and indexes that lead to a scope's value. */
export function pathOf(scope: Scope): string[] {
  const path: string[] = [];
  for (let at: Scope | undefined = scope; at !== undefined && at.level > 0; ) {
    path.push(at.token);
    const { level } = at;
    while (at !== undefined && at.level === level) at = at.parent;
  }
  return path.reverse();
}

/** The keywords that led to a schema, through references. */
export function keywordPath(scope: Scope): string {
  const { parent, reference, schema } = scope;
  if (parent === undefined) return '';
  const step = reference === undefined ? schema.location.slice(parent.schema.location.length) : `/${reference}`;
  return keywordPath(parent) + step;
}
