import { describe, expect, test } from '@jest/globals';
import {
  backoffMs,
  DEFAULT_RETRY_LIMITS,
  type FailedAttempt,
  parseRetryAfter,
  retryDelay,
  sleep,
} from '../../../shared/kube/retry.ts';

const decide = (failed: Partial<FailedAttempt>) =>
  retryDelay({ attempt: 0, idempotent: false, ...failed }, DEFAULT_RETRY_LIMITS, () => 0);

describe('whether a request is sent again', () => {
  test.each<[string, Partial<FailedAttempt>, boolean]>([
    ['429, whatever the verb', { status: 429 }, true],
    ['503 with Retry-After, whatever the verb', { status: 503, retryAfterMs: 1000 }, true],
    ['500 with Retry-After', { status: 500, retryAfterMs: 0 }, true],
    ['503 of a read', { status: 503, idempotent: true }, true],
    ['503 of a create', { status: 503 }, false],
    ['500 of a read: a failing webhook answers so', { status: 500, idempotent: true }, false],
    ['409', { status: 409, idempotent: true }, false],
    ['404', { status: 404, idempotent: true }, false],
    ['a create that was not sent', { connection: 'not-sent' }, true],
    ['a create whose connection was lost: it may have been done', { connection: 'lost' }, false],
    ['an apply whose connection was lost', { connection: 'lost', idempotent: true }, true],
    ['a Retry-After above the bound', { status: 429, retryAfterMs: 60_000 }, false],
    ['after the last retry', { status: 429, attempt: 5 }, false],
  ])('%s', (_name, failed, again) => {
    expect(decide(failed) !== undefined).toBe(again);
  });

  test('Retry-After is waited for in full, with a little jitter above it', () => {
    const failed = { attempt: 0, idempotent: false, status: 429, retryAfterMs: 2000 };
    expect(retryDelay(failed, DEFAULT_RETRY_LIMITS, () => 0)).toBe(2000);
    expect(retryDelay(failed, DEFAULT_RETRY_LIMITS, () => 0.99)).toBe(2099);
  });

  test('the delay doubles up to the cap, between half and whole', () => {
    const limits = { ...DEFAULT_RETRY_LIMITS, maxRetries: 99 };
    const at = (attempt: number, random: number) =>
      retryDelay({ attempt, idempotent: true, status: 503 }, limits, () => random);
    expect([at(0, 0), at(0, 1), at(1, 1), at(3, 1), at(20, 1)]).toEqual([50, 100, 200, 800, 5000]);
  });
});

test('reads Retry-After as seconds or as a date', () => {
  expect(parseRetryAfter('3', 0)).toBe(3000);
  expect(parseRetryAfter('Thu, 01 Jan 1970 00:00:05 GMT', 1000)).toBe(4000);
  expect(parseRetryAfter('Thu, 01 Jan 1970 00:00:05 GMT', 9000)).toBe(0);
  expect(parseRetryAfter('soon', 0)).toBeUndefined();
  expect(parseRetryAfter(undefined, 0)).toBeUndefined();
});

test('backoff doubles from base to cap and survives any number of failures', () => {
  expect([1, 2, 3, 4, 5000].map((n) => backoffMs(n, 100, 500, () => 1))).toEqual([100, 200, 400, 500, 500]);
});

test('sleep ends early and quietly when aborted', async () => {
  const stop = new AbortController();
  const slept = sleep(60_000, stop.signal);
  stop.abort();
  await expect(slept).resolves.toBeUndefined();
});
