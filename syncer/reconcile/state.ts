import { isPending, type ReleaseStatus } from '../storage/record.ts';

/** What is stored of the release's last revision, and whether it is the one that the status tells of. */
export interface StoredRelease {
  readonly version: number;
  readonly status: ReleaseStatus;
  readonly chartName: string;
  readonly chartVersion: string;
  readonly configDigest: string;
  /** Flux's digest of the record equals that of `status.history[0]`, or the snapshot is too old to have one. */
  readonly matchesSnapshot: boolean;
}

export interface DesiredRelease {
  readonly chartName: string;
  readonly chartVersion: string;
  readonly configDigest: string;
  readonly postRenderersDigest: string;
  readonly commonMetadataDigest: string;
}

export interface StateInput {
  /** The newest revision in storage. */
  readonly stored: StoredRelease | undefined;
  /** `status.history[0]`. */
  readonly snapshot: { readonly version: number; readonly configDigest: string } | undefined;
  readonly desired: DesiredRelease;
  readonly generation: number;
  readonly observedGeneration: number;
  readonly observedPostRenderersDigest: string;
  readonly observedCommonMetadataDigest: string;
  /** spec.test.enable, and what is known of the tests of the snapshot. */
  readonly tests: 'off' | 'missing' | 'passed' | 'failed' | 'ignored';
  /** The attempt that the status tells of was for this generation, chart and these values. */
  readonly attemptIsCurrent: boolean;
}

export type ReleaseState =
  | { readonly kind: 'absent' | 'unmanaged' | 'out-of-sync' | 'failed'; readonly reason: string }
  /** A pending record of an operation that nobody runs any more, and that is not ours to resume. */
  | { readonly kind: 'locked'; readonly reason: string }
  /** A pending record of exactly what is desired now: the operation goes on at the same revision. */
  | { readonly kind: 'interrupted'; readonly reason: string }
  /** A deployed record of exactly what is desired now, which a crash kept from being noted in the status. */
  | { readonly kind: 'unrecorded'; readonly reason: string }
  /** As desired, but its tests have not run. */
  | { readonly kind: 'untested'; readonly reason: string }
  | { readonly kind: 'in-sync'; readonly reason: string };

/**
 * Tells where a release stands, from storage against status and the desired state. The order of the checks is Flux's
 * (flux-behaviour.md, "State"); `interrupted` and `unrecorded` are ours, so that a crash costs no extra revision.
 */
export function determineState(input: StateInput): ReleaseState {
  const { stored, snapshot } = input;
  if (!stored) return { kind: 'absent', reason: 'no release in storage' };
  if (isPending(stored.status)) return pendingState(input, stored);
  if (!snapshot) return withoutHistory(input, stored);
  if (stored.version !== snapshot.version || !stored.matchesSnapshot) {
    return isWhatWeAttempted(input, stored)
      ? { kind: 'unrecorded', reason: 'the desired release is in storage and only missing from the status' }
      : { kind: 'unmanaged', reason: 'the release in storage is not the one that was observed last' };
  }
  switch (stored.status) {
    case 'failed':
      return { kind: 'failed', reason: 'the last operation on the release failed' };
    case 'uninstalled':
      return { kind: 'absent', reason: 'found uninstalled release in storage' };
    case 'deployed':
      return deployedState(input, stored, snapshot.configDigest);
    default:
      return { kind: 'unmanaged', reason: `release with status '${stored.status}'` };
  }
}

function pendingState(input: StateInput, stored: StoredRelease): ReleaseState {
  const resumable = stored.status !== 'pending-rollback' && input.attemptIsCurrent && isDesired(input, stored);
  const reason = `release with status '${stored.status}'`;
  return { kind: resumable ? 'interrupted' : 'locked', reason };
}

function withoutHistory(input: StateInput, stored: StoredRelease): ReleaseState {
  if (stored.status === 'uninstalled') return { kind: 'absent', reason: 'found uninstalled release in storage' };
  if (isWhatWeAttempted(input, stored)) {
    return { kind: 'unrecorded', reason: 'the desired release is in storage and only missing from the status' };
  }
  return { kind: 'unmanaged', reason: 'found existing release in storage' };
}

function deployedState(input: StateInput, stored: StoredRelease, snapshotConfigDigest: string): ReleaseState {
  const { desired } = input;
  if (stored.chartName !== desired.chartName || stored.chartVersion !== desired.chartVersion) {
    return { kind: 'out-of-sync', reason: 'chart metadata differs from the release' };
  }
  if (snapshotConfigDigest !== desired.configDigest) return { kind: 'out-of-sync', reason: 'values have changed' };
  if (input.generation !== input.observedGeneration) {
    if (desired.postRenderersDigest !== input.observedPostRenderersDigest) {
      return { kind: 'out-of-sync', reason: 'postrenderers digest has changed' };
    }
    if (desired.commonMetadataDigest !== input.observedCommonMetadataDigest) {
      return { kind: 'out-of-sync', reason: 'common metadata digest has changed' };
    }
  }
  if (input.tests === 'missing') return { kind: 'untested', reason: 'the tests have not run' };
  if (input.tests === 'failed') return { kind: 'failed', reason: 'release has test in failed phase' };
  return { kind: 'in-sync', reason: 'release in-sync with desired state' };
}

function isWhatWeAttempted(input: StateInput, stored: StoredRelease): boolean {
  const isNext = !input.snapshot || stored.version > input.snapshot.version;
  return stored.status === 'deployed' && isNext && input.attemptIsCurrent && isDesired(input, stored);
}

function isDesired({ desired }: StateInput, stored: StoredRelease): boolean {
  return (
    stored.chartName === desired.chartName &&
    stored.chartVersion === desired.chartVersion &&
    stored.configDigest === desired.configDigest
  );
}
