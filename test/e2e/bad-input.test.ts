import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { packChart, packTar } from '../env/charts.ts';
import { conditionOf } from '../env/watch.ts';
import { Cluster, helmRelease, ociRepository, webChart } from './cluster.ts';

const chartYaml = 'apiVersion: v2\nname: evil\nversion: 1.0.0\n';

describe('bad input gives a condition that names the thing', () => {
  let cluster: Cluster;
  const ns = 'bad';
  beforeAll(async () => {
    cluster = await Cluster.start();
    await cluster.namespace(ns);
    await cluster.registry.pushChart('charts/web', '1.0.0', webChart('1.0.0'));
    await cluster.apply(ociRepository(cluster, ns, 'web', { tag: '1.0.0' }));
  });
  afterAll(() => cluster?.stop());

  /** Pushes an archive as a chart and expects it to be refused with such a message. */
  const refusesArchive = async (name: string, archive: Uint8Array, message: RegExp) => {
    await cluster.registry.pushChart(`charts/${name}`, '1.0.0', archive);
    await cluster.apply(ociRepository(cluster, ns, name, { tag: '1.0.0' }), helmRelease(ns, name, name));
    // Whoever looks into the archive first says it: the source, when it re-archives the layer, or else the release.
    const culprit = async () => {
      const source = await cluster.source(ns, name);
      return conditionOf(source, 'Ready')?.status === 'False' ? source : cluster.release(ns, name);
    };
    await cluster.refused(culprit, message);
    await expect(cluster.helm('status', name, '-n', ns)).rejects.toThrow('not found');
  };

  test('a chart that is not a chart', () =>
    refusesArchive('no-chart', packTar([{ name: 'no-chart/readme.txt', data: 'hello' }]), /Chart\.yaml/));

  test('bytes that are no archive', () =>
    refusesArchive('no-archive', Buffer.from('hello, this is text'), /gzip|archive/i));

  test('a truncated archive', () => {
    const whole = webChart('1.0.0');
    return refusesArchive(
      'truncated',
      whole.subarray(0, whole.length - 200),
      /truncated|unexpected end|EOF|damaged|corrupt/i,
    );
  });

  test('an archive whose entry climbs out of it', () => {
    const entries = [
      { name: 'evil/Chart.yaml', data: chartYaml },
      { name: 'evil/../../etc/passwd', data: 'x' },
    ];
    return refusesArchive('climbing', packTar(entries), /\.\./);
  });

  test('an archive with a link', () => {
    const link = { name: 'evil/values.yaml', type: '2', linkName: '/etc/passwd' };
    return refusesArchive('linked', packTar([{ name: 'evil/Chart.yaml', data: chartYaml }, link]), /link/i);
  });

  test('an oversized archive', () => {
    const big = { name: 'evil/files/zeros', data: Buffer.alloc(120 << 20) };
    return refusesArchive(
      'oversized',
      packTar([{ name: 'evil/Chart.yaml', data: chartYaml }, big]),
      /limit|large|more than|MiB|bytes/i,
    );
  });

  test('a layer whose bytes do not have its digest', async () => {
    const { layerDigest } = await cluster.registry.pushChart(
      'charts/swapped',
      '1.0.0',
      webChart('1.0.0', { 'templates/x.yaml': '# x\n' }),
    );
    await cluster.registry.corruptBlob(layerDigest, webChart('1.0.0', { 'templates/y.yaml': '# y\n' }));
    await cluster.apply(ociRepository(cluster, ns, 'swapped', { tag: '1.0.0' }));
    await cluster.refused(() => cluster.source(ns, 'swapped'), /digest/i);
  });

  test("a template error, with file, line and the chart's own message", async () => {
    const broken = packChart({
      name: 'broken',
      version: '1.0.0',
      files: {
        'templates/cm.yaml': '{{- /* two lines */ -}}\n\n{{ required "say which port, please" .Values.port }}\n',
      },
    });
    await refusesArchive('broken', broken, /broken\/templates\/cm\.yaml:3:\d+.*say which port, please/s);
  });

  test('a template that does not parse', () =>
    refusesArchive(
      'unparsable',
      packChart({ name: 'unparsable', version: '1.0.0', files: { 'templates/cm.yaml': 'a: {{ if }}\n' } }),
      /unparsable\/templates\/cm\.yaml:1/,
    ));

  test('values that do not parse', async () => {
    const settings = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'torn', namespace: ns },
      data: { 'values.yaml': 'a: [1' },
    };
    await cluster.apply(
      settings,
      helmRelease(ns, 'torn-values', 'web', { valuesFrom: [{ kind: 'ConfigMap', name: 'torn' }] }),
    );
    const ready = await cluster.refused(() => cluster.release(ns, 'torn-values'), /torn/);
    expect(ready?.reason).toBe('ValuesError');
  });

  test('a missing ConfigMap, until it is there', async () => {
    await cluster.apply(helmRelease(ns, 'waiting', 'web', { valuesFrom: [{ kind: 'ConfigMap', name: 'absent' }] }));
    const ready = await cluster.refused(() => cluster.release(ns, 'waiting'), /absent/);
    expect(ready?.reason).toBe('ValuesError');
    await cluster.apply({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'absent', namespace: ns },
      data: { 'values.yaml': 'greeting: late\n' },
    });
    await cluster.ready(ns, 'waiting', '1.0.0');
  });

  test('a missing OCIRepository, until it is there', async () => {
    await cluster.apply(helmRelease(ns, 'early', 'later'));
    await cluster.refused(() => cluster.release(ns, 'early'), /later/);
    await cluster.registry.pushChart('charts/later', '1.0.0', webChart('1.0.0'));
    await cluster.apply(ociRepository(cluster, ns, 'later', { tag: '1.0.0' }));
    await cluster.ready(ns, 'early', '1.0.0');
  });

  test('a tag that does not exist', async () => {
    await cluster.apply(ociRepository(cluster, ns, 'web-gone', { tag: '9.9.9' }));
    await cluster.refused(() => cluster.source(ns, 'web-gone'), /9\.9\.9|web-gone/);
  });

  test('an object that the API server refuses', async () => {
    const rejected = packChart({
      name: 'rejected',
      version: '1.0.0',
      files: { 'templates/cm.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: "Not A Name"}\n' },
    });
    await cluster.registry.pushChart('charts/rejected', '1.0.0', rejected);
    await cluster.apply(
      ociRepository(cluster, ns, 'rejected', { tag: '1.0.0' }),
      helmRelease(ns, 'rejected', 'rejected'),
    );
    await cluster.refused(() => cluster.release(ns, 'rejected'), /Not A Name/);
  });

  test('none of which kept a good release from becoming Ready', async () => {
    await cluster.apply(helmRelease(ns, 'good', 'web'));
    const good = await cluster.ready(ns, 'good', '1.0.0', 15_000);
    expect(conditionOf(good, 'Released')?.status).toBe('True');
    expect(cluster.syncers.every(({ server }) => server.running)).toBe(true);
  });
});
