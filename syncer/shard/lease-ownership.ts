import type { KubeClient } from '../../shared/kube/client.ts';
import { LeaderLease } from '../../shared/kube/lease.ts';
import { resources } from '../../shared/kube/resources.ts';
import { ChangeNotifier } from './change-notifier.ts';
import { sharedForMs } from './lease-check.ts';
import type { Fence, Ownership, OwnershipChange, OwnershipStatus } from './ownership.ts';
import { shardOf } from './ring.ts';
import { invalidFence, WorkCounter } from './work-counter.ts';

export interface LeaseOwnershipOptions {
  client: KubeClient;
  namespace: string;
  /** Name of the Lease. */
  name: string;
  /** Of this process only: pod name and a random part. */
  identity: string;
  shards?: number;
  leaseDurationMs?: number;
  renewDeadlineMs?: number;
  retryPeriodMs?: number;
  /**
   * Time between taking the Lease and the first work: as long as replicas that divide the work by Redis may not have seen that
   * the Lease is held. Without it, what such replicas wrote to the Lease counts.
   */
  settleMs?: number;
  /** How long `stop` waits for work under way. */
  drainMs?: number;
  onError?: (error: unknown) => void;
  now?: () => number;
}

export const DEFAULT_SHARDS = 64;
export const DEFAULT_DRAIN_MS = 10_000;
const CHECK_TIMEOUT_MS = 2000;
const CAUTIOUS_SETTLE_MS = 5000;

/** The embedded default: whoever holds one Kubernetes Lease owns all shards, the others none. */
export class LeaseOwnership implements Ownership {
  readonly shards: number;
  readonly #lease: LeaderLease;
  readonly #now: () => number;
  readonly #options: LeaseOwnershipOptions;
  readonly #drainMs: number;
  readonly #work = new WorkCounter();
  readonly #notifier: ChangeNotifier;
  /** Of this term: work may begin from here; infinite between terms and while stopping. */
  #ownsFrom = Number.POSITIVE_INFINITY;
  /** Tells terms apart: a fence of one is not valid in the next. */
  #term = 0;
  #settleTimer: NodeJS.Timeout | undefined;

  constructor(options: LeaseOwnershipOptions) {
    this.shards = options.shards ?? DEFAULT_SHARDS;
    this.#now = options.now ?? (() => performance.now());
    this.#options = options;
    this.#drainMs = options.drainMs ?? DEFAULT_DRAIN_MS;
    const onError = options.onError ?? (() => undefined);
    this.#notifier = new ChangeNotifier(onError);
    this.#lease = new LeaderLease({
      client: options.client,
      namespace: options.namespace,
      name: options.name,
      identity: options.identity,
      leaseDurationMs: options.leaseDurationMs ?? 8000,
      renewDeadlineMs: options.renewDeadlineMs ?? 6000,
      retryPeriodMs: options.retryPeriodMs ?? 1500,
      onStarted: (term) => void this.#started(term),
      onStopped: () => this.#stopped(),
      onError,
      now: this.#now,
    });
  }

  shardOf(namespace: string, name: string): number {
    return shardOf(namespace, name, this.shards);
  }

  owns(): boolean {
    return this.#now() >= this.#ownsFrom && this.#lease.isLeader();
  }

  fence(namespace: string, name: string): Fence {
    if (!this.owns()) return invalidFence();
    const term = this.#term;
    return this.#work.fence(
      this.shardOf(namespace, name),
      this.#lease.token,
      () => term === this.#term && this.#lease.isLeader(),
    );
  }

  ownedShards(): number[] {
    return this.owns() ? Array.from({ length: this.shards }, (_, shard) => shard) : [];
  }

  onChange(callback: (change: OwnershipChange) => void): () => void {
    return this.#notifier.subscribe(callback);
  }

  start(signal?: AbortSignal): void {
    void this.#lease.start(signal);
  }

  async stop(): Promise<void> {
    await this.#lease.stop();
  }

  status(): OwnershipStatus {
    return { mode: 'lease', owned: this.owns() ? this.shards : 0, shards: this.shards };
  }

  async #started(ended: AbortSignal): Promise<void> {
    this.#term++;
    const takenAt = this.#now();
    const settleMs = await this.#settleMs();
    if (ended.aborted) return;
    this.#ownsFrom = takenAt + settleMs;
    if (settleMs === 0) this.#announce();
    else this.#settleTimer = setTimeout(() => this.#announce(), this.#ownsFrom - this.#now() + 1);
  }

  async #settleMs(): Promise<number> {
    const { client, namespace, name, settleMs } = this.#options;
    if (settleMs !== undefined) return settleMs;
    try {
      return sharedForMs(await client.get(resources.leases, namespace, name, { timeoutMs: CHECK_TIMEOUT_MS }));
    } catch {
      // It cannot be known: as long as a replica with the defaults would go on.
      return CAUTIOUS_SETTLE_MS;
    }
  }

  /** The Lease is released only after this, if it is still ours. */
  async #stopped(): Promise<void> {
    clearTimeout(this.#settleTimer);
    this.#ownsFrom = Number.POSITIVE_INFINITY;
    this.#announce();
    const until = this.#now() + this.#drainMs;
    await this.#work.drained(() => this.#lease.isLeader() && this.#now() < until);
    this.#term++;
  }

  #announce(): void {
    this.#notifier.update(new Map(this.ownedShards().map((shard) => [shard, this.#term])));
  }
}
