import type { HelmRelease } from '../../shared/api/helm-release.ts';
import type { HelmReleaseStatus } from '../../shared/api/helm-release-status.ts';
import { FORCE_AT_ANNOTATION, REQUESTED_AT_ANNOTATION, RESET_AT_ANNOTATION } from '../../shared/api/object.ts';

/** What a user asks for by annotation, as `flux reconcile hr [--force] [--reset]` does. */
export interface AnnotatedRequests {
  readonly force: boolean;
  readonly reset: boolean;
}

/**
 * Reads the reconcile annotations and notes them as handled. Force and reset hold when they equal requestedAt and were not
 * handled before; they are noted even when they are not acted on (Flux's ShouldHandleForceRequest).
 */
export function takeRequests(object: HelmRelease, status: HelmReleaseStatus): AnnotatedRequests {
  const annotations = object.metadata.annotations ?? {};
  const requestedAt = annotations[REQUESTED_AT_ANNOTATION];
  const isNew = requestedAt !== undefined && requestedAt !== status.lastHandledReconcileAt;
  const asks = (key: string, handled: string | undefined): boolean =>
    isNew && annotations[key] === requestedAt && annotations[key] !== handled;
  const force = asks(FORCE_AT_ANNOTATION, status.lastHandledForceAt);
  const reset = asks(RESET_AT_ANNOTATION, status.lastHandledResetAt);
  if (annotations[FORCE_AT_ANNOTATION] !== undefined) status.lastHandledForceAt = annotations[FORCE_AT_ANNOTATION];
  if (annotations[RESET_AT_ANNOTATION] !== undefined) status.lastHandledResetAt = annotations[RESET_AT_ANNOTATION];
  if (requestedAt !== undefined) status.lastHandledReconcileAt = requestedAt;
  return { force, reset };
}
