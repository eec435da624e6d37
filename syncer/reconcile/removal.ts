import type { HelmRelease } from '../../shared/api/helm-release.ts';
import type { KubeClient } from '../../shared/kube/client.ts';
import type { EventRecorder } from '../../shared/kube/events.ts';
import { resources } from '../../shared/kube/resources.ts';
import type { Fence } from '../action/fence.ts';
import { uninstallRelease } from '../action/uninstall.ts';
import type { ObjectWatcher } from '../action/wait.ts';
import { patchStatus } from '../status-patch.ts';
import type { StorageProvider } from '../storage/provider.ts';
import type { WorkContext } from '../work-queue.ts';
import { accountUser, actingAccount, originOf, uninstallOptions } from './settings.ts';
import { chartOf, fullName } from './snapshots.ts';
import { StatusDraft } from './status-draft.ts';

export interface Removal {
  readonly client: KubeClient;
  readonly storage: StorageProvider;
  readonly watcher: ObjectWatcher;
  readonly events: EventRecorder;
  readonly fence: Fence;
  readonly park: WorkContext['park'];
  readonly fieldManager: string;
  readonly defaultServiceAccount: string;
  readonly signal: AbortSignal;
  readonly now: () => Date;
}

/**
 * Uninstalls the release of an object that is going, or that says another place now. Nothing is uninstalled when the object is
 * suspended, was never released, or names a ServiceAccount that is gone (flux-behaviour.md, "Deletion").
 *
 * @throws what kept the release from being uninstalled; the status then says so
 */
export async function removeRelease(object: HelmRelease, deps: Removal, draft?: StatusDraft): Promise<void> {
  const namespace = object.status?.storageNamespace;
  const snapshot = object.status?.history?.[0];
  if (object.spec.suspend || !namespace || !snapshot) return;
  const client = await actingClient(object, deps);
  if (!client) return;
  const driver = deps.storage.driver(object.status?.storageDriver, namespace, client);
  const what = `for release ${fullName(snapshot)} with chart ${chartOf(snapshot)}`;
  try {
    if (typeof driver === 'string') throw new Error(driver);
    const origin = originOf(object);
    await uninstallRelease(snapshot.name, uninstallOptions(object), { ...deps, client, driver, origin });
    deps.events.event(object, {
      type: 'Normal',
      reason: 'UninstallSucceeded',
      message: `Helm uninstall succeeded ${what}`,
    });
  } catch (error) {
    if (deps.signal.aborted) throw error;
    const message = `Helm uninstall failed ${what}: ${(error as Error).message}`;
    deps.events.event(object, { type: 'Warning', reason: 'UninstallFailed', message });
    const failed = draft ?? new StatusDraft(object, deps.now);
    failed.mark('Released', 'False', 'UninstallFailed', message);
    failed.mark('Ready', 'False', 'UninstallFailed', message);
    if (!draft) await patchStatus(deps.client, resources.helmreleases, object, failed.status);
    throw error;
  }
}

async function actingClient(object: HelmRelease, deps: Removal): Promise<KubeClient | undefined> {
  const account = actingAccount(object, deps.defaultServiceAccount);
  const namespace = object.metadata.namespace ?? '';
  if (!account) return deps.client;
  const found = await deps.client.get(resources.serviceaccounts, namespace, account, { metadataOnly: true });
  return found && deps.client.impersonate(accountUser(namespace, account));
}
