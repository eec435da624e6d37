import type { GoMap } from '../../shared/go/value.ts';

/** The state of one revision, in Helm's words (helm.sh/helm/v4 pkg/release/common). */
export type ReleaseStatus =
  | 'unknown'
  | 'deployed'
  | 'uninstalled'
  | 'superseded'
  | 'failed'
  | 'uninstalling'
  | 'pending-install'
  | 'pending-upgrade'
  | 'pending-rollback';

export type ApplyMethod = 'ssa' | 'csa';

export interface ReleaseInfo {
  /** RFC 3339 with nanoseconds, as Go writes times; see `goTime`. */
  readonly firstDeployed?: string;
  readonly lastDeployed?: string;
  readonly deleted?: string;
  readonly description: string;
  readonly status: ReleaseStatus;
  readonly rollbackRevision?: number;
  readonly notes?: string;
}

export interface HookRun {
  readonly startedAt?: string;
  readonly completedAt?: string;
  readonly phase: '' | 'Unknown' | 'Running' | 'Succeeded' | 'Failed';
}

export interface HookRecord {
  readonly name: string;
  readonly kind: string;
  readonly path: string;
  readonly manifest: string;
  readonly events: readonly string[];
  readonly lastRun: HookRun;
  readonly weight: number;
  readonly deletePolicies: readonly string[];
  readonly outputLogPolicies: readonly string[];
}

/** The chart inside a release record: as JSON text, because it is the same for every release of a digest. */
export interface ChartRecord {
  readonly name: string;
  readonly version: string;
  readonly appVersion: string;
  /** `chart.metadata` as JSON text. */
  readonly metadataJson: string;
  /** The whole chart as JSON text. */
  readonly json: string;
  /** `json` as one gzip member, when the chart is shared and has been compressed before. */
  readonly gzip?: Uint8Array;
}

/** One revision of a release as Helm stores it. */
export interface ReleaseRecord {
  readonly name: string;
  readonly namespace: string;
  readonly version: number;
  readonly info: ReleaseInfo;
  readonly chart: ChartRecord;
  /** The values that the user gave; null where there are none. */
  readonly config: GoMap | null;
  readonly manifest: string;
  readonly hooks: readonly HookRecord[];
  readonly applyMethod: ApplyMethod;
}

/** What is known of a stored revision without reading its body. */
export interface RecordHead {
  readonly name: string;
  readonly version: number;
  readonly status: ReleaseStatus;
  readonly resourceVersion: string;
}

const RECORD_KEY_PREFIX = 'sh.helm.release.v1';

/** The name of the object that holds a revision: `sh.helm.release.v1.NAME.vN`. */
export function recordKey(name: string, version: number): string {
  return `${RECORD_KEY_PREFIX}.${name}.v${version}`;
}

/** A time as Go's RFC3339Nano prints it: no trailing zeros in the fraction. */
export function goTime(time: Date): string {
  return time.toISOString().replace(/\.?0*Z$/, 'Z');
}

/** Whether an operation on the release was under way when the record was written. */
export function isPending(status: ReleaseStatus): boolean {
  return status === 'pending-install' || status === 'pending-upgrade' || status === 'pending-rollback';
}
