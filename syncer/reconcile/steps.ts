import type { ReleaseReason } from '../../shared/api/conditions.ts';
import { formatDuration } from '../../shared/api/duration.ts';
import type { HelmReleaseStatus, Inventory, ReleaseSnapshot } from '../../shared/api/helm-release-status.ts';
import { resources } from '../../shared/kube/resources.ts';
import type { KubeObject } from '../../shared/kube/types.ts';
import { applyCrds } from '../action/crds.ts';
import { isInterruption } from '../action/interruption.ts';
import { inventoryEntry, manifestObjects, type ReleaseObject, resolveObjects } from '../action/release-objects.ts';
import { ownerOf, type ReleaseOutcome, type ReleaseRun, recordTimes, runRelease } from '../action/release-run.ts';
import type { ReleaseRecord } from '../storage/record.ts';
import type { Step } from './plan.ts';
import { recordEvent } from './release-events.ts';
import type { ReleaseRequest, StepDeps } from './release-request.ts';
import { rollBack, uninstallFailed, unlock } from './remedies.ts';
import { retryInterval, runOptions, testsCount } from './settings.ts';
import { chartOf, fullName, snapshotOf, withSnapshot } from './snapshots.ts';
import { type LatestRelease, storedRelease } from './stored-release.ts';
import { test } from './testing.ts';

type ReleaseAction = 'install' | 'upgrade';

/** Takes one step of the release loop, and notes what came of it in the draft and in an event. */
export async function performStep(step: Step, request: ReleaseRequest, deps: StepDeps): Promise<void> {
  switch (step.kind) {
    case 'install':
    case 'upgrade':
      return release(step.kind, request, deps);
    case 'resume':
      return resume(request, deps);
    case 'adopt':
      return adopt(request, deps);
    case 'test':
      return test(request, deps);
    case 'unlock':
      return unlock(request, deps);
    case 'rollback':
      return rollBack(request, deps);
    case 'uninstall-remediation':
      return uninstallFailed(request, deps);
    case 'done':
    case 'stalled':
      return undefined;
  }
}

async function release(action: ReleaseAction, request: ReleaseRequest, deps: StepDeps): Promise<void> {
  const { draft } = request;
  begin(action, request);
  const started = performance.now();
  let outcome: ReleaseOutcome;
  try {
    const latest = await storedRelease(request, deps.driver);
    const { run, crds } = await newRun(action, latest, request, deps);
    outcome = await runRelease(run, deps);
    request.draft.status.inventory = inventoryOf(outcome.objects, crds);
  } catch (error) {
    // No failure of the release: its counters and conditions stay as they are.
    if (deps.signal.aborted || isInterruption(error)) throw error;
    draft.status.lastAttemptedReleaseActionDuration = formatDuration(Math.round(performance.now() - started));
    failure(action, request, deps, error as Error);
    throw error;
  }
  conclude(action, outcome, started, request, deps);
}

/** Goes on with the revision that a process which is no more has begun: the record says what was to be applied. */
async function resume(request: ReleaseRequest, deps: StepDeps): Promise<void> {
  const latest = await storedRelease(request, deps.driver);
  if (!latest) return;
  const { record, head } = latest;
  const action: ReleaseAction = record.info.status === 'pending-install' ? 'install' : 'upgrade';
  begin(action, request);
  const started = performance.now();
  const run: ReleaseRun = {
    kind: action,
    record,
    head,
    objects: manifestObjects(record.manifest),
    previous: await earlierRecords(request, deps, record.version),
    options: runOptions(request.object, action),
  };
  const outcome = await runRelease(run, deps);
  request.draft.status.inventory = inventoryOf(outcome.objects, []);
  conclude(action, outcome, started, request, deps);
}

/** Notes a release that is in storage as desired, but was never noted in the status. */
async function adopt(request: ReleaseRequest, deps: StepDeps): Promise<void> {
  const latest = await storedRelease(request, deps.driver);
  if (!latest) return;
  const action: ReleaseAction = latest.record.version === 1 ? 'install' : 'upgrade';
  const { record, head } = latest;
  const owner = ownerOf(record, deps);
  const objects = await resolveObjects(manifestObjects(record.manifest), owner, deps.client.discovery);
  request.draft.status.inventory = inventoryOf(objects, []);
  conclude(action, { record, head, objects, superseded: [], error: undefined }, performance.now(), request, deps);
}

function inventoryOf(objects: readonly ReleaseObject[], crds: readonly KubeObject[]): Inventory {
  const ref = resources.customresourcedefinitions;
  const all = [...objects, ...crds.map((body) => ({ ref, namespace: '', body }))];
  return { entries: all.map(inventoryEntry) };
}

function begin(action: ReleaseAction, { draft }: ReleaseRequest): void {
  draft.status.lastAttemptedReleaseAction = action;
  if (action === 'install') draft.status.history = [];
  draft.remove('TestSuccess', 'Remediated');
}

