import { isDeepStrictEqual } from 'node:util';
import type { KubeClient } from '../shared/kube/client.ts';
import { KubeError } from '../shared/kube/error.ts';
import type { KubeObject, ResourceRef } from '../shared/kube/types.ts';

/** Another writer changed the status while we worked: what we know is old, so nothing is written. */
export class StatusConflictError extends Error {
  override readonly name = 'StatusConflictError';
}

/** A JSON merge patch that makes `after` of `before`; undefined when they are equal. Arrays are replaced whole. */
export function mergePatch(before: unknown, after: unknown): unknown {
  if (isDeepStrictEqual(before, after)) return undefined;
  if (!isRecord(before) || !isRecord(after)) return after ?? null;
  const patch: Record<string, unknown> = {};
  for (const key of Object.keys(before)) {
    if (after[key] === undefined) patch[key] = null;
  }
  for (const [key, value] of Object.entries(after)) {
    if (value === undefined) continue;
    const change = mergePatch(before[key], value);
    if (change !== undefined) patch[key] = change;
  }
  return Object.keys(patch).length > 0 ? patch : undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Writes a status, as the difference to the one that was observed; no difference costs no request. The patch carries the
 * observed resourceVersion. When only something else than the status changed meanwhile (a label, the spec), it is sent again.
 *
 * @returns the object as stored, or undefined when it is gone
 * @throws StatusConflictError when the status itself was changed by another
 */
export async function patchStatus<T extends KubeObject>(
  client: KubeClient,
  ref: ResourceRef,
  observed: T,
  status: unknown,
): Promise<T | undefined> {
  const change = mergePatch(observed['status'] ?? {}, status);
  if (change === undefined) return observed;
  const { name, namespace = '' } = observed.metadata;
  let resourceVersion = observed.metadata.resourceVersion;
  for (let attempt = 0; attempt < 5; attempt++) {
    try {
      const body = { metadata: { resourceVersion }, status: change };
      return (await client.patch(ref, namespace, name, 'merge', body, { subresource: 'status' })) as T;
    } catch (error) {
      if (error instanceof KubeError && error.isNotFound) return undefined;
      if (!(error instanceof KubeError && error.isConflict)) throw error;
    }
    const current = await client.get(ref, namespace, name);
    if (!current || current.metadata.uid !== observed.metadata.uid) return undefined;
    if (!isDeepStrictEqual(current['status'] ?? {}, observed['status'] ?? {})) break;
    resourceVersion = current.metadata.resourceVersion;
  }
  throw new StatusConflictError(`the status of ${ref.kind} ${namespace}/${name} was changed by another writer`);
}

/** Adds or removes a finalizer. @returns the object as stored, or undefined when it is gone */
export async function setFinalizer<T extends KubeObject>(
  client: KubeClient,
  ref: ResourceRef,
  object: T,
  finalizer: string,
  present: boolean,
): Promise<T | undefined> {
  let current: KubeObject | undefined = object;
  const { name, namespace = '' } = object.metadata;
  for (let attempt = 0; attempt < 5 && current; attempt++) {
    const finalizers: string[] = current.metadata.finalizers ?? [];
    if (finalizers.includes(finalizer) === present) return current as T;
    const changed = present ? [...finalizers, finalizer] : finalizers.filter((one) => one !== finalizer);
    const metadata = { resourceVersion: current.metadata.resourceVersion, finalizers: changed };
    try {
      return (await client.patch(ref, namespace, name, 'merge', { metadata })) as T;
    } catch (error) {
      if (error instanceof KubeError && error.isNotFound) return undefined;
      if (!(error instanceof KubeError && error.isConflict)) throw error;
      current = await client.get(ref, namespace, name);
      if (current?.metadata.uid !== object.metadata.uid) return undefined;
    }
  }
  if (!current) return undefined;
  throw new StatusConflictError(`the finalizers of ${ref.kind} ${namespace}/${name} keep changing`);
}
