import { sprint, typeOf } from '../../shared/go/print.ts';
import { formatG } from '../../shared/go/strconv.ts';
import {
  GO_STRUCT,
  GoError,
  type GoFunction,
  type GoInt,
  type GoStruct,
  type GoValue,
  goInt,
  type IntKind,
  type ParamType,
  tagType,
} from '../../shared/go/value.ts';
import { complexValue } from '../../shared/helm/template/value.ts';

/*
 * The data of Go's own exec_test as far as the value model has it: structs with methods, typed lists and maps. Pointers are
 * what they point to; function values, iterators and unsafe pointers are not modelled.
 */

interface Shape {
  fields?: Record<string, GoValue>;
  methods?: GoFunction[];
  text?: string;
  truthy?: boolean;
  kind?: string;
}

export function struct(
  goType: string,
  { fields = {}, methods = [], text = '{}', truthy = true, kind = 'struct' }: Shape,
): GoStruct {
  return {
    [GO_STRUCT]: true,
    goType,
    goKind: kind,
    field: (name) => (Object.hasOwn(fields, name) ? fields[name] : undefined),
    method: (name) => methods.find((one) => one.name === name),
    format: () => text,
    truthy: () => truthy,
    equals: (other) => other.goType === goType && other.format() === text,
  };
}

// biome-ignore lint/suspicious/noExplicitAny: each function of the fixture names its parameters
export function fn(name: string, params: ParamType[], call: (...args: any[]) => GoValue, variadic = false): GoFunction {
  return { name, params, variadic, call };
}

export function ints(values: number[], kind: IntKind = 'int', tag = `[]${kind}`): GoValue[] {
  return tagType(
    values.map((value) => goInt(value, kind)),
    tag,
  );
}

function intMap(tag: string, entries: [string, number][]): GoValue {
  return tagType(new Map<string, GoValue>(entries.map(([key, value]) => [key, goInt(value)])), tag);
}

function textMap(tag: string, entries: [string, string][]): GoValue {
  return tagType(new Map<string, GoValue>(entries), tag);
}

function typeU(v: string): GoStruct {
  return struct('*template.U', {
    fields: { V: v },
    methods: [fn('TrueFalse', ['bool'], (b: boolean) => (b ? 'true' : ''))],
    text: `{${v}}`,
    kind: 'ptr',
  });
}

const methodsOfT: GoFunction[] = [
  fn('Method0', [], () => 'M0'),
  fn('Method1', ['int'], (a: number) => goInt(a)),
  fn('Method2', ['uint', 'string'], (a: number, b: string) => `Method2: ${a} ${b}`),
  fn('Method3', ['any'], (v: GoValue) => `Method3: ${sprint(v)}`),
  fn('MAdd', ['int', 'any'], (a: number, b: GoInt[]) => ints(b.map((one) => Number(one.value) + a))),
  fn('MyError', ['bool'], (fails: boolean) => {
    if (fails) throw new GoError('my error');
    return false;
  }),
  fn('GetU', [], () => typeU('v')),
  fn('Copy', [], () => makeT()),
];

const nilPointer = (text: string): GoStruct => struct('*int', { text, truthy: false, kind: 'ptr' });
const typeT = (fields: Record<string, GoValue>): GoStruct =>
  struct('*template.T', { fields, methods: methodsOfT, kind: 'ptr' });

/** The fixture that the table calls tVal. */
export function makeT(): GoStruct {
  return typeT({
    True: true,
    I: goInt(17),
    U16: goInt(16, 'uint'),
    X: 'x',
    S: 'xyz',
    FloatZero: 0,
    ComplexZero: complexValue(0, 0, formatG),
    U: typeU('v'),
    V0: struct('template.V', { text: '<6666>' }),
    V1: struct('*template.V', { text: '<7777>' }),
    V2: nilPointer('nilV'),
    W0: struct('template.W', { text: '[888]' }),
    W1: struct('*template.W', { text: '[999]' }),
    W2: nilPointer('nilW'),
    SI: ints([3, 4, 5]),
    SIEmpty: ints([]),
    SB: tagType<GoValue[]>([true, false], '[]bool'),
    AI: ints([3, 4, 5]),
    PAI: ints([3, 4, 5]),
    MSI: intMap('map[string]int', [
      ['one', 1],
      ['two', 2],
      ['three', 3],
    ]),
    MSIone: intMap('map[string]int', [['one', 1]]),
    MSIEmpty: intMap('map[string]int', []),
    MXI: intMap('map[interface {}]int', [['one', 1]]),
    MI32S: textMap('map[int32]string', [
      ['1', 'one'],
      ['2', 'two'],
    ]),
    MI64S: textMap('map[int64]string', [
      ['2', 'i642'],
      ['3', 'i643'],
    ]),
    MUI64S: textMap('map[uint64]string', [
      ['2', 'ui642'],
      ['3', 'ui643'],
    ]),
    MI8S: textMap('map[int8]string', [
      ['2', 'i82'],
      ['3', 'i83'],
    ]),
    MUI8S: textMap('map[uint8]string', [
      ['2', 'u82'],
      ['3', 'u83'],
    ]),
    SMSI: tagType(
      [
        intMap('map[string]int', [
          ['one', 1],
          ['two', 2],
        ]),
        intMap('map[string]int', [
          ['eleven', 11],
          ['twelve', 12],
        ]),
      ],
      '[]map[string]int',
    ),
    Empty0: null,
    Empty1: goInt(3),
    Empty2: 'empty2',
    Empty3: ints([7, 8]),
    Empty4: typeU('UinEmpty'),
    NonEmptyInterface: typeT({ X: 'x' }),
    NonEmptyInterfacePtS: tagType<GoValue[]>(['a', 'b'], '[]string'),
    NonEmptyInterfaceTypedNil: struct('*template.T', { methods: methodsOfT, truthy: false, kind: 'ptr' }),
    Str: struct('*bytes.Buffer', { text: 'foozle' }),
    Err: struct('*errors.errorString', { text: 'erroozle' }),
    PI: goInt(23),
    PS: 'a string',
    PSI: ints([21, 22, 23]),
    NIL: nilPointer('<nil>'),
    BinaryFunc: struct('func(string, string) string', { kind: 'func' }),
  });
}

