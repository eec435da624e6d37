import { LinkedAbort } from './abort.ts';
import type {
  ApplyOptions,
  CallOptions,
  DeleteOptions,
  ListOptions,
  ReadOptions,
  WatchOptions,
  WriteOptions,
} from './call-options.ts';
import type { KubeAuth } from './config.ts';
import { Discovery } from './discovery.ts';
import { errorFromStatus, KubeError, type Status } from './error.ts';
import { LineSplitter } from './lines.ts';
import { type Query, resourceName, resourcePath } from './paths.ts';
import { type HttpMethod, Transport, type TransportOptions, type TransportRequest, type Verb } from './transport.ts';
import { apiVersionOf, type KubeObject, type ObjectList, type ResourceRef, type WatchEvent } from './types.ts';

export type { KubeObject, ObjectList, OwnerReference, ResourceRef, WatchEvent } from './types.ts';
export { KubeError };

const PATCH_TYPES = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
} as const;
const APPLY_TYPE = 'application/apply-patch+yaml';
const METADATA_ACCEPT = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1';
const METADATA_LIST_ACCEPT = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';
const PAGE_SIZE = 500;

/** Makes a client with its own connections. */
export function createKubeClient(auth: KubeAuth, options: TransportOptions = {}): KubeClient {
  const transport = new Transport(auth, options);
  return new KubeClient(transport, new Discovery(transport));
}

/**
 * The Kubernetes API over untyped JSON. Objects go in and come out as they are: no field is dropped.
 * Every method throws KubeError for the API server's refusals, KubeConnectionError when no answer came after retries, and
 * the signal's reason when aborted.
 */
export class KubeClient {
  readonly discovery: Discovery;
  readonly #transport: Transport;
  readonly #headers: Readonly<Record<string, string | string[]>>;

  constructor(transport: Transport, discovery: Discovery, headers: Readonly<Record<string, string | string[]>> = {}) {
    this.#transport = transport;
    this.discovery = discovery;
    this.#headers = headers;
  }

