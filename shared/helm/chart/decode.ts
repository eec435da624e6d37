import { formatFloat } from '../../go/strconv.ts';
import type { GoMap, GoValue } from '../../go/value.ts';

/**
 * Reading YAML into a Go struct as sigs.k8s.io/yaml does: field names match in any case, and a number or boolean where a
 * string is wanted becomes its text. A value of another type throws DecodeError with encoding/json's message.
 */
export class DecodeError extends Error {
  override readonly name = 'DecodeError';
}

const PREFIX = 'error unmarshaling JSON: while decoding JSON: json: ';

/** What a struct's field is called in errors: the struct's name and the path of the field in it. */
export interface FieldPath {
  readonly struct: string;
  readonly path: string;
}

/** Throws the error of a value of the wrong type for a field; `path` undefined means the value itself. */
export function mismatch(value: GoValue, field: FieldPath | undefined, goType: string): never {
  const what = jsonKind(value);
  throw new DecodeError(
    field === undefined || field.path === ''
      ? `${PREFIX}cannot unmarshal ${what} into Go value of type ${goType}`
      : `${PREFIX}cannot unmarshal ${what} into Go struct field ${field.struct}.${field.path} of type ${goType}`,
  );
}

function jsonKind(value: GoValue): string {
  if (typeof value === 'string') return 'string';
  if (typeof value === 'number') return 'number';
  if (typeof value === 'boolean') return 'bool';
  return Array.isArray(value) ? 'array' : 'object';
}

/** A field's value by its JSON name, else by a name that differs in case only; undefined when there is none. */
export function fieldOf(map: GoMap, name: string): GoValue | undefined {
  const exact = map.get(name);
  if (exact !== undefined) return exact;
  const lower = name.toLowerCase();
  for (const [key, value] of map) {
    if (key.length === name.length && key.toLowerCase() === lower) return value;
  }
  return undefined;
}

/** A string field: '' when absent or null. */
export function stringField(map: GoMap, name: string, at: FieldPath): string {
  const value = fieldOf(map, name);
  return value === undefined ? '' : asString(value, { struct: at.struct, path: join(at.path, name) });
}

/** A string as Go would decode it into a string field. */
export function asString(value: GoValue, at: FieldPath): string {
  if (typeof value === 'string') return value;
  if (value === null) return '';
  if (typeof value === 'boolean') return value ? 'true' : 'false';
  if (typeof value === 'number') return numberText(value);
  return mismatch(value, at, 'string');
}

/** A boolean field: false when absent or null. */
export function boolField(map: GoMap, name: string, at: FieldPath): boolean {
  const value = fieldOf(map, name);
  if (value === undefined || value === null) return false;
  if (typeof value === 'boolean') return value;
  return mismatch(value, { struct: at.struct, path: join(at.path, name) }, 'bool');
}

/** A []string field: undefined when absent or null. */
export function stringsField(map: GoMap, name: string, at: FieldPath): string[] | undefined {
  const path = { struct: at.struct, path: join(at.path, name) };
  const list = listField(map, name, at, '[]string');
  return list?.map((item) => asString(item, path));
}

/** A list field: undefined when absent or null. */
export function listField(map: GoMap, name: string, at: FieldPath, goType: string): GoValue[] | undefined {
  const value = fieldOf(map, name);
  if (value === undefined || value === null) return undefined;
  if (Array.isArray(value)) return value;
  return mismatch(value, { struct: at.struct, path: join(at.path, name) }, goType);
}

/** A map[string]string field: undefined when absent or null. */
export function stringMapField(map: GoMap, name: string, at: FieldPath): Map<string, string> | undefined {
  const value = fieldOf(map, name);
  if (value === undefined || value === null) return undefined;
  const path = { struct: at.struct, path: join(at.path, name) };
  if (!(value instanceof Map)) return mismatch(value, path, 'map[string]string');
  const out = new Map<string, string>();
  for (const [key, item] of value) out.set(key, asString(item, path));
  return out;
}

function join(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}

/** YAML integers print in full; other numbers as strconv 'g'. */
function numberText(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) < 1e21) return BigInt(value).toString();
  return formatFloat(value, 'g', -1);
}
