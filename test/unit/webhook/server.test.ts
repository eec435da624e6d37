import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { pino } from 'pino';
import { WebhookMetrics } from '../../../webhook/metrics.ts';
import { createApp } from '../../../webhook/server.ts';

let server: Server;
let url: string;
let ready: boolean;

beforeEach(async () => {
  ready = true;
  const storage = { driver: 'secret', allowMemory: false, hasSqlConnection: false } as const;
  const log = pino({ level: 'silent' });
  server = createServer(createApp({ storage, metrics: new WebhookMetrics(), log, isReady: () => ready }));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

function post(path: string, body: string, headers: Record<string, string> = {}) {
  return fetch(url + path, { method: 'POST', body, headers: { 'content-type': 'application/json', ...headers } });
}

function review(object: unknown): string {
  const kind = { group: 'helm.toolkit.fluxcd.io', version: 'v2', kind: 'HelmRelease' };
  const request = { uid: 'u1', kind, operation: 'CREATE', object };
  return JSON.stringify({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', request });
}

describe('reviews', () => {
  test('are answered by uid', async () => {
    const sound = { spec: { interval: '5m', chartRef: { kind: 'OCIRepository', name: 'a' } } };
    const response = await post('/mutate', review(sound));
    expect(await response.json()).toMatchObject({ response: { uid: 'u1', allowed: true, patchType: 'JSONPatch' } });
    const refused = await post('/validate', review({ spec: {} }));
    expect(refused.status).toBe(200);
    expect(await refused.json()).toMatchObject({ response: { uid: 'u1', allowed: false, status: { code: 422 } } });
  });

  test.each([
    ['', 400, 'the body is not an AdmissionReview'],
    ['{', 400, 'the body cannot be read as JSON'],
    ['"hunter2', 400, 'the body cannot be read as JSON'],
    ['[]', 400, 'the body is not a JSON object'],
    ['{}', 400, 'the body is not an AdmissionReview of admission.k8s.io/v1'],
    ['{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1"}', 400, 'request.uid is missing'],
    [`"${'x'.repeat(7 * 2 ** 20)}"`, 413, 'the body is larger than'],
  ])('with a body of %.20j are answered by a client error', async (body, status, error) => {
    for (const path of ['/mutate', '/validate']) {
      const response = await post(path, body);
      expect(response.status).toBe(status);
      expect(((await response.json()) as { error: string }).error).toContain(error);
    }
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
  });

  test('in an unknown encoding are answered by a client error', async () => {
    expect((await post('/mutate', 'x', { 'content-encoding': 'zz' })).status).toBe(415);
  });

  test('may be as large as two objects', async () => {
    const large = { spec: { interval: '5m', values: { a: 'x'.repeat(5 * 2 ** 20) } } };
    expect((await post('/mutate', review(large))).status).toBe(200);
  });
});

test('probes, metrics and other paths', async () => {
  expect((await fetch(`${url}/readyz`)).status).toBe(200);
  ready = false;
  expect((await fetch(`${url}/readyz`)).status).toBe(503);
  await post('/validate', review({ spec: {} }));
  const metrics = await (await fetch(`${url}/metrics`)).text();
  expect(metrics).toContain('chartroom_webhook_review_duration_seconds_count{webhook="validate",result="refused"} 1');
  expect(metrics).toContain('chartroom_webhook_refusals_total{field="spec.interval"} 1');
  expect((await fetch(`${url}/nope`)).status).toBe(404);
  expect((await fetch(`${url}/mutate`)).status).toBe(404);
});
