import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { asset } from '../../env/assets.ts';
import { packChart } from '../../env/charts.ts';
import { run } from '../../env/control-plane.ts';
import { startRedis } from '../../env/redis.ts';
import { startRegistry } from '../../env/registry.ts';

const chart = packChart({
  name: 'hello',
  version: '1.2.3',
  values: 'greeting: hello\n',
  files: {
    'templates/note.yaml':
      'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: note}\ndata: {g: {{ .Values.greeting }}}\n',
  },
});

describe('startRegistry', () => {
  test('serves a pushed chart to the real helm and counts its pulls', async () => {
    const registry = await startRegistry();
    try {
      const { digest, layerDigest } = await registry.pushChart('charts/hello', '1.2.3', chart);
      expect(registry.blobPulls()).toBe(0);
      const result = await run(await asset('helm'), [
        'template',
        'x',
        `oci://${registry.host}/charts/hello`,
        '--plain-http',
      ]);
      expect(result.stdout).toContain('data: {g: hello}');
      expect(result.stderr).toContain(digest);
      expect(registry.blobPulls(layerDigest)).toBe(1);
    } finally {
      await registry.stop();
    }
  });

  test('asks for the password it was given', async () => {
    const registry = await startRegistry({ auth: { user: 'ann', password: 'secret' } });
    const home = await mkdtemp(join(tmpdir(), 'chartroom-helm-'));
    try {
      await registry.pushChart('charts/hello', '1.2.3', chart);
      const reference = `oci://${registry.host}/charts/hello`;
      const options = ['--plain-http', '--registry-config', join(home, 'none.json')];
      const helm = await asset('helm');
      const refused = await run(helm, ['template', 'x', reference, ...options]);
      const granted = await run(helm, ['template', 'x', reference, ...options, '--username=ann', '--password=secret']);
      expect([refused.code, granted.code]).toEqual([1, 0]);
    } finally {
      await registry.stop();
      await rm(home, { recursive: true });
    }
  });
});

test('startRedis gives an empty server that can be paused, crashed and restarted on its port', async () => {
  const redis = await startRedis();
  try {
    expect(await redis.command('SET', 'key', 'value')).toBe('+OK\r\n');
    redis.pause();
    await expect(redis.command('GET', 'key')).rejects.toThrow('does not answer');
    redis.resume();
    expect(await redis.command('GET', 'key')).toContain('value');
    await redis.crash();
    await redis.restart();
    expect(await redis.command('GET', 'key')).toBe('$-1\r\n');
  } finally {
    await redis.stop();
  }
});
