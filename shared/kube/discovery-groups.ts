import { apiVersionOf, type ResourceRef, splitApiVersion } from './types.ts';

/** A group of the API and what each of its served versions has, in the server's order of preference. */
export interface DiscoveredGroup {
  name: string;
  versions: DiscoveredVersion[];
}

export interface DiscoveredVersion {
  apiVersion: string;
  resources: ResourceRef[];
  /** The kinds of resources and of subresources. */
  kinds: string[];
  /** The aggregated API server behind it does not answer: what it serves is not known now. */
  stale: boolean;
}

interface ResponseKind {
  group?: string;
  version?: string;
  kind?: string;
}

interface AggregatedResource {
  resource: string;
  scope?: string;
  responseKind?: ResponseKind;
  subresources?: { subresource: string; responseKind?: ResponseKind }[];
}

interface AggregatedList {
  kind: 'APIGroupDiscoveryList';
  items?: {
    metadata?: { name?: string };
    versions?: { version: string; freshness?: string; resources?: AggregatedResource[] }[];
  }[];
}

/** Whether a discovery answer is the aggregated form. */
export function isAggregated(body: unknown): body is AggregatedList {
  return (body as { kind?: unknown }).kind === 'APIGroupDiscoveryList';
}

/** Reads aggregated discovery. */
export function groupsOfAggregated(list: AggregatedList): DiscoveredGroup[] {
  return (list.items ?? []).map((item) => {
    const name = item.metadata?.name ?? '';
    const versions = (item.versions ?? []).map(({ version, freshness, resources }) =>
      freshness === 'Stale'
        ? staleVersion(apiVersionOf({ group: name, version }))
        : versionOf(name, version, resources ?? []),
    );
    return { name, versions };
  });
}

/** A version that is served, but whose server cannot be asked now. */
export function staleVersion(apiVersion: string): DiscoveredVersion {
  return { apiVersion, resources: [], kinds: [], stale: true };
}

function versionOf(group: string, version: string, listed: AggregatedResource[]): DiscoveredVersion {
  const resources: ResourceRef[] = [];
  const kinds: string[] = [];
  for (const entry of listed) {
    const kind = entry.responseKind?.kind;
    if (kind) {
      kinds.push(kind);
      resources.push({ group, version, resource: entry.resource, kind, namespaced: entry.scope === 'Namespaced' });
    }
    for (const sub of entry.subresources ?? []) {
      if (sub.responseKind?.kind) {
        kinds.push(sub.responseKind.kind);
      }
    }
  }
  return { apiVersion: apiVersionOf({ group, version }), resources, kinds, stale: false };
}

/** Reads one APIResourceList of unaggregated discovery. */
export function groupsOfResourceList(apiVersion: string, body: unknown): DiscoveredVersion {
  const listed = (body as { resources?: { name: string; kind: string; namespaced: boolean }[] }).resources ?? [];
  const { group, version } = splitApiVersion(apiVersion);
  return {
    apiVersion,
    stale: false,
    kinds: listed.map((entry) => entry.kind),
    resources: listed
      .filter((entry) => !entry.name.includes('/'))
      .map(({ name, kind, namespaced }) => ({ group, version, resource: name, kind, namespaced })),
  };
}

/** The list that Helm offers as `.Capabilities.APIVersions`: group versions, and group version/kind; stale ones left out; sorted. */
export function apiVersionsOf(groups: readonly DiscoveredGroup[]): string[] {
  const names = new Set<string>();
  for (const version of groups.flatMap((group) => group.versions).filter((found) => !found.stale)) {
    names.add(version.apiVersion);
    for (const kind of version.kinds) {
      names.add(`${version.apiVersion}/${kind}`);
    }
  }
  return [...names].sort();
}
