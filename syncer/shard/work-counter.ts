import type { Fence } from './ownership.ts';

/** Counts the work under way by shard, so that a shard can be given up when it has none. */
export class WorkCounter {
  readonly #counts = new Map<number, number>();

  isIdle(shard: number): boolean {
    return !this.#counts.has(shard);
  }

  get allIdle(): boolean {
    return this.#counts.size === 0;
  }

  /** A fence that counts as work in the shard until `done`. */
  fence(shard: number, token: number, valid: () => boolean): Fence {
    this.#counts.set(shard, (this.#counts.get(shard) ?? 0) + 1);
    let ended = false;
    return {
      token,
      valid,
      done: () => {
        if (ended) return;
        ended = true;
        const left = (this.#counts.get(shard) ?? 1) - 1;
        if (left === 0) this.#counts.delete(shard);
        else this.#counts.set(shard, left);
      },
    };
  }

  /** Waits until there is no work, or `goOn` says no; polls, since it is only for stopping. */
  async drained(goOn: () => boolean): Promise<void> {
    while (!this.allIdle && goOn()) await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** The fence of an object that is not owned. */
export function invalidFence(): Fence {
  return { token: 0, valid: () => false, done: () => undefined };
}
