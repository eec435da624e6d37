import { describe, expect, test } from '@jest/globals';
import { credentialDigest, parseChallenge } from '../../../shared/oci/auth.ts';
import { credentialFromSecret, matchesRepository } from '../../../shared/oci/credentials.ts';

const base64 = (text: string) => Buffer.from(text).toString('base64');
const dockerConfig = (auths: object) => ({ data: { '.dockerconfigjson': base64(JSON.stringify({ auths })) } });
const app = { registry: 'ghcr.io', repository: 'org/app' };

describe('credentialFromSecret', () => {
  test('reads username and password', () => {
    const secret = { data: { username: base64('me'), password: base64('p:w') } };
    expect(credentialFromSecret(secret, app)).toEqual({ username: 'me', password: 'p:w' });
  });

  test('reads the auth field, whose password may have colons', () => {
    const secret = dockerConfig({ 'ghcr.io': { auth: base64('me:p:w') } });
    expect(credentialFromSecret(secret, app)).toEqual({ username: 'me', password: 'p:w' });
  });

  test.each(['https://index.docker.io/v1/', 'docker.io', 'index.docker.io', 'https://registry-1.docker.io/v2/'])(
    'knows Docker Hub as %s',
    (key) => {
      const secret = dockerConfig({ [key]: { username: 'me', password: 'x' } });
      const hub = { registry: 'index.docker.io', repository: 'library/nginx' };
      expect(credentialFromSecret(secret, hub)).toEqual({ username: 'me', password: 'x' });
    },
  );

  test('prefers a path to the host, and the host to a wildcard', () => {
    const secret = dockerConfig({
      '*.io': { username: 'wild', password: 'x' },
      'ghcr.io': { username: 'host', password: 'x' },
      'https://ghcr.io/org': { username: 'path', password: 'x' },
    });
    const userFor = (repository: string, registry = 'ghcr.io') =>
      credentialFromSecret(secret, { registry, repository })?.username;
    expect(userFor('org/app')).toBe('path');
    expect(userFor('organisation/app')).toBe('host');
    expect(userFor('app', 'quay.io')).toBe('wild');
  });

  test('has none for another registry, and an identity token where there is one', () => {
    expect(credentialFromSecret(dockerConfig({ 'quay.io': { auth: base64('a:b') } }), app)).toBeUndefined();
    const secret = dockerConfig({ 'ghcr.io': { auth: base64('<token>:refresh') } });
    expect(credentialFromSecret(secret, app)).toEqual({ identityToken: 'refresh' });
  });

  test('errors name the key and never the content', () => {
    const broken = { data: { '.dockerconfigjson': base64('{"auths": {"ghcr.io": hunter22') } };
    expect(() => credentialFromSecret(broken, app)).toThrow("key '.dockerconfigjson' is not valid JSON");
    const other = { data: { token: base64('x') } };
    expect(() => credentialFromSecret(other, app)).toThrow(
      "expected key '.dockerconfigjson', or 'username' and 'password'; found keys: token",
    );
  });
});

test('hosts match by parts and ports', () => {
  const target = { registry: 'reg.eu.example.com:5000', repository: 'a/b' };
  expect(matchesRepository('*.eu.example.com:5000', target)).toBe(true);
  expect(matchesRepository('r*g.*.example.com:5000', target)).toBe(true);
  expect(matchesRepository('*.example.com:5000', target)).toBe(false);
  expect(matchesRepository('*.eu.example.com', target)).toBe(false);
});

test('challenges: bearer is preferred to basic', () => {
  expect(parseChallenge('Basic realm="x", Bearer realm="https://a/token",service="s, t"')).toEqual({
    scheme: 'bearer',
    parameters: { realm: 'https://a/token', service: 's, t' },
  });
  expect(parseChallenge('basic')).toEqual({ scheme: 'basic', parameters: {} });
  expect(parseChallenge('Negotiate abc')).toBeUndefined();
});

test('credential digests differ, and "anonymous" is none of them', () => {
  const one = credentialDigest({ username: 'a', password: 'bc' });
  expect(one).not.toBe(credentialDigest({ username: 'ab', password: 'c' }));
  expect(one).not.toContain('bc:');
  expect(credentialDigest(undefined)).toBe('anonymous');
});
