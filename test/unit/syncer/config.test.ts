import { describe, expect, test } from '@jest/globals';
import { ConfigError } from '../../../shared/errors.ts';
import { parseConfig, type SyncerConfig, usage } from '../../../syncer/config.ts';

const parse = (args: string[] = [], env: Record<string, string> = {}): SyncerConfig => {
  const config = parseConfig(args, env);
  if (config === 'help') throw new Error('help was not asked for');
  return config;
};

describe('the flags of the syncer', () => {
  test('without any, one replica behind a Lease, with history in Secrets', () => {
    expect(parse()).toMatchObject({
      redisUrl: undefined,
      storageDriver: 'secret',
      metricsAddress: { port: 8080 },
      healthAddress: { port: 9440 },
      renderLimits: { maxRenderMillis: 30_000, maxOutputBytes: 64 * 2 ** 20, maxIncludeDepth: 1000 },
    });
  });

  test('a flag goes before the environment, and that before the default', () => {
    const env = { HELM_DRIVER: 'ConfigMaps', REDIS_URL: 'redis://a', RUNTIME_NAMESPACE: '' };
    expect(parse([], env)).toMatchObject({
      storageDriver: 'configmap',
      redisUrl: 'redis://a',
      runtimeNamespace: 'default',
    });
    expect(parse(['--helm-storage-driver=secrets'], env).storageDriver).toBe('secret');
  });

  test.each([
    [['--concurrent=0'], /--concurrent is "0"; expected a whole number from 1 to 1000/],
    [['--requeue-dependency=soon'], /--requeue-dependency is "soon"; expected a duration above zero/],
    [['--helm-storage-driver=etcd'], /--helm-storage-driver is "etcd"; expected one of secret, configmap, sql, memory/],
    [['--helm-storage-driver=memory'], /--allow-memory-storage as well/],
    [['--helm-storage-driver=sql'], /does not support sql yet/],
    [['--log-level=warn'], /--log-level is "warn"; expected one of trace, debug, info, error/],
    [['--metrics-addr=8080'], /--metrics-addr is "8080"; expected host:port or :port/],
    [['--no-such-flag'], /--no-such-flag.*see --help/],
  ])('%j is refused in plain words', (args, message) => {
    expect(() => parse(args)).toThrow(ConfigError);
    expect(() => parse(args)).toThrow(message);
  });

  test('where the environment is at fault, the message says so', () => {
    expect(() => parse([], { HELM_DRIVER: 'etcd' })).toThrow(/--helm-storage-driver \(from \$HELM_DRIVER\) is "etcd"/);
  });

  test('--help names every flag with its default', () => {
    expect(parseConfig(['--help'], {})).toBe('help');
    expect(usage()).toMatch(/--redis-url +.* \[\$REDIS_URL\] \(default ""\)/);
  });
});
