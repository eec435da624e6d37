import type { OwnershipChange } from './ownership.ts';

type Callback = (change: OwnershipChange) => void;

/** Tells callbacks what changed between one set of owned shards (with their tokens) and the next. */
export class ChangeNotifier {
  readonly #callbacks = new Set<Callback>();
  readonly #onError: (error: unknown) => void;
  #owned: ReadonlyMap<number, number> = new Map();

  constructor(onError: (error: unknown) => void) {
    this.#onError = onError;
  }

  subscribe(callback: Callback): () => void {
    this.#callbacks.add(callback);
    return () => this.#callbacks.delete(callback);
  }

  /** Compares with the last set; a shard whose token changed was owned by nobody or another in between. */
  update(owned: ReadonlyMap<number, number>): void {
    const before = this.#owned;
    const acquired = [...owned.keys()].filter((shard) => before.get(shard) !== owned.get(shard));
    const lost = [...before.keys()].filter((shard) => !owned.has(shard));
    this.#owned = new Map(owned);
    if (acquired.length === 0 && lost.length === 0) return;
    for (const callback of this.#callbacks) {
      try {
        callback({ acquired, lost });
      } catch (error) {
        this.#onError(error);
      }
    }
  }
}
