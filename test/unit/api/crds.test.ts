import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { customResourceDefinition, fieldPaths, objectSchema } from '../../../shared/api/crd.ts';
import { generateCrds, staleCrds } from '../../../shared/api/generate.ts';
import { kinds } from '../../../shared/api/kinds.ts';
import type { KindDefinition } from '../../../shared/api/object.ts';
import type { JsonSchema } from '../../../shared/api/schema.ts';

const OURS = [
  'spec.storage',
  'spec.storage.driver',
  'spec.storage.sql',
  'spec.storage.sql.secretRef',
  'spec.storage.sql.secretRef.key',
  'spec.storage.sql.secretRef.name',
  'status.storageDriver',
];

/** The fields of helm-controller 1.6's and source-controller 1.9's CRDs, by kind. */
function fluxFields(): Map<string, string[]> {
  const text = readFileSync(path.join(import.meta.dirname, 'flux-fields.txt'), 'utf8');
  const blocks = text.trim().split(/^# /m).slice(1);
  return new Map(blocks.map((block) => block.trim().split('\n')).map(([kind = '', ...fields]) => [kind, fields]));
}

function ownFields(kind: KindDefinition): string[] {
  return fieldPaths(objectSchema(kind)).filter((field) => /^(spec|status)\./.test(field));
}

function undescribed(schema: JsonSchema, at: string): string[] {
  const own = Object.entries(schema.properties ?? {}).flatMap(([name, child]) => [
    ...(child.description === undefined && !(at === '' && name === 'metadata') ? [`${at}.${name}`] : []),
    ...undescribed(child, `${at}.${name}`),
  ]);
  return schema.items === undefined ? own : [...own, ...undescribed(schema.items, `${at}[]`)];
}

describe.each(kinds.map((kind) => [kind.kind, kind] as const))('%s', (name, kind) => {
  test('has every field that Flux has, and no other but ours', () => {
    const wanted = [...(fluxFields().get(name) ?? []), ...(name === 'HelmRelease' ? OURS : [])].sort();
    expect(ownFields(kind)).toEqual(wanted);
  });

  test('describes every field for kubectl explain', () => {
    expect(undescribed(objectSchema(kind), '')).toEqual([]);
  });
});

describe('crds/', () => {
  test('is what shared/api says', async () => {
    expect(await staleCrds(path.join(import.meta.dirname, '../../..'))).toEqual([]);
  });

  test('names what is missing or stale', async () => {
    expect(await staleCrds('/nonexistent')).toEqual([...generateCrds().keys()].sort());
  });

  test.each([
    ['HelmRelease', ['hr'], ['all', 'fluxcd', 'fluxcd-appliers'], ['Age', 'Ready', 'Status']],
    ['OCIRepository', ['ocirepo'], ['all', 'fluxcd', 'fluxcd-sources'], ['URL', 'Ready', 'Status', 'Age']],
    ['HelmRepository', ['helmrepo'], ['all', 'fluxcd', 'fluxcd-sources'], ['URL', 'Age', 'Ready', 'Status']],
    [
      'HelmChart',
      ['hc'],
      ['all', 'fluxcd', 'fluxcd-sources'],
      ['Chart', 'Version', 'Source Kind', 'Source Name', 'Age', 'Ready', 'Status'],
    ],
  ])('%s has the names and columns of Flux', (name, shortNames, categories, columns) => {
    const kind = kinds.find((one) => one.kind === name);
    if (kind === undefined) throw new Error(`no kind ${name}`);
    expect(customResourceDefinition(kind)).toMatchObject({
      spec: {
        names: { shortNames, categories },
        versions: [
          { additionalPrinterColumns: columns.map((column) => ({ name: column })), subresources: { status: {} } },
        ],
      },
    });
  });
});
