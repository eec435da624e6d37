import type { Random } from './random.ts';

/** What the defaults of a made chart hold, by type: expressions take them so that most of them run. */
const FIELDS: Readonly<Record<Kind, readonly string[]>> = {
  str: ['name', 's1', 's2', 'text', 'tplText', 'nested.s', 'global.g', 'version', 'empty', 's1', 's2', 'name'],
  num: ['n1', 'n2', 'n3', 'nested.n', 'big'],
  bool: ['on', 'off', 'nested.on'],
  list: ['list', 'items', 'nested.list', 'numbers', 'emptyList', 'mixed'],
  map: ['map', 'nested', 'deep', 'emptyMap', 'global', 'resources', 'labels', 'merged', 'anchored'],
};

export type Kind = 'str' | 'num' | 'bool' | 'list' | 'map';
const KINDS: readonly Kind[] = ['str', 'num', 'bool', 'list', 'map'];

type Maker = (e: Expressions) => string;

/** Safe on any value: the rest of the chart still runs. */
const text = (e: Expressions, kind: Kind | 'any' = 'any'): string => `(${e.arg(kind)} | toString)`;
const whole = (e: Expressions): string => `(int ${e.arg('num')})`;

const STR: readonly Maker[] = [
  (e) => `printf ${e.format()} ${e.arg('any')}`,
  (e) => `printf "%s-%v" ${e.arg('str')} ${e.arg('any')}`,
  (e) => `print ${e.arg('any')} ${e.arg('any')}`,
  (e) =>
    `${e.random.pick(['upper', 'lower', 'title', 'trim', 'quote', 'squote', 'b64enc', 'sha256sum', 'nospace', 'untitle', 'swapcase', 'initials', 'snakecase', 'camelcase', 'kebabcase', 'toString', 'adler32sum', 'sha1sum'])} ${e.arg('str')}`,
  (e) =>
    `${e.random.pick(['quote', 'squote', 'toString', 'toJson', 'toYaml', 'kindOf', 'typeOf', 'toPrettyJson', 'toRawJson', 'toYamlPretty', 'toToml', 'html', 'js', 'urlquery', 'mustToJson'])} ${e.arg('any')}`,
  (e) => `trunc ${e.random.pick(['3', '-3', '63', '0'])} ${e.arg('str')}`,
  (e) => `${e.random.pick(['trimSuffix', 'trimPrefix', 'trimAll', 'replace "a"', 'wrapWith 5'])} "-" ${e.arg('str')}`,
  (e) => `${e.random.pick(['regexReplaceAll "([a-z])+"', 'regexReplaceAllLiteral "b"'])} ${e.arg('str')} "<$1>"`,
  (e) => `default ${e.arg('str')} ${e.arg('str')}`,
  (e) => `ternary ${e.arg('str')} ${e.arg('str')} ${e.arg('bool')}`,
  (e) => `coalesce ${e.arg('any')} ${e.arg('str')} | toString`,
  (e) => `join ${e.random.pick(['","', '"-"', '"\\n"'])} ${e.arg('list')}`,
  (e) => `indent ${e.random.below(5)} ${e.arg('str')}`,
  (e) => `nindent ${e.random.below(5)} ${e.arg('str')}`,
  (e) => `include ${e.helper()} ${e.random.chance(0.95) ? '$' : e.arg('any')}`,
  (e) =>
    `tpl ${e.random.pick([e.arg('str'), '$.Values.tplText', '"{{ .Values.name }}"', '"{{ $.Release.Name | upper }}"', '"{{ include \\"h.leaf\\" . }}"'])} ${e.random.chance(0.95) ? '$' : '.'}`,
  (e) => `get ${e.arg('map')} ${e.random.pick(['"a"', '"b"', '"missing"'])} | toString`,
  (e) => `$.Files.Get ${e.random.pick(['"files/a.txt"', '"files/none"', '"files/b.yaml"', '"README.md"'])}`,
  (e) =>
    `($.Files.Glob ${e.random.pick(['"files/*"', '"**"', '"files/*.yaml"', '"none/*"'])}).${e.random.pick(['AsConfig', 'AsSecrets'])}`,
  (e) =>
    e.random.pick([
      '$.Release.Name',
      '$.Release.Namespace',
      '$.Release.Service',
      '$.Chart.Name',
      '$.Chart.Version',
      '$.Chart.AppVersion',
      '$.Template.Name',
      '$.Template.BasePath',
      '$.Capabilities.KubeVersion',
      '$.Capabilities.KubeVersion.Minor',
      '$.Chart.Type',
      '$.Chart.Home',
      '$.Chart.Annotations',
      '$.Chart.Maintainers',
      '$.Chart.Keywords',
      '$.Capabilities.HelmVersion.Version',
      '$.Release',
    ]),
  (e) => `required "it is needed" ${e.random.chance(0.9) ? '$.Values.s1' : e.arg('str')}`,
  (e) => `substr 0 ${e.random.below(2)} (printf "%s--" ${e.arg('str')})`,
  (e) => `cat ${e.arg('any')} ${e.arg('str')}`,
  (e) => `repeat ${e.random.below(4)} ${e.arg('str')}`,
  (e) => `abbrev ${5 + e.random.below(5)} ${e.arg('str')}`,
  (e) => `regexFind ${e.random.pick(['"[a-z]+"', '"^.*$"', '"(\\\\d+)"'])} ${e.arg('str')}`,
  (e) => `index ${e.arg('map')} ${e.random.pick(['"a"', '"b"', '"zz"'])} | toString`,
  (e) => `index ${e.arg('list')} 0 | toString`,
  (e) => `dig "a" "b" ${e.arg('str')} (dict "a" ${e.arg('map')}) | toString`,
  (e) => `plural "one" "many" ${whole(e)}`,
  (e) => `semver ${e.random.pick(['"1.2.3-a+b"', '$.Chart.Version', '"v1.2"'])} | toString`,
  (e) => `urlParse ${e.random.pick(['"https://u:p@a.b:1/c?d=e#f"', '"a b"', '"/x?y"'])} | toJson`,
  (e) => `b64enc ${e.arg('str')} | b64dec`,
  (e) => `${e.random.pick(['first', 'last'])} ${e.arg('list')} | toString`,
  (e) => `lookup "v1" "Secret" $.Release.Namespace ${e.arg('str')} | toJson`,
  (e) =>
    `date ${e.random.pick(['"2006-01-02"', '"Mon Jan _2 15:04:05 2006"', '"Jan 2, 06 at 3:04pm (MST)"'])} (toDate "2006-01-02" "2024-02-29")`,
  (e) =>
    `${e.arg('str')} | ${e.random.pick(['regexReplaceAll "^" "x"', 'cat', 'ternary "a" "b"', 'list', 'dict "a"', 'replace "a" "b"', 'contains "o"', 'splitn "-" 2', 'regexFindAll "o" "foo"'])} | toJson`,
  (e) =>
    `${e.random.pick(['htmlDate', 'duration', 'durationRound'])} ${e.random.pick(['"1h"', '"90s"', '"3600"'])} | toString`,
  (e) =>
    `toYaml ${e.arg('any')} | ${e.random.pick(['b64enc', 'sha256sum', 'quote', 'len', 'nindent 0 | quote', 'fromYaml | toJson', 'trimSuffix "\\n" | quote'])} | toString`,
];

