import { manifestObjects } from '../action/release-objects.ts';
import { recordTimes, runRelease } from '../action/release-run.ts';
import { uninstallRelease } from '../action/uninstall.ts';
import { recordDigest } from '../storage/codec.ts';
import type { ReleaseRecord } from '../storage/record.ts';
import { recordEvent } from './release-events.ts';
import type { ReleaseRequest, StepDeps } from './release-request.ts';
import { runOptions, testsCount, uninstallOptions } from './settings.ts';
import { chartOf, fullName, previousSnapshot, snapshotOf, withSnapshot } from './snapshots.ts';
import { storedRelease } from './stored-release.ts';

/** Marks a pending revision that nobody works on as failed, so that the release can be worked on again. */
export async function unlock(request: ReleaseRequest, deps: StepDeps): Promise<void> {
  const latest = await storedRelease(request, deps.driver);
  if (!latest) return;
  const { draft, ociDigest } = request;
  const stale = latest.record.info.status;
  const record: ReleaseRecord = {
    ...latest.record,
    info: {
      ...latest.record.info,
      status: 'failed',
      description: `Release unlocked from stale '${stale}' state`,
    },
  };
  await deps.driver.update(record, latest.head.resourceVersion);
  const known = draft.status.history?.find((snapshot) => snapshot.version === record.version);
  const action = stale === 'pending-install' ? 'install' : stale === 'pending-rollback' ? 'rollback' : 'upgrade';
  const snapshot = snapshotOf(record, action, known?.ociDigest ?? ociDigest);
  draft.status.history = withSnapshot(draft.status.history ?? [], snapshot);
  const message = `Unlocked Helm release ${fullName(snapshot)} with chart ${chartOf(snapshot)} in ${stale} state`;
  draft.mark('Released', 'False', 'PendingRelease', message);
  draft.summarise(testsCount(request.object));
  recordEvent(request, deps, 'Normal', 'PendingRelease', message, snapshot);
}

/** Rolls a failed upgrade back to the revision before it, by a new revision with the old content. */
export async function rollBack(request: ReleaseRequest, deps: StepDeps): Promise<void> {
  const { draft, object, releaseName } = request;
  const history = draft.status.history ?? [];
  const target = previousSnapshot(history);
  const latest = await storedRelease(request, deps.driver);
  const old = target && (await deps.driver.get(releaseName, target.version));
  if (!target || !latest || !old || recordDigest(old, target.ociDigest ?? '') !== target.digest) {
    const message = 'Failed to perform remediation: missing target release for rollback';
    draft.stalled('MissingRollbackTarget', message);
    throw new Error(message);
  }
  const record: ReleaseRecord = {
    ...old,
    version: latest.record.version + 1,
    info: {
      ...recordTimes(deps.now(), old),
      description: `Rollback to ${target.version}`,
      status: 'pending-rollback',
      rollbackRevision: target.version,
      ...(old.info.notes ? { notes: old.info.notes } : {}),
    },
    applyMethod: 'ssa',
  };
  const outcome = await runRelease(
    {
      kind: 'rollback',
      record,
      head: undefined,
      objects: manifestObjects(record.manifest),
      previous: [latest.record],
      options: runOptions(object, 'rollback'),
    },
    deps,
  );
  let snapshots = history;
  for (const superseded of outcome.superseded) {
    const known = snapshots.find((snapshot) => snapshot.version === superseded.version);
    if (known) snapshots = withSnapshot(snapshots, snapshotOf(superseded, 'upgrade', known.ociDigest ?? ''));
  }
  const snapshot = snapshotOf(outcome.record, 'rollback', target.ociDigest ?? '');
  draft.status.history = withSnapshot(snapshots, snapshot);
  const what = `Helm rollback to previous release ${fullName(target)} with chart ${chartOf(target)}`;
  note(request, deps, outcome.error, what, 'Rollback');
}

/** Uninstalls a failed release, keeping its record, so that the next attempt installs anew. */
export async function uninstallFailed(request: ReleaseRequest, deps: StepDeps): Promise<void> {
  const { draft, object, releaseName } = request;
  const current = draft.status.history?.[0];
  const what = current
    ? `Helm uninstall remediation for release ${fullName(current)} with chart ${chartOf(current)}`
    : '';
  try {
    const record = await uninstallRelease(releaseName, { ...uninstallOptions(object), keepHistory: true }, deps);
    if (record) {
      const snapshot = snapshotOf(record, 'uninstall-remediation', current?.ociDigest ?? '');
      draft.status.history = withSnapshot(draft.status.history ?? [], snapshot);
    }
    delete draft.status.inventory;
    note(request, deps, undefined, what, 'Uninstall');
  } catch (error) {
    if (deps.signal.aborted) throw error;
    note(request, deps, error as Error, what, 'Uninstall');
    throw error;
  }
}

function note(
  request: ReleaseRequest,
  deps: StepDeps,
  error: Error | undefined,
  what: string,
  action: 'Rollback' | 'Uninstall',
): void {
  const { draft } = request;
  const reason = error ? (`${action}Failed` as const) : (`${action}Succeeded` as const);
  const message = error ? `${what} failed: ${error.message.trim()}` : `${what} succeeded`;
  if (error) draft.status.failures = (draft.status.failures ?? 0) + 1;
  draft.mark('Remediated', error ? 'False' : 'True', reason, message);
  draft.summarise(testsCount(request.object));
  recordEvent(request, deps, error ? 'Warning' : 'Normal', reason, message, draft.status.history?.[0]);
}
