import { getCondition } from '../../shared/api/conditions.ts';
import type { HelmRelease } from '../../shared/api/helm-release.ts';

/** `namespace/name` of the releases that a release waits for. */
export function dependencyKeys(object: HelmRelease): string[] {
  return (object.spec.dependsOn ?? []).map(
    (dependency) => `${dependency.namespace || object.metadata.namespace}/${dependency.name}`,
  );
}

/**
 * Why a release has to wait for its dependencies, or undefined when it need not: each must have observed its generation and be
 * Ready (flux-behaviour.md, order of one reconcile, 8).
 *
 * @param find looks a HelmRelease up by `namespace/name`
 */
export function unmetDependency(
  object: HelmRelease,
  find: (key: string) => HelmRelease | undefined,
): string | undefined {
  for (const key of dependencyKeys(object)) {
    const dependency = find(key);
    if (!dependency) return `unable to get '${key}' dependency: helmreleases.helm.toolkit.fluxcd.io "${key}" not found`;
    const observed = dependency.status?.observedGeneration === dependency.metadata.generation;
    const ready = getCondition(dependency.status?.conditions, 'Ready')?.status === 'True';
    if (!observed || !ready) return `dependency '${key}' is not ready`;
  }
  return undefined;
}

/** What a release asks for that this version does not do yet: said in its status, never passed over in silence. */
export function unsupported(object: HelmRelease): string | undefined {
  const { spec } = object;
  if (spec.dependsOn?.some((dependency) => dependency.readyExpr)) return 'spec.dependsOn[].readyExpr';
  if (spec.kubeConfig) return 'spec.kubeConfig';
  if (spec.healthCheckExprs && spec.healthCheckExprs.length > 0) return 'spec.healthCheckExprs';
  return undefined;
}
