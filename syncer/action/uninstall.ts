import { sortByKind, uninstallOrder } from '../../shared/helm/manifest/order.ts';
import type { KubeClient } from '../../shared/kube/client.ts';
import type { StorageDriver } from '../storage/driver.ts';
import { goTime, type RecordHead, type ReleaseRecord } from '../storage/record.ts';
import { deleteObjects } from './apply.ts';
import { assertFence } from './fence.ts';
import { hasHooks, runHooks, untilGone } from './hooks.ts';
import { isKept, manifestObjects, type Owner, type ReleaseObject, resolveObjects } from './release-objects.ts';
import { ownerOf, type ReleaseDeps } from './release-run.ts';

export interface UninstallOptions {
  readonly timeoutMs: number;
  readonly timeout: string;
  readonly disableHooks: boolean;
  readonly disableWait: boolean;
  /** Keep the records, with status uninstalled. */
  readonly keepHistory: boolean;
  readonly propagation: 'background' | 'foreground' | 'orphan';
}

/**
 * Uninstalls what the newest record says, as `helm uninstall`: hooks, objects in uninstall order, then the records.
 *
 * @returns the last record as uninstalled; undefined when there is nothing in storage
 */
export async function uninstallRelease(
  release: string,
  options: UninstallOptions,
  deps: ReleaseDeps,
): Promise<ReleaseRecord | undefined> {
  const history = await deps.driver.history(release);
  const head = history.at(-1);
  const record = head && (await deps.driver.get(release, head.version));
  if (!head || !record) return undefined;
  if (head.status === 'uninstalled') {
    if (!options.keepHistory) await deleteRecords(history, deps.driver);
    return record;
  }
  assertFence(deps.fence, `uninstalling release record v${head.version}`);
  const deleting: ReleaseRecord = {
    ...record,
    info: {
      ...record.info,
      status: 'uninstalling',
      deleted: goTime(deps.now()),
      description: 'Deletion in progress (or silently failed)',
    },
  };
  const noted = await deps.driver.update(deleting, head.resourceVersion);
  await deleteEverything(deleting, options, deps);
  const done: ReleaseRecord = {
    ...deleting,
    info: { ...deleting.info, status: 'uninstalled', description: 'Uninstallation complete' },
  };
  if (options.keepHistory) await deps.driver.update(done, noted.resourceVersion);
  else await deleteRecords(history, deps.driver);
  return done;
}

async function deleteEverything(record: ReleaseRecord, options: UninstallOptions, deps: ReleaseDeps): Promise<void> {
  const owner = ownerOf(record, deps);
  const { timeoutMs, timeout } = options;
  const hookOptions = { ...deps, owner, timeoutMs, timeout };
  if (!options.disableHooks && hasHooks(record.hooks, 'pre-delete')) {
    await deps.park(() => runHooks(record.hooks, 'pre-delete', hookOptions));
  }
  const objects = await servedObjects(record, owner, deps.client);
  const lingering = await deleteObjects(
    sortByKind(objects, (object) => object.ref.kind, uninstallOrder),
    {
      ...deps,
      propagation: options.propagation,
    },
  );
  if (!options.disableWait) await deps.park(() => untilGone(lingering, hookOptions));
  if (!options.disableHooks && hasHooks(record.hooks, 'post-delete')) {
    await deps.park(() => runHooks(record.hooks, 'post-delete', hookOptions));
  }
}

// Kinds that are no longer served have nothing left to delete, and must not keep a release from going.
async function servedObjects(record: ReleaseRecord, owner: Owner, client: KubeClient): Promise<ReleaseObject[]> {
  const objects: ReleaseObject[] = [];
  for (const object of manifestObjects(record.manifest)) {
    if (isKept(object)) continue;
    const ref = await client.discovery.forKind(object.apiVersion ?? '', object.kind ?? '');
    if (ref) objects.push(...(await resolveObjects([object], owner, client.discovery)));
  }
  return objects;
}

async function deleteRecords(history: readonly RecordHead[], driver: StorageDriver): Promise<void> {
  for (const head of history) await driver.delete(head.name, head.version);
}
