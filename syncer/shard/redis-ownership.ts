import type { KubeClient } from '../../shared/kube/client.ts';
import type { ShardTable } from '../../shared/redis/shard-table.ts';
import { ChangeNotifier } from './change-notifier.ts';
import { LeaseCheck } from './lease-check.ts';
import { DEFAULT_DRAIN_MS, DEFAULT_SHARDS, LeaseOwnership } from './lease-ownership.ts';
import type { Fence, Ownership, OwnershipChange, OwnershipStatus } from './ownership.ts';
import { RedisShare } from './redis-share.ts';
import { shardOf } from './ring.ts';
import { invalidFence, WorkCounter } from './work-counter.ts';

export interface RedisOwnershipOptions {
  table: ShardTable;
  /** For the Lease that decides while Redis is away. */
  client: KubeClient;
  namespace: string;
  leaseName: string;
  /** Of this process only, without spaces: pod name and a random part. */
  identity: string;
  /** The same in all replicas. */
  shards?: number;
  /** Of a shard: a dead replica's shards are free after it. Default 6 s. */
  leaseMs?: number;
  tickMs?: number;
  drainMs?: number;
  /** Redis is given up after failing for so long. Default a third of the lease. */
  contendAfterMs?: number;
  /** Ticks in a row that must work before Redis is trusted again. */
  stableTicks?: number;
  onError?: (error: unknown) => void;
  /** Told of each change between Redis and the Lease. */
  onMode?: (mode: 'lease' | 'redis') => void;
  now?: () => number;
}

const DEFAULT_LEASE_MS = 6000;

/**
 * Several active replicas that divide the shards by leases in Redis. Two rules keep writers apart when Redis is lost by some or
 * all: a replica uses its share only while it has seen, less than `clearMs` ago, that nobody holds the Kubernetes Lease; and
 * whoever takes that Lease waits `clearMs` before it begins. A replica without Redis competes for the Lease; once Redis answers it
 * steadily again, it gives the Lease up and shares as before.
 */
export class RedisOwnership implements Ownership {
  readonly shards: number;
  readonly #options: RedisOwnershipOptions;
  readonly #now: () => number;
  readonly #leaseMs: number;
  readonly #tickMs: number;
  readonly #drainMs: number;
  readonly #contendAfterMs: number;
  readonly #clearMs: number;
  readonly #work = new WorkCounter();
  readonly #share: RedisShare;
  readonly #check: LeaseCheck;
  readonly #notifier: ChangeNotifier;
  readonly #onError: (error: unknown) => void;
  readonly #end = new AbortController();
  #loops: Promise<unknown> | undefined;
  #stopping = false;
  /** Until when nobody can have begun work behind the Lease. */
  #clearUntil = Number.NEGATIVE_INFINITY;
  /** Set while this replica competes for, or holds, the Lease. */
  #fallback: LeaseOwnership | undefined;
  #failingSince: number | undefined;
  #goodTicks = 0;
  #sequence = 0;
  /** Until when this replica may say that nobody else can hold a shard yet. */
  #firstStartUntil = Number.NEGATIVE_INFINITY;
  #members = 0;

  constructor(options: RedisOwnershipOptions) {
    this.#options = options;
    this.shards = options.shards ?? DEFAULT_SHARDS;
    this.#now = options.now ?? (() => performance.now());
    this.#leaseMs = options.leaseMs ?? DEFAULT_LEASE_MS;
    this.#tickMs = options.tickMs ?? this.#leaseMs / 6;
    this.#drainMs = options.drainMs ?? DEFAULT_DRAIN_MS;
    this.#contendAfterMs = options.contendAfterMs ?? this.#leaseMs / 3;
    this.#clearMs = (this.#leaseMs * 2) / 3;
    this.#share = new RedisShare(this.#leaseMs, this.#drainMs, this.#work);
    this.#onError = options.onError ?? (() => undefined);
    this.#notifier = new ChangeNotifier(this.#onError);
    const { client, namespace, leaseName: name, identity } = options;
    const sharedForMs = this.#clearMs;
    this.#check = new LeaseCheck({ client, namespace, name, identity, sharedForMs, now: this.#now });
  }

  shardOf(namespace: string, name: string): number {
    return shardOf(namespace, name, this.shards);
  }

