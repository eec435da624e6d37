import { type Condition, deleteConditions, setCondition } from '../../shared/api/conditions.ts';
import { parseDuration } from '../../shared/api/duration.ts';
import type { OCIRepository } from '../../shared/api/oci-repository.ts';
import type { KubeClient } from '../../shared/kube/client.ts';
import type { EventRecorder } from '../../shared/kube/events.ts';
import { resources } from '../../shared/kube/resources.ts';
import { patchStatus, setFinalizer } from '../status-patch.ts';
import { type Artifact, artifactOf } from './fetch.ts';
import type { OciAccess } from './oci-access.ts';
import { SourceError } from './source-error.ts';

const FINALIZER = 'finalizers.fluxcd.io';
const REQUESTED_AT = 'reconcile.fluxcd.io/requestedAt';

export interface OciRepositoryDeps {
  readonly client: KubeClient;
  readonly access: OciAccess;
  readonly events: EventRecorder;
  /** host[:port] under which artifacts are served. */
  readonly storageAddress: string;
  readonly now: () => Date;
  readonly signal: AbortSignal;
}

type Status = NonNullable<OCIRepository['status']>;

/**
 * Reconciles one OCIRepository: resolves its reference, brings the artifact into the blob store and says so in the status.
 *
 * @returns milliseconds until the next look at the registry; undefined when only a change can bring something new
 * @throws SourceError to be retried
 */
export async function reconcileOciRepository(
  object: OCIRepository,
  deps: OciRepositoryDeps,
): Promise<number | undefined> {
  const ref = resources.ocirepositories;
  if (object.metadata.deletionTimestamp) {
    await setFinalizer(deps.client, ref, object, FINALIZER, false);
    return undefined;
  }
  const current = await setFinalizer(deps.client, ref, object, FINALIZER, true);
  if (!current || current.spec.suspend) return undefined;
  const requestedAt = current.metadata.annotations?.[REQUESTED_AT];
  const before: Status = current.status ?? {};
  const force =
    before.observedGeneration !== current.metadata.generation || requestedAt !== before.lastHandledReconcileAt;
  const handled = requestedAt === undefined ? {} : { lastHandledReconcileAt: requestedAt };
  try {
    const found = await deps.access.find(current, force, deps.signal);
    const artifact = keepTime(
      before.artifact,
      artifactOf(nameOf(current), found.resolution, found.content, deps.storageAddress, deps.now()),
    );
    const status = succeeded({ ...before, ...handled }, current, artifact, deps.now());
    await patchStatus(deps.client, ref, current, status);
    if (artifact.revision !== before.artifact?.revision) {
      deps.events.event(current, {
        type: 'Normal',
        reason: 'NewArtifact',
        message: newArtifactMessage(current, artifact),
      });
    }
    return parseDuration(current.spec.interval) || undefined;
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    await patchStatus(deps.client, ref, current, failed({ ...before, ...handled }, current, error, deps.now()));
    if (messageChanged(before.conditions, error)) {
      deps.events.event(current, { type: 'Warning', reason: error.reason, message: error.message });
    }
    if (error.stalled) return undefined;
    throw error;
  }
}

function nameOf(object: OCIRepository): { namespace: string; name: string } {
  return { namespace: object.metadata.namespace ?? '', name: object.metadata.name };
}

// lastUpdateTime tells of the content, so a look that finds the same must not move it.
function keepTime(before: Artifact | undefined, found: Artifact): Artifact {
  const same =
    before && before.revision === found.revision && before.digest === found.digest && before.url === found.url;
  return same ? { ...found, lastUpdateTime: before.lastUpdateTime } : found;
}

function succeeded(status: Status, object: OCIRepository, artifact: Artifact, now: Date): Status {
  const generation = object.metadata.generation ?? 0;
  const message = `stored artifact for digest '${artifact.revision}'`;
  let conditions = deleteConditions(status.conditions, 'FetchFailed', 'Reconciling', 'Stalled');
  for (const type of ['Ready', 'ArtifactInStorage']) {
    conditions = setCondition(conditions, { type, status: 'True', reason: 'Succeeded', message }, generation, now);
  }
  const { layerSelector, ignore } = object.spec;
  return {
    ...status,
    observedGeneration: generation,
    conditions,
    artifact,
    url: artifact.url,
    ...(layerSelector ? { observedLayerSelector: layerSelector } : {}),
    ...(ignore !== undefined ? { observedIgnore: ignore } : {}),
  };
}

function failed(status: Status, object: OCIRepository, error: SourceError, now: Date): Status {
  const generation = object.metadata.generation ?? 0;
  const { reason, message } = error;
  let conditions = setCondition(
    status.conditions,
    { type: 'FetchFailed', status: 'True', reason, message },
    generation,
    now,
  );
  conditions = setCondition(conditions, { type: 'Ready', status: 'False', reason, message }, generation, now);
  if (error.stalled) {
    conditions = deleteConditions(conditions, 'Reconciling');
    conditions = setCondition(conditions, { type: 'Stalled', status: 'True', reason, message }, generation, now);
    return { ...status, observedGeneration: generation, conditions };
  }
  conditions = deleteConditions(conditions, 'Stalled');
  const progressing = { type: 'Reconciling', status: 'True', reason: 'ProgressingWithRetry', message } as const;
  return { ...status, conditions: setCondition(conditions, progressing, generation, now) };
}

function messageChanged(conditions: readonly Condition[] | undefined, error: SourceError): boolean {
  return conditions?.find((condition) => condition.type === 'FetchFailed')?.message !== error.message;
}

function newArtifactMessage(object: OCIRepository, artifact: Artifact): string {
  const origin = artifact.metadata?.['org.opencontainers.image.source'];
  const from = origin === undefined ? '' : `, origin source '${origin}'`;
  return `stored artifact with revision '${artifact.revision}' from '${object.spec.url}'${from}`;
}
