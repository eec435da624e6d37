import type { RedisConnection } from './connection.ts';
import { RedisScript } from './script.ts';

/** What a replica tells the table in one tick. Fences are the tokens that came with the shards. */
export interface ShardTick {
  member: string;
  /** Grows with each tick of this member. */
  sequence: number;
  leaseMs: number;
  shards: number;
  /** active: take part. passive: hold nothing, only see whether Redis works. leave: hold nothing from now on. */
  mode: 'active' | 'passive' | 'leave';
  /** No replica has ever held a shard here: a new table need not be left alone for a lease. */
  firstStart: boolean;
  /** Shards that the member holds, by its own clock, when the tick is sent, and keeps. All others it gives up. */
  claims: ReadonlyMap<number, number>;
}

export interface ShardTickReply {
  status: 'ok' | 'stale' | 'mismatch';
  /** Shards that this member should hold. */
  target: number;
  members: number;
  /** Milliseconds until free shards may be taken, after the table was lost. */
  waitMs: number;
  /** Shard → fence, of all that this member holds for one lease from when the tick was sent. */
  held: Map<number, number>;
}

/** The fleet's table of shard leases. */
export interface ShardTable {
  tick(tick: ShardTick): Promise<ShardTickReply>;
  /** Ends the connection, after the last tick. */
  close(): void;
}

/** The table in Redis: one Lua call a tick. `fleet` tells apart fleets that share a server. */
export class RedisShardTable implements ShardTable {
  readonly #connection: RedisConnection;
  readonly #key: string;
  readonly #deadlineMs: number;
  readonly #script = new RedisScript('shard-tick');

  constructor(connection: RedisConnection, fleet: string, deadlineMs = 1500) {
    this.#connection = connection;
    this.#key = `chartroom:{${fleet}}:shards`;
    this.#deadlineMs = deadlineMs;
  }

  /** Errors: RedisUnavailableError, or a refusal of Redis. */
  async tick(tick: ShardTick): Promise<ShardTickReply> {
    const { member, sequence, leaseMs, shards, mode, claims } = tick;
    const args = [member, sequence, leaseMs, shards, mode, tick.firstStart ? 1 : 0, ...[...claims].flat()];
    const reply = await this.#script.run(this.#connection, [this.#key], args, this.#deadlineMs);
    return readReply(reply);
  }

  close(): void {
    this.#connection.close();
  }
}

function readReply(reply: unknown): ShardTickReply {
  if (!Array.isArray(reply) || reply.length < 4) throw new Error('redis shard-tick: the reply has an unexpected shape');
  const [status, target, members, waitMs, ...rest] = reply as unknown[];
  const held = new Map<number, number>();
  for (let i = 0; i + 1 < rest.length; i += 2) held.set(Number(rest[i]), Number(rest[i + 1]));
  return {
    status: status === 'ok' || status === 'mismatch' ? status : 'stale',
    target: Number(target),
    members: Number(members),
    waitMs: Number(waitMs),
    held,
  };
}
