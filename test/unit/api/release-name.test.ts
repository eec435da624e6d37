import { expect, test } from '@jest/globals';
import {
  helmChartName,
  releaseName,
  releaseNamespace,
  shortenReleaseName,
  storageNamespace,
} from '../../../shared/api/release-name.ts';

const metadata = { name: 'app', namespace: 'apps' };

test('the release name is the given one, else made of target namespace and name', () => {
  expect(releaseName({ metadata, spec: {} })).toBe('app');
  expect(releaseName({ metadata, spec: { targetNamespace: 'prod' } })).toBe('prod-app');
  expect(releaseName({ metadata, spec: { targetNamespace: 'prod', releaseName: 'mine' } })).toBe('mine');
});

test('a long name keeps 40 characters and 12 hex of its SHA-256', () => {
  const name = 'a'.repeat(54);
  expect(shortenReleaseName('b'.repeat(53))).toBe('b'.repeat(53));
  expect(shortenReleaseName(name)).toMatch(/^a{40}-[0-9a-f]{12}$/);
  expect(shortenReleaseName(name)).toHaveLength(53);
});

test('namespaces default to the object’s own', () => {
  expect([releaseNamespace({ metadata, spec: {} }), storageNamespace({ metadata, spec: {} })]).toEqual([
    'apps',
    'apps',
  ]);
  const spec = { targetNamespace: 'prod', storageNamespace: 'history' };
  expect([releaseNamespace({ metadata, spec }), storageNamespace({ metadata, spec })]).toEqual(['prod', 'history']);
  expect(helmChartName({ metadata, spec })).toBe('apps-app');
});
