import { describe, expect, test } from '@jest/globals';
import { nextStep, type PlanInput } from '../../../../syncer/reconcile/plan.ts';
import type { ReleaseState } from '../../../../syncer/reconcile/state.ts';

const state = (kind: ReleaseState['kind']): ReleaseState => ({ kind, reason: '' });
const base: PlanInput = {
  state: state('in-sync'),
  lastAction: 'upgrade',
  install: { retries: 0, remediateLastFailure: false, strategy: 'uninstall' },
  upgrade: { retries: 0, remediateLastFailure: false, strategy: 'rollback' },
  installFailures: 0,
  upgradeFailures: 0,
  retryInterval: undefined,
  forceRequested: false,
  hasRollbackTarget: true,
};
const retrying = { ...base.upgrade, retries: 1, remediateLastFailure: true };

describe('the next step', () => {
  const table: [string, Partial<PlanInput>, string][] = [
    ['in sync: nothing', {}, 'done'],
    ['in sync but forced: upgrade', { forceRequested: true }, 'upgrade'],
    ['absent: install', { state: state('absent') }, 'install'],
    [
      'absent without retries left: stalled',
      { state: state('absent'), lastAction: 'install', installFailures: 1 },
      'stalled',
    ],
    [
      'absent without retries left but forced: install',
      { state: state('absent'), installFailures: 1, forceRequested: true },
      'install',
    ],
    [
      'absent with endless retries: install',
      { state: state('absent'), install: { ...base.install, retries: -1 }, installFailures: 99 },
      'install',
    ],
    ['unmanaged: upgrade', { state: state('unmanaged') }, 'upgrade'],
    ['out of sync: upgrade', { state: state('out-of-sync') }, 'upgrade'],
    ['out of sync without retries left: stalled', { state: state('out-of-sync'), upgradeFailures: 1 }, 'stalled'],
    ['locked: unlock', { state: state('locked') }, 'unlock'],
    ['interrupted: resume', { state: state('interrupted') }, 'resume'],
    ['unrecorded: adopt', { state: state('unrecorded') }, 'adopt'],
    ['failed without a counted failure: upgrade', { state: state('failed') }, 'upgrade'],
    [
      'failed with RetryOnFailure: upgrade',
      { state: state('failed'), upgradeFailures: 7, retryInterval: '5m' },
      'upgrade',
    ],
    ['failed upgrade, no retries: stalled', { state: state('failed'), upgradeFailures: 1 }, 'stalled'],
    [
      'failed upgrade with retries: rollback',
      { state: state('failed'), upgrade: retrying, upgradeFailures: 1 },
      'rollback',
    ],
    [
      'last failed upgrade is rolled back as well when there were retries',
      { state: state('failed'), upgrade: retrying, upgradeFailures: 2 },
      'rollback',
    ],
    [
      'failed upgrade with strategy uninstall: uninstall',
      { state: state('failed'), upgrade: { ...retrying, strategy: 'uninstall' }, upgradeFailures: 1 },
      'uninstall-remediation',
    ],
    [
      'failed upgrade without a revision to go back to: stalled',
      { state: state('failed'), upgrade: retrying, upgradeFailures: 1, hasRollbackTarget: false },
      'stalled',
    ],
    [
      'failed install with retries: uninstall',
      {
        state: state('failed'),
        lastAction: 'install',
        install: { ...base.install, retries: 2 },
        installFailures: 1,
      },
      'uninstall-remediation',
    ],
    [
      'failed install, no retries: stalled, nothing is deleted',
      { state: state('failed'), lastAction: 'install', installFailures: 1 },
      'stalled',
    ],
  ];
  test.each(table)('%s', (_name, change, kind) => {
    expect(nextStep({ ...base, ...change }).kind).toBe(kind);
  });

  test('stalling says what was tried how often', () => {
    const step = nextStep({ ...base, state: state('failed'), upgradeFailures: 1 });
    expect(step).toEqual({
      kind: 'stalled',
      reason: 'RetriesExceeded',
      message: 'Failed to upgrade after 1 attempt(s)',
    });
  });
});
