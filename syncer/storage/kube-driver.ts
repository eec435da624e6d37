import type { KubeClient } from '../../shared/kube/client.ts';
import { KubeError } from '../../shared/kube/error.ts';
import { resources } from '../../shared/kube/resources.ts';
import type { KubeObject, ResourceRef } from '../../shared/kube/types.ts';
import { decodeRecord, encodeRecord } from './codec.ts';
import { RecordConflictError, RecordExistsError, RecordTooLargeError, type StorageDriver } from './driver.ts';
import { type RecordHead, type ReleaseRecord, recordKey } from './record.ts';
import type { RecordIndex } from './record-index.ts';

/** How a kind of object holds a record: Secret data is base64 once more, and has Helm's type. */
export interface RecordFlavour {
  readonly resource: ResourceRef;
  readonly apiVersion: 'v1';
  readonly kind: 'Secret' | 'ConfigMap';
  readonly type?: 'helm.sh/release.v1';
}

export const secretFlavour: RecordFlavour = {
  resource: resources.secrets,
  apiVersion: 'v1',
  kind: 'Secret',
  type: 'helm.sh/release.v1',
};

export const configMapFlavour: RecordFlavour = { resource: resources.configmaps, apiVersion: 'v1', kind: 'ConfigMap' };

/** The API server's limit on a Secret's or ConfigMap's data. */
const MAX_OBJECT_BYTES = 1024 * 1024;

/** Helm's `secret` and `configmap` drivers for one namespace. */
export class KubeStorageDriver implements StorageDriver {
  readonly #client: KubeClient;
  readonly #namespace: string;
  readonly #flavour: RecordFlavour;
  readonly #index: RecordIndex;
  readonly #now: () => Date;

  constructor(client: KubeClient, namespace: string, flavour: RecordFlavour, index: RecordIndex, now: () => Date) {
    this.#client = client;
    this.#namespace = namespace;
    this.#flavour = flavour;
    this.#index = index;
    this.#now = now;
  }

  async history(release: string): Promise<RecordHead[]> {
    return this.#index.history(this.#namespace, release);
  }

  async get(release: string, version: number): Promise<ReleaseRecord | undefined> {
    const key = recordKey(release, version);
    const object = await this.#client.get(this.#flavour.resource, this.#namespace, key);
    if (!object) return undefined;
    this.#index.observe(object);
    const data = (object['data'] as Record<string, string> | undefined)?.['release'] ?? '';
    const encoded = this.#flavour.kind === 'Secret' ? Buffer.from(data, 'base64').toString('latin1') : data;
    return decodeRecord(encoded, `${this.#namespace}/${key}`);
  }

  async create(record: ReleaseRecord): Promise<RecordHead> {
    const data = this.#data(record);
    const labels = {
      name: record.name,
      owner: 'helm',
      status: record.info.status,
      version: String(record.version),
      createdAt: this.#seconds(),
    };
    const key = recordKey(record.name, record.version);
    try {
      const object: KubeObject = {
        apiVersion: this.#flavour.apiVersion,
        kind: this.#flavour.kind,
        metadata: { name: key, namespace: this.#namespace, labels },
        ...(this.#flavour.type ? { type: this.#flavour.type } : {}),
        data: { release: data },
      };
      // Only metadata comes back: the record itself would be sent once more for nothing.
      const created = await this.#client.create(this.#flavour.resource, object, { metadataOnly: true });
      return this.#noted(created, record);
    } catch (error) {
      if (error instanceof KubeError && error.isAlreadyExists) {
        throw new RecordExistsError(
          `release record ${this.#namespace}/${key} exists already: another writer has made this revision`,
          { cause: error },
        );
      }
      throw error;
    }
  }

  async update(record: ReleaseRecord, resourceVersion: string): Promise<RecordHead> {
    const data = this.#data(record);
    const key = recordKey(record.name, record.version);
    // A merge patch, not a PUT: it keeps createdAt and the labels that others set.
    const patch = {
      metadata: { resourceVersion, labels: { status: record.info.status, modifiedAt: this.#seconds() } },
      data: { release: data },
    };
    try {
      const updated = await this.#client.patch(this.#flavour.resource, this.#namespace, key, 'merge', patch, {
        metadataOnly: true,
      });
      return this.#noted(updated, record);
    } catch (error) {
      if (error instanceof KubeError && (error.isConflict || error.isNotFound)) {
        const what = error.isNotFound ? 'was deleted' : 'was changed by another writer';
        throw new RecordConflictError(`release record ${this.#namespace}/${key} ${what} since it was read`, {
          cause: error,
        });
      }
      throw error;
    }
  }

  async delete(release: string, version: number): Promise<void> {
    const key = recordKey(release, version);
    await this.#client.delete(this.#flavour.resource, this.#namespace, key);
    const head = this.#index.history(this.#namespace, release).find((known) => known.version === version);
    if (head) this.#index.note(this.#namespace, head, true);
  }

  #data(record: ReleaseRecord): string {
    const encoded = encodeRecord(record);
    const size = encoded.length;
    if (size > MAX_OBJECT_BYTES) {
      throw new RecordTooLargeError(
        `the record of release ${record.namespace}/${record.name} v${record.version} has ${size} bytes, but a ` +
          `${this.#flavour.kind} holds at most ${MAX_OBJECT_BYTES}: make the chart or its values smaller, or use spec.storage.driver sql`,
      );
    }
    return this.#flavour.kind === 'Secret' ? Buffer.from(encoded, 'latin1').toString('base64') : encoded;
  }

  #noted(object: KubeObject, record: ReleaseRecord): RecordHead {
    const head = this.#index.observe(object);
    if (head) return head;
    throw new Error(`release record ${recordKey(record.name, record.version)} lost Helm's labels when it was written`);
  }

  #seconds(): string {
    return String(Math.floor(this.#now().getTime() / 1000));
  }
}
