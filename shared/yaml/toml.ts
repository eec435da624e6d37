/** TOML as BurntSushi's encoder writes it, and reading by smol-toml. */
import { parse, TomlDate } from 'smol-toml';
import { formatDuration } from '../go/duration.ts';
import { formatFloat } from '../go/strconv.ts';
import { sortedKeys } from '../go/utf8.ts';
import { GoInt, type GoMap, GoPanic, type GoValue, goInt, isStruct, tagType } from '../go/value.ts';
import { MarshalError, YamlError } from './errors.ts';

const INDENT = '  ';
const NIL_IN_ARRAY = 'toml: cannot encode array with nil element';
const NO_KEY = 'toml: top-level values must be Go maps or structs';

/**
 * A value as Helm's toToml writes it: direct keys first, then tables, each level indented by two spaces; nulls are left out.
 * Throws MarshalError with BurntSushi's text (a null in an array, a list of tables at the top) and GoPanic for null itself,
 * where the Go library panics.
 */
export function toToml(value: GoValue): string {
  if (value === null) throw new GoPanic('reflect: call of reflect.Value.Type on zero Value');
  const writer = new TomlWriter();
  writer.encode([], unwrap(value));
  return writer.out;
}

/** A struct as the map or string that it stands for. */
function unwrap(value: GoValue): GoValue {
  if (typeof value !== 'object' || value === null || !isStruct(value)) return value;
  if (!value.toValue) throw new MarshalError(`unsupported type: ${value.goType}`);
  return unwrap(value.toValue());
}

function isTable(value: GoValue): boolean {
  return value instanceof Map;
}

/** A list of nothing but tables is written as `[[key]]`. A null in a list is refused wherever the list's type is asked for. */
function isTableArray(list: GoValue[]): boolean {
  let tables = list.length > 0;
  for (const item of list) {
    const value = unwrap(item);
    if (value === null) throw new MarshalError(NIL_IN_ARRAY);
    if (Array.isArray(value)) isTableArray(value);
    if (!isTable(value)) tables = false;
  }
  return tables;
}

const BARE_KEY = /^[A-Za-z0-9_-]+$/;
const ESCAPED = /["\\\x00-\x1f\x7f]/g;
const NAMED: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\b': '\\b',
  '\t': '\\t',
  '\n': '\\n',
  '\f': '\\f',
  '\r': '\\r',
};

function quoted(s: string): string {
  return `"${s.replace(ESCAPED, (c) => NAMED[c] ?? `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)}"`;
}

function keyText(key: string): string {
  return BARE_KEY.test(key) ? key : quoted(key);
}

function floatText(x: number): string {
  if (Number.isNaN(x)) return 'nan';
  if (!Number.isFinite(x)) return x > 0 ? 'inf' : '-inf';
  const text = formatFloat(x, 'g', -1);
  return /[e.]/.test(text) ? text : `${text}.0`;
}

class TomlWriter {
  out = '';

  encode(key: string[], value: GoValue): void {
    if (value === null) return;
    if (value instanceof Map) this.table(key, value);
    else if (Array.isArray(value) && isTableArray(value)) this.tableArray(key, value);
    else this.keyValue(key, value, false);
  }

  private newline(): void {
    if (this.out !== '') this.out += '\n';
  }

  private tableArray(key: string[], list: GoValue[]): void {
    if (key.length === 0) throw new MarshalError(NO_KEY);
    for (const item of list) {
      this.newline();
      this.out += `${INDENT.repeat(key.length - 1)}[[${key.map(keyText).join('.')}]]`;
      this.newline();
      this.map(key, unwrap(item) as GoMap);
    }
  }

  private table(key: string[], map: GoMap): void {
    if (key.length === 1) this.newline();
    if (key.length > 0) {
      this.out += `${INDENT.repeat(key.length - 1)}[${key.map(keyText).join('.')}]`;
      this.newline();
    }
    this.map(key, map);
  }

  private map(key: string[], map: GoMap): void {
    const [direct, tables] = splitKeys(map);
    for (const name of [...direct, ...tables]) {
      const value = unwrap(map.get(name) ?? null);
      if (value !== null) this.encode([...key, name], value);
    }
  }

