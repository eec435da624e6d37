import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { kubeConfigFromEnvironment, loadKubeConfig } from '../../../shared/kube/config.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'chartroom-kubeconfig-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const base64 = (text: string) => Buffer.from(text).toString('base64');

function kubeconfig(user: object, cluster: object = {}, file = 'config'): string {
  const path = join(dir, file);
  const config = {
    'current-context': 'c',
    clusters: [{ name: 'k', cluster: { server: 'https://127.0.0.1:6443/prefix/', ...cluster } }],
    users: [{ name: 'u', user }],
    contexts: [{ name: 'c', context: { cluster: 'k', user: 'u', namespace: 'team' } }],
  };
  writeFileSync(path, JSON.stringify(config));
  return path;
}

describe('a kubeconfig', () => {
  test('gives server, path prefix, namespace and certificates, from data or from files beside it', async () => {
    writeFileSync(join(dir, 'ca.pem'), 'CA');
    const path = kubeconfig(
      { 'client-certificate-data': base64('CERT'), 'client-key-data': base64('KEY') },
      { 'certificate-authority': 'ca.pem', 'tls-server-name': 'kube', 'proxy-url': 'http://127.0.0.1:1' },
    );
    const auth = await loadKubeConfig({ kubeconfig: path });
    expect(auth).toMatchObject({
      server: 'https://127.0.0.1:6443',
      basePath: '/prefix',
      namespace: 'team',
      serverName: 'kube',
      proxyUrl: 'http://127.0.0.1:1',
      insecure: false,
    });
    expect([auth.ca, auth.cert, auth.key].map(String)).toEqual(['CA', 'CERT', 'KEY']);
    expect(await auth.headers()).toEqual({});
  });

  test.each([
    ['a token', { token: 't' }, { authorization: 'Bearer t' }],
    ['a name and password', { username: 'me', password: 'pw' }, { authorization: `Basic ${base64('me:pw')}` }],
    ['an impersonated user', { token: 't', as: 'other' }, { authorization: 'Bearer t', 'impersonate-user': 'other' }],
  ])('logs in by %s', async (_name, user, headers) => {
    const auth = await loadKubeConfig({ kubeconfig: kubeconfig(user) });
    expect(await auth.headers()).toEqual(headers);
  });

  test('logs in by a token file, read again after a 401', async () => {
    writeFileSync(join(dir, 'token'), 'one\n');
    const auth = await loadKubeConfig({ kubeconfig: kubeconfig({ tokenFile: 'token' }) });
    expect(await auth.headers()).toEqual({ authorization: 'Bearer one' });
    writeFileSync(join(dir, 'token'), 'two\n');
    expect(auth.invalidate?.()).toBe(true);
    expect(await auth.headers()).toEqual({ authorization: 'Bearer two' });
  });

  test('logs in by an exec plugin, run once until its token expires, with the protocol’s input', async () => {
    const plugin = join(dir, 'plugin');
    const credential = `{"kind":"ExecCredential","status":{"token":"'$N'","expirationTimestamp":"2999-01-01T00:00:00Z"}}`;
    writeFileSync(
      plugin,
      `#!/bin/sh\necho run >> ${dir}/runs\necho "$KUBERNETES_EXEC_INFO" > ${dir}/info\nN=$1\necho '${credential}'\n`,
    );
    chmodSync(plugin, 0o755);
    const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: './plugin', args: ['tok'], env: [] };
    const auth = await loadKubeConfig({ kubeconfig: kubeconfig({ exec }) });
    expect(await Promise.all([auth.headers(), auth.headers()])).toEqual(Array(2).fill({ authorization: 'Bearer tok' }));
    expect(readFileSync(join(dir, 'runs'), 'utf8')).toBe('run\n');
    expect(JSON.parse(readFileSync(join(dir, 'info'), 'utf8'))).toMatchObject({ kind: 'ExecCredential' });
  });

  test('logs in by OIDC with an id token that has not expired', async () => {
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const token = `${part({ alg: 'none' })}.${part({ exp: 9_999_999_999 })}.x`;
    const provider = { name: 'oidc', config: { 'id-token': token } };
    const auth = await loadKubeConfig({ kubeconfig: kubeconfig({ 'auth-provider': provider }) });
    expect(await auth.headers()).toEqual({ authorization: `Bearer ${token}` });
  });

  test('another context, and several files merged: the first that says a thing wins', async () => {
    const one = kubeconfig({ token: 'first' });
    const two = join(dir, 'two');
    const config = {
      'current-context': 'd',
      users: [{ name: 'u', user: { token: 'second' } }],
      contexts: [{ name: 'd', context: { cluster: 'k', user: 'u' } }],
    };
    writeFileSync(two, JSON.stringify(config));
    const auth = await loadKubeConfig({ kubeconfig: `${one}:${two}`, context: 'd' });
    expect(await auth.headers()).toEqual({ authorization: 'Bearer first' });
    expect(auth.namespace).toBeUndefined();
  });

  test('errors name the file and what is missing in it', async () => {
    await expect(loadKubeConfig({ kubeconfig: join(dir, 'none') })).rejects.toThrow(
      /cannot read .*none of the kubeconfig: ENOENT/,
    );
    const path = kubeconfig({ token: 'secret' });
    await expect(loadKubeConfig({ kubeconfig: path, context: 'x' })).rejects.toThrow(
      `kubeconfig ${path}: context "x" not found; it has: c`,
    );
    writeFileSync(path, 'users: [{');
    await expect(loadKubeConfig({ kubeconfig: path })).rejects.toThrow(`kubeconfig ${path}: `);
    await expect(loadKubeConfig({})).rejects.toThrow('no Kubernetes configuration found: give --kubeconfig');
  });
});

test('in a cluster: the service account’s token, authority and namespace', async () => {
  mkdirSync(join(dir, 'sa'));
  writeFileSync(join(dir, 'sa', 'token'), 'tok');
  writeFileSync(join(dir, 'sa', 'ca.crt'), 'CA');
  writeFileSync(join(dir, 'sa', 'namespace'), 'flux-system');
  const auth = await loadKubeConfig({ inCluster: { host: 'fd00::1', port: '443', dir: join(dir, 'sa') } });
  expect(auth).toMatchObject({ server: 'https://[fd00::1]:443', namespace: 'flux-system', insecure: false });
  expect(await auth.headers()).toEqual({ authorization: 'Bearer tok' });
});

test('the environment says where to look', () => {
  expect(kubeConfigFromEnvironment({})).toEqual({});
  expect(
    kubeConfigFromEnvironment({
      KUBECONFIG: '/k',
      KUBERNETES_SERVICE_HOST: 'h',
      KUBERNETES_SERVICE_PORT: '1',
      HOME: '/root',
    }),
  ).toEqual({ kubeconfig: '/k', inCluster: { host: 'h', port: '1' }, defaultPath: '/root/.kube/config' });
});