const NUM: readonly Maker[] = [
  (e) =>
    `${e.random.pick(['add', 'sub', 'mul', 'max', 'min', 'addf', 'subf', 'mulf', 'maxf', 'minf', 'biggest'])} ${e.arg('num')} ${e.arg('num')}`,
  (e) => `${e.random.pick(['div', 'mod', 'divf'])} ${e.arg('num')} ${e.random.pick(['2', '3', '7', '2.5'])}`,
  (e) =>
    `${e.random.pick(['int', 'int64', 'float64', 'floor', 'ceil', 'add1', 'toDecimal', 'add1f'])} ${e.arg(e.random.chance(0.7) ? 'num' : 'any')}`,
  (e) => `len ${e.arg(e.random.pick(['list', 'map', 'str']))}`,
  (e) => `round ${e.arg('num')} ${e.random.below(4)}`,
  (e) => `default ${e.arg('num')} ${e.arg('num')}`,
  (e) => `ternary 1 2 ${e.arg('bool')}`,
];

const BOOL: readonly Maker[] = [
  (e) => `${e.random.pick(['eq', 'ne'])} ${e.pair()}`,
  (e) => `${e.random.pick(['lt', 'le', 'gt', 'ge'])} ${e.pair()}`,
  (e) => `${e.random.pick(['and', 'or'])} ${e.arg('any')} ${e.arg('any')}`,
  (e) => `not ${e.arg('any')}`,
  (e) => `empty ${e.arg('any')}`,
  (e) => `hasKey ${e.arg('map')} ${e.random.pick(['"a"', '"b"', '"missing"'])}`,
  (e) => `has ${e.arg('str')} ${e.arg('list')}`,
  (e) =>
    `${e.random.pick(['contains', 'hasPrefix', 'hasSuffix'])} ${e.random.pick(['"a"', '""', '"-"'])} ${e.arg('str')}`,
  (e) =>
    `kindIs ${e.random.pick(['"map"', '"slice"', '"string"', '"float64"', '"bool"', '"invalid"'])} ${e.arg('any')}`,
  (e) =>
    `semverCompare ${e.random.pick(['">=1.2.0-0"', '"^1.0"', '"~1.2 || >3"', '"<1.0.0"'])} ${e.random.pick(['"1.2.3"', '$.Capabilities.KubeVersion.Version', '$.Chart.Version', '"2.0.0-rc.1"'])}`,
  (e) => `$.Capabilities.APIVersions.Has ${e.random.pick(['"apps/v1"', '"no/v1"', e.arg('str')])}`,
  (e) => `regexMatch "^[a-z-]+$" ${text(e)}`,
  (e) => e.random.pick(['$.Release.IsInstall', '$.Release.IsUpgrade', 'true', 'false']),
  (e) => `${e.random.pick(['any', 'all'])} ${e.arg('any')} ${e.arg('any')}`,
  (e) => `deepEqual ${e.arg('any')} ${e.arg('any')}`,
  (e) => `typeIs ${e.random.pick(['"string"', '"map[string]interface {}"', '"[]interface {}"'])} ${e.arg('any')}`,
];

