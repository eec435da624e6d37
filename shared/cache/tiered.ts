import { matchesDigest } from './digest.ts';
import { SingleFlight } from './single-flight.ts';
import type { BlobCache, FleetLock } from './types.ts';

export interface BlobStoreOptions {
  /** Nearest first: memory, then disk, then Redis. */
  tiers: readonly BlobCache[];
  /** Makes the fleet fetch a blob once; without it only this process does. */
  fleet?: FleetLock;
}

/**
 * The tiers of the blob cache as one. A hit in a far tier is copied to the nearer ones. `getOrFetch` goes to the origin at most
 * once at a time for a digest, in this process and, with a fleet lock, in the fleet.
 */
export class BlobStore implements BlobCache {
  readonly #tiers: readonly BlobCache[];
  readonly #fleet: FleetLock | undefined;
  readonly #reads = new SingleFlight();
  readonly #fetches = new SingleFlight();

  constructor(options: BlobStoreOptions) {
    this.#tiers = options.tiers;
    this.#fleet = options.fleet;
  }

  async get(digest: string): Promise<Uint8Array | undefined> {
    // The nearest tier is asked apart from the single flight, so that a hit in memory costs no bookkeeping.
    const near = await this.#tiers[0]?.get(digest);
    return near ?? this.#reads.run(digest, () => this.#getFar(digest));
  }

  async #getFar(digest: string): Promise<Uint8Array | undefined> {
    for (let i = 1; i < this.#tiers.length; i++) {
      const bytes = await this.#tiers[i]?.get(digest);
      if (bytes === undefined) continue;
      for (const nearer of this.#tiers.slice(0, i)) await nearer.put(digest, bytes);
      return bytes;
    }
    return undefined;
  }

  async put(digest: string, bytes: Uint8Array): Promise<void> {
    await Promise.all(this.#tiers.map((tier) => tier.put(digest, bytes)));
  }

  async delete(digest: string): Promise<void> {
    await Promise.all(this.#tiers.map((tier) => tier.delete(digest)));
  }

  /**
   * The blob from the nearest tier that has it, else from `origin`, whose bytes are checked and kept.
   * Errors: those of `origin`; bytes that do not match the digest are an error that names it.
   */
  getOrFetch(digest: string, origin: () => Promise<Uint8Array>): Promise<Uint8Array> {
    return this.#fetches.run(digest, async () => {
      const cached = await this.get(digest);
      if (cached !== undefined) return cached;
      const fetchAndKeep = async () => {
        const bytes = await origin();
        if (!matchesDigest(bytes, digest)) throw new Error(`blob ${digest}: the fetched bytes have another digest`);
        await this.put(digest, bytes);
        return bytes;
      };
      if (this.#fleet === undefined) return fetchAndKeep();
      return this.#fleet.run(`blob:${digest}`, () => this.get(digest), fetchAndKeep);
    });
  }
}
