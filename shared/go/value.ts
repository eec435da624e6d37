/**
 * The model of Go values that templates, YAML and Helm's semantics work on.
 *
 * | Go                        | here                                                                      |
 * |---------------------------|---------------------------------------------------------------------------|
 * | nil interface             | null                                                                      |
 * | bool, string              | boolean, string (bytes that are not UTF-8 are lone surrogates, see utf8)   |
 * | float64                   | number: what every YAML or JSON number becomes                            |
 * | int, int64, uint, Duration| GoInt                                                                     |
 * | map[string]any            | Map<string, GoValue>; other map types carry a tag, see `typeOf`            |
 * | []any                     | GoValue[]; other slice types carry a tag                                  |
 * | []byte                    | Uint8Array                                                                |
 * | structs with methods      | GoStruct                                                                  |
 *
 * `undefined` never stands for a value: it is only "no such key".
 */
export type GoValue = null | boolean | string | number | GoInt | GoMap | GoValue[] | Uint8Array | GoStruct;

export type GoMap = Map<string, GoValue>;

/** The integer kinds that can meet a template. `time.Duration` is an int64 that prints as `1h2m3s`. */
export type IntKind =
  | 'int'
  | 'int8'
  | 'int16'
  | 'int32'
  | 'int64'
  | 'uint'
  | 'uint8'
  | 'uint16'
  | 'uint32'
  | 'uint64'
  | 'time.Duration'
  | 'time.Month'
  | 'time.Weekday';

/** An integer of Go. `value` is a safe integer where one fits and a bigint beyond 2^53 (the canonical form: see `goInt`). */
export class GoInt {
  readonly value: number | bigint;
  readonly kind: IntKind;
  constructor(value: number | bigint, kind: IntKind) {
    this.value = value;
    this.kind = kind;
  }
}

/** Makes a GoInt in canonical form: a bigint that is a safe integer becomes a number. Does not wrap to the kind's width. */
export function goInt(value: number | bigint, kind: IntKind = 'int'): GoInt {
  if (typeof value === 'bigint' && value >= -9007199254740991n && value <= 9007199254740991n) {
    return new GoInt(Number(value), kind);
  }
  return new GoInt(value, kind);
}

/**
 * A Go struct (or another named type) that templates can reach fields and methods of, such as `*semver.Version`,
 * `time.Time`, `common.KubeVersion` or `engine.files`.
 */
export interface GoStruct {
  readonly [GO_STRUCT]: true;
  /** What `typeOf` and error texts print: `*semver.Version`. */
  readonly goType: string;
  /** What `kindOf` prints: `ptr`, `struct`, `map`, `slice`. */
  readonly goKind: string;
  /** A field's value, or undefined when the type has no such exported field. */
  field(name: string): GoValue | undefined;
  /** A method, or undefined. Its parameters are checked by the template engine as a function's are. */
  method(name: string): GoFunction | undefined;
  /** What `%v`, `{{ . }}` and `toString` print (the String method, or Go's struct form `{a b}`). */
  format(): string;
  /** What `{{ . }}` alone prints where it is not what `format` gives: actions also find a String method of the value's address. */
  print?(): string;
  /** What toJson and toYaml encode, when the type can be encoded. */
  toValue?(): GoValue;
  /** Whether `if` takes it as true; a struct is always true, a map-like one when it has entries. Default true. */
  truthy?(): boolean;
  /** For map-like types: entries in the order that `range` visits, and `len`. */
  entries?(): [GoValue, GoValue][];
  /** For map-like types: `index x key`. */
  index?(key: GoValue): GoValue | undefined;
  /** Deep equality for `eq` where the type is comparable. */
  equals?(other: GoStruct): boolean;
}

export const GO_STRUCT: unique symbol = Symbol('go.struct');

/** The parameter types that Go functions declare; the template engine converts or refuses arguments by them. */
export type ParamType =
  | 'any'
  | 'string'
  | 'bool'
  | 'int'
  | 'int64'
  | 'uint'
  | 'float64'
  | '[]any'
  | '[]string'
  | '[]byte'
  | 'map[string]any'
  | 'map[string]string'
  | '*semver.Version'
  | 'time.Time'
  | 'time.Duration'
  | 'error'
  | 'sprig.certificate';

/**
 * A function that templates can call. Arguments arrive checked and converted: `string` as string, `bool` as boolean, every
 * integer type as a JS number (a bigint only beyond 2^53), `float64` as number, slices as arrays, maps as Map, `any`
 * as it is. It returns a GoValue; an integer result must be a GoInt. An error is thrown as GoError.
 */
export interface GoFunction {
  readonly name: string;
  readonly params: readonly ParamType[];
  /** The last parameter takes zero or more arguments. */
  readonly variadic?: boolean;
  // biome-ignore lint/suspicious/noExplicitAny: the engine has checked the arguments against params
  readonly call: (...args: any[]) => GoValue;
  /** Same arguments, same result, no effect: the compiler may fold a call of literals. Default false. */
  readonly pure?: boolean;
}

/** An error that a Go function returned; the template engine wraps it with the position and the call. */
export class GoError extends Error {
  override readonly name = 'GoError';
}

/** A Go panic in a function (index out of range …), which text/template reports in other words than an error. */
export class GoPanic extends Error {
  override readonly name = 'GoPanic';
}

const TYPE_TAG: unique symbol = Symbol('go.type');
interface Tagged {
  [TYPE_TAG]?: string;
}

/** Marks a slice or map as of another type than []interface {} or map[string]interface {}; returns it. */
export function tagType<T extends GoMap | GoValue[]>(value: T, goType: string): T {
  (value as Tagged)[TYPE_TAG] = goType;
  return value;
}

/** The tag of `tagType`, or undefined for []interface {} and map[string]interface {}. */
export function typeTag(value: GoMap | GoValue[]): string | undefined {
  return (value as Tagged)[TYPE_TAG];
}

/** Whether a value is a GoStruct. */
export function isStruct(value: unknown): value is GoStruct {
  return typeof value === 'object' && value !== null && GO_STRUCT in value;
}

/** Whether a value is a map of Go. */
export function isMap(value: unknown): value is GoMap {
  return value instanceof Map;
}
