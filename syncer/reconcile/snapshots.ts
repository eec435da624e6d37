import type { ReleaseSnapshot } from '../../shared/api/helm-release-status.ts';
import { recordDigest } from '../storage/codec.ts';
import type { ReleaseRecord } from '../storage/record.ts';
import { configDigest } from './digests.ts';

export type SnapshotAction = 'install' | 'upgrade' | 'rollback' | 'uninstall' | 'uninstall-remediation';

/** As many snapshots as Flux keeps at most. */
const MAX_SNAPSHOTS = 5;

/** What `status.history` holds of a stored revision. */
export function snapshotOf(record: ReleaseRecord, action: SnapshotAction, ociDigest: string): ReleaseSnapshot {
  const { info, chart } = record;
  return {
    apiVersion: 'v2',
    digest: recordDigest(record, ociDigest),
    name: record.name,
    namespace: record.namespace,
    version: record.version,
    status: info.status,
    action,
    chartName: chart.name,
    chartVersion: chart.version,
    ...(chart.appVersion === '' ? {} : { appVersion: chart.appVersion }),
    configDigest: configDigest(record.config),
    firstDeployed: wholeSeconds(info.firstDeployed),
    lastDeployed: wholeSeconds(info.lastDeployed),
    ...(info.deleted === undefined ? {} : { deleted: wholeSeconds(info.deleted) }),
    ...(ociDigest === '' ? {} : { ociDigest }),
  };
}

function wholeSeconds(time: string | undefined): string {
  return `${(time ?? '1970-01-01T00:00:00Z').slice(0, 19)}Z`;
}

/** The history with one revision added or replaced, newest first. */
export function withSnapshot(history: readonly ReleaseSnapshot[], snapshot: ReleaseSnapshot): ReleaseSnapshot[] {
  const others = history.filter((one) => one.version !== snapshot.version);
  return [...others, snapshot].sort((a, b) => b.version - a.version);
}

/** The revision before the newest that was deployed and so can be rolled back to. */
export function previousSnapshot(history: readonly ReleaseSnapshot[]): ReleaseSnapshot | undefined {
  return history.slice(1).find((one) => one.status === 'deployed' || one.status === 'superseded');
}

/** The history as far back as the last good revision, which a remediation may still need (Flux's Truncate). */
export function truncated(history: readonly ReleaseSnapshot[]): ReleaseSnapshot[] {
  const previous = previousSnapshot(history);
  return previous ? history.slice(0, history.indexOf(previous) + 1) : history.slice(0, MAX_SNAPSHOTS);
}

/** `namespace/name.vN`, as messages name a release. */
export function fullName(snapshot: Pick<ReleaseSnapshot, 'namespace' | 'name' | 'version'>): string {
  return `${snapshot.namespace}/${snapshot.name}.v${snapshot.version}`;
}

/** `chart@version`, as messages name a chart. */
export function chartOf(snapshot: Pick<ReleaseSnapshot, 'chartName' | 'chartVersion'>): string {
  return `${snapshot.chartName}@${snapshot.chartVersion}`;
}
