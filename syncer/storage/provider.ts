import type { StorageDriver as DriverName } from '../../shared/api/storage-driver.ts';
import type { KubeClient } from '../../shared/kube/client.ts';
import { CachingDriver, RecordCache } from './caching-driver.ts';
import type { StorageDriver } from './driver.ts';
import { configMapFlavour, KubeStorageDriver, secretFlavour } from './kube-driver.ts';
import { MemoryStorageDriver } from './memory-driver.ts';
import type { RecordIndex } from './record-index.ts';

export interface StorageProviderOptions {
  readonly defaultDriver: DriverName;
  readonly allowMemory: boolean;
  readonly secrets: RecordIndex;
  readonly configMaps: RecordIndex;
  /** What the cache of records may take. */
  readonly cacheBytes: number;
  readonly now: () => Date;
}

/** Gives the driver of a release's history. */
export class StorageProvider {
  readonly #options: StorageProviderOptions;
  readonly #cache: RecordCache;
  /** For releases that do not say. */
  readonly defaultDriver: DriverName;
  readonly allowMemory: boolean;
  readonly #memory = new Map<string, MemoryStorageDriver>();

  constructor(options: StorageProviderOptions) {
    this.#options = options;
    this.defaultDriver = options.defaultDriver;
    this.allowMemory = options.allowMemory;
    this.#cache = new RecordCache(options.cacheBytes);
  }

  /**
   * The driver for a storage namespace, acting through `client`; or why there is none, in words for a condition.
   *
   * @param name spec.storage.driver or status.storageDriver; undefined takes the operator's default
   */
  driver(name: DriverName | undefined, namespace: string, client: KubeClient): StorageDriver | string {
    const { now, secrets, configMaps } = this.#options;
    const kind = name ?? this.defaultDriver;
    switch (kind) {
      case 'secret':
        return this.#cached(new KubeStorageDriver(client, namespace, secretFlavour, secrets, now), kind, namespace);
      case 'configmap': {
        const driver = new KubeStorageDriver(client, namespace, configMapFlavour, configMaps, now);
        return this.#cached(driver, kind, namespace);
      }
      case 'memory':
        return this.allowMemory
          ? this.#memoryDriver(namespace)
          : 'spec.storage.driver memory is not allowed: history would be lost on a restart; ' +
              'use secret or configmap, or start the syncer with --allow-memory-storage';
      case 'sql':
        return 'spec.storage.driver sql is not supported by this version of chartroom yet: use secret or configmap';
    }
  }

  #cached(driver: StorageDriver, kind: DriverName, namespace: string): StorageDriver {
    return new CachingDriver(driver, `${kind}/${namespace}`, this.#cache);
  }

  #memoryDriver(namespace: string): MemoryStorageDriver {
    const known = this.#memory.get(namespace) ?? new MemoryStorageDriver();
    this.#memory.set(namespace, known);
    return known;
  }
}
