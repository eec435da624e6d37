// The one source of the API: each kind is written once with these builders, and from that come its TypeScript type, its
// OpenAPI schema (crds/) and the type checks of the webhook.

/** A CEL rule as the API server evaluates it (x-kubernetes-validations). */
export interface CelRule {
  readonly rule: string;
  readonly message: string;
}

/** The part of OpenAPI v3 that a structural schema of a CRD may use. */
export interface JsonSchema {
  readonly type?: 'object' | 'array' | 'string' | 'integer' | 'boolean';
  readonly description?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: JsonSchema;
  readonly items?: JsonSchema;
  readonly enum?: readonly string[];
  readonly pattern?: string;
  readonly format?: 'date-time' | 'int64';
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly default?: unknown;
  readonly 'x-kubernetes-validations'?: readonly CelRule[];
  readonly 'x-kubernetes-preserve-unknown-fields'?: true;
}

/** A schema of values of type T. `phantom` is never set: it only carries T for `Infer`. */
export interface Schema<T> {
  readonly json: JsonSchema;
  readonly phantom?: T;
}

/** A property of an object: its schema, whether it must be present, and what `kubectl explain` says of it. */
export interface Field<T, Required extends boolean> {
  readonly schema: Schema<T>;
  readonly required: Required;
  readonly description: string;
}

/** The TypeScript type of the values that a schema describes. */
export type Infer<S> = S extends Schema<infer T> ? T : never;

type Fields = Readonly<Record<string, Field<unknown, boolean>>>;
type FieldType<F> = F extends Field<infer T, boolean> ? T : never;
type RequiredKeys<F extends Fields> = { [K in keyof F]: F[K]['required'] extends true ? K : never }[keyof F];
type OptionalKeys<F extends Fields> = Exclude<keyof F, RequiredKeys<F>>;
type ObjectOf<F extends Fields> = { [K in RequiredKeys<F>]: FieldType<F[K]> } & {
  [K in OptionalKeys<F>]?: FieldType<F[K]> | undefined;
} extends infer O
  ? { [K in keyof O]: O[K] }
  : never;

interface StringOptions {
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly default?: string;
}

/** A property that must be present. */
export function required<T>(description: string, schema: Schema<T>): Field<T, true> {
  return { schema, required: true, description };
}

/** A property that may be absent. */
export function optional<T>(description: string, schema: Schema<T>): Field<T, false> {
  return { schema, required: false, description };
}

/** A string; lengths count characters, the pattern is RE2 as the API server reads it. */
export function string(options: StringOptions = {}): Schema<string> {
  return { json: { type: 'string', ...options } };
}

/** One of a closed set of strings. */
export function oneOf<const V extends string>(values: readonly V[], options: { default?: V } = {}): Schema<V> {
  return { json: { type: 'string', enum: values, ...options } };
}

/** A point in time, RFC 3339. */
export function time(): Schema<string> {
  return { json: { type: 'string', format: 'date-time' } };
}

export function boolean(): Schema<boolean> {
  return { json: { type: 'boolean' } };
}

/** A whole number. */
export function integer(options: { format?: 'int64'; minimum?: number } = {}): Schema<number> {
  return { json: { type: 'integer', ...options } };
}

/** A list. */
export function array<T>(items: Schema<T>): Schema<T[]> {
  return { json: { type: 'array', items: items.json } };
}

/** A map from any string to values of one type. */
export function mapOf<T>(values: Schema<T>): Schema<Record<string, T>> {
  return { json: { type: 'object', additionalProperties: values.json } };
}

/** Any JSON value; the API server keeps it as it is. */
export function anyJson(): Schema<unknown> {
  return { json: { 'x-kubernetes-preserve-unknown-fields': true } };
}

/** An object with known properties, and the CEL rules and default that hold for it as a whole. */
export function object<F extends Fields>(
  fields: F,
  options: { rules?: readonly CelRule[]; default?: unknown } = {},
): Schema<ObjectOf<F>> {
  const names = Object.keys(fields).sort();
  const properties: Record<string, JsonSchema> = {};
  for (const name of names) {
    const field = fields[name];
    if (field !== undefined) properties[name] = { description: field.description, ...field.schema.json };
  }
  const mandatory = names.filter((name) => fields[name]?.required === true);
  return {
    json: {
      type: 'object',
      properties,
      ...(mandatory.length > 0 && { required: mandatory }),
      ...(options.rules !== undefined && { 'x-kubernetes-validations': options.rules }),
      ...(options.default !== undefined && { default: options.default }),
    },
  };
}
