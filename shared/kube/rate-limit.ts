/** Slows a client down to a rate. `acquire` resolves when a request may be sent. */
export interface RateLimiter {
  acquire(signal?: AbortSignal): Promise<void>;
}

/**
 * A token bucket: `burst` requests at once, then `qps` a second, first come first served.
 * `now` is a monotonic clock in milliseconds.
 */
export class TokenBucket implements RateLimiter {
  readonly #intervalMs: number;
  readonly #burst: number;
  readonly #now: () => number;
  // The time at which the bucket would be full again; each request moves it one interval on.
  #fullAt = 0;

  constructor(qps: number, burst: number, now: () => number = () => performance.now()) {
    this.#intervalMs = 1000 / qps;
    this.#burst = Math.max(1, burst);
    this.#now = now;
  }

  /** Takes a token and says how many milliseconds to wait before using it. */
  reserve(): number {
    const now = this.#now();
    this.#fullAt = Math.max(this.#fullAt, now) + this.#intervalMs;
    return Math.max(0, this.#fullAt - now - this.#burst * this.#intervalMs);
  }

  acquire(signal?: AbortSignal): Promise<void> {
    const wait = this.reserve();
    if (wait <= 0) {
      return Promise.resolve();
    }
    return new Promise((resolve, reject) => {
      const onAbort = () => {
        clearTimeout(timer);
        reject(signal?.reason);
      };
      const timer = setTimeout(() => {
        signal?.removeEventListener('abort', onAbort);
        resolve();
      }, wait);
      signal?.addEventListener('abort', onAbort, { once: true });
    });
  }
}
