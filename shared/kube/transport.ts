import type { IncomingHttpHeaders } from 'node:http';
import { Agent, type Dispatcher, ProxyAgent } from 'undici';
import type { KubeAuth } from './config.ts';
import { errorFromBody, KubeConnectionError } from './error.ts';
import { type RateLimiter, TokenBucket } from './rate-limit.ts';
import { DEFAULT_RETRY_LIMITS, parseRetryAfter, type RetryLimits, retryDelay, sleep } from './retry.ts';

export type HttpMethod = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** What a request does, for counting: the API server's own verb names, and `apply` for server-side apply. */
export type Verb = 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'apply' | 'delete' | 'raw';

/** One attempt of one request, told to `onRequest` when it ends (a watch: when its headers have come). */
export interface RequestRecord {
  verb: Verb;
  /** `secrets`, `helmreleases.helm.toolkit.fluxcd.io/status`, or the path of a raw request. */
  resource: string;
  /** The HTTP status; 0 when no answer came. */
  status: number;
  durationMs: number;
  /** 0 for the first attempt. */
  attempt: number;
}

/** Options of the transport. Times in milliseconds. */
export interface TransportOptions {
  /** How many requests may be in flight at once, apart from watches. Default 64. */
  connections?: number;
  /** Client-side rate limit (`--kube-api-qps`, `--kube-api-burst`); 0 or absent = none. */
  qps?: number;
  burst?: number;
  /** How long to wait for an answer's headers, and between parts of its body. Default 65 000: above the server's own limit. */
  timeoutMs?: number;
  connectTimeoutMs?: number;
  retry?: Partial<RetryLimits>;
  userAgent?: string;
  /** Negotiate HTTP/2. Default false: one connection a request in flight measured faster. */
  http2?: boolean;
  onRequest?: (record: RequestRecord) => void;
  random?: () => number;
}

/** A request to the API server. `path` is escaped and has its query. */
export interface TransportRequest {
  method: HttpMethod;
  path: string;
  verb: Verb;
  resource: string;
  body?: string;
  contentType?: string;
  accept?: string;
  headers?: Readonly<Record<string, string | string[]>>;
  idempotent: boolean;
  signal?: AbortSignal | undefined;
  timeoutMs?: number;
}

export interface TransportResponse {
  status: number;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

// A dead peer (no FIN, no RST) is found by TCP keep-alive: after this, then 10 probes a second apart.
const TCP_KEEP_ALIVE_MS = 15_000;
const JSON_TYPE = 'application/json';
const EMPTY = Buffer.alloc(0);
/** Codes of errors raised before any byte of the request left. */
const NOT_SENT = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/**
 * A pooled HTTP client for one API server: keep-alive connections, bounded retries, rate limit, counting. Knows nothing of
 * Kubernetes objects but the Status of an error. Watches have connections of their own, so they never starve requests.
 */
export class Transport {
  readonly #auth: KubeAuth;
  readonly #requests: Dispatcher;
  readonly #watches: Dispatcher;
  readonly #limits: RetryLimits;
  readonly #limiter: RateLimiter | undefined;
  readonly #timeoutMs: number;
  readonly #userAgent: string;
  readonly #onRequest: ((record: RequestRecord) => void) | undefined;
  readonly #random: () => number;

  constructor(auth: KubeAuth, options: TransportOptions = {}) {
    this.#auth = auth;
    this.#requests = makeDispatcher(auth, options, options.connections ?? 64);
    this.#watches = makeDispatcher(auth, { ...options, http2: false }, null);
    this.#limits = { ...DEFAULT_RETRY_LIMITS, ...options.retry };
    this.#limiter =
      options.qps !== undefined && options.qps > 0
        ? new TokenBucket(options.qps, options.burst ?? Math.ceil(options.qps * 2))
        : undefined;
    this.#timeoutMs = options.timeoutMs ?? 65_000;
    this.#userAgent = options.userAgent ?? 'chartroom';
    this.#onRequest = options.onRequest;
    this.#random = options.random ?? Math.random;
  }