const LIST: readonly Maker[] = [
  (e) => `list ${e.arg('any')} ${e.arg('any')}`,
  (e) => `${e.random.pick(['append', 'prepend', 'without'])} ${e.arg('list')} ${e.arg('any')}`,
  (e) => `concat ${e.arg('list')} ${e.arg('list')}`,
  (e) => `${e.random.pick(['uniq', 'sortAlpha', 'reverse', 'initial', 'rest', 'compact'])} ${e.arg('list')}`,
  (e) => `${e.random.pick(['keys', 'values'])} ${e.arg('map')} | sortAlpha`,
  (e) => `splitList "," ${text(e)}`,
  (e) => `until ${e.random.below(4)}`,
  (e) => `untilStep 1 ${e.random.below(9)} 2`,
  (e) => `slice $.Values.list ${e.random.below(2)} ${1 + e.random.below(3)}`,
  (e) => `fromYamlArray ${e.random.pick(['"- a\\n- b: 1"', '"[1, x"', e.arg('str')])}`,
  (e) => `fromJsonArray ${e.random.pick(['"[1,\\"a\\",null]"', '"{"', e.arg('str')])}`,
  (e) => `tuple 1 "a" ${e.arg('any')}`,
  (e) => `regexSplit "-" ${e.arg('str')} -1`,
  (e) => `toStrings ${e.arg('list')}`,
  (e) => `concat (list) ($.Files.Lines ${e.random.pick(['"files/a.txt"', '"files/none"'])})`,
  (e) => `seq 1 ${1 + e.random.below(5)} | splitList " "`,
];

const MAP: readonly Maker[] = [
  (e) => `dict "a" ${e.arg('any')} "b" ${e.arg('any')}`,
  (e) =>
    `${e.random.pick(['merge', 'mergeOverwrite', 'mustMerge', 'mustMergeOverwrite'])} (dict) ${e.arg('map')} ${e.arg('map')}`,
  (e) => `${e.random.pick(['merge', 'mergeOverwrite'])} ${e.arg('map')} ${e.arg('map')}`,
  (e) => `${e.random.pick(['pick', 'omit'])} ${e.arg('map')} "a" "b"`,
  (e) =>
    `set ${e.random.pick([e.arg('map'), '(deepCopy $.Values.map)', '$.Values.map'])} ${e.random.pick(['"a"', '"new"'])} ${e.arg('any')}`,
  (e) => `unset ${e.random.pick(['(deepCopy $.Values.map)', '$.Values.map', e.arg('map')])} "a"`,
  (e) => `deepCopy ${e.arg('map')}`,
  (e) =>
    `fromYaml ${e.random.pick(['"a: 1\\nb: [x]"', '"a: {b"', '(toYaml $.Values.map)', e.arg('str'), '(include "h.leaf" $)'])}`,
  (e) => `fromJson ${e.random.pick(['"{\\"a\\":1}"', '"[1"', '(toJson $.Values.map)', e.arg('str')])}`,
  (e) => `fromToml ${e.random.pick(['"a = 1\\n[b]\\nc = 2.5"', '"[x]\\ny = [1, 2]"'])}`,
  (e) => `default (dict "a" 1) ${e.arg('map')}`,
  () => '(omit $.Values "global" "tags")',
  () => '$.Chart',
];

