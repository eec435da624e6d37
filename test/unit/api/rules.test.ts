import { describe, expect, test } from '@jest/globals';
import { newProblems, validateHelmRelease } from '../../../shared/api/rules/helm-release.ts';
import { normaliseStorage, type StorageDefaults } from '../../../shared/api/rules/storage.ts';
import { normaliseStorageDriver } from '../../../shared/api/storage-driver.ts';

const defaults: StorageDefaults = { driver: 'secret', allowMemory: false, hasSqlConnection: false };
const base = { interval: '5m', chartRef: { kind: 'OCIRepository', name: 'app' } };
const metadata = { name: 'app', namespace: 'apps' };

function messages(spec: unknown, more: Partial<StorageDefaults> = {}): string[] {
  return validateHelmRelease({ metadata, spec }, { ...defaults, ...more }).map(({ message }) => message);
}

describe('storage driver', () => {
  test.each([
    ['Secrets', 'secret'],
    ['SECRET', 'secret'],
    [' configMaps ', 'configmap'],
    ['Sql', 'sql'],
    ['memory', 'memory'],
    ['etcd', undefined],
    ['', undefined],
    [true, undefined],
  ])('%j is %s', (written, driver) => {
    expect(normaliseStorageDriver(written)).toBe(driver);
  });

  test('is written canonically, and twice is as once', () => {
    const once = normaliseStorage({ ...base, storage: { driver: 'ConfigMaps' } }, undefined, defaults);
    expect(once).toEqual({ ...base, storage: { driver: 'configmap' } });
    expect(normaliseStorage(once, undefined, defaults)).toBe(once);
  });

  test('defaults to the operator’s, but on update to what was there', () => {
    expect(normaliseStorage(base, undefined, { ...defaults, driver: 'configmap' })).toMatchObject({
      storage: { driver: 'configmap' },
    });
    const old = { storage: { driver: 'sql', sql: { secretRef: { name: 'db' } } } };
    expect(normaliseStorage(base, old, defaults)).toMatchObject(old);
    expect(normaliseStorage({ ...base, storage: { driver: 'secret' } }, old, defaults)).toMatchObject({
      storage: { driver: 'secret' },
    });
  });

  test('leaves alone what it cannot read, and writes no default that would be refused', () => {
    for (const spec of [
      undefined,
      'x',
      { storage: 'x' },
      { storage: { driver: 'etcd' } },
      { storage: { driver: 1 } },
    ]) {
      expect(normaliseStorage(spec, undefined, defaults)).toBe(spec);
    }
    expect(normaliseStorage(base, undefined, { ...defaults, driver: 'sql' })).toBe(base);
  });

  test('sql needs a database, memory needs leave', () => {
    expect(messages({ ...base, storage: { driver: 'sql' } })).toEqual([
      expect.stringContaining('secretRef is not set'),
    ]);
    expect(messages({ ...base, storage: { driver: 'sql' } }, { hasSqlConnection: true })).toEqual([]);
    expect(messages({ ...base, storage: { driver: 'sql', sql: { secretRef: { name: 'db' } } } })).toEqual([]);
    expect(messages({ ...base, storage: { sql: { secretRef: { name: 'db' } } } })).toEqual([
      expect.stringMatching(/^spec\.storage\.sql is set, but spec\.storage\.driver is "secret"/),
    ]);
    expect(messages({ ...base, storage: { driver: 'memory' } })).toEqual([
      expect.stringContaining('--allow-memory-storage'),
    ]);
    expect(messages({ ...base, storage: { driver: 'memory' } }, { allowMemory: true })).toEqual([]);
  });

  test('a connection string in the wrong place is not repeated', () => {
    const [message] = messages({ ...base, storage: { driver: 'postgres://user:hunter2@db/helm' } });
    expect(message).toContain('is "postgres://…"');
    expect(message).not.toContain('hunter2');
  });
});

