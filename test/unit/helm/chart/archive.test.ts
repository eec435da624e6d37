import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { readArchive } from '../../../../shared/helm/chart/archive.ts';
import { loadChartArchive } from '../../../../shared/helm/chart/load.ts';
import { LimitError } from '../../../../shared/helm/errors.ts';
import { defaultArchiveLimits } from '../../../../shared/helm/limits.ts';
import { packChart, packTar, type TarEntry } from '../../../env/charts.ts';

const good = packChart({ name: 'web', version: '1.0.0', files: { 'templates/a.yaml': 'a: 1\n' } });

function readNames(entries: readonly TarEntry[]): string[] {
  return readArchive(packTar(entries)).map((file) => file.name);
}

describe('archives as helm package makes them', () => {
  test('names lose the chart folder, byte order marks go, folders are no files', () => {
    const files = readArchive(
      packTar([
        { name: 'web/', type: '5' },
        { name: 'web/Chart.yaml', data: '\uFEFFname: web' },
        { name: 'web/templates//x/./a.yaml', data: 'a: 1' },
      ]),
    );
    expect(files.map((file) => file.name)).toEqual(['Chart.yaml', 'templates/x/a.yaml']);
    expect(Buffer.from(files[0]?.data ?? []).toString()).toBe('name: web');
  });

  test('backslashes separate too', () => {
    expect(readNames([{ name: 'web\\templates\\a.yaml' }])).toEqual(['templates/a.yaml']);
  });

  test('a whole chart', () => {
    const chart = loadChartArchive(good);
    expect(chart.metadata.name).toBe('web');
    expect(chart.templates.map((file) => file.name)).toEqual(['templates/a.yaml']);
  });
});

describe('hostile archives', () => {
  test.each([
    ['web/../../etc/passwd', 'chart illegally references parent directory'],
    ['web/..', 'chart illegally references parent directory'],
    ['web//etc/passwd', 'chart illegally contains absolute paths'],
    ['web/./', undefined],
    ['web/.', 'chart illegally contains content outside the base directory: "web/."'],
    ['plain', 'chart illegally contains content outside the base directory: "plain"'],
    ['web/c:/windows', 'chart contains illegally named files'],
    ['Chart.yaml/x', 'chart yaml not in base directory'],
  ])('the name %s', (name, message) => {
    if (message === undefined) expect(() => readNames([{ name }])).toThrow('no files in chart archive');
    else expect(() => readNames([{ name }])).toThrow(message);
  });

  test('names of objects are names like others', () => {
    expect(readNames([{ name: 'web/__proto__' }, { name: 'web/constructor' }])).toEqual(['__proto__', 'constructor']);
  });

  test.each([
    ['hard link', '1'],
    ['symbolic link', '2'],
  ])('a %s is refused by name', (_, type) => {
    expect(() => readNames([{ name: 'web/secret', type, linkName: '/etc/passwd' }])).toThrow(/secret/);
  });

  test.each([
    ['nothing', new Uint8Array(0), 'EOF'],
    ['text', Buffer.from('this is not an archive'), 'gzip: invalid header'],
    ['a cut gzip', good.subarray(0, good.length - 20), 'unexpected EOF'],
    ['a cut tar', gzipSync(gunzipSync(good).subarray(0, 530)), 'unexpected EOF'],
    ['no tar', gzipSync(Buffer.alloc(1024, 'x')), 'archive/tar: invalid tar header'],
    ['an empty tar', gzipSync(Buffer.alloc(1024)), 'no files in chart archive'],
  ])('%s', (_, bytes, message) => {
    expect(() => readArchive(bytes)).toThrow(message);
  });

  test('a damaged checksum', () => {
    const damaged = Uint8Array.from(good);
    damaged[damaged.length - 6] = (damaged.at(-6) ?? 0) ^ 0xff;
    expect(() => readArchive(damaged)).toThrow('gzip: invalid checksum');
  });

  test('a gzip bomb stops at the limit', () => {
    const bomb = gzipSync(Buffer.alloc(3_000_000));
    const limits = { ...defaultArchiveLimits, maxUnpackedBytes: 1_000_000, maxEntries: 10 };
    expect(bomb.length).toBeLessThan(10_000);
    expect(() => readArchive(bomb, limits)).toThrow(/larger than the maximum size 1000000/);
    expect(() => readArchive(bomb, limits)).toThrow(LimitError);
  });

  test('too many bytes and too many files name their limits', () => {
    const limits = { ...defaultArchiveLimits, maxArchiveBytes: 10 };
    expect(() => readArchive(good, limits)).toThrow(/more than the limit max-chart-archive-bytes of 10/);
    expect(() => readArchive(good, { ...defaultArchiveLimits, maxEntries: 1 })).toThrow(/the limit max-chart-entries/);
  });

  test('charts within charts within charts end at the limit', () => {
    let inner = good;
    for (let i = 0; i < 5; i++) {
      inner = packChart({ name: `c${i}`, version: '1.0.0', files: { 'charts/inner.tgz': inner } });
    }
    expect(loadChartArchive(inner).dependencies[0]?.metadata.name).toBe('c3');
    expect(() => loadChartArchive(inner, { ...defaultArchiveLimits, maxChartDepth: 4 })).toThrow(/max-chart-depth/);
  });

  test.each([
    [{ 'web/templates/a.yaml': '' }, 'Chart.yaml file is missing'],
    [{ 'web/Chart.yaml': 'a: [' }, 'cannot load Chart.yaml: error converting YAML to JSON'],
    [{ 'web/Chart.yaml': 'apiVersion: v2\nname: web' }, 'validation: chart.metadata.version is required'],
    [
      { 'web/Chart.yaml': 'apiVersion: v2\nname: web\nversion: 1.0.0', 'web/values.yaml': '- a' },
      'cannot load values.yaml: cannot unmarshal yaml document',
    ],
  ])('no chart: %j', (files, message) => {
    const entries = Object.entries(files).map(([name, data]) => ({ name, data: String(data) }));
    expect(() => loadChartArchive(packTar(entries))).toThrow(message);
  });
});
