import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express';
import type { StorageDefaults } from '../shared/api/rules/storage.ts';
import { errorMessage } from '../shared/errors.ts';
import type { Logger } from '../shared/log.ts';
import type { WebhookMetrics } from './metrics.ts';
import { mutate } from './mutate.ts';
import { answer, parseReview, ReviewError, type ReviewRequest, type Verdict } from './review.ts';
import { validate } from './validate.ts';

export interface ServerParts {
  readonly storage: StorageDefaults;
  readonly metrics: WebhookMetrics;
  readonly log: Logger;
  readonly isReady: () => boolean;
}

type Reviewer = (request: ReviewRequest, storage: StorageDefaults) => Verdict;

// The API server takes objects of up to 3 MiB; a review has two of them, and JSON in JSON costs nothing more.
const BODY_LIMIT = 3 * 2 ** 20;
const REVIEW_LIMIT = 2 * BODY_LIMIT + 2 ** 16;

/** The HTTP application: /mutate and /validate, and the paths for probes and Prometheus. */
export function createApp(parts: ServerParts): Express {
  const app = probes(parts);
  const json = express.json({ limit: REVIEW_LIMIT, type: () => true });
  app.post('/mutate', json, reviewHandler('mutate', mutate, parts));
  app.post('/validate', json, reviewHandler('validate', validate, parts));
  app.use(notFound);
  app.use(failure(parts.log, parts.metrics));
  return app;
}

/** Only the paths for probes and Prometheus, for a plain HTTP address besides. */
export function createProbeApp(parts: ServerParts): Express {
  return probes(parts).use(notFound);
}

function probes({ metrics, isReady, log }: ServerParts): Express {
  const app = express();
  app.disable('x-powered-by').disable('etag');
  app.get('/healthz', (_request, response) => {
    response.type('text/plain').send('ok\n');
  });
  app.get('/readyz', (_request, response) => {
    response
      .status(isReady() ? 200 : 503)
      .type('text/plain')
      .send(isReady() ? 'ok\n' : 'not ready\n');
  });
  app.get('/metrics', async (_request, response) => {
    response.type(metrics.registry.contentType).send(await metrics.registry.metrics());
  });
  app.use(((error, _request, response, next) => {
    if (response.headersSent) return next(error);
    log.error({ err: errorMessage(error) }, 'probe failed');
    response.status(500).type('text/plain').send('internal error\n');
  }) satisfies ErrorRequestHandler);
  return app;
}

function reviewHandler(name: string, review: Reviewer, parts: ServerParts): RequestHandler {
  return (request, response) => {
    const started = performance.now();
    const body = parseReview(request.body);
    const verdict = review(body, parts.storage);
    response.json(answer(body.uid, verdict));
    parts.metrics.observe(name, verdict.allowed ? 'allowed' : 'refused', performance.now() - started);
    if (verdict.allowed) return;
    for (const { field } of verdict.problems) parts.metrics.refused(field);
    const { kind, operation } = body;
    parts.log.info(
      { webhook: name, kind: kind.kind, operation, fields: verdict.problems.map(({ field }) => field) },
      'refused',
    );
  };
}

const notFound: RequestHandler = (_request, response) => {
  response.status(404).type('text/plain').send('not found\n');
};

/** Says what is wrong with a request, or, for what should not happen, no more than that. */
function failure(log: Logger, metrics: WebhookMetrics): ErrorRequestHandler {
  return (error, request, response, next) => {
    if (response.headersSent) return next(error);
    const status = statusOf(error);
    const webhook = request.path.slice(1);
    metrics.observe(webhook, status < 500 ? 'invalid' : 'error', 0);
    if (status >= 500) log.error({ webhook, err: errorMessage(error) }, 'review failed');
    response.status(status).json({ error: status < 500 ? clientError(error, status) : 'internal error' });
  };
}

function statusOf(error: unknown): number {
  if (error instanceof ReviewError) return 400;
  if (typeof error !== 'object' || error === null || !('status' in error)) return 500;
  return typeof error.status === 'number' && error.status >= 400 && error.status < 500 ? error.status : 500;
}

function clientError(error: unknown, status: number): string {
  if (error instanceof ReviewError) return error.message;
  if (status === 413) return `the body is larger than ${REVIEW_LIMIT} bytes`;
  // The parser's own text quotes the body, which may hold secrets.
  return 'the body cannot be read as JSON';
}
