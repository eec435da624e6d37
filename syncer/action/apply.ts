import type { KubeClient } from '../../shared/kube/client.ts';
import { KubeError } from '../../shared/kube/error.ts';
import type { KubeObject } from '../../shared/kube/types.ts';
import { assertFence, type Fence } from './fence.ts';
import { isKept, type Owner, objectKey, objectName, type ReleaseObject, withOwnership } from './release-objects.ts';

/** An object as the API server returned it when it was applied. */
export interface AppliedObject {
  readonly object: ReleaseObject;
  readonly live: KubeObject;
}

export interface ApplyOptions {
  readonly client: KubeClient;
  readonly fieldManager: string;
  readonly fence: Fence;
}

/** The API server refused an object of the release. */
export class ApplyError extends Error {
  override readonly name = 'ApplyError';
}

/**
 * Applies objects on the server's side, those of one kind side by side and the kinds in the order given, as Helm does.
 * Conflicts are forced: the release owns what its manifest says.
 *
 * @throws ApplyError naming the object, OwnershipLostError
 */
export async function applyObjects(
  objects: readonly ReleaseObject[],
  owner: Owner,
  options: ApplyOptions,
): Promise<AppliedObject[]> {
  const applied: AppliedObject[] = [];
  for (const group of groupByKind(objects)) {
    assertFence(options.fence, `applying ${objectName(group[0] as ReleaseObject)}`);
    applied.push(...(await Promise.all(group.map((object) => applyOne(object, owner, options)))));
  }
  return applied;
}

async function applyOne(object: ReleaseObject, owner: Owner, options: ApplyOptions): Promise<AppliedObject> {
  const { name } = object.body.metadata;
  try {
    const live = await options.client.apply(object.ref, object.namespace, name, withOwnership(object, owner), {
      fieldManager: options.fieldManager,
      force: true,
    });
    return { object, live };
  } catch (error) {
    if (!(error instanceof KubeError)) throw error;
    throw new ApplyError(`failed to apply ${objectName(object)}: ${error.message}`, { cause: error });
  }
}

function groupByKind(objects: readonly ReleaseObject[]): ReleaseObject[][] {
  const groups: ReleaseObject[][] = [];
  for (const object of objects) {
    const last = groups.at(-1);
    if (last?.[0]?.ref.kind === object.ref.kind) last.push(object);
    else groups.push([object]);
  }
  return groups;
}

/** Those of `before` that `after` no longer has and that may be deleted. */
export function prunable(before: readonly ReleaseObject[], after: readonly ReleaseObject[]): ReleaseObject[] {
  const kept = new Set(after.map(objectKey));
  return before.filter((object) => !kept.has(objectKey(object)) && !isKept(object.body));
}

export interface DeleteOptions extends ApplyOptions {
  readonly propagation: 'background' | 'foreground' | 'orphan';
}

/**
 * Deletes objects one after the other; what is gone already is no error.
 *
 * @returns those that the API server has not removed yet, because of finalizers or a grace period
 */
export async function deleteObjects(
  objects: readonly ReleaseObject[],
  options: DeleteOptions,
): Promise<ReleaseObject[]> {
  const lingering: ReleaseObject[] = [];
  for (const object of objects) {
    assertFence(options.fence, `deleting ${objectName(object)}`);
    const policy = { background: 'Background', foreground: 'Foreground', orphan: 'Orphan' } as const;
    const left = await options.client.delete(object.ref, object.namespace, object.body.metadata.name, {
      propagationPolicy: policy[options.propagation],
    });
    if ((left as KubeObject | undefined)?.metadata?.deletionTimestamp) lingering.push(object);
  }
  return lingering;
}
