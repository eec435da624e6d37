import { describe, expect, test } from '@jest/globals';
import { parseConfig, usage, type WebhookConfig } from '../../../webhook/config.ts';

function config(args: string[], env: Record<string, string> = {}): WebhookConfig {
  const parsed = parseConfig(args, env);
  if (parsed === 'help') throw new Error('help');
  return parsed;
}

describe('parseConfig', () => {
  test('defaults', () => {
    expect(config([])).toMatchObject({
      listen: { host: undefined, port: 9443 },
      metrics: undefined,
      registration: undefined,
      certificateSecret: { namespace: 'default', name: 'chartroom-webhook-certificate' },
      storage: { driver: 'secret', allowMemory: false, hasSqlConnection: false },
      logLevel: 'info',
    });
  });

  test('a Service names the certificate, its Secret and the endpoint', () => {
    expect(config(['--service=flux-system/webhook'])).toMatchObject({
      names: ['webhook.flux-system.svc', 'webhook.flux-system.svc.cluster.local', 'webhook.flux-system'],
      certificateSecret: { namespace: 'flux-system' },
      registration: { endpoint: { service: { namespace: 'flux-system', name: 'webhook', port: 443 } } },
    });
  });

  test('a URL does so outside the cluster', () => {
    const parsed = config(['--url=https://[::1]:9443', '--listen=[::1]:9443', '--failure-policy=Ignore']);
    expect(parsed.names).toEqual(['::1']);
    expect(parsed.listen).toEqual({ host: '::1', port: 9443 });
    expect(parsed.registration).toMatchObject({ endpoint: { url: 'https://[::1]:9443' }, failurePolicy: 'Ignore' });
    expect(config(['--url=https://a:1', '--no-manage-configurations']).registration).toBeUndefined();
  });

  test('the storage driver comes from the flag, then HELM_DRIVER, in any form', () => {
    expect(config([], { HELM_DRIVER: 'ConfigMaps' }).storage.driver).toBe('configmap');
    expect(config([], { HELM_DRIVER: '' }).storage.driver).toBe('secret');
    expect(config(['--helm-storage-driver=Secrets'], { HELM_DRIVER: 'sql' }).storage.driver).toBe('secret');
    const env = { HELM_DRIVER_SQL_CONNECTION_STRING: 'postgres://secret' };
    expect(JSON.stringify(config(['--helm-storage-driver=sql'], env).storage)).toBe(
      '{"driver":"sql","allowMemory":false,"hasSqlConnection":true}',
    );
  });

  test.each<[string[], Record<string, string>, string]>([
    [['--listen=9443'], {}, '--listen is "9443"; expected host:port or :port'],
    [['--listen=:99999'], {}, '--listen is ":99999"'],
    [['--url=http://a:1'], {}, '--url is "http://a:1"; expected https://host:port'],
    [['--url=https://a:1/path'], {}, 'expected https://host:port'],
    [['--service=webhook'], {}, '--service is "webhook"; expected namespace/name'],
    [['--service=a/b:x'], {}, 'expected namespace/name'],
    [['--url=https://a', '--service=a/b'], {}, 'give one'],
    [[], { HELM_DRIVER: 'floppy' }, '--helm-storage-driver (from $HELM_DRIVER) is "floppy"; expected one of secret'],
    [['--helm-storage-driver=memory'], {}, 'or --allow-memory-storage as well'],
    [['--log-level=loud'], {}, '--log-level is "loud"; expected one of trace, debug, info, error'],
    [['--nope'], {}, 'see --help'],
  ])('refuses %j %j', (args, env, message) => {
    expect(() => parseConfig(args, env)).toThrow(message);
  });

  test('--help names every flag', () => {
    expect(parseConfig(['--help'], {})).toBe('help');
    expect(usage()).toContain('--helm-storage-driver');
  });
});
