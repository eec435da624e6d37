import { LinkedAbort } from './abort.ts';
import { type KubeClient, KubeError } from './client.ts';
import { resources } from './resources.ts';
import { sleep } from './retry.ts';
import type { KubeObject } from './types.ts';

/** The spec of a coordination.k8s.io/v1 Lease, as client-go's leader election writes it. */
export interface LeaseSpec {
  holderIdentity?: string;
  leaseDurationSeconds?: number;
  acquireTime?: string;
  renewTime?: string;
  leaseTransitions?: number;
}

interface LeaseObject extends KubeObject {
  spec: LeaseSpec;
}

/** Options of a LeaderLease. Times in milliseconds; leaseDuration > renewDeadline > retryPeriod. */
export interface LeaderLeaseOptions {
  client: KubeClient;
  namespace: string;
  name: string;
  /** Must be of this process only: pod name and a random part. */
  identity: string;
  /** How long others wait after the last renewal that they saw. Whole seconds. Default 15 000. */
  leaseDurationMs?: number;
  /** The holder gives up when it could not renew for so long. Default 10 000. */
  renewDeadlineMs?: number;
  /** How often to try. Default 2 000, up to 1.2 times as much longer while waiting. */
  retryPeriodMs?: number;
  labels?: Record<string, string>;
  /** Told of each term. `signal` fires when the term ends, whatever the reason. */
  onStarted?: (signal: AbortSignal) => void;
  /** Told at the end of a term. On an orderly stop the lease is released only when its promise is done. */
  onStopped?: () => void | Promise<void>;
  /** Told of each failed try: the tries go on. */
  onError?: (error: unknown) => void;
  /** A monotonic clock in milliseconds. */
  now?: () => number;
  random?: () => number;
}

const JITTER = 1.2;
const RELEASE_TIMEOUT_MS = 3_000;

/**
 * Whether a lease may be taken: it has no holder, or its holder has not renewed it for as long as it promised, measured by our
 * own clock since we last saw it change (`observedAt`): the clocks of two machines are never compared.
 */
export function mayTake(spec: LeaseSpec, observedAt: number, now: number, identity: string): boolean {
  if (!spec.holderIdentity || spec.holderIdentity === identity) {
    return true;
  }
  return observedAt + (spec.leaseDurationSeconds ?? 0) * 1000 < now;
}

/**
 * Leadership by a Kubernetes Lease, after client-go's leader election and compatible with it. Unlike it, it goes on to
 * compete after a lost term, and `isLeader` is false as soon as the own lease could have run out by the local monotonic
 * clock, even if the event loop was blocked and no callback has run.
 */
export class LeaderLease {
  readonly #options: LeaderLeaseOptions;
  readonly #durationMs: number;
  readonly #renewDeadlineMs: number;
  readonly #retryMs: number;
  readonly #now: () => number;
  readonly #random: () => number;
  readonly #stop = new AbortController();
  #running: Promise<void> | undefined;
  #lease: LeaseObject | undefined;
  // What we know of the lease may be stale: the next try reads it first.
  #mustRead = true;
  #token = 0;
  #observedVersion: string | undefined;
  #observedAt = 0;
  #leading = false;
  #validUntil = Number.NEGATIVE_INFINITY;

  constructor(options: LeaderLeaseOptions) {
    this.#options = options;
    this.#durationMs = options.leaseDurationMs ?? 15_000;
    this.#renewDeadlineMs = options.renewDeadlineMs ?? 10_000;
    this.#retryMs = options.retryPeriodMs ?? 2_000;
    this.#now = options.now ?? (() => performance.now());
    this.#random = options.random ?? Math.random;
    if (this.#durationMs <= this.#renewDeadlineMs || this.#renewDeadlineMs <= this.#retryMs * JITTER) {
      throw new RangeError(
        `lease ${options.namespace}/${options.name}: need leaseDuration > renewDeadline > ${JITTER} × retryPeriod, got ${this.#durationMs}, ${this.#renewDeadlineMs}, ${this.#retryMs} ms`,
      );
    }
  }

  /** Whether this process leads now, and may write. */
  isLeader(): boolean {
    return this.#leading && this.#now() < this.#validUntil;
  }

  /** Until when, by the monotonic clock, nobody else can hold the lease; in the past when not leading. */
  get validUntil(): number {
    return this.#leading ? this.#validUntil : Number.NEGATIVE_INFINITY;
  }

  /** The fencing token of this process's last term: it grows with each change of holder. */
  get token(): number {
    return this.#token;
  }

  /** Who holds the lease as last seen; '' for nobody. */
  get holder(): string {
    return this.#lease?.spec.holderIdentity ?? '';
  }

  /** Competes until the signal fires or `stop` is called. The promise resolves then, after the release; it never rejects. */
  start(signal?: AbortSignal): Promise<void> {
    if (this.#running === undefined) {
      const stop = () => this.#stop.abort();
      signal?.addEventListener('abort', stop, { once: true });
      if (signal?.aborted === true) {
        stop();
      }
      this.#running = this.#run().finally(() => signal?.removeEventListener('abort', stop));
    }
    return this.#running;
  }

