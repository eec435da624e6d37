import { digestAlgorithm, matchesDigest, sha256Digest } from '../cache/digest.ts';
import { basicAuthorization, type Challenge, exchangeToken, parseChallenge, type RegistryCredential } from './auth.ts';
import { OciError, statusError, urlForMessage } from './errors.ts';
import { type Descriptor, type ImageManifest, MANIFEST_ACCEPT, parseManifest, selectPlatform } from './manifest.ts';
import { mayUsePlainHttp, type OciRepositoryName } from './reference.ts';
import { type HttpResponse, isUntrusted, RegistryTransport, type TransportOptions } from './transport.ts';

export interface RegistryClientOptions extends TransportOptions {
  credential?: RegistryCredential;
  /** For one operation with its retries, token exchange and redirects. Default 60 s, as OCIRepository's spec.timeout. */
  timeoutMs?: number;
}

export interface CallOptions {
  signal?: AbortSignal;
  timeoutMs?: number;
}

/** A manifest as fetched: an index is already resolved to one image; `digest` is that of what the reference named. */
export interface FetchedManifest {
  digest: string;
  image: ImageManifest;
}

interface Authorization {
  value: string;
  /** performance.now() after which a token is no longer used. */
  expires: number;
}

/** What was learned of one registry: its scheme and how it wants to be asked. */
interface RegistryState {
  scheme?: 'https' | 'http';
  challenge?: Challenge;
  tokens: Map<string, Authorization>;
}

const MAX_MANIFEST_BYTES = 4 << 20;
const MAX_TAGS_PAGE_BYTES = 8 << 20;
const MAX_TAG_PAGES = 200;
const TAGS_PER_PAGE = 1000;
const TOKEN_MARGIN_MS = 10_000;

/**
 * A client of the OCI distribution API with one credential. It keeps connections, tokens and what it learned of each registry,
 * so one client serves many repositories. Errors: OciError, see each `code`.
 */
export class RegistryClient {
  readonly #transport: RegistryTransport;
  readonly #credential: RegistryCredential | undefined;
  readonly #plainHttp: boolean;
  readonly #tlsGiven: boolean;
  readonly #timeoutMs: number;
  readonly #registries = new Map<string, RegistryState>();

  constructor(options: RegistryClientOptions = {}) {
    this.#transport = new RegistryTransport(options);
    this.#credential = options.credential;
    this.#plainHttp = options.insecure === true;
    this.#tlsGiven = options.tls !== undefined;
    this.#timeoutMs = options.timeoutMs ?? 60_000;
  }

  /** Succeeds if the registry answers its base endpoint to this credential. */
  async ping(registry: string, options: CallOptions = {}): Promise<void> {
    const response = await this.#call({ registry, repository: '' }, 'GET', '/v2/', { ...options, maxBytes: 1 << 20 });
    if (response.status !== 200) throw statusError('GET', response.url, response.status, response.body);
  }

  /** All tags of a repository, in the registry's order. */
  async listTags(name: OciRepositoryName, options: CallOptions = {}): Promise<string[]> {
    const signal = this.#deadline(options);
    const tags: string[] = [];
    let path: string | undefined = `/v2/${name.repository}/tags/list?n=${TAGS_PER_PAGE}`;
    for (let page = 0; path !== undefined && page < MAX_TAG_PAGES; page++) {
      const limits = { signal, maxBytes: MAX_TAGS_PAGE_BYTES };
      let response: HttpResponse = await this.#call(name, 'GET', path, limits);
      // Some registries refuse the page size instead of lowering it.
      if (response.status === 400 && page === 0) {
        response = await this.#call(name, 'GET', `/v2/${name.repository}/tags/list`, limits);
      }
      if (response.status !== 200) throw statusError('GET', response.url, response.status, response.body);
      tags.push(...readTags(response));
      path = nextPage(response);
    }
    return tags;
  }

  /** Digest and media type of what a tag or digest names: by HEAD, and by GET where HEAD does not answer well. */
  async head(name: OciRepositoryName, reference: string, options: CallOptions = {}): Promise<Descriptor> {
    const signal = this.#deadline(options);
    const path = `/v2/${name.repository}/manifests/${reference}`;
    const accept = { accept: MANIFEST_ACCEPT };
    const response = await this.#call(name, 'HEAD', path, { signal, headers: accept, maxBytes: MAX_MANIFEST_BYTES });
    const digest = response.headers.get('docker-content-digest') ?? '';
    if (response.status === 200 && digestAlgorithm(digest) !== undefined) {
      requireDigest(reference, digest, response.url);
      const size = Number(response.headers.get('content-length') ?? 0);
      return { mediaType: response.headers.get('content-type') ?? '', digest, size };
    }
    const { bytes, mediaType, digest: computed } = await this.#getManifest(name, reference, signal);
    return { mediaType, digest: computed, size: bytes.byteLength };
  }

