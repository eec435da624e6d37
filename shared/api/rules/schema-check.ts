import { RE2JS } from 're2js';
import type { JsonSchema } from '../schema.ts';
import { checkDuration, isDurationPattern, suggestDuration } from './duration.ts';
import { choices, meant, type Problem, problem, shown } from './problem.ts';

const NAMES = {
  string: 'a string',
  integer: 'a whole number',
  boolean: 'true or false',
  object: 'a map',
  array: 'a list',
} as const;

const compiled = new Map<string, RE2JS>();

/**
 * Checks a value against its schema and says in plain words what is wrong, all of it. Null counts as absent, as for the API
 * server, which drops nulls. CEL rules and unknown fields are not looked at here.
 */
export function checkSchema(field: string, value: unknown, schema: JsonSchema): Problem[] {
  if (value === null || value === undefined || schema.type === undefined) return [];
  if (!hasType(value, schema.type)) return [wrongType(field, value, schema)];
  if (typeof value === 'string') return checkString(field, value, schema);
  if (typeof value === 'number') return checkNumber(field, value, schema);
  if (Array.isArray(value)) {
    const { items } = schema;
    return items === undefined ? [] : value.flatMap((item, i) => checkSchema(`${field}[${i}]`, item, items));
  }
  return typeof value === 'object' ? checkObject(field, value as Record<string, unknown>, schema) : [];
}

function checkObject(field: string, value: Record<string, unknown>, schema: JsonSchema): Problem[] {
  const found: Problem[] = [];
  for (const name of schema.required ?? []) {
    if (value[name] === undefined || value[name] === null)
      found.push(missing(`${field}.${name}`, schema.properties?.[name]));
  }
  for (const name of Object.keys(value)) {
    const child = schema.properties?.[name] ?? schema.additionalProperties;
    if (child !== undefined) found.push(...checkSchema(path(field, name, schema), value[name], child));
  }
  return found;
}

function path(field: string, name: string, schema: JsonSchema): string {
  return schema.additionalProperties === undefined ? `${field}.${name}` : `${field}[${JSON.stringify(name)}]`;
}

function missing(field: string, schema: JsonSchema | undefined): Problem {
  const what = schema?.enum === undefined ? NAMES[schema?.type ?? 'object'] : choices(schema.enum);
  const form = isDurationPattern(schema?.pattern) ? 'a duration such as 5m' : what;
  return problem(field, `is not set, but must be: write ${form}. ${schema?.description ?? ''}`.trimEnd());
}

function hasType(value: unknown, type: NonNullable<JsonSchema['type']>): boolean {
  if (type === 'array') return Array.isArray(value);
  if (type === 'object') return typeof value === 'object' && !Array.isArray(value);
  if (type === 'integer') return Number.isInteger(value);
  return typeof value === type;
}

function wrongType(field: string, value: unknown, schema: JsonSchema): Problem {
  const wanted = schema.enum !== undefined ? `one of ${choices(schema.enum)}` : NAMES[schema.type ?? 'string'];
  const found = `is ${shown(value)}${typeof value === 'string' ? ', a string' : ''}`;
  return problem(field, `${found}, but must be ${wanted}${typeAdvice(value, schema)}`);
}

function typeAdvice(value: unknown, schema: JsonSchema): string {
  if (schema.type === 'string' && typeof value === 'boolean') {
    return ': YAML reads y, yes, no, on, off, true and false as booleans unless they are in quotes, so write it in quotes';
  }
  if (schema.type === 'string' && typeof value === 'number') {
    const text = isDurationPattern(schema.pattern) ? (suggestDuration(value) ?? '5m') : String(value);
    return `: write ${JSON.stringify(text)}${isDurationPattern(schema.pattern) ? '' : ', in quotes'}`;
  }
  if (typeof value !== 'string') return '';
  if (schema.type === 'integer' && /^-?[0-9]+$/.test(value)) return `: write ${value} without quotes`;
  if (schema.type !== 'boolean') return '';
  const flag = /^(true|false)$/i.exec(value)?.[0].toLowerCase();
  return flag === undefined ? ': write true or false without quotes' : `: write ${flag} without quotes`;
}

function checkNumber(field: string, value: number, schema: JsonSchema): Problem[] {
  if (schema.minimum === undefined || value >= schema.minimum) return [];
  return [problem(field, `is ${value}, but must be ${schema.minimum} or more`)];
}

function checkString(field: string, value: string, schema: JsonSchema): Problem[] {
  if (schema.enum !== undefined) return checkEnum(field, value, schema.enum);
  const found: Problem[] = [];
  const length = [...value].length;
  if (schema.minLength !== undefined && length < schema.minLength) {
    return [problem(field, 'is empty: write a value, or leave the field out')];
  }
  if (schema.maxLength !== undefined && length > schema.maxLength) {
    found.push(problem(field, `is ${length} characters long, but may have at most ${schema.maxLength}: shorten it`));
  }
  const wrong = schema.pattern === undefined ? undefined : checkPattern(field, value, schema.pattern);
  return wrong === undefined ? found : [...found, wrong];
}

function checkEnum(field: string, value: string, values: readonly string[]): Problem[] {
  if (values.includes(value)) return [];
  const better = meant(value, values);
  const advice = better === undefined ? '' : `: write ${JSON.stringify(better)}?`;
  return [problem(field, `is ${shown(value)}, but must be ${choices(values)}${advice}`)];
}

function checkPattern(field: string, value: string, pattern: string): Problem | undefined {
  if (isDurationPattern(pattern)) return checkDuration(field, value, pattern);
  let regex = compiled.get(pattern);
  if (regex === undefined) {
    regex = RE2JS.compile(pattern);
    compiled.set(pattern, regex);
  }
  return regex.matcher(value).find() ? undefined : problem(field, `is ${shown(value)}, but must match ${pattern}`);
}
