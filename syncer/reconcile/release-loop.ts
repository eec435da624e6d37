import { parseDuration } from '../../shared/api/duration.ts';
import type { HelmReleaseStatus } from '../../shared/api/helm-release-status.ts';
import { classOf, isExhausted, nextStep, type Step, type StepClass } from './plan.ts';
import type { ReleaseRequest, StepDeps } from './release-request.ts';
import { installRemediation, retryInterval, testsCount, timeoutOf, upgradeRemediation } from './settings.ts';
import { chartOf, fullName, previousSnapshot, truncated } from './snapshots.ts';
import { determineState } from './state.ts';
import { performStep } from './steps.ts';
import { storedRelease } from './stored-release.ts';
import { testState } from './testing.ts';

/** How the loop ended: when the release is due again. */
export type LoopEnd =
  | { readonly kind: 'in-sync' }
  | { readonly kind: 'requeue' }
  | { readonly kind: 'retry-after'; readonly ms: number }
  | { readonly kind: 'stalled' };

/**
 * Brings a release to what is desired: tells its state, takes the next step, and again, each class of step at most once, until
 * nothing is left to do or a remediation was made (flux-behaviour.md, "Loop"). The caller writes the draft at the end.
 */
export async function runReleaseLoop(request: ReleaseRequest, deps: StepDeps): Promise<LoopEnd> {
  const done = new Set<StepClass>();
  let forceRequested = request.requests.force;
  for (;;) {
    const step = await decide(request, deps, forceRequested);
    const stepClass = classOf(step);
    if (step.kind === 'done') return inSync(request);
    if (step.kind === 'stalled') {
      request.draft.stalled(step.reason, step.message);
      request.draft.summarise(testsCount(request.object));
      return { kind: 'stalled' };
    }
    if (done.has(stepClass)) return blocked(request);
    if (stepClass !== 'none') announce(request, step);
    if (stepClass === 'release' || stepClass === 'remediate') await deps.save();
    await performStep(step, request, deps);
    if (stepClass === 'release') forceRequested = false;
    if (stepClass !== 'none') done.add(stepClass);
    if (stepClass === 'remediate') return afterRemediation(request);
  }
}

async function decide(request: ReleaseRequest, deps: StepDeps, forceRequested: boolean): Promise<Step> {
  const { object, draft } = request;
  const history = draft.status.history ?? [];
  const stored = await storedRelease(request, deps.driver);
  const snapshot = history[0];
  const lastAction = draft.status.lastAttemptedReleaseAction;
  const state = determineState({
    stored: stored?.release,
    snapshot,
    desired: request.desired,
    generation: object.metadata.generation ?? 0,
    observedGeneration: object.status?.observedGeneration ?? -1,
    observedPostRenderersDigest: draft.status.observedPostRenderersDigest ?? '',
    observedCommonMetadataDigest: draft.status.observedCommonMetadataDigest ?? '',
    tests: testState(object, snapshot, lastAction),
    attemptIsCurrent: request.attemptIsCurrent,
  });
  if (state.kind === 'unmanaged') draft.status.history = [];
  return nextStep({
    state,
    lastAction,
    install: installRemediation(object),
    upgrade: upgradeRemediation(object),
    installFailures: draft.status.installFailures ?? 0,
    upgradeFailures: draft.status.upgradeFailures ?? 0,
    retryInterval: retryInterval(object, lastAction),
    forceRequested,
    hasRollbackTarget: previousSnapshot(history) !== undefined,
  });
}

function announce(request: ReleaseRequest, step: Step): void {
  const [name, action] = (
    {
      install: ['install', 'install'],
      upgrade: ['upgrade', 'upgrade'],
      resume: [request.draft.status.lastAttemptedReleaseAction ?? 'install', 'install'],
      unlock: ['unlock', 'install'],
      test: ['test', 'test'],
      rollback: ['rollback', 'rollback'],
      'uninstall-remediation': ['uninstall', 'uninstall'],
    } as Partial<Record<Step['kind'], readonly [string, 'install' | 'upgrade' | 'rollback' | 'uninstall' | 'test']>>
  )[step.kind] ?? [step.kind, 'install'];
  const message = `Running '${name}' action with timeout of ${timeoutOf(request.object, action).timeout}`;
  request.draft.progressing(message);
  // Only a release action may hide an earlier failure: of the others, the failure is what the user must go on seeing.
  if (classOf(step) === 'release') request.draft.mark('Ready', 'Unknown', 'Progressing', message);
}

