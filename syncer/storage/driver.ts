import type { RecordHead, ReleaseRecord } from './record.ts';

/** The record that was to be created is there already: another writer took this revision. Stop and read again. */
export class RecordExistsError extends Error {
  override readonly name = 'RecordExistsError';
}

/** The record was changed or deleted by another writer since it was read. Stop and read again. */
export class RecordConflictError extends Error {
  override readonly name = 'RecordConflictError';
}

/** The record does not fit into the driver's object. */
export class RecordTooLargeError extends Error {
  override readonly name = 'RecordTooLargeError';
}

/**
 * The release history of one storage namespace, as Helm stores it. Creating revision N is unique, and an update states the
 * version that it replaces: these two are what keeps two writers apart, whatever the locks say.
 */
export interface StorageDriver {
  /** What is stored of a release, oldest revision first. */
  history(release: string): Promise<RecordHead[]>;
  /** One revision, or undefined when it is not stored. @throws RecordCorruptError */
  get(release: string, version: number): Promise<ReleaseRecord | undefined>;
  /** @throws RecordExistsError, RecordTooLargeError */
  create(record: ReleaseRecord): Promise<RecordHead>;
  /** @throws RecordConflictError, RecordTooLargeError */
  update(record: ReleaseRecord, resourceVersion: string): Promise<RecordHead>;
  /** Deleting what is not there is no error. */
  delete(release: string, version: number): Promise<void>;
}
