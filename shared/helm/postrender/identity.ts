import type { GoMap } from '../../go/value.ts';
import { isClusterScoped } from './cluster-scoped.ts';
import { type Item, mapField, PostRenderError, scalarText } from './types.ts';

/** How kustomize tells one object from another. Absent parts are ''. */
export interface Identity {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly name: string;
  readonly namespace: string;
}

/** The identity that an object states. */
export function identityOf(object: GoMap): Identity {
  const apiVersion = scalarText(object.get('apiVersion'));
  const slash = apiVersion.indexOf('/');
  const metadata = mapField(object, 'metadata');
  return {
    group: slash < 0 ? '' : apiVersion.slice(0, slash),
    version: slash < 0 ? apiVersion : apiVersion.slice(slash + 1),
    kind: scalarText(object.get('kind')),
    name: scalarText(metadata?.get('name')),
    namespace: scalarText(metadata?.get('namespace')),
  };
}

/** `Kind.version.group/name.namespace` as kustomize writes it. */
export function identityText({ group, version, kind, name, namespace }: Identity): string {
  const gvk = `${kind || '[noKind]'}.${version || '[noVer]'}.${group || '[noGrp]'}`;
  return `${gvk}/${name || '[noName]'}.${namespace || '[noNs]'}`;
}

/** An object in words, for errors. */
export function describe(object: GoMap): string {
  const { kind, name, namespace } = identityOf(object);
  return `${kind || 'an object without a kind'} ${namespace === '' ? '' : `${namespace}/`}${name || '(without a name)'}`;
}

/** The same for two identities that kustomize takes as one: no namespace is `default`, and counts for nothing cluster-wide. */
export function identityKey(id: Identity): string {
  return `${id.group}/${id.version}/${id.kind}/${id.name}/${effectiveNamespace(id)}`;
}

/** The namespace that target selectors match against. */
export function effectiveNamespace(id: Identity): string {
  if (isClusterScoped(id.group, id.kind)) return '_non_namespaceable_';
  return id.namespace === '' ? 'default' : id.namespace;
}

/** Refuses objects without a kind or a name, and an object that is there twice, as kustomize does. */
export function checkIdentities(items: readonly Item[]): void {
  const seen = new Set<string>();
  for (const item of items) {
    const id = identityOf(item.object);
    const where = item.path === undefined ? '' : ` (in ${item.path})`;
    if (id.kind === '') throw new PostRenderError(`missing kind in object ${id.name || '(without a name)'}${where}`);
    if (id.name === '' && !id.kind.endsWith('List')) {
      throw new PostRenderError(`missing metadata.name in object of kind ${id.kind}${where}`);
    }
    const key = identityKey(id);
    if (seen.has(key)) {
      throw new PostRenderError(`may not add resource with an already registered id: ${identityText(id)}${where}`);
    }
    seen.add(key);
  }
}
