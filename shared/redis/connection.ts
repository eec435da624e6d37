import type { RedisClientType } from 'redis';

export interface RedisOptions {
  /** redis:// or rediss://, with user, password and database as usual. Never shown. */
  url: string;
  /** For rediss://: PEM texts. `ca` replaces the system's authorities. */
  tls?: { ca?: string; cert?: string; key?: string };
  connectTimeoutMs?: number;
  /** For commands whose caller names no deadline. Default 1500 ms. */
  deadlineMs?: number;
  /** Told of connection failures, once per change of their text. */
  onError?: (message: string) => void;
}

/** Redis did not answer in time, or is not connected. Callers go on without it. */
export class RedisUnavailableError extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'RedisUnavailableError';
  }
}

const HUNG_AFTER_TIMEOUTS = 2;
const MAX_BACKOFF_MS = 1000;

/**
 * A connection that never makes its callers wait: nothing is queued while Redis is away, every command has a deadline, and a
 * connection on which commands time out is replaced, since a half-open one would hang for minutes. Reconnects by itself.
 */
export class RedisConnection {
  readonly #options: RedisOptions;
  readonly #deadlineMs: number;
  #client: RedisClientType | undefined;
  #timeouts = 0;
  #lastError = '';
  #closed = false;

  constructor(options: RedisOptions) {
    this.#options = options;
    this.#deadlineMs = options.deadlineMs ?? 1500;
    void this.#open();
  }

  /** True while commands can be sent. */
  get ready(): boolean {
    return this.#client?.isReady === true;
  }

  /** Resolves when the connection stands, or after `timeoutMs`; says which. */
  async waitUntilReady(timeoutMs: number): Promise<boolean> {
    const until = performance.now() + timeoutMs;
    while (!this.ready && performance.now() < until) await new Promise((resolve) => setTimeout(resolve, 10));
    return this.ready;
  }

  /**
   * Runs commands against the deadline.
   * Errors: RedisUnavailableError for no connection, no answer in time, or a lost connection; Redis' own refusals as they are.
   */
  async run<T>(
    what: string,
    commands: (client: RedisClientType) => Promise<T>,
    deadlineMs = this.#deadlineMs,
  ): Promise<T> {
    const client = this.#client;
    if (client?.isReady !== true) throw new RedisUnavailableError(`redis ${what}: not connected`);
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => {
        reject(new RedisUnavailableError(`redis ${what}: no answer in ${deadlineMs} ms`));
        this.#countTimeout(client);
      }, deadlineMs);
    });
    try {
      const result = await Promise.race([commands(client), timeout]);
      this.#timeouts = 0;
      return result;
    } catch (error) {
      if (error instanceof RedisUnavailableError || isRefusal(error)) throw error;
      throw new RedisUnavailableError(`redis ${what}: the connection was lost`, error);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Closes without waiting for answers. */
  close(): void {
    this.#closed = true;
    if (this.#client !== undefined) destroy(this.#client);
  }

  #countTimeout(client: RedisClientType): void {
    if (client !== this.#client || ++this.#timeouts < HUNG_AFTER_TIMEOUTS || this.#closed) return;
    this.#timeouts = 0;
    this.#client = undefined;
    destroy(client);
    void this.#open();
  }

  /** The library is loaded only here: it takes 22 MiB, which a process without Redis does not need. */
  async #open(): Promise<void> {
    try {
      const { createClient } = await import('redis');
      if (this.#closed) return;
      const client = createClient(this.#clientOptions()) as unknown as RedisClientType;
      this.#client = client;
      client.on('error', (error: unknown) => this.#report(error));
      client.on('ready', () => {
        this.#lastError = '';
      });
      await client.connect();
    } catch (error) {
      this.#report(error);
    }
  }

  #clientOptions() {
    const { url, tls, connectTimeoutMs } = this.#options;
    const secure = url.startsWith('rediss:') ? { tls: true as const, ...tls } : {};
    return {
      url,
      disableOfflineQueue: true,
      // Not RESP 3: nothing of it is needed, and proxies know RESP 2.
      RESP: 2 as const,
      socket: {
        connectTimeout: connectTimeoutMs ?? 2000,
        reconnectStrategy: (retries: number) =>
          Math.min(50 * 2 ** retries, MAX_BACKOFF_MS) * (0.75 + Math.random() / 2),
        ...secure,
      },
    };
  }

  #report(error: unknown): void {
    // Codes only: a message may hold what the server or the URL says.
    const { code, constructor: type } = (error ?? {}) as { code?: unknown; constructor?: { name?: unknown } };
    const text = String(code ?? type?.name ?? 'unknown');
    if (this.#closed || text === this.#lastError) return;
    this.#lastError = text;
    this.#options.onError?.(`redis connection: ${text}`);
  }
}

function destroy(client: RedisClientType): void {
  try {
    client.destroy();
  } catch {
    // it was closed already
  }
}

/** True for an error reply: Redis is there and says no. */
function isRefusal(error: unknown): boolean {
  const name = (error as { constructor?: { name?: unknown } } | null)?.constructor?.name;
  return name === 'SimpleError' || name === 'BlobError' || name === 'ErrorReply';
}
