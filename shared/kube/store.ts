import type { KubeObject } from './types.ts';

/** Gives the keys under which an object is found in an index. Pure. */
export type Indexer<T extends KubeObject> = (object: T) => readonly string[];

/** The key of an object in a store: `namespace/name`, or `name` without namespace. */
export function objectKey(namespace: string | undefined, name: string): string {
  return namespace ? `${namespace}/${name}` : name;
}

/** Objects by key, with indexes kept as they change. */
export class ObjectStore<T extends KubeObject> {
  readonly #objects = new Map<string, T>();
  readonly #indexers: Readonly<Record<string, Indexer<T>>>;
  readonly #indexes = new Map<string, Map<string, Set<string>>>();

  constructor(indexers: Readonly<Record<string, Indexer<T>>> = {}) {
    this.#indexers = indexers;
    for (const name of Object.keys(indexers)) {
      this.#indexes.set(name, new Map());
    }
  }

  get size(): number {
    return this.#objects.size;
  }

  get(key: string): T | undefined {
    return this.#objects.get(key);
  }

  values(): IterableIterator<T> {
    return this.#objects.values();
  }

  keys(): IterableIterator<string> {
    return this.#objects.keys();
  }

  /** Objects that an index has under a key. Throws a TypeError for an index that was not declared. */
  byIndex(index: string, key: string): T[] {
    const entries = this.#indexes.get(index);
    if (entries === undefined) {
      throw new TypeError(`no index ${JSON.stringify(index)}; there are: ${Object.keys(this.#indexers).join(', ')}`);
    }
    const found: T[] = [];
    for (const objectKeyOf of entries.get(key) ?? []) {
      const object = this.#objects.get(objectKeyOf);
      if (object !== undefined) {
        found.push(object);
      }
    }
    return found;
  }

  /** Puts an object and returns the one that it replaces. */
  set(key: string, object: T): T | undefined {
    const old = this.#objects.get(key);
    this.#unindex(key, old);
    this.#objects.set(key, object);
    for (const [name, indexer] of Object.entries(this.#indexers)) {
      for (const value of indexer(object)) {
        this.#entry(name, value).add(key);
      }
    }
    return old;
  }

  delete(key: string): T | undefined {
    const old = this.#objects.get(key);
    this.#unindex(key, old);
    this.#objects.delete(key);
    return old;
  }

  #entry(index: string, value: string): Set<string> {
    const entries = this.#indexes.get(index) as Map<string, Set<string>>;
    let keys = entries.get(value);
    if (keys === undefined) {
      keys = new Set();
      entries.set(value, keys);
    }
    return keys;
  }

  #unindex(key: string, old: T | undefined): void {
    if (old === undefined) {
      return;
    }
    for (const [name, indexer] of Object.entries(this.#indexers)) {
      const entries = this.#indexes.get(name);
      for (const value of indexer(old)) {
        const keys = entries?.get(value);
        keys?.delete(key);
        if (keys?.size === 0) {
          entries?.delete(value);
        }
      }
    }
  }
}