const MAKERS: Readonly<Record<Kind, readonly Maker[]>> = { str: STR, num: NUM, bool: BOOL, list: LIST, map: MAP };

const LITERALS: Readonly<Record<Kind, readonly string[]>> = {
  str: ['"a"', '""', '"a-b"', '`raw`', '"x: y"', '"1"', '"é"', '"a\\nb"', '"true"'],
  num: ['1', '0', '-2', '3.5', '1e3', '0x10', '1_000', "'c'", '(int 7)', '100000000'],
  bool: ['true', 'false'],
  list: ['(list)', '(list 1 2 3)', '(list "b" "a")'],
  map: ['(dict)', '(dict "a" 1)', '(dict "a" (dict "b" "c"))'],
};

const FORMATS = [
  '"%v"',
  '"%s"',
  '"%d"',
  '"%q"',
  '"%5v|"',
  '"%-5s|"',
  '"%05d"',
  '"%.2f"',
  '"%T"',
  '"%t"',
  '"%x"',
  '"%+v"',
  '"%#v"',
  '"%%"',
  '"%v %v"',
  '"no"',
  '"%g"',
  '"%e"',
  '"%c"',
  '"%U"',
  '"%o"',
  '"%b"',
  '"%08.3f"',
  '"%[1]v-%[1]v"',
  '"%*d"',
];

/** Makes template expressions, mostly of the types that the functions take. */
export class Expressions {
  readonly random: Random;
  #depth = 0;
  /** Variables in scope. */
  readonly variables: string[] = [];
  /** Templates that include may name. */
  helpers: readonly string[];

  constructor(random: Random, helpers: readonly string[]) {
    this.random = random;
    this.helpers = helpers;
  }

  /** A pipeline that gives a value of this kind, mostly. */
  make(kind: Kind | 'any' = 'any'): string {
    const real = kind === 'any' ? this.random.pick(KINDS) : kind;
    if (this.random.chance(0.35)) return this.#field(real);
    const made = this.random.pick(MAKERS[real])(this);
    return (kind === 'any' || kind === 'str') && this.random.chance(0.12) ? `${made} | ${this.#pipe()}` : made;
  }

  /** An argument: a field, a literal, a variable or an expression in brackets. */
  arg(kind: Kind | 'any'): string {
    const wrong = this.random.chance(0.006);
    const real = kind === 'any' || wrong ? this.random.pick(KINDS) : kind;
    if (this.variables.length > 0 && kind === 'any' && this.random.chance(0.3)) return this.random.pick(this.variables);
    if (this.#depth > 2 || this.random.chance(0.6)) return this.#field(real);
    if (this.random.chance(0.4)) return this.random.pick(LITERALS[real]);
    this.#depth++;
    const made = this.random.pick(MAKERS[real])(this);
    this.#depth--;
    return `(${made})`;
  }

  /** Two arguments of one kind, now and then of two. */
  pair(): string {
    if (this.random.chance(0.03)) return `${this.arg('any')} ${this.arg('any')}`;
    if (this.random.chance(0.5)) return `${text(this)} ${text(this)}`;
    const number = this.random.pick(['int', 'float64', 'int64']);
    return `(${number} ${this.arg('num')}) (${number} ${this.arg('num')})`;
  }

  format(): string {
    return this.random.pick(FORMATS);
  }

  helper(): string {
    return `"${this.random.chance(0.005) ? 'h.none' : this.random.pick(this.helpers)}"`;
  }

  #field(kind: Kind): string {
    const path = this.random.pick(FIELDS[kind]);
    return this.random.chance(0.01)
      ? this.random.pick([`.Values.${path}`, '$.Values.missing', '$.Values.a.b'])
      : `$.Values.${path}`;
  }

  #pipe(): string {
    return this.random.pick([
      'quote',
      'toString',
      'default "d"',
      'toString | trunc 5',
      'toString | upper',
      'toJson',
      'kindOf',
      'printf "%v"',
      'toJson | b64enc',
    ]);
  }
}
