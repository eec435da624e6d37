import { setTimeout as sleepTimer } from 'node:timers/promises';

/** What is known of a failed attempt. Either `status` (an answer) or `connection` (no answer) is set. */
export interface FailedAttempt {
  /** How many attempts were made before this one: 0 for the first. */
  attempt: number;
  status?: number;
  retryAfterMs?: number;
  connection?: 'not-sent' | 'lost';
  /** Whether doing the request twice has the effect of doing it once. */
  idempotent: boolean;
}

/** Bounds on retries. Times in milliseconds. */
export interface RetryLimits {
  maxRetries: number;
  baseMs: number;
  capMs: number;
  /** A Retry-After above this is not waited for: the caller gets the error. */
  retryAfterCapMs: number;
}

export const DEFAULT_RETRY_LIMITS: RetryLimits = { maxRetries: 5, baseMs: 100, capMs: 5_000, retryAfterCapMs: 30_000 };

/**
 * Decides whether an attempt is made again and after how many milliseconds; undefined = give up.
 *
 * An answer with Retry-After says that the request was not processed, so any verb is sent again (client-go's rule, for 429
 * and 5xx). Without it only 429, and for idempotent requests 502, 503 and 504, are. A request that was not sent is sent
 * again; one whose connection was lost only when idempotent: a create that was lost may have been done.
 */
export function retryDelay(failed: FailedAttempt, limits: RetryLimits, random: () => number): number | undefined {
  if (failed.attempt >= limits.maxRetries || !isRetryable(failed)) {
    return undefined;
  }
  if (failed.retryAfterMs !== undefined) {
    return failed.retryAfterMs > limits.retryAfterCapMs
      ? undefined
      : failed.retryAfterMs + Math.floor(random() * limits.baseMs);
  }
  const ceiling = Math.min(limits.capMs, limits.baseMs * 2 ** failed.attempt);
  return Math.floor(ceiling / 2 + (random() * ceiling) / 2);
}

function isRetryable(failed: FailedAttempt): boolean {
  if (failed.connection !== undefined) {
    return failed.connection === 'not-sent' || failed.idempotent;
  }
  const status = failed.status ?? 0;
  if (status === 429 || (status >= 500 && failed.retryAfterMs !== undefined)) {
    return true;
  }
  return failed.idempotent && status >= 502 && status <= 504;
}

/** Reads a Retry-After header (seconds or an HTTP date) as milliseconds from `nowMs`; undefined when absent or unreadable. */
export function parseRetryAfter(value: string | undefined, nowMs: number): number | undefined {
  if (value === undefined) {
    return undefined;
  }
  if (/^\d+$/.test(value)) {
    return Number(value) * 1000;
  }
  const at = Date.parse(value);
  return Number.isNaN(at) ? undefined : Math.max(0, at - nowMs);
}

/** Exponential backoff with full jitter above half: the delay before try number `failures` (1 = first retry), in milliseconds. */
export function backoffMs(failures: number, baseMs: number, capMs: number, random: () => number): number {
  const ceiling = Math.min(capMs, baseMs * 2 ** Math.min(30, Math.max(0, failures - 1)));
  return ceiling / 2 + (random() * ceiling) / 2;
}

/** Waits `ms`, or less if the signal fires; never rejects: the caller looks at `signal.aborted`. */
export async function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  await sleepTimer(ms, undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
}
