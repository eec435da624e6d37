import { newProblems, validateHelmRelease } from '../shared/api/rules/helm-release.ts';
import type { StorageDefaults } from '../shared/api/rules/storage.ts';
import { ALLOWED, isOurs, type ReviewRequest, type Verdict } from './review.ts';

/**
 * Refuses a HelmRelease that could not work. Problems that the stored object has already do not count, so it can still be
 * annotated, suspended or mended step by step.
 */
export function validate(request: ReviewRequest, defaults: StorageDefaults): Verdict {
  return isOurs(request) ? judge(request.object, request, defaults) : ALLOWED;
}

/** The verdict on an object in place of the request's own. */
export function judge(object: unknown, request: ReviewRequest, defaults: StorageDefaults): Verdict {
  const found = validateHelmRelease(object, defaults);
  if (found.length === 0) return ALLOWED;
  const isUpdate = request.operation === 'UPDATE';
  const problems = isUpdate ? newProblems(found, validateHelmRelease(request.oldObject, defaults)) : found;
  return problems.length === 0 ? ALLOWED : { allowed: false, problems };
}