  /** Gets an object; undefined when it is not found. `namespace` is ignored for cluster-scoped resources. */
  async get<T extends KubeObject = KubeObject>(
    ref: ResourceRef,
    namespace: string | undefined,
    name: string,
    options: ReadOptions = {},
  ): Promise<T | undefined> {
    const path = resourcePath(ref, namespace, name, undefined, { resourceVersion: options.resourceVersion });
    const request = this.#request('GET', 'get', resourceName(ref), path, true, options);
    return ignoreNotFound(this.#json<T>(withMetadata(request, options.metadataOnly)));
  }

  /**
   * Lists a collection, all pages of it. With `resourceVersion: '0'` the server answers from its cache and ignores the page size.
   * When a page's token has expired the whole list is read again in one piece, so the result is always of one moment.
   */
  async list<T extends KubeObject = KubeObject>(ref: ResourceRef, options: ListOptions = {}): Promise<ObjectList<T>> {
    const items: T[] = [];
    let next: string | undefined;
    for (;;) {
      let page: ListPage<T>;
      try {
        page = await this.#page<T>(ref, options, next, options.limit ?? PAGE_SIZE);
      } catch (error) {
        if (next === undefined || !(error instanceof KubeError) || !error.isGone) {
          throw error;
        }
        page = await this.#page<T>(ref, { ...options, resourceVersion: undefined }, undefined, undefined);
        items.length = 0;
      }
      for (const item of page.items ?? []) {
        items.push(withType(item, ref));
      }
      next = page.metadata.continue || undefined;
      if (next === undefined) {
        return { items, resourceVersion: page.metadata.resourceVersion ?? '' };
      }
    }
  }

  /** Creates an object in its `metadata.namespace`. KubeError.isAlreadyExists when there is one of that name. */
  async create<T extends KubeObject = KubeObject>(
    ref: ResourceRef,
    object: KubeObject,
    options: WriteOptions = {},
  ): Promise<T> {
    const { namespace, name } = object.metadata;
    if (ref.namespaced && !namespace) {
      throw new TypeError(`create ${resourceName(ref)} ${JSON.stringify(name)}: metadata.namespace is not set`);
    }
    const path = resourcePath(
      ref,
      namespace,
      options.subresource ? name : undefined,
      options.subresource,
      writeQuery(options),
    );
    return this.#write<T>('POST', 'create', ref, path, JSON.stringify(object), options, undefined, false);
  }

  /** Replaces an object. With `metadata.resourceVersion` set, KubeError.isConflict when it has changed since. */
  async update<T extends KubeObject = KubeObject>(
    ref: ResourceRef,
    object: KubeObject,
    options: WriteOptions = {},
  ): Promise<T> {
    const { namespace, name } = object.metadata;
    const path = resourcePath(ref, namespace, name, options.subresource, writeQuery(options));
    return this.#write<T>('PUT', 'update', ref, path, JSON.stringify(object), options, undefined, false);
  }

  /** Patches an object by a JSON patch (RFC 6902), a merge patch (RFC 7386) or a strategic merge patch (built-in kinds only). */
  async patch<T extends KubeObject = KubeObject>(
    ref: ResourceRef,
    namespace: string | undefined,
    name: string,
    type: 'json' | 'merge' | 'strategic',
    body: unknown,
    options: WriteOptions = {},
  ): Promise<T> {
    const path = resourcePath(ref, namespace, name, options.subresource, writeQuery(options));
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    return this.#write<T>('PATCH', 'patch', ref, path, text, options, PATCH_TYPES[type], false);
  }

  /** Server-side apply. `body` is the object, or its JSON or YAML text. Creates the object where there is none. */
  async apply<T extends KubeObject = KubeObject>(
    ref: ResourceRef,
    namespace: string | undefined,
    name: string,
    body: string | object,
    options: ApplyOptions,
  ): Promise<T> {
    const query: Query = { ...writeQuery(options), force: options.force === true ? true : undefined };
    const path = resourcePath(ref, namespace, name, options.subresource, query);
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    return this.#write<T>('PATCH', 'apply', ref, path, text, options, APPLY_TYPE, true);
  }

  /**
   * Deletes an object. Returns it when it lives on under finalizers, or the server's Status when it is gone; undefined when
   * it was not found. Throws KubeError.isConflict when a precondition does not hold.
   */
  async delete(
    ref: ResourceRef,
    namespace: string | undefined,
    name: string,
    options: DeleteOptions = {},
  ): Promise<KubeObject | undefined> {
    const path = resourcePath(ref, namespace, name);
    const { propagationPolicy, preconditions, gracePeriodSeconds, dryRun } = options;
    const body = JSON.stringify({
      apiVersion: 'v1',
      kind: 'DeleteOptions',
      propagationPolicy,
      preconditions,
      gracePeriodSeconds,
      ...(dryRun === true ? { dryRun: ['All'] } : {}),
    });
    const request = this.#request('DELETE', 'delete', resourceName(ref), path, true, options);
    return ignoreNotFound(this.#json<KubeObject>({ ...request, body }));
  }

  /**
   * Watches a collection from a resourceVersion. Resolves when the server ends the watch; rejects when it fails or is aborted.
   * An ERROR event of the server is thrown as KubeError (isGone: list again).
   */
  async watch(ref: ResourceRef, options: WatchOptions, onEvent: (event: WatchEvent) => void): Promise<void> {
    const path = resourcePath(ref, options.namespace, undefined, undefined, {
      watch: true,
      labelSelector: options.labelSelector,
      fieldSelector: options.fieldSelector,
      resourceVersion: options.resourceVersion,
      timeoutSeconds: options.timeoutSeconds,
      allowWatchBookmarks: options.allowBookmarks === false ? undefined : true,
    });
    // The server ends the watch by itself; the deadline is for one that has forgotten us.
    const { timeoutSeconds } = options;
    const stop = new LinkedAbort(
      options.signal,
      timeoutSeconds === undefined ? undefined : (timeoutSeconds + 30) * 1000,
    );
    let failure: unknown;
    const lines = new LineSplitter((line) => {
      if (failure !== undefined) {
        return;
      }
      try {
        onEvent(parseWatchEvent(line, ref));
      } catch (error) {
        failure = error;
        stop.abort(error);
      }
    });
    const request = this.#request('GET', 'watch', resourceName(ref), path, false, { signal: stop.signal });
    try {
      await this.#transport.stream(
        withMetadata(request, options.metadataOnly),
        (chunk) => lines.push(chunk),
        options.onOpen,
      );
    } catch (error) {
      throw failure ?? error;
    } finally {
      stop.dispose();
    }
    if (failure !== undefined) {
      throw failure;
    }
  }

  /** Sends any request and returns the answer's body as text. `path` is escaped and has its query. */
  async raw(
    method: HttpMethod,
    path: string,
    options: CallOptions & { body?: string; contentType?: string; accept?: string } = {},
  ): Promise<string> {
    const request = this.#request(method, 'raw', path.split('?', 1)[0] as string, path, method === 'GET', options);
    const { body, contentType, accept } = options;
    const response = await this.#transport.request({
      ...request,
      ...(body === undefined ? {} : { body }),
      ...(contentType === undefined ? {} : { contentType }),
      ...(accept === undefined ? {} : { accept }),
    });
    return response.body.toString('utf8');
  }

  /** A client that acts as another user, over the same connections. Discovery stays that of this client. */
  impersonate(as: { user: string; groups?: readonly string[] }): KubeClient {
    const headers: Record<string, string | string[]> = { ...this.#headers, 'impersonate-user': as.user };
    if (as.groups !== undefined && as.groups.length > 0) {
      headers['impersonate-group'] = [...as.groups];
    }
    return new KubeClient(this.#transport, this.discovery, headers);
  }

  /** Ends all connections, those of impersonating clients too. */
  async close(): Promise<void> {
    await this.#transport.close();
  }

  async #page<T extends KubeObject>(
    ref: ResourceRef,
    options: ListOptions,
    next: string | undefined,
    limit: number | undefined,
  ): Promise<ListPage<T>> {
    const path = resourcePath(ref, options.namespace, undefined, undefined, {
      labelSelector: options.labelSelector,
      fieldSelector: options.fieldSelector,
      limit,
      continue: next,
      // A continue token has its own resourceVersion; giving both is an error.
      resourceVersion: next === undefined ? options.resourceVersion : undefined,
    });
    const request = this.#request('GET', 'list', resourceName(ref), path, true, options);
    return this.#json<ListPage<T>>(
      options.metadataOnly === true ? { ...request, accept: METADATA_LIST_ACCEPT } : request,
    );
  }

  #write<T>(
    method: HttpMethod,
    verb: Verb,
    ref: ResourceRef,
    path: string,
    body: string,
    options: WriteOptions,
    contentType: string | undefined,
    idempotent: boolean,
  ): Promise<T> {
    const request = this.#request(method, verb, resourceName(ref, options.subresource), path, idempotent, options);
    request.body = body;
    if (contentType !== undefined) {
      request.contentType = contentType;
    }
    return this.#json<T>(withMetadata(request, options.metadataOnly));
  }

  #request(
    method: HttpMethod,
    verb: Verb,
    resource: string,
    path: string,
    idempotent: boolean,
    options: CallOptions,
  ): TransportRequest {
    const { signal, timeoutMs } = options;
    const request: TransportRequest = { method, verb, resource, path, idempotent, headers: this.#headers, signal };
    if (timeoutMs !== undefined) {
      request.timeoutMs = timeoutMs;
    }
    return request;
  }

  async #json<T>(request: TransportRequest): Promise<T> {
    const response = await this.#transport.request(request);
    return JSON.parse(response.body.toString('utf8')) as T;
  }
}

