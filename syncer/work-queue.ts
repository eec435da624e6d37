/** What a worker may do besides its work. */
export interface WorkContext {
  /** Runs a wait without holding a worker slot, so that slow releases do not keep others from being worked on. */
  readonly park: <T>(wait: () => Promise<T>) => Promise<T>;
}

export interface WorkQueueOptions {
  /** How many keys are worked on at once, parked ones not counted. */
  readonly concurrency: number;
  readonly minRetryDelayMs: number;
  readonly maxRetryDelayMs: number;
  /** Works on a key. The milliseconds until it is due again, or nothing. A throw is retried with growing delay. */
  readonly work: (key: string, context: WorkContext) => Promise<number | undefined>;
  readonly onError: (key: string, error: unknown, retryInMs: number) => void;
}

/**
 * A queue of keys: each is worked on by one worker at a time, and once more when it was added meanwhile. Failures back off
 * per key, doubling from the least to the greatest delay.
 */
export class WorkQueue {
  readonly #options: WorkQueueOptions;
  readonly #ready: string[] = [];
  readonly #queued = new Set<string>();
  readonly #running = new Set<string>();
  readonly #dirty = new Set<string>();
  readonly #timers = new Map<string, NodeJS.Timeout>();
  readonly #failures = new Map<string, number>();
  readonly #parkedReturns: (() => void)[] = [];
  #busy = 0;
  #stopped = false;
  #idle: (() => void)[] = [];

  constructor(options: WorkQueueOptions) {
    this.#options = options;
  }

  /** Keys that wait for a worker. */
  get depth(): number {
    return this.#ready.length;
  }

  /** Makes a key due now. */
  add(key: string): void {
    if (this.#stopped) return;
    this.#clearTimer(key);
    if (this.#running.has(key)) this.#dirty.add(key);
    else if (!this.#queued.has(key)) {
      this.#queued.add(key);
      this.#ready.push(key);
      this.#dispatch();
    }
  }

  /** Makes a key due later, unless it is due sooner already. */
  addAfter(key: string, delayMs: number): void {
    if (this.#stopped || this.#queued.has(key) || this.#dirty.has(key) || this.#timers.has(key)) return;
    // setTimeout takes at most 2^31-1 ms; a longer interval is simply checked earlier.
    this.#timers.set(
      key,
      setTimeout(() => this.add(key), Math.min(delayMs, 2_147_483_647)),
    );
  }

  /** Drops a key's place, timer and failures, for an object that is gone or not ours any more. */
  forget(key: string): void {
    this.#clearTimer(key);
    this.#failures.delete(key);
    this.#dirty.delete(key);
    if (this.#queued.delete(key)) this.#ready.splice(this.#ready.indexOf(key), 1);
  }

  /** Takes no more keys, and waits for those that are being worked on. */
  async stop(): Promise<void> {
    this.#stopped = true;
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
    this.#ready.length = 0;
    this.#queued.clear();
    if (this.#running.size > 0) await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  #clearTimer(key: string): void {
    clearTimeout(this.#timers.get(key));
    this.#timers.delete(key);
  }

  #dispatch(): void {
    while (this.#busy < this.#options.concurrency) {
      const resume = this.#parkedReturns.shift();
      if (resume) {
        this.#busy++;
        resume();
        continue;
      }
      const key = this.#ready.shift();
      if (key === undefined) return;
      this.#queued.delete(key);
      this.#running.add(key);
      this.#busy++;
      void this.#run(key);
    }
  }

  async #run(key: string): Promise<void> {
    let dueInMs: number | undefined;
    try {
      dueInMs = await this.#options.work(key, { park: (wait) => this.#park(wait) });
      this.#failures.delete(key);
    } catch (error) {
      dueInMs = this.#backOff(key);
      this.#options.onError(key, error, dueInMs);
    }
    this.#running.delete(key);
    this.#busy--;
    if (this.#dirty.delete(key)) this.add(key);
    else if (dueInMs !== undefined) this.addAfter(key, dueInMs);
    this.#dispatch();
    if (this.#running.size === 0) for (const resolve of this.#idle.splice(0)) resolve();
  }

  async #park<T>(wait: () => Promise<T>): Promise<T> {
    this.#busy--;
    this.#dispatch();
    try {
      return await wait();
    } finally {
      if (this.#busy < this.#options.concurrency) this.#busy++;
      else await new Promise<void>((resolve) => this.#parkedReturns.push(resolve));
    }
  }

  #backOff(key: string): number {
    const failures = this.#failures.get(key) ?? 0;
    this.#failures.set(key, failures + 1);
    const { minRetryDelayMs, maxRetryDelayMs } = this.#options;
    return Math.min(minRetryDelayMs * 2 ** Math.min(failures, 40), maxRetryDelayMs);
  }
}
