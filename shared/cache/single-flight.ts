/** Joins concurrent calls for one key into one run in this process. Failures are shared by those who wait and not kept. */
export class SingleFlight {
  readonly #running = new Map<string, Promise<unknown>>();

  /** Runs `fn`, or waits for the run under way with the same key, whose result type must be the same. */
  run<T>(key: string, fn: () => Promise<T>): Promise<T> {
    const running = this.#running.get(key);
    if (running !== undefined) return running as Promise<T>;
    const promise = (async () => fn())().finally(() => this.#running.delete(key));
    this.#running.set(key, promise);
    return promise;
  }

  get size(): number {
    return this.#running.size;
  }
}
