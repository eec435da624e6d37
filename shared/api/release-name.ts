import { createHash } from 'node:crypto';

/** What of a HelmRelease decides where its Helm release lives. */
export interface ReleasePlace {
  readonly metadata: { readonly name: string; readonly namespace?: string | undefined };
  readonly spec: {
    readonly releaseName?: string | undefined;
    readonly targetNamespace?: string | undefined;
    readonly storageNamespace?: string | undefined;
  };
}

/** The longest name of a Helm release, in characters. */
export const MAX_RELEASE_NAME = 53;
const HASH_LENGTH = 12;

/** `spec.releaseName`, else `[targetNamespace-]name`: not shortened yet (Flux's GetReleaseName). */
export function fullReleaseName(release: ReleasePlace): string {
  const { releaseName, targetNamespace } = release.spec;
  if (releaseName !== undefined && releaseName !== '') return releaseName;
  const { name } = release.metadata;
  return targetNamespace !== undefined && targetNamespace !== '' ? `${targetNamespace}-${name}` : name;
}

/** A name of at most 53 characters: a longer one keeps its first 40, a dash and 12 hex of its SHA-256 (as Flux does). */
export function shortenReleaseName(name: string): string {
  if (name.length <= MAX_RELEASE_NAME) return name;
  const hash = createHash('sha256').update(name).digest('hex');
  return `${name.slice(0, MAX_RELEASE_NAME - HASH_LENGTH - 1)}-${hash.slice(0, HASH_LENGTH)}`;
}

/** The name of the Helm release that a HelmRelease stands for. */
export function releaseName(release: ReleasePlace): string {
  return shortenReleaseName(fullReleaseName(release));
}

/** The namespace that the release is installed into: targetNamespace, else the object's own. */
export function releaseNamespace(release: ReleasePlace): string {
  return release.spec.targetNamespace || (release.metadata.namespace ?? '');
}

/** The namespace that holds the release's history: storageNamespace, else the object's own. */
export function storageNamespace(release: ReleasePlace): string {
  return release.spec.storageNamespace || (release.metadata.namespace ?? '');
}

/** The name of the HelmChart that is made from spec.chart: `<namespace>-<name>`. */
export function helmChartName(release: ReleasePlace): string {
  return `${release.metadata.namespace ?? ''}-${release.metadata.name}`;
}