async function newRun(
  action: ReleaseAction,
  latest: LatestRelease | undefined,
  request: ReleaseRequest,
  deps: StepDeps,
): Promise<{ run: ReleaseRun; crds: readonly KubeObject[] }> {
  const { object, chart, values, releaseName, releaseNamespace } = request;
  const revision = (latest?.record.version ?? 0) + 1;
  const isUpgrade = action === 'upgrade';
  const options = runOptions(object, action);
  const policy = object.spec[action]?.crds ?? 'Create';
  const renderRequest = {
    ...{ object, chart, values, releaseName, releaseNamespace, revision, isUpgrade },
    client: deps.client,
  };
  let rendered = await deps.render(renderRequest);
  if (rendered.crds.length > 0 && policy !== 'Skip') {
    // Templates may ask which kinds are served, so they are rendered again once those of crds/ are.
    await applyCrds(rendered.crds, options.timeoutMs, deps);
    rendered = await deps.render(renderRequest);
  }
  const record: ReleaseRecord = {
    name: releaseName,
    namespace: releaseNamespace,
    version: revision,
    info: {
      ...recordTimes(deps.now(), isUpgrade ? latest?.record : undefined),
      description: isUpgrade ? 'Preparing upgrade' : 'Initial install underway',
      status: isUpgrade ? 'pending-upgrade' : 'pending-install',
      ...(rendered.notes === '' ? {} : { notes: rendered.notes }),
    },
    chart: chart.record,
    config: values,
    manifest: rendered.manifest,
    hooks: rendered.hooks,
    applyMethod: 'ssa',
  };
  const previous = isUpgrade ? await earlierRecords(request, deps, revision) : [];
  const run = { kind: action, record, head: undefined, objects: rendered.objects, previous, options };
  return { run, crds: rendered.crds };
}

/** The revisions whose objects may be in the cluster: the last one, and the last that was deployed. */
async function earlierRecords(request: ReleaseRequest, deps: StepDeps, before: number): Promise<ReleaseRecord[]> {
  const history = (await deps.driver.history(request.releaseName)).filter((head) => head.version < before);
  const deployed = history.filter((head) => head.status === 'deployed').at(-1);
  const heads = new Set([history.at(-1), deployed].filter((head) => head !== undefined));
  const records = await Promise.all([...heads].map((head) => deps.driver.get(request.releaseName, head.version)));
  return records.filter((record) => record !== undefined && record.info.status !== 'uninstalled') as ReleaseRecord[];
}

function conclude(
  action: ReleaseAction,
  outcome: ReleaseOutcome,
  started: number,
  request: ReleaseRequest,
  deps: StepDeps,
): void {
  const { draft, ociDigest } = request;
  const { status } = draft;
  status.lastAttemptedReleaseAction = action;
  status.lastAttemptedReleaseActionDuration = formatDuration(Math.round(performance.now() - started));
  let history = status.history ?? [];
  for (const old of outcome.superseded) {
    const known = history.find((snapshot) => snapshot.version === old.version);
    if (known) history = withSnapshot(history, refreshed(old, known));
  }
  status.history = withSnapshot(history, snapshotOf(outcome.record, action, ociDigest));
  if (outcome.error) {
    failure(action, request, deps, outcome.error);
    const counter = action === 'install' ? 'installFailures' : 'upgradeFailures';
    status[counter] = (status[counter] ?? 0) + 1;
  } else success(action, request, deps);
}

function refreshed(record: ReleaseRecord, known: ReleaseSnapshot): ReleaseSnapshot {
  return snapshotOf(record, (known.action ?? 'upgrade') as ReleaseAction, known.ociDigest ?? '');
}

function success(action: ReleaseAction, request: ReleaseRequest, deps: StepDeps): void {
  const { draft, object } = request;
  const snapshot = draft.status.history?.[0];
  if (!snapshot) return;
  const reason: ReleaseReason = action === 'install' ? 'InstallSucceeded' : 'UpgradeSucceeded';
  const message = `Helm ${action} succeeded for release ${fullName(snapshot)} with chart ${chartOf(snapshot)}`;
  draft.mark('Released', 'True', reason, message);
  if (object.spec.test?.enable) {
    const awaiting = `Helm release ${fullName(snapshot)} with chart ${chartOf(snapshot)} is awaiting tests`;
    draft.mark('TestSuccess', 'Unknown', 'AwaitingTests', awaiting);
  }
  if (retryInterval(object, action) !== undefined) clearFailures(draft.status);
  draft.summarise(testsCount(object));
  recordEvent(request, deps, 'Normal', reason, message, snapshot);
}

function failure(action: ReleaseAction, request: ReleaseRequest, deps: StepDeps, error: Error): void {
  const { draft, desired, releaseNamespace, releaseName, object } = request;
  const reason: ReleaseReason = action === 'install' ? 'InstallFailed' : 'UpgradeFailed';
  const message =
    `Helm ${action} failed for release ${releaseNamespace}/${releaseName} ` +
    `with chart ${desired.chartName}@${desired.chartVersion}: ${error.message.trim()}`;
  draft.status.failures = (draft.status.failures ?? 0) + 1;
  draft.mark('Released', 'False', reason, message);
  draft.summarise(testsCount(object));
  recordEvent(request, deps, 'Warning', reason, message);
}

/** Forgets the counted failures, after a success or a change of what is desired. */
export function clearFailures(status: HelmReleaseStatus): void {
  delete status.failures;
  delete status.installFailures;
  delete status.upgradeFailures;
}
