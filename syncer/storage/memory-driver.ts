import { RecordConflictError, RecordExistsError, type StorageDriver } from './driver.ts';
import { type RecordHead, type ReleaseRecord, recordKey } from './record.ts';

interface Stored {
  readonly record: ReleaseRecord;
  readonly head: RecordHead;
}

/** Helm's `memory` driver for one namespace: lost when the process ends, hence behind --allow-memory-storage. */
export class MemoryStorageDriver implements StorageDriver {
  readonly #records = new Map<string, Stored>();
  #writes = 0;

  async history(release: string): Promise<RecordHead[]> {
    const heads = [...this.#records.values()].map((stored) => stored.head).filter((head) => head.name === release);
    return heads.sort((a, b) => a.version - b.version);
  }

  async get(release: string, version: number): Promise<ReleaseRecord | undefined> {
    return this.#records.get(recordKey(release, version))?.record;
  }

  async create(record: ReleaseRecord): Promise<RecordHead> {
    const key = recordKey(record.name, record.version);
    if (this.#records.has(key)) throw new RecordExistsError(`release record ${key} exists already`);
    return this.#store(key, record);
  }

  async update(record: ReleaseRecord, resourceVersion: string): Promise<RecordHead> {
    const key = recordKey(record.name, record.version);
    if (this.#records.get(key)?.head.resourceVersion !== resourceVersion) {
      throw new RecordConflictError(`release record ${key} was changed or deleted since it was read`);
    }
    return this.#store(key, record);
  }

  async delete(release: string, version: number): Promise<void> {
    this.#records.delete(recordKey(release, version));
  }

  #store(key: string, record: ReleaseRecord): RecordHead {
    const resourceVersion = String(++this.#writes);
    const head = { name: record.name, version: record.version, status: record.info.status, resourceVersion };
    this.#records.set(key, { record, head });
    return head;
  }
}
