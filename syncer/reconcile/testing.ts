import type { HelmRelease } from '../../shared/api/helm-release.ts';
import type { ReleaseSnapshot } from '../../shared/api/helm-release-status.ts';
import { HookError, runHooks } from '../action/hooks.ts';
import { ownerOf } from '../action/release-run.ts';
import type { HookRecord, ReleaseRecord } from '../storage/record.ts';
import { recordEvent } from './release-events.ts';
import type { ReleaseRequest, StepDeps } from './release-request.ts';
import { testsCount, timeoutOf } from './settings.ts';
import { chartOf, fullName, snapshotOf, withSnapshot } from './snapshots.ts';
import type { StateInput } from './state.ts';
import { storedRelease } from './stored-release.ts';

type TestHooks = NonNullable<ReleaseSnapshot['testHooks']>;

/** What the snapshot tells of the tests that the object asks for. */
export function testState(
  object: HelmRelease,
  snapshot: ReleaseSnapshot | undefined,
  lastAction: 'install' | 'upgrade' | undefined,
): StateInput['tests'] {
  if (!object.spec.test?.enable) return 'off';
  const hooks = snapshot?.testHooks;
  if (!hooks) return 'missing';
  const phases = Object.values(hooks).map((hook) => hook.phase);
  if (phases.includes('Failed')) return ignoresFailures(object, lastAction) ? 'ignored' : 'failed';
  return phases.every((phase) => phase === 'Succeeded') ? 'passed' : 'missing';
}

/** Whether a failed test of the action is no failure: its remediation's own word, else that of spec.test. */
function ignoresFailures(object: HelmRelease, action: 'install' | 'upgrade' | undefined): boolean {
  const own = action && object.spec[action]?.remediation?.ignoreTestFailures;
  return own ?? object.spec.test?.ignoreFailures ?? false;
}

/** Runs the test hooks of the release that is deployed, as `helm test` does, and notes how they ended. */
export async function test(request: ReleaseRequest, deps: StepDeps): Promise<void> {
  const latest = await storedRelease(request, deps.driver);
  const known = request.draft.status.history?.[0];
  if (!latest || !known) return;
  const { record, head } = latest;
  const selected = selectTests(request.object, record.hooks);
  const owner = ownerOf(record, deps);
  let hooks: readonly HookRecord[] = selected;
  let failure: Error | undefined;
  try {
    const options = { ...deps, ...timeoutOf(request.object, 'test'), owner };
    hooks = await deps.park(() => runHooks(selected, 'test', options));
  } catch (error) {
    if (!(error instanceof HookError)) throw error;
    hooks = error.hooks;
    failure = error;
  }
  const tested: ReleaseRecord = { ...record, hooks: record.hooks.map((hook) => ranLike(hook, hooks)) };
  if (hooks.length > 0) await deps.driver.update(tested, head.resourceVersion);
  const action = (known.action ?? 'install') as 'install' | 'upgrade';
  const snapshot = { ...snapshotOf(tested, action, known.ociDigest ?? ''), testHooks: testHooks(hooks) };
  request.draft.status.history = withSnapshot(request.draft.status.history ?? [], snapshot);
  note(request, deps, snapshot, hooks.length, failure);
}

function selectTests(object: HelmRelease, hooks: readonly HookRecord[]): HookRecord[] {
  const filters = object.spec.test?.filters ?? [];
  const excluded = new Set(filters.filter((filter) => filter.exclude).map((filter) => filter.name));
  const included = new Set(filters.filter((filter) => !filter.exclude).map((filter) => filter.name));
  return hooks.filter(
    (hook) =>
      hook.events.includes('test') && !excluded.has(hook.name) && (included.size === 0 || included.has(hook.name)),
  );
}

function ranLike(hook: HookRecord, ran: readonly HookRecord[]): HookRecord {
  return ran.find((one) => one.name === hook.name && one.path === hook.path) ?? hook;
}

function testHooks(hooks: readonly HookRecord[]): TestHooks {
  const seconds = (time: string): string => `${time.slice(0, 19)}Z`;
  return Object.fromEntries(
    hooks.map(({ name, lastRun }) => [
      name,
      {
        ...(lastRun.startedAt === undefined ? {} : { lastStarted: seconds(lastRun.startedAt) }),
        ...(lastRun.completedAt === undefined ? {} : { lastCompleted: seconds(lastRun.completedAt) }),
        ...(lastRun.phase === '' ? {} : { phase: lastRun.phase }),
      },
    ]),
  );
}

function note(
  request: ReleaseRequest,
  deps: StepDeps,
  snapshot: ReleaseSnapshot,
  count: number,
  failure: Error | undefined,
): void {
  const { draft, object } = request;
  const what = `for release ${fullName(snapshot)} with chart ${chartOf(snapshot)}`;
  if (failure) {
    const message = `Helm test failed ${what}: ${failure.message}`;
    draft.status.failures = (draft.status.failures ?? 0) + 1;
    const action = draft.status.lastAttemptedReleaseAction;
    if (action && !ignoresFailures(object, action)) {
      const counter = `${action}Failures` as const;
      draft.status[counter] = (draft.status[counter] ?? 0) + 1;
    }
    draft.mark('TestSuccess', 'False', 'TestFailed', message);
    draft.summarise(testsCount(object));
    recordEvent(request, deps, 'Warning', 'TestFailed', message, snapshot);
    return;
  }
  const ran = `${count} test hook${count === 1 ? '' : 's'} completed successfully`;
  const message = `Helm test succeeded ${what}: ${count === 0 ? 'no test hooks' : ran}`;
  draft.mark('TestSuccess', 'True', 'TestSucceeded', message);
  draft.summarise(testsCount(object));
  recordEvent(request, deps, 'Normal', 'TestSucceeded', message, snapshot);
}