/** The functions that the table's rows call. */
export function fixtureFunctions(): Map<string, GoFunction> {
  const letters = 'abcdefghijklmnop';
  const all = [
    fn('add', ['any'], (...xs: GoInt[]) => goInt(xs.reduce((sum, x) => sum + Number(x.value), 0)), true),
    fn('count', ['int'], (n: number) => tagType<GoValue[]>(letters.slice(0, n).split(''), '[]string')),
    fn('dddArg', ['int', 'string'], (_n: number, ...s: string[]) => s.join(''), true),
    fn('die', [], () => {
      throw new GoError('die');
    }),
    fn('echo', ['any'], (v: GoValue) => v),
    fn(
      'makemap',
      ['string'],
      (...kv: string[]) => {
        const map = new Map<string, GoValue>();
        for (let i = 0; i + 1 < kv.length; i += 2) map.set(kv[i] as string, kv[i + 1] as string);
        return tagType(map, 'map[string]string');
      },
      true,
    ),
    fn('mapOfThree', [], () => intMap('map[string]int', [['three', 3]])),
    fn('oneArg', ['string'], (a: string) => `oneArg=${a}`),
    fn('returnInt', [], () => goInt(7)),
    fn('stringer', ['any'], (v: GoValue) => sprint(v)),
    fn('twoArgs', ['string', 'string'], (a: string, b: string) => `twoArgs=${a}${b}`),
    fn('typeOf', ['any'], (v: GoValue) => typeOf(v)),
    fn('valueString', ['string'], (v: string) => v),
    fn('vfunc', ['any', 'any'], () => 'vfunc'),
    fn('zeroArgs', [], () => 'zeroArgs'),
  ];
  return new Map(all.map((one) => [one.name, one]));
}

/** Rows whose data the table has no value for: by name, what Go's test gives them. */
export const OWN_DATA: Readonly<Record<string, GoValue>> = {
  'dot int': goInt(13),
  'dot uint': goInt(14, 'uint'),
  'dot float': 15.1,
  'dot bool': true,
  'dot complex': complexValue(16.2, -17, formatG),
  'dot string': 'hello',
  'dot slice': ints([-1, -2, -3]),
  'dot map': intMap('map[string]int', [['two', 22]]),
  'dot struct': struct('struct { a int; b string }', { text: '{7 seven}' }),
  '$ int': goInt(123),
  'method on nil value from slice': tagType<GoValue[]>(
    [struct('*template.T', { methods: methodsOfT, truthy: false, kind: 'ptr' })],
    '[]*template.T',
  ),
  'Interface Call': new Map<string, GoValue>([['S', struct('*bytes.Buffer', { text: 'foozle' })]]),
  js: "It'd be nice.",
  'and undef': new Map(),
  'or undef': new Map(),
  bug1: struct('template.T', { methods: methodsOfT }),
  bug9: new Map<string, GoValue>([['cause', 'neglect']]),
  bug11: struct('template.T', { fields: { PS: nilPointer('<nil>') } }),
  bug18a: goInt(46, 'int32'),
  bug18b: goInt(101, 'int32'),
  bug18c: goInt(80, 'int32'),
  'range int8': goInt(5, 'int8'),
  'range int16': goInt(5, 'int16'),
  'range int32': goInt(5, 'int32'),
  'range int64': goInt(5, 'int64'),
  'range int': goInt(5),
  'range uint8': goInt(5, 'uint8'),
  'range uint16': goInt(5, 'uint16'),
  'range uint32': goInt(5, 'uint32'),
  'range uint64': goInt(5, 'uint64'),
  'range uint': goInt(5, 'uint'),
};

/** The fixture of the comparison rows. */
export function makeComparisons(): GoStruct {
  const pointer = struct('*int', { text: '0xc0', kind: 'ptr' });
  return struct('*struct', {
    fields: {
      Uthree: goInt(3, 'uint'),
      Ufour: goInt(4, 'uint'),
      NegOne: goInt(-1),
      Three: goInt(3),
      Ptr: pointer,
      NilPtr: null,
      NonNilMap: tagType(new Map<string, GoValue>(), 'map[int]int'),
      Map: null,
      V1: struct('template.V', { text: '{0}' }),
      V2: struct('template.V', { text: '{0}' }),
      Iface1: struct('*strings.Builder', { text: '', kind: 'ptr' }),
      NilIface: null,
    },
  });
}