  /**
   * Sends a request, again where that is safe, and returns a 2xx or 304 answer.
   * Throws KubeError for any other answer, KubeConnectionError when none came, the signal's reason when aborted.
   */
  async request(request: TransportRequest): Promise<TransportResponse> {
    for (let attempt = 0, refreshed = false; ; attempt++) {
      await this.#limiter?.acquire(request.signal);
      const outcome = await this.#attempt(request, attempt);
      if (!(outcome instanceof Error) && (outcome.status < 300 || outcome.status === 304)) {
        return outcome;
      }
      const failure = outcome instanceof Error ? outcome : this.#errorOf(request, outcome);
      if (!(outcome instanceof Error) && outcome.status === 401 && !refreshed && this.#auth.invalidate?.() === true) {
        refreshed = true;
        continue;
      }
      const delay = this.#retryDelay(request, attempt, outcome);
      if (delay === undefined) {
        throw failure;
      }
      await sleep(delay, request.signal);
      request.signal?.throwIfAborted();
    }
  }

  /**
   * Sends a request whose answer is a stream; `onChunk` gets its bytes. Resolves when the server ends it. Never retries.
   * Throws as `request` does. `onOpen` is called when the headers of a good answer have come.
   */
  async stream(request: TransportRequest, onChunk: (chunk: Buffer) => void, onOpen?: () => void): Promise<void> {
    await this.#limiter?.acquire(request.signal);
    const headers = await this.#headers(request);
    request.signal?.throwIfAborted();
    const started = performance.now();
    const outcome = await new Promise<TransportResponse | Error>((resolve) => {
      const handler = new StreamHandler(request.signal, resolve, onChunk, (status) => {
        this.#record(request, status, started, 0);
        if (status < 300) {
          onOpen?.();
        }
      });
      // The time-out covers the wait for headers only: a quiet watch is a healthy one, TCP keep-alive finds dead peers.
      this.#dispatch(this.#watches, request, headers, handler, 0);
    });
    if (outcome instanceof Error) {
      throw outcome;
    }
    if (outcome.status >= 300) {
      throw this.#errorOf(request, outcome);
    }
  }

  /** Ends all connections; requests in flight fail. */
  async close(): Promise<void> {
    await Promise.all([this.#requests.destroy(), this.#watches.destroy()]);
  }

  async #attempt(request: TransportRequest, attempt: number): Promise<TransportResponse | Error> {
    const headers = await this.#headers(request);
    request.signal?.throwIfAborted();
    const started = performance.now();
    const outcome = await new Promise<TransportResponse | Error>((resolve) => {
      const handler = new BufferHandler(request.signal, resolve);
      this.#dispatch(this.#requests, request, headers, handler, request.timeoutMs ?? this.#timeoutMs);
    });
    this.#record(request, outcome instanceof Error ? 0 : outcome.status, started, attempt);
    return outcome;
  }

  #dispatch(
    dispatcher: Dispatcher,
    request: TransportRequest,
    headers: Record<string, string | string[]>,
    handler: BufferHandler,
    bodyTimeout: number,
  ): void {
    dispatcher.dispatch(
      {
        origin: this.#auth.server,
        path: this.#auth.basePath + request.path,
        method: request.method,
        headers,
        body: request.body ?? null,
        headersTimeout: request.timeoutMs ?? this.#timeoutMs,
        bodyTimeout,
      },
      handler,
    );
  }

  async #headers(request: TransportRequest): Promise<Record<string, string | string[]>> {
    const headers: Record<string, string | string[]> = { ...(await this.#auth.headers()), ...request.headers };
    headers['accept'] = request.accept ?? JSON_TYPE;
    headers['user-agent'] = this.#userAgent;
    if (request.body !== undefined) {
      headers['content-type'] = request.contentType ?? JSON_TYPE;
    }
    return headers;
  }

  #retryDelay(request: TransportRequest, attempt: number, outcome: TransportResponse | Error): number | undefined {
    const { idempotent } = request;
    if (outcome instanceof KubeConnectionError) {
      const connection = outcome.notSent ? 'not-sent' : 'lost';
      return retryDelay({ attempt, idempotent, connection }, this.#limits, this.#random);
    }
    if (outcome instanceof Error) {
      return undefined;
    }
    const retryAfterMs = parseRetryAfter(outcome.headers['retry-after'], Date.now());
    const failed = {
      attempt,
      idempotent,
      status: outcome.status,
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    };
    return retryDelay(failed, this.#limits, this.#random);
  }

  #errorOf(request: TransportRequest, response: TransportResponse): Error {
    return errorFromBody(response.status, response.body.toString('utf8'), `${request.verb} ${request.resource}`);
  }

  #record(request: TransportRequest, status: number, started: number, attempt: number): void {
    this.#onRequest?.({
      verb: request.verb,
      resource: request.resource,
      status,
      durationMs: performance.now() - started,
      attempt,
    });
  }
}

