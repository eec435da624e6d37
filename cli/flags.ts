/** Flags as Helm's command line takes them (pflag): `--name value`, `--name=value`, `-n value`, `-nvalue`. */

/** How a flag takes its value: none or `=true`, one, one per use, or several with commas. */
export type FlagKind = 'bool' | 'string' | 'array' | 'list';

/** A flag by its long name. */
export interface FlagSpec {
  readonly kind: FlagKind;
  readonly short?: string;
  /** What the flag means without a value, where one may be left out. */
  readonly bare?: string;
}

/** What a command line held. */
export interface ParsedFlags {
  readonly positional: string[];
  bool(name: string): boolean;
  /** The last value, or undefined when the flag was not given. */
  text(name: string): string | undefined;
  list(name: string): readonly string[];
}

/** A command line that does not parse; the message is pflag's. */
export class FlagError extends Error {
  override readonly name = 'FlagError';
}

const TRUE = new Set(['1', 't', 'T', 'true', 'TRUE', 'True']);
const FALSE = new Set(['0', 'f', 'F', 'false', 'FALSE', 'False']);

/**
 * Parses arguments; `--` ends the flags.
 *
 * @throws FlagError `unknown flag: --x`, `flag needs an argument: --set`, `invalid argument …`
 */
export function parseFlags(args: readonly string[], specs: Readonly<Record<string, FlagSpec>>): ParsedFlags {
  const values = new Map<string, string[]>();
  const positional: string[] = [];
  const queue = [...args];
  const add = (name: string, spec: FlagSpec, value: string, shown: string): void => {
    const list = values.get(name) ?? [];
    if (spec.kind === 'bool') checkBool(value, shown);
    list.push(...(spec.kind === 'list' ? splitList(value) : [value]));
    values.set(name, list);
  };
  for (let arg = queue.shift(); arg !== undefined; arg = queue.shift()) {
    if (arg === '--') {
      positional.push(...queue);
      break;
    }
    if (arg.startsWith('--')) readLong(arg, queue, specs, add);
    else if (arg.startsWith('-') && arg !== '-') readShort(arg, queue, specs, add);
    else positional.push(arg);
  }
  return {
    positional,
    bool: (name) => TRUE.has(values.get(name)?.at(-1) ?? ''),
    text: (name) => values.get(name)?.at(-1),
    list: (name) => values.get(name) ?? [],
  };
}

type Add = (name: string, spec: FlagSpec, value: string, shown: string) => void;

function readLong(arg: string, queue: string[], specs: Readonly<Record<string, FlagSpec>>, add: Add): void {
  const equals = arg.indexOf('=');
  const name = arg.slice(2, equals < 0 ? undefined : equals);
  const spec = Object.hasOwn(specs, name) ? specs[name] : undefined;
  if (spec === undefined) throw new FlagError(`unknown flag: --${name}`);
  const shown = spec.short === undefined ? `--${name}` : `-${spec.short}, --${name}`;
  const bare = spec.kind === 'bool' ? 'true' : spec.bare;
  if (equals >= 0) add(name, spec, arg.slice(equals + 1), shown);
  else if (bare !== undefined) add(name, spec, bare, shown);
  else {
    const value = queue.shift();
    if (value === undefined) throw new FlagError(`flag needs an argument: --${name}`);
    add(name, spec, value, shown);
  }
}

/** Reads `-abc`: flags without values may stand together, and the last may have its value at once. */
function readShort(arg: string, queue: string[], specs: Readonly<Record<string, FlagSpec>>, add: Add): void {
  for (let rest = arg.slice(1); rest !== ''; ) {
    const short = rest.slice(0, 1);
    const entry = Object.entries(specs).find(([, one]) => one.short === short);
    if (entry === undefined) throw new FlagError(`unknown shorthand flag: ${quoteChar(short)} in -${rest}`);
    const [name, spec] = entry;
    const shown = `-${short}, --${name}`;
    const after = rest.slice(1);
    if (after.startsWith('=')) {
      add(name, spec, after.slice(1), shown);
      return;
    }
    if (spec.kind === 'bool') {
      add(name, spec, 'true', shown);
      rest = after;
      continue;
    }
    const value = after === '' ? queue.shift() : after;
    if (value === undefined) throw new FlagError(`flag needs an argument: ${quoteChar(short)} in -${rest}`);
    add(name, spec, value, shown);
    return;
  }
}

function quoteChar(char: string): string {
  return `'${char}'`;
}

function checkBool(value: string, shown: string): void {
  if (TRUE.has(value) || FALSE.has(value)) return;
  const text = JSON.stringify(value);
  throw new FlagError(
    `invalid argument ${text} for "${shown}" flag: strconv.ParseBool: parsing ${text}: invalid syntax`,
  );
}

/** Splits at commas as a line of CSV: a part in double quotes may hold commas, and "" for a quote. */
function splitList(value: string): string[] {
  if (value === '') return [];
  const parts: string[] = [];
  const part = /(?:"((?:[^"]|"")*)"|([^,]*))(,|$)/y;
  for (;;) {
    const match = part.exec(value);
    if (match === null) throw new FlagError(`invalid argument ${JSON.stringify(value)}: parse error: bare " in a list`);
    parts.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? '');
    if (match[3] === '') return parts;
  }
}
