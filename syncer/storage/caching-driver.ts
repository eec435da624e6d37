import { ByteLru } from '../../shared/cache/memory.ts';
import type { StorageDriver } from './driver.ts';
import type { RecordHead, ReleaseRecord } from './record.ts';

interface Entry {
  readonly record: ReleaseRecord;
  readonly resourceVersion: string;
}

/** Records that this process wrote or read, bounded by bytes, the ones not used for longest leaving first. */
export class RecordCache {
  readonly #entries: ByteLru<Entry>;

  constructor(maxBytes: number) {
    this.#entries = new ByteLru(maxBytes);
  }

  get(key: string, resourceVersion: string): ReleaseRecord | undefined {
    const entry = this.#entries.get(key);
    return entry?.resourceVersion === resourceVersion ? entry.record : undefined;
  }

  put(key: string, record: ReleaseRecord, resourceVersion: string): void {
    // A chart that came with its gzip member is shared by all releases of its digest; any other is this record's own.
    const chart = record.chart.gzip ? 0 : record.chart.json.length;
    this.#entries.set(key, { record, resourceVersion }, 2 * (record.manifest.length + chart) + 2048);
  }

  delete(key: string): void {
    this.#entries.delete(key);
  }
}

/** A driver that reads a record again only when another writer has changed it. */
export class CachingDriver implements StorageDriver {
  readonly #driver: StorageDriver;
  readonly #scope: string;
  readonly #cache: RecordCache;

  /** @param scope tells this driver's records from those of others in the same cache, for example by kind and namespace */
  constructor(driver: StorageDriver, scope: string, cache: RecordCache) {
    this.#driver = driver;
    this.#scope = scope;
    this.#cache = cache;
  }

  history(release: string): Promise<RecordHead[]> {
    return this.#driver.history(release);
  }

  async get(release: string, version: number): Promise<ReleaseRecord | undefined> {
    const key = this.#key(release, version);
    const head = await this.#head(release, version);
    const cached = head && this.#cache.get(key, head.resourceVersion);
    if (cached) return cached;
    const record = await this.#driver.get(release, version);
    const read = record && (await this.#head(release, version));
    if (record && read) this.#cache.put(key, record, read.resourceVersion);
    return record;
  }

  async create(record: ReleaseRecord): Promise<RecordHead> {
    return this.#keep(record, await this.#driver.create(record));
  }

  async update(record: ReleaseRecord, resourceVersion: string): Promise<RecordHead> {
    return this.#keep(record, await this.#driver.update(record, resourceVersion));
  }

  async delete(release: string, version: number): Promise<void> {
    this.#cache.delete(this.#key(release, version));
    await this.#driver.delete(release, version);
  }

  #keep(record: ReleaseRecord, head: RecordHead): RecordHead {
    this.#cache.put(this.#key(record.name, record.version), record, head.resourceVersion);
    return head;
  }

  async #head(release: string, version: number): Promise<RecordHead | undefined> {
    return (await this.#driver.history(release)).find((head) => head.version === version);
  }

  #key(release: string, version: number): string {
    return `${this.#scope} ${release} ${version}`;
  }
}
