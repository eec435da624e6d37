import { describe, expect, test } from '@jest/globals';
import { determineState, type StateInput, type StoredRelease } from '../../../../syncer/reconcile/state.ts';

const stored: StoredRelease = {
  version: 2,
  status: 'deployed',
  chartName: 'web',
  chartVersion: '1.0.0+abc',
  configDigest: 'sha256:a',
  matchesSnapshot: true,
};
const base: StateInput = {
  stored,
  snapshot: { version: 2, configDigest: 'sha256:a' },
  desired: {
    chartName: 'web',
    chartVersion: '1.0.0+abc',
    configDigest: 'sha256:a',
    postRenderersDigest: '',
    commonMetadataDigest: '',
  },
  generation: 3,
  observedGeneration: 3,
  observedPostRenderersDigest: '',
  observedCommonMetadataDigest: '',
  tests: 'off',
  attemptIsCurrent: false,
};
const withStored = (change: Partial<StoredRelease>): StateInput => ({ ...base, stored: { ...stored, ...change } });

describe('the state of a release', () => {
  const table: [string, StateInput, string][] = [
    ['nothing stored is absent', { ...base, stored: undefined }, 'absent'],
    ['as desired is in sync', base, 'in-sync'],
    ['a pending record of others is locked', withStored({ status: 'pending-upgrade' }), 'locked'],
    [
      'a pending record of what is desired is an interrupted operation of ours',
      { ...withStored({ status: 'pending-upgrade', version: 3 }), attemptIsCurrent: true },
      'interrupted',
    ],
    [
      'a pending record of other values is locked, whatever was attempted',
      { ...withStored({ status: 'pending-upgrade', version: 3, configDigest: 'sha256:b' }), attemptIsCurrent: true },
      'locked',
    ],
    [
      'a pending rollback is never resumed',
      { ...withStored({ status: 'pending-rollback' }), attemptIsCurrent: true },
      'locked',
    ],
    ['a stored release without history is unmanaged', { ...base, snapshot: undefined }, 'unmanaged'],
    [
      'a deployed release that only the status misses is unrecorded',
      { ...base, snapshot: undefined, attemptIsCurrent: true },
      'unrecorded',
    ],
    [
      'a newer deployed release that only the status misses is unrecorded',
      { ...withStored({ version: 3, matchesSnapshot: false }), attemptIsCurrent: true },
      'unrecorded',
    ],
    [
      'an uninstalled release without history is absent',
      { ...withStored({ status: 'uninstalled' }), snapshot: undefined },
      'absent',
    ],
    ['a record that was changed by hand is unmanaged', withStored({ matchesSnapshot: false }), 'unmanaged'],
    ['a revision made by helm is unmanaged', withStored({ version: 5, matchesSnapshot: false }), 'unmanaged'],
    ['failed', withStored({ status: 'failed' }), 'failed'],
    ['uninstalled is absent', withStored({ status: 'uninstalled' }), 'absent'],
    ['another chart version is out of sync', withStored({ chartVersion: '1.1.0' }), 'out-of-sync'],
    ['another chart name is out of sync', withStored({ chartName: 'other' }), 'out-of-sync'],
    [
      'other values are out of sync',
      { ...base, desired: { ...base.desired, configDigest: 'sha256:b' } },
      'out-of-sync',
    ],
    [
      'other post-renderers of a new generation are out of sync',
      { ...base, observedGeneration: 2, desired: { ...base.desired, postRenderersDigest: 'sha256:p' } },
      'out-of-sync',
    ],
    [
      'other post-renderers of the observed generation are not looked at, so that there is no loop',
      { ...base, desired: { ...base.desired, postRenderersDigest: 'sha256:p' } },
      'in-sync',
    ],
    ['as desired but not tested', { ...base, tests: 'missing' }, 'untested'],
    ['as desired but with a failed test', { ...base, tests: 'failed' }, 'failed'],
    ['as desired with a failed test that is to be ignored', { ...base, tests: 'ignored' }, 'in-sync'],
  ];
  test.each(table)('%s', (_name, input, kind) => {
    expect(determineState(input).kind).toBe(kind);
  });
});
