import { parseArgs } from 'node:util';
import { parseDuration } from './api/duration.ts';
import { ConfigError, errorMessage } from './errors.ts';

/** One flag of a binary: its type is that of the fallback. */
export interface Flag {
  readonly fallback: string | boolean;
  /** The environment variable that is read when the flag is not given. */
  readonly env?: string;
  readonly help: string;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** Where a server listens; no host means all interfaces, port 0 a free one. */
export interface Address {
  readonly host: string | undefined;
  readonly port: number;
}

/** What `--help` prints of a binary's flags. */
export function flagUsage(name: string, description: string, flags: Readonly<Record<string, Flag>>): string {
  const width = Math.max(...Object.keys(flags).map((flag) => flag.length));
  const lines = Object.entries(flags).map(([flag, { env, help, fallback }]) => {
    const from = env ? ` [$${env}]` : '';
    return `  --${flag.padEnd(width)}  ${help}${from} (default ${JSON.stringify(fallback)})`;
  });
  return `Usage: ${name} [flags]\n\n${description}\n\nFlags:\n${lines.join('\n')}\n`;
}

/**
 * Reads a binary's flags; 'help' when that was asked for.
 *
 * @throws ConfigError for an unknown flag or a missing value
 */
export function readFlags<Name extends string>(
  args: readonly string[],
  env: Environment,
  flags: Readonly<Record<Name, Flag>>,
): Settings<Name> | 'help' {
  const options = Object.fromEntries(
    Object.entries<Flag>(flags).map(([name, flag]) => [name, { type: typeof flag.fallback as 'string' | 'boolean' }]),
  );
  let values: Record<string, unknown>;
  try {
    const all = { ...options, help: { type: 'boolean' as const } };
    ({ values } = parseArgs({ args: [...args], options: all, strict: true, allowNegative: true }));
  } catch (error) {
    throw new ConfigError(`${errorMessage(error)}; see --help`);
  }
  return values['help'] === true ? 'help' : new Settings(values, env, flags);
}

/** The settings of an operator: flag before environment before default. Every reader throws ConfigError that names the flag. */
export class Settings<Name extends string> {
  readonly #values: Readonly<Record<string, unknown>>;
  readonly #env: Environment;
  readonly #flags: Readonly<Record<Name, Flag>>;

  constructor(values: Readonly<Record<string, unknown>>, env: Environment, flags: Readonly<Record<Name, Flag>>) {
    this.#values = values;
    this.#env = env;
    this.#flags = flags;
  }

  text(name: Name): string {
    const flag = this.#flags[name];
    return String(this.#values[name] ?? ((flag.env && this.#env[flag.env]) || flag.fallback));
  }

  optional(name: Name): string | undefined {
    return this.text(name) || undefined;
  }

  flag(name: Name): boolean {
    return this.text(name) === 'true';
  }

  integer(name: Name, min: number, max: number): number {
    const text = this.text(name);
    const value = Number(text);
    if (text !== '' && Number.isInteger(value) && value >= min && value <= max) return value;
    throw this.problem(name, `a whole number from ${min} to ${max}`);
  }

  /** A duration above zero, in milliseconds. */
  duration(name: Name): number {
    try {
      const ms = parseDuration(this.text(name));
      if (ms > 0) return ms;
    } catch {
      // Said below, with the flag's name.
    }
    throw this.problem(name, 'a duration above zero, such as 30s or 5m');
  }

  oneOf<T extends string>(name: Name, allowed: readonly T[]): T {
    const found = allowed.find((one) => one === this.text(name));
    if (found === undefined) throw this.problem(name, `one of ${allowed.join(', ')}`);
    return found;
  }

  /** `host:port` or `:port` as Go writes addresses; undefined for ''. */
  address(name: Name): Address | undefined {
    const text = this.text(name);
    if (text === '') return undefined;
    const [, bracketed, plain, digits] = /^(?:\[([^\]]+)\]|([^:]*)):([0-9]+)$/.exec(text) ?? [];
    const port = Number(digits);
    if (digits === undefined || port > 65_535) throw this.problem(name, 'host:port or :port');
    return { host: (bracketed ?? plain) || undefined, port };
  }

  /** `first/second`; undefined for ''. */
  pair(name: Name, expected: string): [string, string] | undefined {
    const text = this.text(name);
    if (text === '') return undefined;
    const [first, second, ...rest] = text.split('/');
    if (!first || !second || rest.length > 0) throw this.problem(name, expected);
    return [first, second];
  }

  /** The error for a setting that cannot be used. */
  problem(name: Name, expected: string): ConfigError {
    const { env } = this.#flags[name];
    const fromEnv = env && this.#values[name] === undefined && this.#env[env] ? ` (from $${env})` : '';
    return new ConfigError(`--${name}${fromEnv} is ${JSON.stringify(this.text(name))}; expected ${expected}`);
  }
}