describe('validateHelmRelease', () => {
  test.each<[string, unknown, string[]]>([
    ['a sound release', base, []],
    ['nulls, which the API server drops', { ...base, chart: null, timeout: null, values: null, storage: null }, []],
    ['no spec', undefined, ['spec is not set']],
    ['a spec that is text', 'x', ['spec is "x", a string, but must be a map']],
    ['a spec that is a list', [], ['spec is a list, but must be a map']],
    ['an empty spec', {}, ['spec.chartRef and spec.chart are both missing', 'spec.interval is not set']],
    ['days', { ...base, interval: '1d' }, ['write "24h"?']],
    ['too long', { ...base, interval: '99999999999h' }, ['292 years']],
    ['a typing error', { ...base, chartRef: { kind: 'OCIRepositry', name: 'x' } }, ['write "OCIRepository"?']],
    ['a quoted number', { ...base, maxHistory: '5' }, ['write 5 without quotes']],
    ['a quoted boolean', { ...base, suspend: 'True' }, ['write true without quotes']],
    ['a version that YAML reads as a number', chart({ version: 6.5 }), ['write "6.5", in quotes']],
    ['a range', chart({ version: '>=6.0.0 <7.0.0' }), []],
    ['no range, where it is ignored', chart({ version: 'main', sourceRef: { kind: 'GitRepository', name: 'x' } }), []],
    [
      'labels of another type',
      { ...base, commonMetadata: { labels: { on: true } } },
      ['spec.commonMetadata.labels["on"] is true'],
    ],
    ['values that are text', { ...base, values: 'secret' }, ['spec.values is a string, but must be a map']],
    ['a namespace with capitals', { ...base, targetNamespace: 'Prod' }, ['spec.targetNamespace is "Prod"']],
    ['neither kubeconfig', { ...base, kubeConfig: {} }, ['spec.kubeConfig has neither secretRef nor configMapRef']],
    [
      'a retry interval that is not used',
      { ...base, install: { strategy: { name: 'RemediateOnFailure', retryInterval: '1m' } } },
      ['spec.install.strategy.retryInterval is set'],
    ],
    ['a dependency of its name elsewhere', { ...base, dependsOn: [{ name: 'app', namespace: 'other' }] }, []],
    [
      'itself by namespace',
      { ...base, dependsOn: [{ name: 'x' }, { name: 'app', namespace: 'apps' }] },
      ['spec.dependsOn[1]'],
    ],
    ['an override that may be missing', { ...base, valuesFrom: [target({}), target({ optional: true })] }, []],
    ['two for one target', { ...base, valuesFrom: [target({}), target({})] }, ['spec.valuesFrom[1].targetPath']],
    [
      '__proto__',
      JSON.parse('{"interval":"5m","chartRef":{"kind":"OCIRepository","name":"x"},"__proto__":{"chart":1}}'),
      [],
    ],
  ])('%s', (_, spec, expected) => {
    const found = messages(spec);
    expect(found).toHaveLength(expected.length);
    for (const [index, text] of expected.entries()) expect(found[index]).toContain(text);
  });

  test('a generated name that Helm would not accept', () => {
    const release = { metadata: { name: `${'a'.repeat(39)}.${'b'.repeat(20)}`, namespace: 'apps' }, spec: base };
    expect(validateHelmRelease(release, defaults)).toEqual([expect.objectContaining({ field: 'spec.releaseName' })]);
  });

  test('no shape makes it throw', () => {
    const odd = [null, 1, 'x', true, [], {}, [null], { a: [1] }];
    const fields = [
      'interval',
      'chart',
      'chartRef',
      'storage',
      'valuesFrom',
      'dependsOn',
      'install',
      'kubeConfig',
      'values',
    ];
    for (const field of fields)
      for (const value of odd) expect(() => messages({ ...base, [field]: value })).not.toThrow();
    for (const value of odd) expect(() => validateHelmRelease(value, defaults)).not.toThrow();
  });
});

test('what was wrong before does not count again', () => {
  const old = validateHelmRelease({ metadata, spec: { ...base, interval: '0s' } }, defaults);
  const now = validateHelmRelease({ metadata, spec: { ...base, interval: '0s', timeout: '1d' } }, defaults);
  expect(newProblems(now, old)).toEqual([expect.objectContaining({ field: 'spec.timeout' })]);
});

function chart(spec: Record<string, unknown>) {
  return {
    interval: '5m',
    chart: { spec: { chart: 'app', sourceRef: { kind: 'HelmRepository', name: 'x' }, ...spec } },
  };
}

function target(more: Record<string, unknown>) {
  return { kind: 'Secret', name: 's', targetPath: 'image.tag', ...more };
}
