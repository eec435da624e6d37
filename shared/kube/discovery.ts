import {
  apiVersionsOf,
  type DiscoveredGroup,
  type DiscoveredVersion,
  groupsOfAggregated,
  groupsOfResourceList,
  isAggregated,
  staleVersion,
} from './discovery-groups.ts';
import { KubeError } from './error.ts';
import { sleep } from './retry.ts';
import type { Transport } from './transport.ts';
import { apiVersionOf, type ResourceRef, splitApiVersion } from './types.ts';

const AGGREGATED_ACCEPT = [
  'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList',
  'application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList',
  'application/json',
].join(',');

/** What `/version` says. */
export interface ServerVersion {
  major: string;
  minor: string;
  gitVersion: string;
}

/** What the API server serves, at one time. `kinds` is by `apiVersion/kind`. */
interface Snapshot {
  kinds: Map<string, ResourceRef>;
  groups: DiscoveredGroup[];
  stale: Set<string>;
}

interface CachedRoot {
  etag: string | undefined;
  groups: DiscoveredGroup[];
}

/**
 * What the API server serves: read once, in two requests, and again when a kind is asked for that it does not know (a CRD
 * may have been made since). Refreshes are shared; those for unknown kinds are at
 * most one each `minIntervalMs` (default 1000).
 */
export class Discovery {
  readonly #transport: Transport;
  readonly #minIntervalMs: number;
  #snapshot: Snapshot | undefined;
  #fetching: Promise<Snapshot> | undefined;
  // A fetch that has not begun: whoever joins it gets what is true after he asked.
  #next: Promise<Snapshot> | undefined;
  #hurry = new AbortController();
  #fetchedAt = Number.NEGATIVE_INFINITY;
  #version: Promise<ServerVersion> | undefined;
  readonly #roots = new Map<string, CachedRoot>();

  constructor(transport: Transport, options: { minIntervalMs?: number } = {}) {
    this.#transport = transport;
    this.#minIntervalMs = options.minIntervalMs ?? 1_000;
  }

