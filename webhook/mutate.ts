import jsonPatch from 'fast-json-patch';
import { at, isMap } from '../shared/api/rules/json.ts';
import { normaliseStorage, type StorageDefaults } from '../shared/api/rules/storage.ts';
import { ALLOWED, isOurs, type ReviewRequest, type Verdict } from './review.ts';
import { judge } from './validate.ts';

/**
 * Writes the storage driver canonically, and where there is none the effective one. Refuses what could not work here
 * already, since the schema check, which says less, comes between this and validation. Pure and idempotent.
 */
export function mutate(request: ReviewRequest, defaults: StorageDefaults): Verdict {
  if (!isOurs(request)) return ALLOWED;
  const spec = at(request.object, 'spec');
  const normal = normaliseStorage(spec, at(request.oldObject, 'spec'), defaults);
  const object = isMap(request.object) ? { ...request.object, spec: normal } : request.object;
  const verdict = judge(object, request, defaults);
  if (!verdict.allowed || normal === spec) return verdict;
  const patch = jsonPatch.compare({ spec: storageOf(spec) }, { spec: storageOf(normal) });
  return { allowed: true, patch };
}

function storageOf(spec: unknown): { storage?: unknown } {
  const storage = at(spec, 'storage');
  return storage === undefined ? {} : { storage };
}
