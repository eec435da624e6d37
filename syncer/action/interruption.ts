import { KubeConnectionError, KubeError } from '../../shared/kube/error.ts';
import { RecordConflictError, RecordExistsError } from '../storage/driver.ts';
import { OwnershipLostError } from './fence.ts';

/**
 * Whether an action was interrupted rather than failed, so that nothing may be written down as its outcome: the lock or a race was
 * lost, or the API server did not answer or could not serve. The pending record stays, and the next reconcile resumes it.
 */
export function isInterruption(error: unknown): boolean {
  if (error instanceof OwnershipLostError) return true;
  if (error instanceof RecordConflictError || error instanceof RecordExistsError) return true;
  return isUnavailable(error) || (error instanceof Error && isUnavailable(error.cause));
}

/** Whether the API server is what failed, and not what it was asked for. */
function isUnavailable(error: unknown): boolean {
  if (error instanceof KubeConnectionError) return true;
  return error instanceof KubeError && (error.status >= 500 || error.isTooManyRequests);
}