  private inlineMap(map: GoMap): void {
    const [direct, tables] = splitKeys(map);
    this.out += '{';
    this.inlineKeys(map, direct, tables.length > 0);
    this.inlineKeys(map, tables, false);
    this.out += '}';
  }

  private inlineKeys(map: GoMap, keys: string[], more: boolean): void {
    keys.forEach((name, i) => {
      const value = unwrap(map.get(name) ?? null);
      if (value === null) return;
      this.keyValue([name], value, true);
      if (more || i !== keys.length - 1) this.out += ', ';
    });
  }

  private keyValue(key: string[], value: GoValue, inline: boolean): void {
    if (key.length === 0) {
      this.element(value);
      return;
    }
    this.out += `${INDENT.repeat(key.length - 1)}${keyText(key[key.length - 1] as string)} = `;
    this.element(value);
    if (!inline) this.newline();
  }

  private element(value: GoValue): void {
    if (typeof value === 'string') this.out += quoted(value);
    else if (typeof value === 'number') this.out += floatText(value);
    else if (typeof value === 'boolean') this.out += String(value);
    else if (value instanceof GoInt) this.out += intText(value);
    else if (value instanceof Map) this.inlineMap(value);
    else if (value instanceof Uint8Array) this.out += `[${value.join(', ')}]`;
    else if (Array.isArray(value)) this.list(value);
    else throw new MarshalError(NIL_IN_ARRAY);
  }

  private list(list: GoValue[]): void {
    this.out += '[';
    list.forEach((item, i) => {
      if (i > 0) this.out += ', ';
      this.element(unwrap(item));
    });
    this.out += ']';
  }
}

function intText(value: GoInt): string {
  return value.kind === 'time.Duration' ? quoted(formatDuration(value.value)) : String(value.value);
}

/** Keys with plain values, and those with tables or lists of tables, each in order. */
function splitKeys(map: GoMap): [direct: string[], tables: string[]] {
  const direct: string[] = [];
  const tables: string[] = [];
  for (const name of sortedKeys(map)) {
    const value = unwrap(map.get(name) ?? null);
    const deep = value instanceof Map || (Array.isArray(value) && isTableArray(value));
    (deep ? tables : direct).push(name);
  }
  return [direct, tables];
}

/**
 * A TOML document as BurntSushi decodes it into `map[string]any`: integers are int64, floats float64, dates RFC 3339 text,
 * lists of tables carry the type []map[string]interface {}. Throws YamlError; its text names the line but is not Go's.
 */
export function parseToml(text: string): GoMap {
  try {
    return convert(parse(text, { integersAsBigInt: true })) as GoMap;
  } catch (e) {
    throw new YamlError(tomlMessage(e));
  }
}

function tomlMessage(e: unknown): string {
  const { message, line } = e as { message: string; line?: number };
  const first = message.split('\n')[0] ?? message;
  const problem = first.replace(/^Invalid TOML document: /, '');
  return line === undefined ? `toml: ${problem}` : `toml: line ${line}: ${problem}`;
}

/** A date as Go's time.Time has it in JSON; the forms without a zone count as UTC. */
function dateText(date: TomlDate): string {
  let text = date.toISOString();
  if (date.isTime()) text = `0000-01-01T${text}`;
  if (date.isDate()) text = `${text}T00:00:00`;
  if (date.isLocal()) text += 'Z';
  return text.replace(/\.(\d*?)0*(?=Z|[-+]|$)/, (_, digits: string) => (digits === '' ? '' : `.${digits}`));
}

function convert(x: unknown): GoValue {
  if (typeof x === 'bigint') return goInt(x, 'int64');
  if (x instanceof TomlDate) return dateText(x);
  if (Array.isArray(x)) {
    const list = x.map(convert);
    const tables = list.length > 0 && list.every((item) => item instanceof Map);
    return tables ? tagType(list, '[]map[string]interface {}') : list;
  }
  if (typeof x === 'object' && x !== null) {
    return new Map(Object.keys(x).map((key) => [key, convert((x as Record<string, unknown>)[key])]));
  }
  return x as GoValue;
}
