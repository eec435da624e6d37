import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { getCACertificates } from 'node:tls';
import { Agent, request } from 'undici';
import { OciError, urlForMessage } from './errors.ts';

/** PEM texts of a certSecretRef. `ca` extends the system's authorities, as in Flux. */
export interface TlsMaterial {
  ca?: string;
  cert?: string;
  key?: string;
}

export interface TransportOptions {
  tls?: TlsMaterial;
  /** Skips certificate checks, unless `tls` is given. */
  insecure?: boolean;
  connectTimeoutMs?: number;
  /** Tries of one request, the first included. */
  maxAttempts?: number;
  userAgent?: string;
}

export interface HttpRequest {
  method: 'GET' | 'HEAD' | 'POST';
  url: URL;
  headers: Record<string, string>;
  body?: string;
  /** Larger answers are refused while they stream. */
  maxBytes: number;
  /** Ends the request and its retries. */
  signal: AbortSignal;
}

export interface HttpResponse {
  status: number;
  /** Lower-case names; of repeated headers the first. */
  headers: ReadonlyMap<string, string>;
  body: Uint8Array;
  /** After redirects. */
  url: URL;
}

type Attempt = ({ response: HttpResponse } | { error: unknown }) & {
  retry: boolean;
  retryAfterMs: number | undefined;
};

const MAX_REDIRECTS = 5;
const MAX_RETRY_AFTER_MS = 30_000;
const FIRST_BACKOFF_MS = 200;
const SECRET_HEADERS = ['authorization', 'cookie'];

/** HTTP for registries: pooled connections, bounded bodies, retries with Retry-After, redirects that keep credentials at home. */
export class RegistryTransport {
  readonly #agent: Agent;
  readonly #maxAttempts: number;
  readonly #userAgent: string;

  constructor(options: TransportOptions = {}) {
    this.#agent = new Agent({
      allowH2: false,
      connections: 8,
      pipelining: 1,
      keepAliveTimeout: 30_000,
      connect: { timeout: options.connectTimeoutMs ?? 10_000, ...tlsOptions(options) },
    });
    this.#maxAttempts = options.maxAttempts ?? 4;
    this.#userAgent = options.userAgent ?? 'chartroom';
  }

  /**
   * Sends with retries: transport failures, 429 and 5xx (but 501). The last answer is returned whatever its status.
   * Errors: OciError `network`, `timeout`, `too-large`, `protocol` (redirects).
   */
  async send(req: HttpRequest): Promise<HttpResponse> {
    for (let attempt = 1; ; attempt++) {
      const outcome = await this.#attempt(req);
      const backoffMs = FIRST_BACKOFF_MS * 2 ** (attempt - 1) * (0.75 + Math.random() / 2);
      if (attempt < this.#maxAttempts && outcome.retry) {
        const waited = await pause(outcome.retryAfterMs ?? backoffMs, req.signal);
        if (waited) continue;
      }
      // Out of time, too: what went wrong last tells more than that the time is over.
      if ('error' in outcome) throw outcome.error;
      return outcome.response;
    }
  }

  async #attempt(req: HttpRequest): Promise<Attempt> {
    try {
      const response = await this.#follow(req);
      const retryAfter = retryAfterMs(response.headers.get('retry-after'));
      return { response, retry: isRetryable(response.status), retryAfterMs: retryAfter };
    } catch (error) {
      const retry = error instanceof OciError && error.code === 'network' && !isHopeless(error.cause);
      return { error, retry, retryAfterMs: undefined };
    }
  }

  async #follow(req: HttpRequest): Promise<HttpResponse> {
    let { url, headers } = req;
    for (let hop = 0; hop <= MAX_REDIRECTS; hop++) {
      const response = await this.sendOnce({ ...req, url, headers });
      const location = response.headers.get('location');
      if (![301, 302, 303, 307, 308].includes(response.status) || location === undefined) return response;
      const next = redirectTarget(url, location, req.method);
      if (next.origin !== url.origin) headers = withoutSecrets(headers);
      url = next;
    }
    throw new OciError('protocol', `${req.method} ${urlForMessage(req.url)}: more than ${MAX_REDIRECTS} redirects`);
  }

  /** Sends once: no retries, no redirects. Errors as `send`. */
  async sendOnce(req: HttpRequest): Promise<HttpResponse> {
    try {
      const response = await request(req.url, {
        dispatcher: this.#agent,
        method: req.method,
        headers: { 'user-agent': this.#userAgent, ...req.headers },
        body: req.body ?? null,
        signal: req.signal,
        headersTimeout: 30_000,
        bodyTimeout: 30_000,
      });
      const headers = firstHeaders(response.headers);
      const body = await readBounded(response.body, req, Number(headers.get('content-length') ?? Number.NaN));
      return { status: response.statusCode, headers, body, url: req.url };
    } catch (error) {
      if (error instanceof OciError) throw error;
      if (req.signal.aborted) throw timeoutError(req, req.signal.reason);
      const why = error instanceof Error ? error.message : String(error);
      throw new OciError('network', `${req.method} ${urlForMessage(req.url)}: ${why}`, { cause: error });
    }
  }

  /** Closes the idle connections and waits for the others. */
  close(): Promise<void> {
    return this.#agent.close();
  }
}

