import { typeOf } from '../../go/print.ts';
import { formatG } from '../../go/strconv.ts';
import { GoInt, type GoValue, isStruct, typeTag } from '../../go/value.ts';
import type { NumberNode, Operand } from './ast.ts';
import { NilMap, type Param } from './callable.ts';
import { complexValue, type Value } from './value.ts';

/** Raised while an argument is converted; the compiler adds the position. */
export class ArgError extends Error {
  override readonly name = 'ArgError';
}

const GO_NAMES: Readonly<Partial<Record<Param, string>>> = {
  any: 'interface {}',
  value: 'reflect.Value',
  '[]any': '[]interface {}',
  '[]byte': '[]uint8',
  'map[string]any': 'map[string]interface {}',
};
const CAN_BE_NIL: ReadonlySet<Param> = new Set<Param>([
  'any',
  'value',
  '[]any',
  '[]string',
  '[]byte',
  'map[string]any',
  'map[string]string',
  '*semver.Version',
  'error',
]);

/** A parameter type as Go writes it. */
export function goName(param: Param): string {
  return GO_NAMES[param] ?? param;
}

/** The Go nil of a parameter type, as functions get it. */
function nilOf(param: Param): unknown {
  switch (param) {
    case 'value':
      return undefined;
    case '[]any':
    case '[]string':
      return [];
    case '[]byte':
      return new Uint8Array(0);
    case 'map[string]any':
    case 'map[string]string':
      return new NilMap();
    default:
      return null;
  }
}

/** Converts a value to what a function of this parameter gets; throws ArgError with Go's text where it does not fit. */
export function convert(param: Param, v: Value): unknown {
  if (param === 'any') return v ?? null;
  if (param === 'value') return v;
  if (v === undefined) {
    if (CAN_BE_NIL.has(param)) return nilOf(param);
    throw new ArgError(`invalid value; expected ${goName(param)}`);
  }
  if (v === null) throw new ArgError(`wrong type for value; expected ${goName(param)}; got interface {}`);
  const value = fitted(param, v);
  if (value === undefined) {
    throw new ArgError(`wrong type for value; expected ${goName(param)}; got ${typeOf(v)}`);
  }
  return value;
}

function fitted(param: Param, v: Exclude<GoValue, null>): unknown {
  switch (param) {
    case 'string':
      return typeof v === 'string' ? v : undefined;
    case 'bool':
      return typeof v === 'boolean' ? v : undefined;
    case 'float64':
      return typeof v === 'number' ? v : undefined;
    case 'int':
    case 'int64':
    case 'uint':
    case 'time.Duration':
      return v instanceof GoInt && v.kind === param ? v.value : undefined;
    case '[]any':
      return Array.isArray(v) && typeTag(v) === undefined ? v : undefined;
    case '[]string':
      return Array.isArray(v) && typeTag(v) === '[]string' ? v : undefined;
    case '[]byte':
      return v instanceof Uint8Array ? v : undefined;
    case 'map[string]any':
      return v instanceof Map && isPlainMap(typeTag(v)) ? v : undefined;
    case 'map[string]string':
      return v instanceof Map && typeTag(v) === param ? v : undefined;
    default:
      return isStruct(v) && (v.goType === param || v.goType === `*${param}`) ? v : undefined;
  }
}

/** Go assigns a named map type such as common.Values to map[string]interface {}, but not another map type. */
function isPlainMap(tag: string | undefined): boolean {
  return tag === undefined || !tag.startsWith('map[') || tag === 'map[string]interface {}';
}

/** The value of a literal argument for a parameter, or what is wrong with it. */
export function literalArg(param: Param, node: Operand): { value: unknown } | { error: string } {
  if (node.kind === 'nil') {
    return CAN_BE_NIL.has(param) ? { value: nilOf(param) } : { error: `cannot assign nil to ${goName(param)}` };
  }
  switch (param) {
    case 'any':
    case 'value':
      return literalValue(node);
    case 'string':
      return node.kind === 'string' ? { value: node.text } : expected('string', node);
    case 'bool':
      return node.kind === 'bool' ? { value: node.value } : expected('bool', node);
    case 'float64':
      return node.kind === 'number' && node.float !== undefined ? { value: node.float } : expected('float', node);
    case 'int':
    case 'int64':
    case 'time.Duration':
      return integer(node, node.kind === 'number' ? node.int : undefined, 'integer');
    case 'uint':
      return integer(node, node.kind === 'number' ? node.uint : undefined, 'unsigned integer');
    default:
      return { error: `can't handle ${literalText(node)} for arg of type ${goName(param)}` };
  }
}

function integer(node: Operand, value: bigint | undefined, what: string): { value: unknown } | { error: string } {
  if (value === undefined) return expected(what, node);
  const small = Number(value);
  return { value: Number.isSafeInteger(small) ? small : value };
}

function expected(what: string, node: Operand): { error: string } {
  return { error: `expected ${what}; found ${literalText(node)}` };
}

function literalText(node: Operand): string {
  if (node.kind === 'string') return node.quoted;
  if (node.kind === 'number') return node.text;
  return node.kind === 'bool' ? String(node.value) : 'nil';
}

/** The value of a literal where the type is not known: Go's ideal constant. */
export function literalValue(node: Operand): { value: GoValue } | { error: string } {
  if (node.kind === 'string') return { value: node.text };
  if (node.kind === 'bool') return { value: node.value };
  if (node.kind === 'number') return idealConstant(node);
  return { error: `can't evaluate command ${literalText(node)}` };
}

function idealConstant(node: NumberNode): { value: GoValue } | { error: string } {
  const { text } = node;
  if (node.complex !== undefined) return { value: complexValue(node.complex[0], node.complex[1], formatG) };
  const hexInt = /^0[xX]./.test(text) && !/[pP]/.test(text);
  if (node.float !== undefined && !hexInt && !text.startsWith("'") && /[.eEpP]/.test(text)) {
    return { value: node.float };
  }
  if (node.int === undefined) return { error: `${text} overflows int` };
  const small = Number(node.int);
  return { value: new GoInt(Number.isSafeInteger(small) ? small : node.int, 'int') };
}
