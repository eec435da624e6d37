import type { ResourceRef } from './types.ts';

/** The query of a request: undefined values are left out. */
export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

/**
 * The escaped path of a resource: `/apis/apps/v1/namespaces/ns/deployments/name/status?query`.
 * A namespaced resource without namespace is the collection over all namespaces, so it takes no name.
 * Throws a TypeError when a name is given and the namespace that it needs is not, or is empty.
 */
export function resourcePath(
  ref: ResourceRef,
  namespace: string | undefined,
  name?: string | undefined,
  subresource?: string | undefined,
  query?: Query,
): string {
  let path = ref.group === '' ? `/api/${ref.version}` : `/apis/${ref.group}/${ref.version}`;
  if (ref.namespaced && namespace) {
    path += `/namespaces/${encodeURIComponent(namespace)}`;
  }
  path += `/${ref.resource}`;
  if (name !== undefined) {
    if (name === '') {
      throw new TypeError(`${resourceName(ref)}: the name is empty`);
    }
    if (ref.namespaced && !namespace) {
      throw new TypeError(
        `${resourceName(ref)} ${JSON.stringify(name)}: the namespace is empty, but the kind is namespaced`,
      );
    }
    path += `/${encodeURIComponent(name)}`;
  }
  if (subresource) {
    path += `/${subresource}`;
  }
  return query === undefined ? path : path + queryString(query);
}

/** The name used in counts and errors: `secrets`, `helmreleases.helm.toolkit.fluxcd.io/status`. */
export function resourceName(ref: ResourceRef, subresource?: string): string {
  const name = ref.group === '' ? ref.resource : `${ref.resource}.${ref.group}`;
  return subresource ? `${name}/${subresource}` : name;
}

/** `?a=b&c=d`, or '' when nothing is set. */
export function queryString(query: Query): string {
  let text = '';
  for (const [key, value] of Object.entries(query)) {
    if (value !== undefined && value !== '') {
      text += `${text === '' ? '?' : '&'}${key}=${encodeURIComponent(value)}`;
    }
  }
  return text;
}