/**
 * Gives an object of a collection its own apiVersion and kind: the server leaves them out of the items of built-in kinds, and
 * calls metadata-only ones PartialObjectMetadata.
 */
export function withType<T extends KubeObject>(object: T, ref: ResourceRef): T {
  if (object.kind !== ref.kind) {
    object.apiVersion = apiVersionOf(ref);
    object.kind = ref.kind;
  }
  return object;
}

interface ListPage<T> {
  metadata: { resourceVersion?: string; continue?: string };
  items?: T[];
}

function withMetadata(request: TransportRequest, metadataOnly: boolean | undefined): TransportRequest {
  return metadataOnly === true ? { ...request, accept: METADATA_ACCEPT } : request;
}

function writeQuery(options: WriteOptions): Query {
  return {
    fieldManager: options.fieldManager,
    dryRun: options.dryRun === true ? 'All' : undefined,
    fieldValidation: options.fieldValidation,
  };
}

async function ignoreNotFound<T>(promise: Promise<T>): Promise<T | undefined> {
  try {
    return await promise;
  } catch (error) {
    if (error instanceof KubeError && error.isNotFound) {
      return undefined;
    }
    throw error;
  }
}

function parseWatchEvent(line: Buffer, ref: ResourceRef): WatchEvent {
  const event = JSON.parse(line.toString('utf8')) as WatchEvent;
  if (event.type === 'ERROR') {
    throw errorFromStatus(500, event.object as unknown as Status, `watch ${resourceName(ref)}`);
  }
  return event;
}
