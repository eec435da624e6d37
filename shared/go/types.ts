import { GoInt, type GoMap, type GoValue, isMap, typeTag } from './value.ts';

/** What fmt's %T prints for a value: `map[string]interface {}`, `float64`, `*semver.Version`; `<nil>` for nil. */
export function typeOf(v: GoValue): string {
  if (v === null || v === undefined) return '<nil>';
  if (typeof v === 'string') return 'string';
  if (typeof v === 'number') return 'float64';
  if (typeof v === 'boolean') return 'bool';
  if (v instanceof GoInt) return v.kind;
  if (isMap(v)) return typeTag(v) ?? 'map[string]interface {}';
  if (Array.isArray(v)) return typeTag(v) ?? '[]interface {}';
  if (v instanceof Uint8Array) return '[]uint8';
  return v.goType;
}

const NAMED_INT_KINDS: Readonly<Record<string, string>> = {
  'time.Duration': 'int64',
  'time.Month': 'int',
  'time.Weekday': 'int',
};

/** The reflect.Kind of a value in lower case: `map`, `slice`, `float64`, `ptr`; `invalid` for nil. */
export function kindOf(v: GoValue): string {
  if (v === null || v === undefined) return 'invalid';
  if (typeof v === 'string') return 'string';
  if (typeof v === 'number') return 'float64';
  if (typeof v === 'boolean') return 'bool';
  if (v instanceof GoInt) return intKind(v);
  if (isMap(v)) return 'map';
  if (Array.isArray(v) || v instanceof Uint8Array) return 'slice';
  return v.goKind;
}

function intKind(v: GoInt): string {
  return NAMED_INT_KINDS[v.kind] ?? v.kind;
}

/** Whether an integer's kind is unsigned. */
export function isUnsigned(v: GoInt): boolean {
  return v.kind.startsWith('u');
}

/** The element type that a tagged slice or map type names: `string` of `[]string`; `interface {}` where untagged. */
export function elementType(v: GoValue[] | GoMap): string {
  const tag = typeTag(v);
  if (tag === undefined) return 'interface {}';
  const match = /^(?:\[\]|map\[[^\]]*\])(.*)$/.exec(tag);
  return match?.[1] ?? 'interface {}';
}