  owns(namespace: string, name: string): boolean {
    if (this.#stopping) return false;
    if (this.#fallback?.owns() === true) return true;
    const now = this.#now();
    return now < this.#clearUntil && this.#share.mayBegin(this.shardOf(namespace, name), now);
  }

  fence(namespace: string, name: string): Fence {
    if (!this.owns(namespace, name)) return invalidFence();
    if (this.#fallback?.owns() === true) return this.#fallback.fence(namespace, name);
    const shard = this.shardOf(namespace, name);
    const token = this.#share.tokenOf(shard, this.#now()) ?? 0;
    return this.#work.fence(shard, token, () => {
      const now = this.#now();
      return now < this.#clearUntil && this.#share.tokenOf(shard, now) === token;
    });
  }

  ownedShards(): number[] {
    return [...this.#owned().keys()];
  }

  onChange(callback: (change: OwnershipChange) => void): () => void {
    return this.#notifier.subscribe(callback);
  }

  status(): OwnershipStatus {
    const mode = this.#fallback === undefined ? 'redis' : 'lease';
    return { mode, owned: this.#owned().size, shards: this.shards, members: this.#members };
  }

  start(signal?: AbortSignal): void {
    if (this.#loops !== undefined) return;
    // The first tick takes part only if the Lease was seen to be free before it.
    const firstCheck = this.#checkLease().catch(this.#onError);
    this.#loops = Promise.all([
      firstCheck.then(() => this.#every(this.#tickMs, () => this.#tick())),
      firstCheck.then(() => this.#every(this.#clearMs / 3, () => this.#checkLease())),
    ]);
    if (signal?.aborted === true) void this.stop();
    else signal?.addEventListener('abort', () => void this.stop(), { once: true });
  }

  async stop(): Promise<void> {
    if (this.#stopping) {
      await this.#loops;
      return;
    }
    this.#stopping = true;
    this.#announce();
    // The ticks go on, so that the work under way keeps its shards.
    const until = this.#now() + this.#drainMs;
    await this.#work.drained(() => this.#now() < until);
    this.#end.abort();
    await this.#loops;
    await this.#fallback?.stop();
    this.#share.drop();
    await this.#send('leave').catch(this.#onError);
    this.#options.table.close();
  }

  /** Runs at once and then every `ms`, one run at a time, until the end. */
  async #every(ms: number, run: () => Promise<void>): Promise<void> {
    const { signal } = this.#end;
    while (!signal.aborted) {
      try {
        await run();
      } catch (error) {
        this.#onError(error);
      }
      await sleep(ms, signal);
    }
  }

  /** Sees whether the Lease is free. Only while Redis decides: who competes for the Lease must not prolong his share. */
  async #checkLease(): Promise<void> {
    if (this.#fallback !== undefined) return;
    const startedAt = this.#now();
    const { clear, firstStart } = await this.#check.look(this.#clearMs / 2);
    if (this.#fallback !== undefined) return;
    if (firstStart) this.#firstStartUntil = startedAt + this.#clearMs;
    this.#clearUntil = clear ? startedAt + this.#clearMs : Number.NEGATIVE_INFINITY;
  }

  async #tick(): Promise<void> {
    const isClear = this.#now() < this.#clearUntil;
    try {
      await (this.#fallback === undefined && isClear ? this.#tickActive() : this.#tickPassive());
      this.#failingSince = undefined;
      this.#goodTicks++;
    } catch (error) {
      this.#goodTicks = 0;
      this.#failingSince ??= this.#now();
      this.#onError(error);
    }
    await this.#chooseMode();
    this.#announce();
  }

  async #tickActive(): Promise<void> {
    const sentAt = this.#now();
    const reply = await this.#send('active');
    if (reply.status !== 'ok') {
      this.#share.drop();
      throw new Error(tickProblem(reply.status, this.shards));
    }
    this.#firstStartUntil = Number.NEGATIVE_INFINITY;
    this.#members = reply.members;
    this.#share.apply(reply, sentAt, this.#now());
  }

  async #tickPassive(): Promise<void> {
    // The fences end before the table hears of it. In fallback they run out by themselves: Redis may still be away.
    if (this.#fallback === undefined) this.#share.drop();
    const reply = await this.#send('passive');
    if (reply.status !== 'ok') throw new Error(tickProblem(reply.status, this.shards));
    this.#share.drop();
    this.#members = 0;
  }

  #send(mode: 'active' | 'passive' | 'leave') {
    const claims = mode === 'active' ? this.#share.claims(this.#now()) : new Map<number, number>();
    const { table, identity: member } = this.#options;
    const { shards } = this;
    const tick = { member, shards, mode, claims, sequence: ++this.#sequence, leaseMs: this.#leaseMs };
    const firstStart = mode === 'active' && this.#now() < this.#firstStartUntil;
    return table.tick({ ...tick, firstStart });
  }

  async #chooseMode(): Promise<void> {
    if (this.#end.signal.aborted) return;
    if (this.#fallback === undefined) {
      const failing = this.#failingSince !== undefined && this.#now() - this.#failingSince >= this.#contendAfterMs;
      if (failing && !this.#stopping) this.#fallBack();
      return;
    }
    if (this.#goodTicks < (this.#options.stableTicks ?? 3)) return;
    // Draining ends the term; the Lease is released after it, and only then is Redis asked for shards.
    await this.#fallback.stop();
    this.#fallback = undefined;
    this.#options.onMode?.('redis');
    await this.#checkLease();
  }

  #fallBack(): void {
    const { client, namespace, leaseName: name, identity } = this.#options;
    this.#goodTicks = 0;
    this.#fallback = new LeaseOwnership({
      client,
      namespace,
      name,
      identity,
      shards: this.shards,
      leaseDurationMs: this.#leaseMs,
      renewDeadlineMs: this.#leaseMs * 0.75,
      retryPeriodMs: this.#leaseMs / 6,
      settleMs: this.#clearMs,
      drainMs: this.#drainMs,
      onError: this.#onError,
      now: this.#now,
    });
    this.#fallback.onChange(() => this.#announce());
    this.#fallback.start();
    this.#options.onMode?.('lease');
  }

  #owned(): Map<number, number> {
    const now = this.#now();
    if (this.#stopping) return new Map();
    const token = Number.NEGATIVE_INFINITY;
    if (this.#fallback?.owns() === true) {
      return new Map(this.#fallback.ownedShards().map((shard) => [shard, token]));
    }
    return now < this.#clearUntil ? this.#share.workable(now) : new Map();
  }

  #announce(): void {
    this.#notifier.update(this.#owned());
  }
}

function tickProblem(status: 'stale' | 'mismatch', shards: number): string {
  return status === 'stale'
    ? 'redis shard-tick: a later tick of this replica was there before; two processes with one identity?'
    : `redis shard-tick: other replicas run with another number of shards than ${shards}; set the same in all of them`;
}

function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done, { once: true });
    function done() {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    }
  });
}