  /** The image manifest that a tag or digest names, its digest checked. */
  async manifest(name: OciRepositoryName, reference: string, options: CallOptions = {}): Promise<FetchedManifest> {
    const signal = this.#deadline(options);
    const first = await this.#getManifest(name, reference, signal);
    const parsed = parseManifest(first.bytes, first.mediaType, first.where);
    if (parsed.kind === 'image') return { digest: first.digest, image: parsed.image };
    const entry = selectPlatform(parsed.manifests);
    if (entry === undefined) throw new OciError('protocol', `manifest ${first.where}: the index is empty`);
    const second = await this.#getManifest(name, entry.digest, signal);
    const image = parseManifest(second.bytes, second.mediaType, second.where);
    if (image.kind === 'image') return { digest: first.digest, image: image.image };
    throw new OciError('protocol', `manifest ${second.where}: an index within an index is not supported`);
  }

  /**
   * A blob, its size and digest checked.
   * Errors: OciError `too-large` before or while it streams, `digest-mismatch`, `not-found`, ….
   */
  async blob(
    name: OciRepositoryName,
    blob: { digest: string; size?: number },
    options: CallOptions & { maxBytes: number },
  ): Promise<Uint8Array> {
    const where = `blob ${blob.digest} of ${name.registry}/${name.repository}`;
    if (digestAlgorithm(blob.digest) === undefined)
      throw new OciError('protocol', `${where}: not a sha256 or sha512 digest`);
    if (blob.size !== undefined && blob.size > options.maxBytes) {
      throw new OciError('too-large', `${where}: ${blob.size} bytes, the limit is ${options.maxBytes}`);
    }
    const path = `/v2/${name.repository}/blobs/${blob.digest}`;
    const response = await this.#call(name, 'GET', path, {
      signal: this.#deadline(options),
      maxBytes: options.maxBytes,
    });
    if (response.status !== 200) throw statusError('GET', response.url, response.status, response.body);
    const size = response.body.byteLength;
    if (blob.size !== undefined && size !== blob.size) {
      throw new OciError(
        'digest-mismatch',
        `${where}: got ${size} bytes, the manifest says ${blob.size}: they cannot have that digest`,
      );
    }
    if (!matchesDigest(response.body, blob.digest)) {
      throw new OciError(
        'digest-mismatch',
        `${where}: the bytes received have the digest ${sha256Digest(response.body)}`,
      );
    }
    return response.body;
  }

  /** Closes the connections once their requests are done. */
  close(): Promise<void> {
    return this.#transport.close();
  }

  async #getManifest(name: OciRepositoryName, reference: string, signal: AbortSignal) {
    const path = `/v2/${name.repository}/manifests/${reference}`;
    const headers = { accept: MANIFEST_ACCEPT };
    const response = await this.#call(name, 'GET', path, { signal, headers, maxBytes: MAX_MANIFEST_BYTES });
    if (response.status !== 200) throw statusError('GET', response.url, response.status, response.body);
    const where = `${name.registry}/${name.repository}:${reference}`;
    const announced = response.headers.get('docker-content-digest');
    const wanted = digestAlgorithm(reference) === undefined ? announced : reference;
    if (wanted !== undefined && digestAlgorithm(wanted) !== undefined && !matchesDigest(response.body, wanted)) {
      const got = sha256Digest(response.body);
      throw new OciError('digest-mismatch', `manifest ${where}: expected ${wanted}, the bytes have ${got}`);
    }
    const digest = wanted ?? sha256Digest(response.body);
    return { bytes: response.body, mediaType: response.headers.get('content-type') ?? '', digest, where };
  }

  #deadline(options: CallOptions): AbortSignal {
    const timeout = AbortSignal.timeout(options.timeoutMs ?? this.#timeoutMs);
    return options.signal === undefined ? timeout : AbortSignal.any([timeout, options.signal]);
  }

  /** One API call: finds the scheme, adds authorization, and answers a challenge once. */
  async #call(
    name: OciRepositoryName,
    method: 'GET' | 'HEAD',
    path: string,
    options: CallOptions & { headers?: Record<string, string>; maxBytes: number },
  ): Promise<HttpResponse> {
    const signal = options.signal ?? this.#deadline(options);
    const state = this.#state(name.registry);
    const scope = name.repository === '' ? '' : `repository:${name.repository}:pull`;
    for (let round = 0; ; round++) {
      const authorization = await this.#authorization(name.registry, state, scope, signal);
      const headers = { ...options.headers, ...(authorization === undefined ? {} : { authorization }) };
      const response = await this.#sendFindingScheme(name.registry, state, {
        ...options,
        method,
        path,
        headers,
        signal,
      });
      const header = response.headers.get('www-authenticate');
      if (response.status !== 401 || header === undefined || round > 0) return response;
      const challenge = parseChallenge(header);
      if (challenge === undefined) return response;
      state.challenge = challenge;
      state.tokens.delete(scope);
      // A first request may go without a token, or with an old one; with Basic there is nothing newer to try.
      if (challenge.scheme === 'basic' && (authorization !== undefined || this.#credential === undefined))
        return response;
    }
  }

  #state(registry: string): RegistryState {
    let state = this.#registries.get(registry);
    if (state === undefined) {
      state = { tokens: new Map() };
      this.#registries.set(registry, state);
    }
    return state;
  }

  async #sendFindingScheme(
    registry: string,
    state: RegistryState,
    call: {
      method: 'GET' | 'HEAD';
      path: string;
      headers: Record<string, string>;
      maxBytes: number;
      signal: AbortSignal;
    },
  ): Promise<HttpResponse> {
    const { method, path, headers, maxBytes, signal } = call;
    const send = (scheme: 'https' | 'http') =>
      this.#transport.send({ method, url: new URL(path, `${scheme}://${registry}`), headers, maxBytes, signal });
    if (state.scheme !== undefined) {
      return send(state.scheme).catch((error: unknown) => {
        // It may be another one after a restart: what was learned of it is learned anew.
        this.#registries.delete(registry);
        throw error;
      });
    }
    const plainAllowed = !this.#tlsGiven && (this.#plainHttp || mayUsePlainHttp(registry));
    if (!plainAllowed) return send('https');
    state.scheme = await this.#probeScheme(registry, signal);
    return send(state.scheme);
  }

  /** Where plain HTTP is allowed, https is still preferred: it is asked first, without credentials. */
  async #probeScheme(registry: string, signal: AbortSignal): Promise<'https' | 'http'> {
    const url = new URL('/v2/', `https://${registry}`);
    try {
      await this.#transport.sendOnce({ method: 'GET', url, headers: {}, maxBytes: 1 << 20, signal });
      return 'https';
    } catch (error) {
      // A certificate that is not trusted is no reason to go on without any.
      if (!(error instanceof OciError) || error.code !== 'network' || isUntrusted(error.cause)) throw error;
      return 'http';
    }
  }

  async #authorization(
    registry: string,
    state: RegistryState,
    scope: string,
    signal: AbortSignal,
  ): Promise<string | undefined> {
    const { challenge } = state;
    if (challenge === undefined) return undefined;
    if (challenge.scheme === 'basic') return basicAuthorization(this.#credential);
    if (this.#credential?.registryToken !== undefined) return `Bearer ${this.#credential.registryToken}`;
    const known = state.tokens.get(scope);
    if (known !== undefined && known.expires > performance.now()) return known.value;
    const registryUrl = new URL(`${state.scheme ?? 'https'}://${registry}`);
    const { token, expiresInMs } = await exchangeToken({
      transport: this.#transport,
      challenge,
      scope,
      credential: this.#credential,
      registryUrl,
      signal,
    });
    const value = `Bearer ${token}`;
    state.tokens.set(scope, { value, expires: performance.now() + expiresInMs - TOKEN_MARGIN_MS });
    return value;
  }
}

function requireDigest(reference: string, digest: string, url: URL): void {
  if (digestAlgorithm(reference) !== undefined && reference !== digest) {
    throw new OciError('digest-mismatch', `HEAD ${urlForMessage(url)}: the registry answers with digest ${digest}`);
  }
}

function readTags(response: HttpResponse): string[] {
  let tags: unknown;
  try {
    tags = (JSON.parse(new TextDecoder().decode(response.body)) as { tags?: unknown } | null)?.tags ?? [];
  } catch {
    tags = undefined;
  }
  if (Array.isArray(tags) && tags.every((tag) => typeof tag === 'string')) return tags;
  throw new OciError('protocol', `GET ${urlForMessage(response.url)}: the answer is not a list of tags`);
}

/** Path and query of the next page of a Link header, if it stays on the same registry. */
function nextPage(response: HttpResponse): string | undefined {
  const link = /<([^>]*)>\s*;[^,]*\brel="?next"?/i.exec(response.headers.get('link') ?? '')?.[1];
  if (link === undefined || !URL.canParse(link, response.url.href)) return undefined;
  const next = new URL(link, response.url);
  return next.host === response.url.host ? next.pathname + next.search : undefined;
}
