import type { Discovery } from '../../shared/kube/discovery.ts';
import type { KubeObject, ResourceRef } from '../../shared/kube/types.ts';
import { toPlain } from '../../shared/yaml/json.ts';
import { parseYaml } from '../../shared/yaml/read.ts';

/** An object of a release with everything needed to write it. */
export interface ReleaseObject {
  readonly ref: ResourceRef;
  /** '' for cluster-scoped kinds. */
  readonly namespace: string;
  readonly body: KubeObject;
}

/** The release that objects belong to, in Helm's terms. */
export interface Owner {
  readonly releaseName: string;
  readonly releaseNamespace: string;
  /** The HelmRelease, which Flux's origin labels name: `flux trace` and our own watches find the objects by them. */
  readonly origin: { readonly name: string; readonly namespace: string };
}

/** The manifest names a kind that the API server does not serve. */
export class UnknownKindError extends Error {
  override readonly name = 'UnknownKindError';
}

const DOCUMENT_SEPARATOR = /^---[ \t]*/m;

/** The objects of a stored manifest, Lists unpacked, in the manifest's order. @throws YamlError */
export function manifestObjects(manifest: string): KubeObject[] {
  return manifest.split(DOCUMENT_SEPARATOR).flatMap((text) => unpack(toPlain(parseYaml(text))));
}

/** A document as the objects that it holds: nothing for an empty one, the items of a List. */
export function unpack(document: unknown): KubeObject[] {
  if (typeof document !== 'object' || document === null) return [];
  const object = document as KubeObject;
  const items = object['items'];
  if (object.kind?.endsWith('List') && Array.isArray(items)) return items.flatMap(unpack);
  return object.kind === undefined ? [] : [object];
}

/**
 * Finds the resource of each object, and gives namespaced ones the release's namespace where they name none.
 *
 * @throws UnknownKindError naming the object, in Helm's words
 */
export async function resolveObjects(
  objects: readonly KubeObject[],
  owner: Owner,
  discovery: Discovery,
): Promise<ReleaseObject[]> {
  return Promise.all(
    objects.map(async (body) => {
      const apiVersion = body.apiVersion ?? '';
      const kind = body.kind ?? '';
      const ref = await discovery.forKind(apiVersion, kind);
      if (!ref) {
        throw new UnknownKindError(
          `unable to build kubernetes objects from release manifest: resource mapping not found for name: ` +
            `"${body.metadata?.name ?? ''}" namespace: "${body.metadata?.namespace ?? ''}" from "": ` +
            `no matches for kind "${kind}" in version "${apiVersion}"; ensure CRDs are installed first`,
        );
      }
      const namespace = ref.namespaced ? (body.metadata.namespace ?? owner.releaseNamespace) : '';
      return { ref, namespace, body };
    }),
  );
}

/** The object as it is applied: with the label and annotations by which Helm knows its own, and Flux's origin labels. */
export function withOwnership(object: ReleaseObject, owner: Owner): KubeObject {
  const { metadata } = object.body;
  return {
    ...object.body,
    metadata: {
      ...metadata,
      ...(object.namespace === '' ? {} : { namespace: object.namespace }),
      labels: {
        ...metadata.labels,
        'app.kubernetes.io/managed-by': 'Helm',
        'helm.toolkit.fluxcd.io/name': owner.origin.name,
        'helm.toolkit.fluxcd.io/namespace': owner.origin.namespace,
      },
      annotations: {
        ...metadata.annotations,
        'meta.helm.sh/release-name': owner.releaseName,
        'meta.helm.sh/release-namespace': owner.releaseNamespace,
      },
    },
  };
}

/** What names an object in the cluster, whatever version it is written in. */
export function objectKey(object: ReleaseObject): string {
  return `${object.ref.group}/${object.ref.kind}/${object.namespace}/${object.body.metadata.name}`;
}

/** An object in messages: `Deployment/apps/web`. */
export function objectName(object: ReleaseObject): string {
  const place = object.namespace === '' ? '' : `${object.namespace}/`;
  return `${object.ref.kind}/${place}${object.body.metadata.name}`;
}

/** Flux's inventory entry of an object: `namespace_name_group_kind` and the version. */
export function inventoryEntry(object: ReleaseObject): { id: string; v: string } {
  // RBAC names may hold a colon, which Flux writes as a double underscore.
  const name = object.body.metadata.name.replaceAll(':', '__');
  return { id: `${object.namespace}_${name}_${object.ref.group}_${object.ref.kind}`, v: object.ref.version };
}

/** Whether Helm must leave the object in the cluster when the release no longer has it. */
export function isKept(object: KubeObject): boolean {
  const policy = object.metadata.annotations?.['helm.sh/resource-policy'];
  return policy?.trim().toLowerCase() === 'keep';
}
