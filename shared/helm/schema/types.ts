import type { GoMap, GoValue } from '../../go/value.ts';
import type { RegexProgram } from '../template/functions/regex-program.ts';

/** A draft by its number; 2019 and 2020 are 2019-09 and 2020-12. */
export type Draft = 4 | 6 | 7 | 2019 | 2020;

/** A part of a schema document that has an identifier of its own, or the whole document. */
export interface Resource {
  /** Where in the document it starts, as a JSON pointer. */
  readonly pointer: string;
  readonly id: string;
  readonly draft: Draft;
  /** Names of places in it, to their pointers. */
  readonly anchors: Map<string, string>;
  readonly dynamicAnchors: Set<string>;
}

/** A schema document with the resources in it. */
export interface SchemaRoot {
  readonly url: string;
  readonly document: GoValue;
  readonly resources: Resource[];
}

/** A pattern with what it was compiled to. */
export interface Pattern {
  readonly source: string;
  readonly program: RegexProgram;
}

/** A compiled (sub)schema; keywords that it has not are absent. Filled by compile.ts, read by check.ts. */
export interface Schema {
  /** `url#/pointer`. */
  readonly location: string;
  readonly root: SchemaRoot;
  readonly pointer: string;
  resource: Resource;
  draft: Draft;
  /** A schema that takes all or nothing. */
  always?: boolean;
  ref?: Schema;
  recursiveRef?: Schema;
  recursiveAnchor?: boolean;
  dynamicRef?: { readonly to: Schema; readonly anchor: string };
  dynamicAnchor?: string;
  /** On the schema that starts a resource: what its dynamic anchors name. */
  dynamicAnchors?: Map<string, Schema>;
  /** The schema at the start of the resource that this one is in. */
  resourceSchema?: Schema;
  types?: ReadonlySet<string>;
  constant?: { readonly value: GoValue };
  enumeration?: readonly GoValue[];
  format?: string;
  allOf?: readonly Schema[];
  anyOf?: readonly Schema[];
  oneOf?: readonly Schema[];
  not?: Schema;
  if?: Schema;
  then?: Schema;
  else?: Schema;
  numbers?: NumberRules;
  minLength?: number;
  maxLength?: number;
  pattern?: Pattern;
  minItems?: number;
  maxItems?: number;
  uniqueItems?: boolean;
  /** One schema for all items (before 2020-12). */
  items?: Schema;
  /** A schema per item: `items` as a list before 2020-12, `prefixItems` since. */
  prefixItems?: readonly Schema[];
  /** What items after prefixItems must be: `additionalItems`, or `items` of 2020-12. */
  restItems?: Schema | boolean;
  contains?: Schema;
  minContains?: number;
  maxContains?: number;
  minProperties?: number;
  maxProperties?: number;
  required?: readonly string[];
  properties?: ReadonlyMap<string, Schema>;
  patternProperties?: readonly { readonly pattern: Pattern; readonly schema: Schema }[];
  additionalProperties?: Schema | boolean;
  propertyNames?: Schema;
  /** `dependencies`, by property. */
  dependencies?: readonly { readonly property: string; readonly needs: readonly string[] | Schema }[];
  dependentSchemas?: ReadonlyMap<string, Schema>;
  dependentRequired?: ReadonlyMap<string, readonly string[]>;
  unevaluatedItems?: Schema;
  unevaluatedProperties?: Schema;
}

/** Bounds of numbers. */
export interface NumberRules {
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  exclusiveMaximum?: number;
  multipleOf?: number;
}

/** Why a value does not fit, with the reasons behind it. */
export interface Failure {
  /** The keys and indexes that lead to the value. */
  readonly at: readonly string[];
  readonly text: string;
  readonly causes: readonly Failure[];
  /** A group is several failures of one schema; a reference with one cause is not shown. */
  readonly kind?: 'group' | 'reference';
}

/** Reads a keyword of a schema object by its type; undefined when it is absent or of another type. */
export const keyword = {
  text: (object: GoMap, name: string): string | undefined => ofType(object, name, 'string'),
  flag: (object: GoMap, name: string): boolean | undefined => ofType(object, name, 'boolean'),
  number: (object: GoMap, name: string): number | undefined => ofType(object, name, 'number'),
  map: (object: GoMap, name: string): GoMap | undefined => {
    const value = object.get(name);
    return value instanceof Map ? value : undefined;
  },
  list: (object: GoMap, name: string): GoValue[] | undefined => {
    const value = object.get(name);
    return Array.isArray(value) ? value : undefined;
  },
} as const;

interface Scalars {
  string: string;
  boolean: boolean;
  number: number;
}

function ofType<T extends keyof Scalars>(object: GoMap, name: string, type: T): Scalars[T] | undefined {
  const value = object.get(name);
  return typeof value === type ? (value as Scalars[T]) : undefined;
}
