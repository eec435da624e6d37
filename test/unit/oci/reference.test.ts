import { describe, expect, test } from '@jest/globals';
import { mayUsePlainHttp, parseOciUrl } from '../../../shared/oci/reference.ts';

describe('parseOciUrl', () => {
  test.each([
    ['oci://ghcr.io/stefanprodan/charts/podinfo', 'ghcr.io', 'stefanprodan/charts/podinfo'],
    ['oci://127.0.0.1:5000/podinfo', '127.0.0.1:5000', 'podinfo'],
    ['oci://localhost/podinfo', 'localhost', 'podinfo'],
    ['oci://docker.io/bitnamicharts/nginx', 'index.docker.io', 'bitnamicharts/nginx'],
    ['oci://docker.io/nginx', 'index.docker.io', 'library/nginx'],
    ['oci://bitnamicharts/nginx', 'index.docker.io', 'bitnamicharts/nginx'],
    ['oci://ghcr.io/org/app/', 'ghcr.io', 'org/app'],
  ])('%s', (url, registry, repository) => {
    expect(parseOciUrl(url)).toEqual({ registry, repository });
  });

  test.each([
    ['https://ghcr.io/org/app', "URL must be in format 'oci://<domain>/<org>/<repo>'"],
    ['oci://ghcr.io/org/app:1.0', "URL must not contain a tag; remove ':1.0'"],
    ['oci://ghcr.io/org/app@sha256:1', "URL must not contain a tag; remove '@sha256:1'"],
    ['oci://ghcr.io/Org/app', 'is not a repository name'],
    ['oci://ghcr.io/org/../app', 'empty or dotted segment'],
    ['oci://user:pw@ghcr.io/org/app', 'is not a registry host'],
    ['oci://', 'is not a repository name'],
  ])('%s is refused', (url, message) => {
    expect(() => parseOciUrl(url)).toThrow(message);
  });
});

test('plain HTTP without `insecure` is for loopback and private addresses only', () => {
  const hosts = ['127.0.0.1:5000', 'localhost:5000', '10.1.2.3', '172.16.0.1', '192.168.1.1:80'];
  expect(hosts.map(mayUsePlainHttp)).toEqual(hosts.map(() => true));
  const others = ['ghcr.io', '8.8.8.8', '172.32.0.1', '127.0.0.1.example.com', '10.example.com'];
  expect(others.map(mayUsePlainHttp)).toEqual(others.map(() => false));
});
