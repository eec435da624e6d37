import { formatDuration, parseDuration } from '../../shared/api/duration.ts';
import type { HelmRelease } from '../../shared/api/helm-release.ts';
import type { RunOptions } from '../action/release-run.ts';
import type { UninstallOptions } from '../action/uninstall.ts';
import type { RemediationPolicy } from './plan.ts';

const DEFAULT_TIMEOUT_MS = 300_000;
const DEFAULT_RETRY_INTERVAL = '5m';
const DEFAULT_MAX_HISTORY = 5;

type ActionName = 'install' | 'upgrade' | 'rollback' | 'uninstall' | 'test';

/** The HelmRelease as the origin of its objects. */
export function originOf(object: HelmRelease): { name: string; namespace: string } {
  return { name: object.metadata.name, namespace: object.metadata.namespace ?? '' };
}

/** The ServiceAccount to act as, that of the spec or the operator's default; '' to act as the syncer itself. */
export function actingAccount(object: HelmRelease, fallback: string): string {
  return object.spec.serviceAccountName || fallback;
}

/** The user that a ServiceAccount is to the API server. */
export function accountUser(namespace: string, account: string): { user: string } {
  return { user: `system:serviceaccount:${namespace}:${account}` };
}

/** The timeout of an action: its own, else spec.timeout, else 5m. */
export function timeoutOf(object: HelmRelease, action: ActionName): { timeoutMs: number; timeout: string } {
  const written = object.spec[action]?.timeout ?? object.spec.timeout;
  const timeoutMs = written === undefined ? DEFAULT_TIMEOUT_MS : parseDuration(written);
  return { timeoutMs, timeout: formatDuration(timeoutMs) };
}

/** How an install, upgrade or rollback is to run. */
export function runOptions(object: HelmRelease, action: 'install' | 'upgrade' | 'rollback'): RunOptions {
  const settings = object.spec[action] ?? {};
  return {
    ...timeoutOf(object, action),
    disableHooks: settings.disableHooks ?? false,
    disableWait: settings.disableWait ?? false,
    disableWaitForJobs: settings.disableWaitForJobs ?? false,
    createNamespace: action === 'install' && (object.spec.install?.createNamespace ?? false),
    maxHistory: object.spec.maxHistory ?? DEFAULT_MAX_HISTORY,
  };
}

/** How an uninstall is to run. */
export function uninstallOptions(object: HelmRelease): UninstallOptions {
  const settings = object.spec.uninstall ?? {};
  return {
    ...timeoutOf(object, 'uninstall'),
    disableHooks: settings.disableHooks ?? false,
    disableWait: settings.disableWait ?? false,
    keepHistory: settings.keepHistory ?? false,
    propagation: settings.deletionPropagation ?? 'background',
  };
}

/** spec.install.remediation with Flux's defaults. */
export function installRemediation(object: HelmRelease): RemediationPolicy {
  const remediation = object.spec.install?.remediation;
  return {
    retries: remediation?.retries ?? 0,
    remediateLastFailure: remediation?.remediateLastFailure ?? false,
    strategy: 'uninstall',
  };
}

/** spec.upgrade.remediation with Flux's defaults: the last failure is remediated when there are retries. */
export function upgradeRemediation(object: HelmRelease): RemediationPolicy {
  const remediation = object.spec.upgrade?.remediation;
  const retries = remediation?.retries ?? 0;
  return {
    retries,
    remediateLastFailure: remediation?.remediateLastFailure ?? retries > 0,
    strategy: remediation?.strategy ?? 'rollback',
  };
}

/** The retry interval where the last action's strategy is RetryOnFailure; undefined where failures are remediated. */
export function retryInterval(object: HelmRelease, action: 'install' | 'upgrade' | undefined): string | undefined {
  const strategy = action && object.spec[action]?.strategy;
  return strategy?.name === 'RetryOnFailure' ? (strategy.retryInterval ?? DEFAULT_RETRY_INTERVAL) : undefined;
}

/** Whether a failed test counts against Ready. */
export function testsCount(object: HelmRelease): boolean {
  return (object.spec.test?.enable ?? false) && !(object.spec.test?.ignoreFailures ?? false);
}
