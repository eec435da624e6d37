import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { FleetLock } from '../cache/types.ts';
import type { RedisConnection } from './connection.ts';
import { RedisScript } from './script.ts';

export interface RedisLockOptions {
  /** How long a lock outlives a holder that died. Default 10 s; a living holder renews it. */
  leaseMs?: number;
  /** After this the caller goes ahead without the lock. Default 60 s. */
  maxWaitMs?: number;
}

const FIRST_POLL_MS = 20;
const MAX_POLL_MS = 250;

/** Locks that make the fleet do a thing once. For efficiency only: without Redis, or after the wait, everybody does it. */
export class RedisLock implements FleetLock {
  readonly #connection: RedisConnection;
  readonly #prefix: string;
  readonly #leaseMs: number;
  readonly #maxWaitMs: number;
  readonly #release = new RedisScript('lock-release');
  readonly #renew = new RedisScript('lock-renew');

  constructor(connection: RedisConnection, fleet: string, options: RedisLockOptions = {}) {
    this.#connection = connection;
    this.#prefix = `chartroom:${fleet}:lock:`;
    this.#leaseMs = options.leaseMs ?? 10_000;
    this.#maxWaitMs = options.maxWaitMs ?? 60_000;
  }

  async run<T>(key: string, attempt: () => Promise<T | undefined>, fn: () => Promise<T>): Promise<T> {
    const name = this.#prefix + key;
    const token = randomUUID();
    const until = performance.now() + this.#maxWaitMs;
    for (let pollMs = FIRST_POLL_MS; ; pollMs = Math.min(pollMs * 1.5, MAX_POLL_MS)) {
      const taken = await this.#take(name, token);
      if (taken === 'unavailable' || performance.now() > until) return fn();
      if (taken === 'mine') return this.#runHolding(name, token, attempt, fn);
      await delay(pollMs * (0.75 + Math.random() / 2));
      const done = await attempt();
      if (done !== undefined) return done;
    }
  }

  async #take(name: string, token: string): Promise<'mine' | 'taken' | 'unavailable'> {
    const expiration = { type: 'PX' as const, value: this.#leaseMs };
    try {
      const reply = await this.#connection.run('lock', (client) =>
        client.set(name, token, { condition: 'NX', expiration }),
      );
      return reply === null ? 'taken' : 'mine';
    } catch {
      return 'unavailable';
    }
  }

  async #runHolding<T>(
    name: string,
    token: string,
    attempt: () => Promise<T | undefined>,
    fn: () => Promise<T>,
  ): Promise<T> {
    const renewal = setInterval(() => {
      this.#renew.run(this.#connection, [name], [token, this.#leaseMs]).catch(() => undefined);
    }, this.#leaseMs / 3);
    renewal.unref();
    try {
      // Another may have finished between our last look and the lock.
      return (await attempt()) ?? (await fn());
    } finally {
      clearInterval(renewal);
      await this.#release.run(this.#connection, [name], [token]).catch(() => undefined);
    }
  }
}
