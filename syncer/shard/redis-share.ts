import type { ShardTickReply } from '../../shared/redis/shard-table.ts';
import { surplusShards } from './ring.ts';
import type { WorkCounter } from './work-counter.ts';

/** Part of a lease that is left unused: what the clocks of two machines may drift in that time, and more. */
const MARGIN_PART = 0.1;

/** What one replica has of the table in Redis, by its own monotonic clock. No I/O: ticks are made and read here, not sent. */
export class RedisShare {
  readonly #leaseMs: number;
  readonly #drainMs: number;
  readonly #work: WorkCounter;
  /** shard → fence */
  #held = new Map<number, number>();
  /** Shards to be given up when their work is done → since when. They still count as held by fences. */
  readonly #leaving = new Map<number, number>();
  #until = Number.NEGATIVE_INFINITY;

  constructor(leaseMs: number, drainMs: number, work: WorkCounter) {
    this.#leaseMs = leaseMs;
    this.#drainMs = drainMs;
    this.#work = work;
  }

  /** Time at which all that is held runs out. */
  get until(): number {
    return this.#until;
  }

  /** Shards in which work may begin, with their fences. */
  workable(now: number): Map<number, number> {
    if (now >= this.#until) return new Map();
    return new Map([...this.#held].filter(([shard]) => !this.#leaving.has(shard)));
  }

  mayBegin(shard: number, now: number): boolean {
    return now < this.#until && this.#held.has(shard) && !this.#leaving.has(shard);
  }

  /** The fence of a shard, leaving or not; undefined when it is not held. */
  tokenOf(shard: number, now: number): number | undefined {
    return now < this.#until ? this.#held.get(shard) : undefined;
  }

  /** What to claim in a tick that is sent now. Shards that leave and have no more work are given up here, before it is sent. */
  claims(now: number): ReadonlyMap<number, number> {
    if (now >= this.#until) this.drop();
    for (const [shard, since] of this.#leaving) {
      if (!this.#work.isIdle(shard) && now < since + this.#drainMs) continue;
      this.#leaving.delete(shard);
      this.#held.delete(shard);
    }
    return this.#held;
  }

  /** Takes in the answer to a tick that was sent at `sentAt`. */
  apply(reply: ShardTickReply, sentAt: number, now: number): void {
    this.#held = new Map(reply.held);
    this.#until = sentAt + this.#leaseMs * (1 - MARGIN_PART);
    for (const shard of this.#leaving.keys()) if (!this.#held.has(shard)) this.#leaving.delete(shard);
    for (const shard of surplusShards(this.#held.keys(), this.#leaving, reply.target, (s) => this.#work.isIdle(s))) {
      this.#leaving.set(shard, now);
    }
    this.#keepMissing(reply.target);
  }

  /** A target that rose again takes back shards that were leaving. */
  #keepMissing(target: number): void {
    for (const shard of this.#leaving.keys()) {
      if (this.#held.size - this.#leaving.size >= target) return;
      this.#leaving.delete(shard);
    }
  }

  /** Forgets all: the fences are not valid any more. */
  drop(): void {
    this.#held = new Map();
    this.#leaving.clear();
    this.#until = Number.NEGATIVE_INFINITY;
  }
}