function inSync(request: ReleaseRequest): LoopEnd {
  const { draft, object, desired } = request;
  draft.status.history = truncated(draft.status.history ?? []);
  draft.remove('Reconciling');
  restoreReleased(request);
  draft.summarise(testsCount(object));
  setOrClear(draft.status, 'observedPostRenderersDigest', desired.postRenderersDigest);
  setOrClear(draft.status, 'observedCommonMetadataDigest', desired.commonMetadataDigest);
  return { kind: 'in-sync' };
}

/** A release that is as desired after all (a rollback to it, a retry that is no longer needed) is a released one. */
function restoreReleased({ draft }: ReleaseRequest): void {
  const snapshot = draft.status.history?.[0];
  const released = draft.condition('Released');
  const remediated = draft.condition('Remediated')?.status === 'True';
  if (!snapshot || (released?.status === 'True' && !remediated)) return;
  const action = released?.reason === 'InstallFailed' ? 'install' : 'upgrade';
  const reason = action === 'install' ? 'InstallSucceeded' : 'UpgradeSucceeded';
  draft.remove('Remediated');
  const message = `Helm ${action} succeeded for release ${fullName(snapshot)} with chart ${chartOf(snapshot)}`;
  draft.mark('Released', 'True', reason, message);
}

function setOrClear(
  status: HelmReleaseStatus,
  field: 'observedPostRenderersDigest' | 'observedCommonMetadataDigest',
  value: string,
): void {
  if (value === '') delete status[field];
  else status[field] = value;
}

/** The same class of step would be next again: the release failed and is tried in another reconcile, or not any more. */
function blocked(request: ReleaseRequest): LoopEnd {
  const { draft, object } = request;
  const retry = retryInterval(object, draft.status.lastAttemptedReleaseAction);
  if (retry !== undefined) return retryLater(request, retry);
  const message = draft.condition('Ready')?.message ?? '';
  if (isOutOfRetries(request)) {
    draft.remove('Reconciling');
    return { kind: 'requeue' };
  }
  draft.progressing(message, 'ProgressingWithRetry');
  return { kind: 'requeue' };
}

function afterRemediation(request: ReleaseRequest): LoopEnd {
  const { draft, object } = request;
  const action = draft.status.lastAttemptedReleaseAction;
  const retry = retryInterval(object, action);
  if (retry !== undefined) return retryLater(request, retry);
  const uninstalled = action === 'upgrade' && upgradeRemediation(object).strategy === 'uninstall';
  if (!isOutOfRetries(request) || uninstalled) {
    draft.progressing(draft.condition('Ready')?.message ?? '', 'ProgressingWithRetry');
    return { kind: 'requeue' };
  }
  const failures = (action === 'upgrade' ? draft.status.upgradeFailures : draft.status.installFailures) ?? 0;
  draft.stalled('RetriesExceeded', `Failed to ${action} after ${failures} attempt(s)`);
  return { kind: 'stalled' };
}

function retryLater(request: ReleaseRequest, interval: string): LoopEnd {
  request.draft.progressing(`retrying after ${interval}`, 'ProgressingWithRetry');
  return { kind: 'retry-after', ms: parseDuration(interval) };
}

function isOutOfRetries({ draft, object }: ReleaseRequest): boolean {
  const { lastAttemptedReleaseAction, installFailures = 0, upgradeFailures = 0 } = draft.status;
  return lastAttemptedReleaseAction === 'upgrade'
    ? isExhausted(upgradeRemediation(object), upgradeFailures)
    : isExhausted(installRemediation(object), installFailures);
}
