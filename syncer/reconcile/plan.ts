import type { ReleaseState } from './state.ts';

/** What remediation is configured for an action, with Flux's defaults filled in. */
export interface RemediationPolicy {
  /** Retries after the first failure; negative is without end. */
  readonly retries: number;
  readonly remediateLastFailure: boolean;
  readonly strategy: 'rollback' | 'uninstall';
}

export interface PlanInput {
  readonly state: ReleaseState;
  readonly lastAction: 'install' | 'upgrade' | undefined;
  readonly install: RemediationPolicy;
  readonly upgrade: RemediationPolicy;
  readonly installFailures: number;
  readonly upgradeFailures: number;
  /** spec.<action>.strategy RetryOnFailure of the last action: its interval; remediation is then off. */
  readonly retryInterval: string | undefined;
  readonly forceRequested: boolean;
  /** `status.history` has an older revision that was deployed and can be rolled back to. */
  readonly hasRollbackTarget: boolean;
}

export type Step =
  | { readonly kind: 'done' }
  | {
      readonly kind:
        | 'install'
        | 'upgrade'
        | 'resume'
        | 'adopt'
        | 'unlock'
        | 'test'
        | 'rollback'
        | 'uninstall-remediation';
    }
  | {
      readonly kind: 'stalled';
      readonly reason: 'RetriesExceeded' | 'MissingRollbackTarget';
      readonly message: string;
    };

/** The kinds of action of which each runs at most once in a reconcile, as Flux's. */
export type StepClass = 'release' | 'test' | 'unlock' | 'remediate' | 'none';

export function classOf(step: Step): StepClass {
  switch (step.kind) {
    case 'install':
    case 'upgrade':
    case 'resume':
      return 'release';
    case 'test':
      return 'test';
    case 'unlock':
      return 'unlock';
    case 'rollback':
    case 'uninstall-remediation':
      return 'remediate';
    case 'adopt':
    case 'done':
    case 'stalled':
      return 'none';
  }
}

/** The next action for a state (flux-behaviour.md, "Loop" and "Remediation"). */
export function nextStep(input: PlanInput): Step {
  const { state } = input;
  switch (state.kind) {
    case 'in-sync':
      return input.forceRequested ? { kind: 'upgrade' } : { kind: 'done' };
    case 'unrecorded':
      return { kind: 'adopt' };
    case 'untested':
      return { kind: 'test' };
    case 'interrupted':
      return { kind: 'resume' };
    case 'locked':
      return { kind: 'unlock' };
    case 'unmanaged':
      return { kind: 'upgrade' };
    case 'absent':
      return isExhausted(input.install, input.installFailures) && !input.forceRequested
        ? exhausted(input)
        : { kind: 'install' };
    case 'out-of-sync':
      return isExhausted(input.upgrade, input.upgradeFailures) && !input.forceRequested
        ? exhausted(input)
        : { kind: 'upgrade' };
    case 'failed':
      return afterFailure(input);
  }
}

/** Whether no attempt is left: `retries` of 0 allows one attempt, a negative number any. */
export function isExhausted(policy: RemediationPolicy, failures: number): boolean {
  return policy.retries >= 0 && failures > policy.retries;
}

function activePolicy(input: PlanInput): { policy: RemediationPolicy; failures: number } | undefined {
  switch (input.lastAction) {
    case 'install':
      return { policy: input.install, failures: input.installFailures };
    case 'upgrade':
      return { policy: input.upgrade, failures: input.upgradeFailures };
    case undefined:
      return undefined;
  }
}

function afterFailure(input: PlanInput): Step {
  const active = activePolicy(input);
  if (input.retryInterval !== undefined) return { kind: 'upgrade' };
  if (!active || active.failures <= 0 || input.forceRequested) return { kind: 'upgrade' };
  if (isExhausted(active.policy, active.failures) && !active.policy.remediateLastFailure) return exhausted(input);
  if (input.lastAction === 'install' || active.policy.strategy === 'uninstall') {
    return { kind: 'uninstall-remediation' };
  }
  if (!input.hasRollbackTarget) {
    return {
      kind: 'stalled',
      reason: 'MissingRollbackTarget',
      message: 'Failed to perform remediation: missing target release for rollback',
    };
  }
  return { kind: 'rollback' };
}

function exhausted(input: PlanInput): Step {
  const failures = activePolicy(input)?.failures ?? 0;
  return {
    kind: 'stalled',
    reason: 'RetriesExceeded',
    message: `Failed to ${input.lastAction ?? 'install'} after ${failures} attempt(s)`,
  };
}