function makeDispatcher(auth: KubeAuth, options: TransportOptions, connections: number | null): Dispatcher {
  const tls = {
    ...(auth.ca === undefined ? {} : { ca: auth.ca }),
    ...(auth.cert === undefined ? {} : { cert: auth.cert }),
    ...(auth.key === undefined ? {} : { key: auth.key }),
    ...(auth.serverName === undefined ? {} : { servername: auth.serverName }),
    rejectUnauthorized: !auth.insecure,
  };
  const connect = { ...tls, keepAlive: true, keepAliveInitialDelay: TCP_KEEP_ALIVE_MS };
  const common = {
    connections,
    allowH2: options.http2 ?? false,
    // Below the API server's 90 s, so that we, not it, end an idle connection.
    keepAliveTimeout: 60_000,
    connectTimeout: options.connectTimeoutMs ?? 10_000,
  };
  return auth.proxyUrl === undefined
    ? new Agent({ ...common, connect })
    : new ProxyAgent({ ...common, uri: auth.proxyUrl, requestTls: connect, proxyTunnel: true });
}

/** Collects a whole answer. Resolves with an Error instead of rejecting: an attempt that fails is an ordinary outcome. */
class BufferHandler implements Dispatcher.DispatchHandler {
  protected status = 0;
  protected headers: IncomingHttpHeaders = {};
  #chunks: Buffer[] = [];
  #controller: Dispatcher.DispatchController | undefined;
  readonly #signal: AbortSignal | undefined;
  readonly #resolve: (outcome: TransportResponse | Error) => void;
  readonly #onAbort = () => {
    this.#controller?.abort(abortError(this.#signal));
    this.#finish(abortError(this.#signal));
  };

  constructor(signal: AbortSignal | undefined, resolve: (outcome: TransportResponse | Error) => void) {
    this.#signal = signal;
    this.#resolve = resolve;
    signal?.addEventListener('abort', this.#onAbort, { once: true });
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#signal?.aborted === true) {
      controller.abort(abortError(this.#signal));
    }
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders): void {
    this.status = status;
    this.headers = headers;
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#chunks.push(chunk);
  }

  onResponseEnd(): void {
    const [first] = this.#chunks;
    const body = first === undefined ? EMPTY : this.#chunks.length === 1 ? first : Buffer.concat(this.#chunks);
    this.#finish({ status: this.status, headers: this.headers, body });
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#finish(this.#signal?.aborted === true ? abortError(this.#signal) : connectionError(error));
  }

  #finish(outcome: TransportResponse | Error): void {
    this.#signal?.removeEventListener('abort', this.#onAbort);
    this.#resolve(outcome);
  }
}

/** Hands a good answer's bytes on as they come; collects a bad one's. */
class StreamHandler extends BufferHandler {
  readonly #onChunk: (chunk: Buffer) => void;
  readonly #onStatus: (status: number) => void;

  constructor(
    signal: AbortSignal | undefined,
    resolve: (outcome: TransportResponse | Error) => void,
    onChunk: (chunk: Buffer) => void,
    onStatus: (status: number) => void,
  ) {
    super(signal, resolve);
    this.#onChunk = onChunk;
    this.#onStatus = onStatus;
  }

  override onResponseStart(
    controller: Dispatcher.DispatchController,
    status: number,
    headers: IncomingHttpHeaders,
  ): void {
    super.onResponseStart(controller, status, headers);
    this.#onStatus(status);
  }

  override onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.status < 300) {
      this.#onChunk(chunk);
    } else {
      super.onResponseData(controller, chunk);
    }
  }
}

function abortError(signal: AbortSignal | undefined): Error {
  const reason: unknown = signal?.reason;
  return reason instanceof Error ? reason : new DOMException('The request was aborted', 'AbortError');
}

function connectionError(error: Error & { code?: string }): KubeConnectionError {
  const code = error.code ?? '';
  return new KubeConnectionError(`API server: ${error.message || code}`, NOT_SENT.has(code), { cause: error });
}
