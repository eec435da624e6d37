import type { KubeClient } from '../../shared/kube/client.ts';
import { KubeError } from '../../shared/kube/error.ts';
import { resources } from '../../shared/kube/resources.ts';
import type { KubeObject } from '../../shared/kube/types.ts';
import type { StorageDriver } from '../storage/driver.ts';
import { goTime, type RecordHead, type ReleaseRecord, type ReleaseStatus } from '../storage/record.ts';
import { type AppliedObject, applyObjects, deleteObjects, prunable } from './apply.ts';
import { assertFence, type Fence } from './fence.ts';
import { HookError, type HookEvent, hasHooks, runHooks } from './hooks.ts';
import { isInterruption } from './interruption.ts';
import { isKept, manifestObjects, type Owner, type ReleaseObject, resolveObjects } from './release-objects.ts';
import { type ObjectWatcher, waitUntilReady } from './wait.ts';

/** What an action works with. */
export interface ReleaseDeps {
  readonly client: KubeClient;
  readonly driver: StorageDriver;
  readonly fence: Fence;
  readonly watcher: ObjectWatcher;
  readonly fieldManager: string;
  /** The HelmRelease that the release is of. */
  readonly origin: Owner['origin'];
  /** Ends the action where it stands, for a shutdown; the pending record stays, to be resumed. */
  readonly signal: AbortSignal;
  readonly now: () => Date;
  /** Runs a wait without holding a worker slot. */
  readonly park: <T>(wait: () => Promise<T>) => Promise<T>;
}

export interface RunOptions {
  readonly timeoutMs: number;
  /** The timeout as the user wrote it. */
  readonly timeout: string;
  readonly disableHooks: boolean;
  readonly disableWait: boolean;
  readonly disableWaitForJobs: boolean;
  readonly createNamespace: boolean;
  /** Revisions to keep; 0 keeps all. */
  readonly maxHistory: number;
}

/** One install, upgrade or rollback. */
export interface ReleaseRun {
  readonly kind: 'install' | 'upgrade' | 'rollback';
  /** The revision to be made, with its pending status. */
  readonly record: ReleaseRecord;
  /** Its head, when it is in storage already and the run goes on where another stopped. */
  readonly head: RecordHead | undefined;
  /** The objects of `record.manifest`. */
  readonly objects: readonly KubeObject[];
  /** Revisions whose objects are in the cluster: what the new one lacks is deleted. */
  readonly previous: readonly ReleaseRecord[];
  readonly options: RunOptions;
}

export interface ReleaseOutcome {
  /** The revision as it is stored now. */
  readonly record: ReleaseRecord;
  readonly head: RecordHead;
  readonly objects: readonly ReleaseObject[];
  /** The revisions whose place it took. */
  readonly superseded: readonly ReleaseRecord[];
  /** Why it failed; undefined on success. */
  readonly error: Error | undefined;
}

/**
 * Makes a revision: pending record first (the fence between writers), then the objects, the wait, and the final record.
 * A failure after the record was created is an outcome, with the record marked failed; one before it is thrown, as is whatever
 * must not be written down: a lost lock, a lost race, a shutdown.
 */
export async function runRelease(run: ReleaseRun, deps: ReleaseDeps): Promise<ReleaseOutcome> {
  assertFence(deps.fence, `creating release record v${run.record.version}`);
  if (run.options.createNamespace) await ensureNamespace(run.record.namespace, deps.client);
  const head = run.head ?? (await deps.driver.create(run.record));
  let record = run.record;
  let objects: readonly ReleaseObject[] = [];
  try {
    const owner: Owner = ownerOf(record, deps);
    objects = await resolveObjects(run.objects, owner, deps.client.discovery);
    record = await hooksOf(run, record, 'pre', owner, deps);
    const applied = await applyObjects(objects, owner, deps);
    await prune(run, objects, owner, deps);
    await waitFor(applied, run.options, deps);
    record = await hooksOf(run, record, 'post', owner, deps);
  } catch (error) {
    if (deps.signal.aborted || isInterruption(error)) throw error;
    if (error instanceof HookError) record = { ...record, hooks: error.hooks };
    const failed = await finish(record, head, 'failed', failureDescription(run, error as Error), deps);
    return { ...failed, objects, superseded: [], error: error as Error };
  }
  const superseded = await supersede(run, deps);
  const deployed = await finish(record, head, 'deployed', successDescription(run), deps);
  await truncateHistory(run, deps);
  return { ...deployed, objects, superseded, error: undefined };
}

async function hooksOf(
  run: ReleaseRun,
  record: ReleaseRecord,
  when: 'pre' | 'post',
  owner: Owner,
  deps: ReleaseDeps,
): Promise<ReleaseRecord> {
  const event = `${when}-${run.kind}` satisfies HookEvent;
  if (run.options.disableHooks || !hasHooks(record.hooks, event)) return record;
  const { timeoutMs, timeout } = run.options;
  const hooks = await deps.park(() => runHooks(record.hooks, event, { ...deps, owner, timeoutMs, timeout }));
  return { ...record, hooks };
}

