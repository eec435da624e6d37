import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RedisConnection } from './connection.ts';

/** A Lua script of this folder, sent once to a server and called by its hash from then on. */
export class RedisScript {
  readonly #name: string;
  readonly #source: string;
  readonly #sha: string;

  /** Reads `<name>.lua`; a missing file is an error at start, not at the first call. */
  constructor(name: string) {
    this.#name = name;
    this.#source = readFileSync(join(import.meta.dirname, `${name}.lua`), 'utf8');
    this.#sha = createHash('sha1').update(this.#source).digest('hex');
  }

  /** Runs the script; a server that lost it (restart) gets it again. Errors as `RedisConnection.run`. */
  run(connection: RedisConnection, keys: string[], args: (string | number)[], deadlineMs?: number): Promise<unknown> {
    const call = { keys, arguments: args.map(String) };
    return connection.run(
      this.#name,
      async (client) => {
        try {
          return await client.evalSha(this.#sha, call);
        } catch (error) {
          if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error;
          return client.eval(this.#source, call);
        }
      },
      deadlineMs,
    );
  }
}
