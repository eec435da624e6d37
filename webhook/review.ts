import { at, isMap, textAt } from '../shared/api/rules/json.ts';
import type { Problem } from '../shared/api/rules/problem.ts';

/** What of an AdmissionRequest this webhook reads. The objects are of any shape: they come before the schema check. */
export interface ReviewRequest {
  readonly uid: string;
  readonly kind: { readonly group: string; readonly version: string; readonly kind: string };
  readonly operation: string;
  readonly object: unknown;
  readonly oldObject: unknown;
}

/** The answer to a review: allowed, perhaps with a patch, or refused for these problems. */
export type Verdict =
  | { readonly allowed: true; readonly patch?: readonly unknown[] }
  | { readonly allowed: false; readonly problems: readonly Problem[] };

/** A body that is not an AdmissionReview of version v1. */
export class ReviewError extends Error {
  override readonly name = 'ReviewError';
}

export const ALLOWED: Verdict = { allowed: true };

/** Reads the body of a review. Throws ReviewError saying what is missing. */
export function parseReview(body: unknown): ReviewRequest {
  if (!isMap(body)) throw new ReviewError('the body is not a JSON object');
  if (body['kind'] !== 'AdmissionReview' || body['apiVersion'] !== 'admission.k8s.io/v1') {
    throw new ReviewError('the body is not an AdmissionReview of admission.k8s.io/v1');
  }
  const uid = textAt(body, 'request', 'uid');
  if (uid === undefined || uid === '') throw new ReviewError('request.uid is missing');
  return {
    uid,
    kind: {
      group: textAt(body, 'request', 'kind', 'group') ?? '',
      version: textAt(body, 'request', 'kind', 'version') ?? '',
      kind: textAt(body, 'request', 'kind', 'kind') ?? '',
    },
    operation: textAt(body, 'request', 'operation') ?? '',
    object: at(body, 'request', 'object'),
    oldObject: at(body, 'request', 'oldObject'),
  };
}

/** Whether the rules have a say: a HelmRelease that is created or changed and is not on its way out. */
export function isOurs(request: ReviewRequest): boolean {
  const { group, version, kind } = request.kind;
  if (group !== 'helm.toolkit.fluxcd.io' || version !== 'v2' || kind !== 'HelmRelease') return false;
  if (request.operation !== 'CREATE' && request.operation !== 'UPDATE') return false;
  const deleted = at(request.object, 'metadata', 'deletionTimestamp');
  return isMap(request.object) && (deleted === undefined || deleted === null);
}

/** The AdmissionReview that answers a request. A refusal has status 422, as the API server's own have. */
export function answer(uid: string, verdict: Verdict): Record<string, unknown> {
  return { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response: { uid, ...response(verdict) } };
}

function response(verdict: Verdict): Record<string, unknown> {
  if (!verdict.allowed) {
    const status = { code: 422, reason: 'Invalid', message: refusal(verdict.problems) };
    return { allowed: false, status };
  }
  if (verdict.patch === undefined || verdict.patch.length === 0) return { allowed: true };
  return {
    allowed: true,
    patchType: 'JSONPatch',
    patch: Buffer.from(JSON.stringify(verdict.patch)).toString('base64'),
  };
}

/** One problem as a sentence; several as a list. */
export function refusal(problems: readonly Problem[]): string {
  const [first] = problems;
  if (problems.length === 1 && first !== undefined) return first.message;
  return `${problems.length} things are wrong:\n${problems.map(({ message }) => `- ${message}`).join('\n')}`;
}
