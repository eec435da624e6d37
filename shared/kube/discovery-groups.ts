import { apiVersionOf, type ResourceRef, splitApiVersion } from './types.ts';

/** A group of the API and what each of its served versions has, in the server's order of preference. */
export interface DiscoveredGroup {
  name: string;
  versions: { apiVersion: string; resources: ResourceRef[]; kinds: string[] }[];
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

/** Reads aggregated discovery. Versions whose server is down (`Stale`) are left out, as client-go does. */
export function groupsOfAggregated(list: AggregatedList): DiscoveredGroup[] {
  return (list.items ?? []).map((item) => {
    const name = item.metadata?.name ?? '';
    const fresh = (item.versions ?? []).filter((version) => version.freshness !== 'Stale');
    return { name, versions: fresh.map((version) => versionOf(name, version.version, version.resources ?? [])) };
  });
}

function versionOf(group: string, version: string, listed: AggregatedResource[]): DiscoveredGroup['versions'][number] {
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
  return { apiVersion: apiVersionOf({ group, version }), resources, kinds };
}

/** Reads one APIResourceList of unaggregated discovery. */
export function groupsOfResourceList(apiVersion: string, body: unknown): DiscoveredGroup['versions'][number] {
  const listed = (body as { resources?: { name: string; kind: string; namespaced: boolean }[] }).resources ?? [];
  const { group, version } = splitApiVersion(apiVersion);
  return {
    apiVersion,
    kinds: listed.map((entry) => entry.kind),
    resources: listed
      .filter((entry) => !entry.name.includes('/'))
      .map(({ name, kind, namespaced }) => ({ group, version, resource: name, kind, namespaced })),
  };
}

/** The list that Helm offers as `.Capabilities.APIVersions`: group versions, and group version/kind; sorted, no duplicates. */
export function apiVersionsOf(groups: readonly DiscoveredGroup[]): string[] {
  const names = new Set<string>();
  for (const version of groups.flatMap((group) => group.versions)) {
    names.add(version.apiVersion);
    for (const kind of version.kinds) {
      names.add(`${version.apiVersion}/${kind}`);
    }
  }
  return [...names].sort();
}