  /** Ends the term, if there is one, releases the lease, and resolves when that is done. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const stopped = this.#stop.signal;
    while (!stopped.aborted) {
      if (!(await this.#try(this.#renewDeadlineMs))) {
        await sleep(this.#retryMs * (1 + this.#random() * JITTER), stopped);
        continue;
      }
      await this.#term();
    }
  }

  async #term(): Promise<void> {
    const term = new AbortController();
    this.#leading = true;
    this.#call(() => this.#options.onStarted?.(term.signal));
    await this.#renewWhileLeading();
    const orderly = this.#stop.signal.aborted;
    if (!orderly) {
      this.#leading = false;
    }
    term.abort(new Error(`lease ${this.#options.namespace}/${this.#options.name}: the term has ended`));
    try {
      await this.#options.onStopped?.();
    } catch (error) {
      this.#options.onError?.(error);
    }
    if (orderly) {
      await this.#release();
    }
    this.#leading = false;
  }

  async #renewWhileLeading(): Promise<void> {
    const stopped = this.#stop.signal;
    let renewedAt = this.#now();
    while (!stopped.aborted) {
      await sleep(this.#retryMs, stopped);
      const left = renewedAt + this.#renewDeadlineMs - this.#now();
      if (stopped.aborted || left <= 0) {
        return;
      }
      const sentAt = this.#now();
      if (await this.#try(left)) {
        renewedAt = sentAt;
      } else if (!this.#mustRead && this.holder !== this.#options.identity) {
        return;
      }
    }
  }

  /** One try to take or renew the lease, in at most `timeoutMs`. */
  async #try(timeoutMs: number): Promise<boolean> {
    const link = new LinkedAbort(this.#stop.signal, timeoutMs);
    try {
      return await this.#takeOrRenew(link.signal);
    } catch (error) {
      this.#mustRead = true;
      if (!this.#stop.signal.aborted && !(error instanceof KubeError && (error.isConflict || error.isAlreadyExists))) {
        this.#options.onError?.(error);
      }
      return false;
    } finally {
      link.dispose();
    }
  }

  async #takeOrRenew(signal: AbortSignal): Promise<boolean> {
    const { client, namespace, name, identity } = this.#options;
    if (!this.#leading || this.#mustRead) {
      this.#observe(await client.get<LeaseObject>(resources.leases, namespace, name, { signal }));
      this.#mustRead = false;
    }
    if (this.#lease !== undefined && !mayTake(this.#lease.spec, this.#observedAt, this.#now(), identity)) {
      return false;
    }
    // Before it is sent: others count from when they see it, which is later.
    const sentAt = this.#now();
    const wanted = this.#wanted(this.#lease);
    const stored =
      this.#lease === undefined
        ? await client.create<LeaseObject>(resources.leases, wanted, { signal })
        : await client.update<LeaseObject>(resources.leases, wanted, { signal });
    this.#observe(stored);
    this.#token = stored.spec.leaseTransitions ?? 0;
    this.#validUntil = sentAt + this.#durationMs;
    return true;
  }

  #wanted(current: LeaseObject | undefined): LeaseObject {
    const { namespace, name, identity, labels } = this.#options;
    const time = microTime(new Date());
    const mine = current?.spec.holderIdentity === identity;
    // One that was deleted starts again at 0, but never below the token that we have used.
    const transitions = Math.max(current?.spec.leaseTransitions ?? 0, this.#token);
    const spec: LeaseSpec = {
      holderIdentity: identity,
      leaseDurationSeconds: Math.ceil(this.#durationMs / 1000),
      acquireTime: mine ? (current.spec.acquireTime ?? time) : time,
      renewTime: time,
      leaseTransitions: mine || current === undefined ? transitions : transitions + 1,
    };
    const metadata = current?.metadata ?? { name, namespace, ...(labels === undefined ? {} : { labels }) };
    return { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata, spec };
  }

  #observe(lease: LeaseObject | undefined): void {
    this.#lease = lease === undefined ? undefined : { ...lease, spec: lease.spec ?? {} };
    const version = lease?.metadata.resourceVersion;
    if (version !== this.#observedVersion) {
      this.#observedVersion = version;
      this.#observedAt = this.#now();
    }
  }

  async #release(): Promise<void> {
    const lease = this.#lease;
    if (lease === undefined || !this.isLeader()) {
      return;
    }
    const { client } = this.#options;
    const time = microTime(new Date());
    const spec: LeaseSpec = {
      ...lease.spec,
      holderIdentity: '',
      leaseDurationSeconds: 1,
      renewTime: time,
      acquireTime: time,
    };
    this.#leading = false;
    const link = new LinkedAbort(undefined, RELEASE_TIMEOUT_MS);
    try {
      this.#observe(await client.update<LeaseObject>(resources.leases, { ...lease, spec }, { signal: link.signal }));
    } catch (error) {
      // Not released: the others wait until it runs out.
      this.#options.onError?.(error);
    } finally {
      link.dispose();
    }
  }

  #call(callback: () => void): void {
    try {
      callback();
    } catch (error) {
      this.#options.onError?.(error);
    }
  }
}

/** A time as Kubernetes' MicroTime: RFC 3339 in UTC with six digits after the second. */
export function microTime(date: Date): string {
  return `${date.toISOString().slice(0, -1)}000Z`;
}
