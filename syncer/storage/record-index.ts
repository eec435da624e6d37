import { isOlderVersion } from '../../shared/kube/resource-version.ts';
import type { KubeObject } from '../../shared/kube/types.ts';
import type { RecordHead, ReleaseStatus } from './record.ts';

interface Entry {
  readonly head: RecordHead;
  readonly deleted: boolean;
}

/**
 * What is known of the release records of a cluster, from their labels alone: fed by a metadata informer and by our own
 * writes, which the informer repeats later. The newer resourceVersion wins, so that an event that was under way when we
 * wrote does not undo what we know.
 */
export class RecordIndex {
  readonly #releases = new Map<string, Map<number, Entry>>();

  /** An object that was seen or written. Objects without Helm's labels are passed over. */
  observe(object: KubeObject, deleted = false): RecordHead | undefined {
    const head = headOf(object);
    if (head && object.metadata.namespace !== undefined) this.note(object.metadata.namespace, head, deleted);
    return head;
  }

  /** A record of which we know the head, for example because we deleted it. */
  note(namespace: string, head: RecordHead, deleted = false): void {
    const key = `${namespace}/${head.name}`;
    const versions = this.#releases.get(key) ?? new Map<number, Entry>();
    const known = versions.get(head.version);
    if (known && !isOlderVersion(known.head.resourceVersion, head.resourceVersion)) {
      if (!deleted || known.deleted) return;
    }
    this.#releases.set(key, versions.set(head.version, { head, deleted }));
    if (deleted) this.#forget(key, versions, head);
  }

  /** The stored revisions of a release, oldest first. */
  history(namespace: string, release: string): RecordHead[] {
    const entries = [...(this.#releases.get(`${namespace}/${release}`)?.values() ?? [])];
    return entries
      .filter((entry) => !entry.deleted)
      .map((entry) => entry.head)
      .sort((a, b) => a.version - b.version);
  }

  // A tombstone only has to outlive the events that were under way; the few that stay are the revisions of live releases.
  #forget(key: string, versions: Map<number, Entry>, deleted: RecordHead): void {
    for (const [version, entry] of versions) {
      if (entry.deleted && version !== deleted.version) versions.delete(version);
    }
    if ([...versions.values()].every((entry) => entry.deleted)) this.#releases.delete(key);
  }
}

function headOf(object: KubeObject): RecordHead | undefined {
  const labels = object.metadata.labels ?? {};
  const version = Number(labels['version']);
  const name = labels['name'];
  if (labels['owner'] !== 'helm' || name === undefined || !Number.isInteger(version)) return undefined;
  const status = (labels['status'] ?? 'unknown') as ReleaseStatus;
  return { name, version, status, resourceVersion: object.metadata.resourceVersion ?? '0' };
}
