import { array, type Infer, integer, object, oneOf, optional, required, string, time } from './schema.ts';

const conditionSchema = object({
  type: required(
    'What the condition is about, in CamelCase, such as Ready or Released.',
    string({
      maxLength: 316,
      pattern:
        '^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])$',
    }),
  ),
  status: required('Whether it holds: True, False or Unknown.', oneOf(['True', 'False', 'Unknown'])),
  observedGeneration: optional(
    'The metadata.generation that this was found for. Lower than the present one means that the condition is out of date.',
    integer({ format: 'int64', minimum: 0 }),
  ),
  lastTransitionTime: required('When the condition last changed.', time()),
  reason: required(
    'One CamelCase word that says why, for programs.',
    string({ minLength: 1, maxLength: 1024, pattern: '^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$' }),
  ),
  message: required('The details, for people. May be empty.', string({ maxLength: 32768 })),
});

/** The schema of `status.conditions` of every kind. */
export const conditionsSchema = array(conditionSchema);

/** One entry of `status.conditions`. */
export type Condition = Infer<typeof conditionSchema>;
export type ConditionStatus = Condition['status'];

/** Condition types of a HelmRelease. */
export type ReleaseConditionType =
  | 'Ready'
  | 'Reconciling'
  | 'Stalled'
  | 'Released'
  | 'TestSuccess'
  | 'Remediated'
  | 'Drifted';

/** Condition types of a source (OCIRepository, HelmRepository, HelmChart). */
export type SourceConditionType =
  | 'Ready'
  | 'Reconciling'
  | 'Stalled'
  | 'ArtifactInStorage'
  | 'ArtifactOutdated'
  | 'SourceVerified'
  | 'FetchFailed'
  | 'BuildFailed'
  | 'StorageOperationFailed';

/** Every reason that a condition or an event of a HelmRelease may carry. */
export type ReleaseReason =
  | 'InstallSucceeded'
  | 'InstallFailed'
  | 'UpgradeSucceeded'
  | 'UpgradeFailed'
  | 'TestSucceeded'
  | 'TestFailed'
  | 'AwaitingTests'
  | 'RollbackSucceeded'
  | 'RollbackFailed'
  | 'UninstallSucceeded'
  | 'UninstallFailed'
  | 'PendingRelease'
  | 'DriftDetected'
  | 'NoDriftDetected'
  | 'DriftCorrected'
  | 'DriftCorrectionFailed'
  | 'ArtifactFailed'
  | 'SourceNotReady'
  | 'DependencyNotReady'
  | 'AccessDenied'
  | 'ValuesError'
  | 'ChartMutateError'
  | 'RESTClientError'
  | 'ResourceManagerError'
  | 'FactoryError'
  | 'ConfigFactoryErr'
  | 'StateError'
  | 'ReconcileError'
  | 'InvalidCELExpression'
  | 'InvalidSpec'
  | 'StorageError'
  | 'HealthCheckCanceled'
  | 'InventoryBuildFailed'
  | 'NamespaceCheckSkipped'
  | 'MissingRollbackTarget'
  | 'RetriesExceeded'
  | 'HelmChartCreated'
  | 'HelmChartConfigured'
  | 'HelmChartDeleted'
  | 'HelmChartSyncErr'
  | 'Progressing'
  | 'ProgressingWithRetry'
  | 'Suspended'
  | 'Succeeded'
  | 'Failed';

/** Every reason that a condition or an event of a source may carry. */
export type SourceReason =
  | 'Succeeded'
  | 'Failed'
  | 'Progressing'
  | 'ProgressingWithRetry'
  | 'Suspended'
  | 'NewArtifact'
  | 'ArtifactUpToDate'
  | 'NoSourceArtifact'
  | 'SourceUnavailable'
  | 'UnsupportedSourceKind'
  | 'AuthenticationFailed'
  | 'URLInvalid'
  | 'VerificationError'
  | 'ReadOperationFailed'
  | 'DirectoryCreationFailed'
  | 'StatOperationFailed'
  | 'AcquireLockFailed'
  | 'InvalidPath'
  | 'ArchiveOperationFailed'
  | 'CacheOperationFailed'
  | 'PatchOperationFailed'
  | 'InvalidProviderConfiguration'
  | 'OCIArtifactPullFailed'
  | 'OCIArtifactLayerOperationFailed'
  | 'IndexationFailed'
  | 'ChartPullSucceeded'
  | 'ChartPackageSucceeded'
  | 'InvalidChartReference'
  | 'MetadataPatchError'
  | 'ValuesFilesError'
  | 'ChartPullError'
  | 'DependencyBuildError'
  | 'ChartPackageError'
  | 'ChartVerificationError';

/** A condition before it is merged: setCondition adds the time. */
export interface ConditionInput<T extends string = string, R extends string = string> {
  readonly type: T;
  readonly status: ConditionStatus;
  readonly reason: R;
  readonly message: string;
}

const MAX_MESSAGE_BYTES = 32768;
const ORDER: ReadonlyMap<string, number> = new Map([
  ['Stalled', 0],
  ['Reconciling', 1],
  ['Ready', 2],
]);

/** The condition of a type, if there is one. */
export function getCondition(conditions: readonly Condition[] | undefined, type: string): Condition | undefined {
  return conditions?.find((condition) => condition.type === type);
}

/** Whether the condition is there with status True. */
export function isTrue(conditions: readonly Condition[] | undefined, type: string): boolean {
  return getCondition(conditions, type)?.status === 'True';
}

/** Whether the condition is there with status False. */
export function isFalse(conditions: readonly Condition[] | undefined, type: string): boolean {
  return getCondition(conditions, type)?.status === 'False';
}

/**
 * The conditions with one set, in Flux's order; the input is not changed. As in Flux, the transition time moves on a change
 * of status, reason or message, and the observed generation is always the given one; a message over 32768 bytes is cut.
 */
export function setCondition(
  conditions: readonly Condition[] | undefined,
  input: ConditionInput,
  generation: number,
  now: Date,
): Condition[] {
  const message = cutMessage(input.message);
  const old = getCondition(conditions, input.type);
  const same = old?.status === input.status && old.reason === input.reason && old.message === message;
  const next: Condition = {
    type: input.type,
    status: input.status,
    observedGeneration: generation,
    lastTransitionTime: same && old !== undefined ? old.lastTransitionTime : toTime(now),
    reason: input.reason,
    message,
  };
  return [...(conditions ?? []).filter(({ type }) => type !== input.type), next].sort(compareConditions);
}

/** The conditions without those of the given types; the input is not changed. */
export function deleteConditions(
  conditions: readonly Condition[] | undefined,
  ...types: readonly string[]
): Condition[] {
  return (conditions ?? []).filter((condition) => !types.includes(condition.type));
}

/** A time as Kubernetes writes it in a status: RFC 3339 in UTC, whole seconds. */
export function toTime(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`;
}

function compareConditions(a: Condition, b: Condition): number {
  const [weightA, weightB] = [ORDER.get(a.type), ORDER.get(b.type)];
  if (weightA !== undefined || weightB !== undefined) return (weightA ?? ORDER.size) - (weightB ?? ORDER.size);
  const generations = (b.observedGeneration ?? 0) - (a.observedGeneration ?? 0);
  if (generations !== 0) return generations;
  return a.type < b.type ? -1 : Number(a.type > b.type);
}

function cutMessage(message: string): string {
  const bytes = Buffer.from(message);
  if (bytes.length <= MAX_MESSAGE_BYTES) return message;
  let end = MAX_MESSAGE_BYTES - 3;
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end--;
  return `${bytes.subarray(0, end).toString()}...`;
}
