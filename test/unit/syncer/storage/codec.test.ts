import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import {
  decodeRecord,
  encodeRecord,
  gzipChart,
  RecordCorruptError,
  recordDigest,
} from '../../../../syncer/storage/codec.ts';
import { jsonMembers } from '../../../../syncer/storage/json-members.ts';
import { goTime, type ReleaseRecord } from '../../../../syncer/storage/record.ts';

const chartJson =
  '{"metadata":{"name":"web","version":"1.0.0","appVersion":"2"},"lock":null,"values":{"n":1.0,"big":12345678901234567890}}';
const record: ReleaseRecord = {
  name: 'web',
  namespace: 'apps',
  version: 3,
  info: {
    firstDeployed: '2026-01-02T03:04:05.6Z',
    lastDeployed: '2026-01-02T03:04:05Z',
    description: 'Upgrade complete',
    status: 'deployed',
    notes: 'a <b> & "c"',
  },
  chart: {
    name: 'web',
    version: '1.0.0',
    appVersion: '2',
    metadataJson: '{"name":"web","version":"1.0.0","appVersion":"2"}',
    json: chartJson,
  },
  config: new Map([['replicas', 2]]),
  manifest: '---\n# Source: web/templates/a.yaml\nkind: A\n',
  hooks: [
    {
      name: 'h',
      kind: 'Job',
      path: 'web/templates/h.yaml',
      manifest: 'kind: Job\n',
      events: ['pre-install'],
      lastRun: { phase: '' },
      weight: -5,
      deletePolicies: ['hook-succeeded'],
      outputLogPolicies: [],
    },
  ],
  applyMethod: 'ssa',
};

describe('release records', () => {
  test('what is encoded is decoded', () => {
    expect(decodeRecord(encodeRecord(record), 'k')).toEqual(record);
  });

  test('a chart that was compressed before gives the same JSON in one gzip stream', () => {
    const encoded = encodeRecord({ ...record, chart: { ...record.chart, gzip: gzipChart(chartJson) } });
    const json = gunzipSync(Buffer.from(encoded, 'base64')).toString();
    expect(JSON.parse(json).info).toMatchObject({ status: 'deployed', notes: 'a <b> & "c"' });
    expect(json).toContain(`"chart":${chartJson}`);
    expect(decodeRecord(encoded, 'k')).toEqual(record);
  });

  test('the text is escaped as Go escapes it', () => {
    const json = gunzipSync(Buffer.from(encodeRecord(record), 'base64')).toString();
    expect(json).toContain('"notes":"a \\u003cb\\u003e \\u0026 \\"c\\""');
  });

  test('numbers of a chart that was read survive being written again', () => {
    const again = encodeRecord(decodeRecord(encodeRecord(record), 'k'));
    expect(gunzipSync(Buffer.from(again, 'base64')).toString()).toContain('{"n":1.0,"big":12345678901234567890}');
  });

  test.each([
    ['no base64', '%%%'],
    ['no gzip', Buffer.from('\x1f\x8b broken').toString('base64')],
    ['no JSON', gzipSync('nonsense').toString('base64')],
    ['truncated', encodeRecord(record).slice(0, 80)],
    ['empty', ''],
  ])('a corrupt record (%s) is an error that names the key and not the content', (_name, text) => {
    const read = (): unknown => decodeRecord(text, 'apps/sh.helm.release.v1.web.v3');
    expect(read).toThrow(RecordCorruptError);
    expect(read).toThrow(/apps\/sh\.helm\.release\.v1\.web\.v3 cannot be decoded/);
  });

  test('a record of Helm that is not compressed is read', () => {
    const text = Buffer.from(
      '{"name":"a","info":{"status":"deployed"},"chart":{"metadata":{"name":"c"}},"version":1}',
    ).toString('base64');
    expect(decodeRecord(text, 'k')).toMatchObject({ name: 'a', version: 1, applyMethod: 'csa', chart: { name: 'c' } });
  });

  test('a test hook that ran by hand does not change the digest, other hooks do', () => {
    const hook = record.hooks[0] as ReleaseRecord['hooks'][0];
    const tested = { ...hook, events: ['test'], lastRun: { phase: 'Succeeded' as const } };
    const digest = recordDigest({ ...record, hooks: [] }, '');
    expect(recordDigest({ ...record, hooks: [tested] }, '')).toBe(digest);
    expect(recordDigest(record, '')).not.toBe(digest);
  });

  test('times are written as Go does, without trailing zeros', () => {
    expect(goTime(new Date('2026-01-02T03:04:05.600Z'))).toBe('2026-01-02T03:04:05.6Z');
    expect(goTime(new Date('2026-01-02T03:04:10.000Z'))).toBe('2026-01-02T03:04:10Z');
    expect(goTime(new Date('2026-01-02T03:04:05.123Z'))).toBe('2026-01-02T03:04:05.123Z');
  });
});

describe('jsonMembers', () => {
  test('keeps each member to the letter', () => {
    const members = jsonMembers(' {"a" : {"x":[1,{"y":"}\\""}]} , "b":1e5,"c":"\\\\"}');
    expect([...members]).toEqual([
      ['a', '{"x":[1,{"y":"}\\""}]}'],
      ['b', '1e5'],
      ['c', '"\\\\"'],
    ]);
  });

  test.each(['', '[]', '{"a":1', '{"a" 1}', '{"a":1 "b":2}', '{"a":"x'])('refuses %j', (text) => {
    expect(() => jsonMembers(text)).toThrow(SyntaxError);
  });
});