  /**
   * The resource of a kind; undefined when the API server does not serve it even after a refresh.
   * Throws KubeError 503 when that cannot be known because the aggregated API server of its group is down.
   */
  async forKind(apiVersion: string, kind: string): Promise<ResourceRef | undefined> {
    const key = `${apiVersion}/${kind}`;
    const known = (await this.#current()).kinds.get(key);
    if (known !== undefined) {
      return known;
    }
    const { kinds, stale } = await this.#fetchNext(this.#minIntervalMs);
    const found = kinds.get(key);
    if (found === undefined && stale.has(apiVersion)) {
      const message = `${apiVersion} ${kind}: the API server of this group does not answer (see kubectl get apiservice)`;
      throw new KubeError(503, 'ServiceUnavailable', message);
    }
    return found;
  }

  /** The resource of a kind as far as it is known now, without a request. */
  forKindCached(apiVersion: string, kind: string): ResourceRef | undefined {
    return this.#snapshot?.kinds.get(`${apiVersion}/${kind}`);
  }

  /** The version that the API server prefers of a group's kind, as `kubectl` picks it; undefined when it serves none. */
  async preferred(group: string, kind: string): Promise<ResourceRef | undefined> {
    const find = (snapshot: Snapshot) =>
      snapshot.groups
        .find((found) => found.name === group)
        ?.versions.flatMap((version) => version.resources)
        .find((resource) => resource.kind === kind);
    return find(await this.#current()) ?? find(await this.#fetchNext(this.#minIntervalMs));
  }

  /** Helm's `.Capabilities.APIVersions`, sorted: `v1`, `apps/v1`, `v1/Pod`, `apps/v1/Deployment`, kinds of subresources too. */
  async apiVersions(): Promise<string[]> {
    return apiVersionsOf((await this.#current()).groups);
  }

  /** What `/version` says; asked once. */
  serverVersion(): Promise<ServerVersion> {
    this.#version ??= this.#getJson('/version')
      .then((body) => body as ServerVersion)
      .catch((error: unknown) => {
        this.#version = undefined;
        throw error;
      });
    return this.#version;
  }

  /** Reads discovery again at once: call it after a CRD was established. Costs a 304 when nothing changed. */
  async refresh(): Promise<void> {
    const fetched = this.#fetchNext(0);
    this.#hurry.abort();
    await fetched;
  }

  #current(): Promise<Snapshot> {
    return this.#snapshot === undefined ? this.#fetchNext(0) : Promise.resolve(this.#snapshot);
  }

  #fetchNext(minIntervalMs: number): Promise<Snapshot> {
    this.#next ??= this.#fetchSoon(minIntervalMs);
    return this.#next;
  }

  async #fetchSoon(minIntervalMs: number): Promise<Snapshot> {
    this.#hurry = new AbortController();
    await this.#fetching?.catch(() => undefined);
    const wait = this.#fetchedAt + minIntervalMs - performance.now();
    if (wait > 0) {
      await sleep(wait, this.#hurry.signal);
    }
    this.#next = undefined;
    this.#fetching = this.#fetch();
    return this.#fetching;
  }

  async #fetch(): Promise<Snapshot> {
    this.#fetchedAt = performance.now();
    const groups = (await Promise.all([this.#root('/api'), this.#root('/apis')])).flat();
    const snapshot: Snapshot = { kinds: new Map(), groups, stale: new Set() };
    for (const version of groups.flatMap((group) => group.versions)) {
      if (version.stale) {
        snapshot.stale.add(version.apiVersion);
      }
      for (const resource of version.resources) {
        snapshot.kinds.set(`${version.apiVersion}/${resource.kind}`, resource);
      }
    }
    this.#keepStaleKinds(snapshot);
    this.#snapshot = snapshot;
    return snapshot;
  }

  // An aggregated API server that is down for a while has not lost its kinds.
  #keepStaleKinds(snapshot: Snapshot): void {
    for (const [key, resource] of this.#snapshot?.kinds ?? []) {
      if (snapshot.stale.has(apiVersionOf(resource))) {
        snapshot.kinds.set(key, resource);
      }
    }
  }

  async #root(path: '/api' | '/apis'): Promise<DiscoveredGroup[]> {
    const cached = this.#roots.get(path);
    const headers = cached?.etag === undefined ? {} : { 'if-none-match': cached.etag };
    const request = { method: 'GET', path, verb: 'raw', resource: path, idempotent: true } as const;
    const response = await this.#transport.request({ ...request, accept: AGGREGATED_ACCEPT, headers });
    if (response.status === 304 && cached !== undefined) {
      return cached.groups;
    }
    const body: unknown = JSON.parse(response.body.toString('utf8'));
    const groups = isAggregated(body) ? groupsOfAggregated(body) : await this.#unaggregated(body);
    const etag = response.headers['etag'];
    this.#roots.set(path, { etag: isAggregated(body) ? etag : undefined, groups });
    return groups;
  }

  /** For API servers before 1.26, or with aggregated discovery off: one request a group version. */
  async #unaggregated(body: unknown): Promise<DiscoveredGroup[]> {
    const { versions, groups } = body as {
      versions?: string[];
      groups?: { name: string; versions: { groupVersion: string }[] }[];
    };
    const named =
      versions !== undefined
        ? [{ name: '', apiVersions: versions }]
        : (groups ?? []).map((group) => ({ name: group.name, apiVersions: group.versions.map((v) => v.groupVersion) }));
    return Promise.all(
      named.map(async ({ name, apiVersions }) => ({
        name,
        versions: await Promise.all(apiVersions.map((apiVersion) => this.#resourceList(apiVersion))),
      })),
    );
  }

  async #resourceList(apiVersion: string): Promise<DiscoveredVersion> {
    const root = splitApiVersion(apiVersion).group === '' ? '/api' : '/apis';
    try {
      return groupsOfResourceList(apiVersion, await this.#getJson(`${root}/${apiVersion}`));
    } catch (error) {
      // An aggregated API whose server is down must not hide all others.
      if (error instanceof KubeError && (error.status >= 500 || error.isNotFound)) {
        return staleVersion(apiVersion);
      }
      throw error;
    }
  }

  async #getJson(path: string): Promise<unknown> {
    const response = await this.#transport.request({
      method: 'GET',
      path,
      verb: 'raw',
      resource: path,
      idempotent: true,
    });
    return JSON.parse(response.body.toString('utf8'));
  }
}
