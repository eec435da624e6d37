import { describe, expect, test } from '@jest/globals';
import jsonPatch from 'fast-json-patch';
import type { StorageDefaults } from '../../../shared/api/rules/storage.ts';
import { mutate } from '../../../webhook/mutate.ts';
import { answer, parseReview, type ReviewRequest } from '../../../webhook/review.ts';
import { validate } from '../../../webhook/validate.ts';

const defaults: StorageDefaults = { driver: 'secret', allowMemory: false, hasSqlConnection: false };
const spec = { interval: '5m', chartRef: { kind: 'OCIRepository', name: 'app' } };
const kind = { group: 'helm.toolkit.fluxcd.io', version: 'v2', kind: 'HelmRelease' };

function release(more: Record<string, unknown>, metadata: Record<string, unknown> = {}) {
  return { metadata: { name: 'app', namespace: 'apps', ...metadata }, spec: { ...spec, ...more } };
}

function request(object: unknown, more: Partial<ReviewRequest> = {}): ReviewRequest {
  return { uid: 'u', kind, operation: 'CREATE', object, oldObject: null, ...more };
}

function patched(object: unknown, more: Partial<ReviewRequest> = {}): unknown {
  const verdict = mutate(request(object, more), defaults);
  if (!verdict.allowed) throw new Error(JSON.stringify(verdict.problems));
  const operations = (verdict.patch ?? []) as jsonPatch.Operation[];
  return jsonPatch.applyPatch(structuredClone(object), operations).newDocument;
}

describe('mutate', () => {
  test.each<[string, Record<string, unknown>, string]>([
    ['no storage', {}, 'secret'],
    ['empty storage', { storage: {} }, 'secret'],
    ['null', { storage: null }, 'secret'],
    ['a plural', { storage: { driver: 'ConfigMaps' } }, 'configmap'],
    ['the canonical form', { storage: { driver: 'configmap' } }, 'configmap'],
  ])('%s', (_, more, driver) => {
    const once = patched(release(more));
    expect(once).toMatchObject({ spec: { ...spec, storage: { driver } } });
    expect(mutate(request(once), defaults)).toEqual({ allowed: true });
  });

  test('changes nothing but the storage', () => {
    const verdict = mutate(request(release({ values: { a: '__proto__' } })), defaults);
    expect(verdict).toEqual({
      allowed: true,
      patch: [{ op: 'add', path: '/spec/storage', value: { driver: 'secret' } }],
    });
  });

  test('an update without storage keeps the former driver', () => {
    const oldObject = release({ storage: { driver: 'configmap' } });
    expect(patched(release({}), { operation: 'UPDATE', oldObject })).toEqual(oldObject);
  });

  test('an object that was wrong before can still be annotated, but not made worse', () => {
    const oldObject = release({ interval: '0s', storage: { driver: 'secret' } });
    const annotated = release({ interval: '0s', storage: { driver: 'secret' } }, { annotations: { a: 'b' } });
    expect(mutate(request(annotated, { operation: 'UPDATE', oldObject }), defaults)).toEqual({ allowed: true });
    const worse = release({ interval: '0s', timeout: '1d', storage: { driver: 'secret' } });
    expect(mutate(request(worse, { operation: 'UPDATE', oldObject }), defaults)).toMatchObject({
      allowed: false,
      problems: [{ field: 'spec.timeout' }],
    });
  });

  test.each<[string, ReviewRequest]>([
    ['another kind', request({ spec: 1 }, { kind: { ...kind, kind: 'Pod' } })],
    ['another version', request({ spec: 1 }, { kind: { ...kind, version: 'v9' } })],
    ['a deletion', request(null, { operation: 'DELETE' })],
    ['an object on its way out', request(release({ interval: '0s' }, { deletionTimestamp: '2026-01-01T00:00:00Z' }))],
  ])('has no say about %s', (_, other) => {
    expect([mutate(other, defaults), validate(other, defaults)]).toEqual([{ allowed: true }, { allowed: true }]);
  });
});

test('validate refuses what mutate refuses', () => {
  for (const bad of [{ interval: 'soon' }, { chart: {} }, { storage: { driver: 'sql' } }]) {
    expect(validate(request(release(bad)), defaults)).toEqual(mutate(request(release(bad)), defaults));
    expect(validate(request(release(bad)), defaults).allowed).toBe(false);
  }
});

describe('answer', () => {
  test('encodes a patch', () => {
    const { response } = answer('u', { allowed: true, patch: [{ op: 'test' }] }) as { response: { patch: string } };
    expect(JSON.parse(Buffer.from(response.patch, 'base64').toString())).toEqual([{ op: 'test' }]);
    expect(answer('u', { allowed: true, patch: [] })).toMatchObject({ response: { uid: 'u', allowed: true } });
  });

  test('gives one problem as a sentence and several as a list', () => {
    const [a, b] = [
      { field: 'a', message: 'a is wrong' },
      { field: 'b', message: 'b is wrong' },
    ];
    expect(answer('u', { allowed: false, problems: [a] })).toMatchObject({
      response: { status: { code: 422, message: 'a is wrong' } },
    });
    expect(answer('u', { allowed: false, problems: [a, b] })).toMatchObject({
      response: { status: { message: '2 things are wrong:\n- a is wrong\n- b is wrong' } },
    });
  });
});

test.each([[undefined], [[]], ['x'], [{}], [{ kind: 'AdmissionReview', apiVersion: 'admission.k8s.io/v1' }]])(
  'parseReview refuses %j',
  (body) => {
    expect(() => parseReview(body)).toThrow(/the body is not|request\.uid/);
  },
);
