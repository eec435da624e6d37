import {
  apiVersionsOf,
  type DiscoveredGroup,
  groupsOfAggregated,
  groupsOfResourceList,
  isAggregated,
} from './discovery-groups.ts';
import { KubeError } from './error.ts';
import { sleep } from './retry.ts';
import type { Transport } from './transport.ts';
import { type ResourceRef, splitApiVersion } from './types.ts';

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

interface Snapshot {
  kinds: Map<string, ResourceRef>;
  groups: DiscoveredGroup[];
}

interface CachedRoot {
  etag: string | undefined;
  groups: DiscoveredGroup[];
}

/**
 * What the API server serves: read once, in two requests, and again when a kind is asked for that it does not know (a CRD
 * may have been made since). Refreshes are shared, at most one each `minIntervalMs`, and cost a 304 when nothing changed.
 */
export class Discovery {
  readonly #transport: Transport;
  readonly #minIntervalMs: number;
  #snapshot: Snapshot | undefined;
  #refreshing: Promise<Snapshot> | undefined;
  #refreshedAt = Number.NEGATIVE_INFINITY;
  #version: Promise<ServerVersion> | undefined;
  readonly #roots = new Map<string, CachedRoot>();

  constructor(transport: Transport, options: { minIntervalMs?: number } = {}) {
    this.#transport = transport;
    this.#minIntervalMs = options.minIntervalMs ?? 1_000;
  }

  /** The resource of a kind; undefined when the API server does not serve it even after a refresh. */
  async forKind(apiVersion: string, kind: string): Promise<ResourceRef | undefined> {
    const key = `${apiVersion}/${kind}`;
    const known = (await this.#current()).kinds.get(key);
    return known ?? (await this.refresh()).kinds.get(key);
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
    return find(await this.#current()) ?? find(await this.refresh());
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

  /** Forgets when the last refresh was, so that the next miss asks at once: call it after applying a CRD. */
  invalidate(): void {
    this.#refreshedAt = Number.NEGATIVE_INFINITY;
  }

  /** Reads discovery again, or joins a refresh that waits to begin. */
  refresh(): Promise<Snapshot> {
    this.#refreshing ??= this.#refreshSoon().finally(() => {
      this.#refreshing = undefined;
    });
    return this.#refreshing;
  }

  #current(): Promise<Snapshot> {
    return this.#snapshot === undefined ? this.refresh() : Promise.resolve(this.#snapshot);
  }

  async #refreshSoon(): Promise<Snapshot> {
    const wait = this.#refreshedAt + this.#minIntervalMs - performance.now();
    if (wait > 0) {
      await sleep(wait);
    }
    const groups = (await Promise.all([this.#root('/api'), this.#root('/apis')])).flat();
    const kinds = new Map<string, ResourceRef>();
    for (const version of groups.flatMap((group) => group.versions)) {
      for (const resource of version.resources) {
        kinds.set(`${version.apiVersion}/${resource.kind}`, resource);
      }
    }
    this.#refreshedAt = performance.now();
    this.#snapshot = { kinds, groups };
    return this.#snapshot;
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

  async #resourceList(apiVersion: string): Promise<DiscoveredGroup['versions'][number]> {
    const root = splitApiVersion(apiVersion).group === '' ? '/api' : '/apis';
    try {
      return groupsOfResourceList(apiVersion, await this.#getJson(`${root}/${apiVersion}`));
    } catch (error) {
      // An aggregated API whose server is down must not hide all others; its kinds are missed until it is back.
      if (error instanceof KubeError && (error.status >= 500 || error.isNotFound)) {
        return { apiVersion, resources: [], kinds: [] };
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