async function waitFor(applied: readonly AppliedObject[], options: RunOptions, deps: ReleaseDeps): Promise<void> {
  if (options.disableWait) return;
  const { watcher, signal } = deps;
  const { timeoutMs, timeout } = options;
  const waitForJobs = !options.disableWaitForJobs;
  await deps.park(() => waitUntilReady(applied, { watcher, timeoutMs, timeout, waitForJobs, signal }));
}

async function prune(
  run: ReleaseRun,
  objects: readonly ReleaseObject[],
  owner: Owner,
  deps: ReleaseDeps,
): Promise<void> {
  const gone = new Map<string, ReleaseObject>();
  for (const previous of run.previous) {
    const known = await knownObjects(previous, owner, deps.client);
    for (const object of prunable(known, objects)) {
      gone.set(`${object.ref.group}/${object.ref.kind}/${object.namespace}/${object.body.metadata.name}`, object);
    }
  }
  const deletable: ReleaseObject[] = [];
  for (const object of gone.values()) {
    // The policy may have been set on the live object by hand, which Helm honours.
    const live = await deps.client.get(object.ref, object.namespace, object.body.metadata.name);
    if (live && !isKept(live)) deletable.push(object);
  }
  await deleteObjects(deletable, { ...deps, propagation: 'background' });
}

// A kind of an old revision that the API server no longer serves has no objects left to delete.
async function knownObjects(record: ReleaseRecord, owner: Owner, client: KubeClient): Promise<ReleaseObject[]> {
  const resolved: ReleaseObject[] = [];
  for (const object of manifestObjects(record.manifest)) {
    const ref = await client.discovery.forKind(object.apiVersion ?? '', object.kind ?? '');
    if (ref) resolved.push(...(await resolveObjects([object], owner, client.discovery)));
  }
  return resolved;
}

async function ensureNamespace(namespace: string, client: KubeClient): Promise<void> {
  try {
    await client.create(resources.namespaces, {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: namespace, labels: { name: namespace } },
    });
  } catch (error) {
    if (!(error instanceof KubeError && error.isAlreadyExists)) throw error;
  }
}

/** Marks the revisions that were deployed until now as superseded, as Helm does when a new one takes their place. */
async function supersede(run: ReleaseRun, deps: ReleaseDeps): Promise<ReleaseRecord[]> {
  const superseded: ReleaseRecord[] = [];
  const history = await deps.driver.history(run.record.name);
  for (const head of history) {
    if (head.version === run.record.version || head.status !== 'deployed') continue;
    const known = run.previous.find((record) => record.version === head.version);
    const old = known ?? (await deps.driver.get(run.record.name, head.version));
    if (!old) continue;
    assertFence(deps.fence, `superseding release record v${head.version}`);
    const record: ReleaseRecord = { ...old, info: { ...old.info, status: 'superseded' } };
    await deps.driver.update(record, head.resourceVersion);
    superseded.push(record);
  }
  return superseded;
}

async function finish(
  record: ReleaseRecord,
  head: RecordHead,
  status: ReleaseStatus,
  description: string,
  deps: ReleaseDeps,
): Promise<Pick<ReleaseOutcome, 'record' | 'head'>> {
  assertFence(deps.fence, `marking release record v${record.version} ${status}`);
  const final: ReleaseRecord = { ...record, info: { ...record.info, status, description } };
  return { record: final, head: await deps.driver.update(final, head.resourceVersion) };
}

async function truncateHistory(run: ReleaseRun, deps: ReleaseDeps): Promise<void> {
  if (run.options.maxHistory <= 0) return;
  const history = await deps.driver.history(run.record.name);
  for (const head of history.slice(0, -run.options.maxHistory)) {
    if (head.status !== 'deployed') await deps.driver.delete(run.record.name, head.version);
  }
}

function successDescription(run: ReleaseRun): string {
  switch (run.kind) {
    case 'install':
      return 'Install complete';
    case 'upgrade':
      return 'Upgrade complete';
    case 'rollback':
      return `Rollback to ${run.record.info.rollbackRevision ?? 0}`;
  }
}

function failureDescription(run: ReleaseRun, error: Error): string {
  const what = { install: 'Release', upgrade: 'Upgrade', rollback: 'Rollback' }[run.kind];
  return `${what} "${run.record.name}" failed: ${error.message}`;
}

/** The owner of a record's objects. */
export function ownerOf(record: ReleaseRecord, deps: Pick<ReleaseDeps, 'origin'>): Owner {
  return { releaseName: record.name, releaseNamespace: record.namespace, origin: deps.origin };
}

/** The times of a new record: its own, and the first deployment of the release. */
export function recordTimes(
  now: Date,
  first: ReleaseRecord | undefined,
): { firstDeployed: string; lastDeployed: string } {
  const time = goTime(now);
  return { firstDeployed: first?.info.firstDeployed ?? time, lastDeployed: time };
}