function tlsOptions(options: TransportOptions): Record<string, unknown> {
  const { tls } = options;
  if (tls === undefined) return options.insecure === true ? { rejectUnauthorized: false } : {};
  return {
    ...(tls.ca === undefined ? {} : { ca: [...getCACertificates('default'), tls.ca] }),
    ...(tls.cert === undefined ? {} : { cert: tls.cert }),
    ...(tls.key === undefined ? {} : { key: tls.key }),
  };
}

function timeoutError(req: HttpRequest, reason: unknown): OciError {
  const timedOut = reason instanceof Error && reason.name === 'TimeoutError';
  const why = timedOut ? 'no answer before the timeout' : 'cancelled';
  return new OciError('timeout', `${req.method} ${urlForMessage(req.url)}: ${why}`, { cause: reason });
}

/** Waits; false if the signal fired before the end. */
async function pause(ms: number, signal: AbortSignal): Promise<boolean> {
  return delay(ms, true, { signal }).catch(() => false);
}

function isRetryable(status: number): boolean {
  return status === 429 || (status >= 500 && status !== 501);
}

const HOPELESS = new Set(['ENOTFOUND', 'EPROTO', 'UND_ERR_INVALID_ARG']);

/** True for failures that a second try a moment later does not change: names, certificates, plain HTTP behind an https URL. */
function isHopeless(cause: unknown): boolean {
  const code = errorCode(cause);
  return HOPELESS.has(code) || code.startsWith('ERR_SSL') || isUntrusted(cause);
}

const UNTRUSTED = new Set([
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'HOSTNAME_MISMATCH',
]);

/** True if the server was reached over TLS and its certificate is not trusted. */
export function isUntrusted(cause: unknown): boolean {
  const code = errorCode(cause);
  return UNTRUSTED.has(code) || code.startsWith('ERR_TLS_CERT') || code.includes('CERT_') || code.startsWith('CERT');
}

function errorCode(cause: unknown): string {
  const code = (cause as { code?: unknown } | undefined)?.code;
  return typeof code === 'string' ? code : '';
}

/** Milliseconds of a Retry-After header (seconds or a date), capped. */
export function retryAfterMs(header: string | undefined): number | undefined {
  if (header === undefined) return undefined;
  const ms = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - Date.now();
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(ms, 0), MAX_RETRY_AFTER_MS);
}

function redirectTarget(from: URL, location: string, method: string): URL {
  const bad = (why: string) => new OciError('protocol', `${method} ${urlForMessage(from)}: redirect refused: ${why}`);
  if (!URL.canParse(location, from.href)) throw bad('the Location header is not a URL');
  const next = new URL(location, from);
  if (next.protocol !== 'https:' && next.protocol !== 'http:') throw bad(`to scheme '${next.protocol}'`);
  if (from.protocol === 'https:' && next.protocol === 'http:') throw bad('from https to http');
  return next;
}

function withoutSecrets(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !SECRET_HEADERS.includes(name.toLowerCase())));
}

function firstHeaders(headers: Record<string, string | string[] | undefined>): Map<string, string> {
  const result = new Map<string, string>();
  for (const [name, value] of Object.entries(headers)) {
    const first = Array.isArray(value) ? value[0] : value;
    if (first !== undefined) result.set(name.toLowerCase(), first);
  }
  return result;
}

async function readBounded(
  body: AsyncIterable<Uint8Array> & { destroy(): unknown },
  req: HttpRequest,
  announced: number,
): Promise<Uint8Array> {
  const tooLarge = (size: string) =>
    new OciError('too-large', `${req.method} ${urlForMessage(req.url)}: ${size} bytes, the limit is ${req.maxBytes}`);
  if (req.method !== 'HEAD' && announced > req.maxBytes) {
    destroyQuietly(body);
    throw tooLarge(String(announced));
  }
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.byteLength;
    if (size > req.maxBytes) throw tooLarge(`more than ${req.maxBytes}`);
    chunks.push(chunk);
  }
  return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks, size);
}

function destroyQuietly(body: { destroy(): unknown }): void {
  (body as { on?(event: string, handler: () => void): unknown }).on?.('error', () => undefined);
  body.destroy();
}

/** A digest of TLS settings, to key clients by; the key material itself stays out of it. */
export function tlsFingerprint(options: TransportOptions): string {
  const { tls } = options;
  const parts = [tls?.ca, tls?.cert, tls?.key, options.insecure === true ? 'insecure' : ''].map((part) => part ?? '');
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}
