import { recordDigest } from '../storage/codec.ts';
import type { StorageDriver } from '../storage/driver.ts';
import type { RecordHead, ReleaseRecord } from '../storage/record.ts';
import { configDigest } from './digests.ts';
import type { ReleaseRequest } from './release-request.ts';
import type { StoredRelease } from './state.ts';

/** The newest revision in storage. */
export interface LatestRelease {
  readonly head: RecordHead;
  readonly record: ReleaseRecord;
  readonly release: StoredRelease;
}

/** Reads the newest revision and compares it with the status; undefined when nothing is stored. */
export async function storedRelease(
  request: ReleaseRequest,
  driver: StorageDriver,
): Promise<LatestRelease | undefined> {
  const head = (await driver.history(request.releaseName)).at(-1);
  const record = head && (await driver.get(request.releaseName, head.version));
  if (!head || !record) return undefined;
  const snapshot = request.draft.status.history?.[0];
  // Snapshots of older versions of Flux have another digest; their name and version are all that can be compared.
  const matchesSnapshot =
    snapshot !== undefined &&
    (snapshot.apiVersion !== 'v2' || recordDigest(record, snapshot.ociDigest ?? '') === snapshot.digest);
  return {
    head,
    record,
    release: {
      version: record.version,
      status: record.info.status,
      chartName: record.chart.name,
      chartVersion: record.chart.version,
      configDigest: configDigest(record.config),
      matchesSnapshot,
    },
  };
}
