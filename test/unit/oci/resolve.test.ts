import { describe, expect, test } from '@jest/globals';
import { MemoryRecordCache } from '../../../shared/cache/memory.ts';
import type { RegistryClient } from '../../../shared/oci/client.ts';
import { OciError } from '../../../shared/oci/errors.ts';
import { HELM_LAYER_TYPE } from '../../../shared/oci/manifest.ts';
import { sourceAccess } from '../../../syncer/source/credential.ts';
import type { OciSourceSpec } from '../../../syncer/source/oci-spec.ts';
import {
  repositoryOf,
  resolutionKey,
  resolveReference,
  SourceResolver,
  selectTag,
} from '../../../syncer/source/resolve.ts';
import { SourceError } from '../../../syncer/source/source-error.ts';

const DIGEST = `sha256:${'a'.repeat(64)}`;
const name = { registry: 'ghcr.io', repository: 'org/app' };
const url = 'oci://ghcr.io/org/app';

function fakeClient(tags: string[], heads: string[] = []): RegistryClient {
  const client: Partial<RegistryClient> = {
    listTags: () => Promise.resolve(tags),
    head: (_name, reference) => {
      heads.push(reference);
      return Promise.resolve({ mediaType: '', digest: DIGEST, size: 1 });
    },
  };
  return client as RegistryClient;
}

describe('selectTag', () => {
  const tags = ['latest', '1.0.0', 'v1.2.0', '1.10.0', '1.11.0-rc.1', '2.0', '01.0.0', '1.3.0_build.5', 'dev-1.9.0'];

  test.each([
    ['>=1.0.0', undefined, '1.10.0'],
    ['1.2.x', undefined, 'v1.2.0'],
    ['>=1.0.0-0', undefined, '1.11.0-rc.1'],
    ['>=1.0.0-0', '-rc', '1.11.0-rc.1'],
    ['*', '^v', 'v1.2.0'],
  ])('%s filtered by %s', (range, filter, expected) => {
    expect(selectTag(tags, range, filter, false)).toBe(expected);
  });

  test('reads `_` as `+` only for Helm’s layers', () => {
    expect(selectTag(tags, '~1.3.0', undefined, true)).toBe('1.3.0_build.5');
    expect(() => selectTag(tags, '~1.3.0', undefined, false)).toThrow('no match found for semver: ~1.3.0');
  });

  test('says what is wrong with a range or a filter', () => {
    expect(() => selectTag(tags, 'one', undefined, false)).toThrow("semver 'one' parse error: ");
    expect(() => selectTag(tags, '*', '(', false)).toThrow("semverFilter '(' is not a valid regular expression");
  });
});

describe('resolveReference', () => {
  const resolve = (spec: Omit<OciSourceSpec, 'url'>, client = fakeClient(['1.0.0', '2.0.0'])) =>
    resolveReference(client, { url, ...spec }, name);

  test('takes the digest before semver before the tag before latest', async () => {
    const ref = { digest: DIGEST, semver: '1.x', tag: 'edge' };
    expect(await resolve({ ref })).toEqual({ revision: DIGEST, digest: DIGEST });
    expect((await resolve({ ref: { semver: '1.x', tag: 'edge' } })).revision).toBe(`1.0.0@${DIGEST}`);
    expect((await resolve({ ref: { tag: 'edge' } })).revision).toBe(`edge@${DIGEST}`);
    expect((await resolve({})).revision).toBe(`latest@${DIGEST}`);
  });

  test('asks the registry for a digest too: the credential must be proven', async () => {
    const heads: string[] = [];
    await resolve({ ref: { digest: DIGEST } }, fakeClient([], heads));
    expect(heads).toEqual([DIGEST]);
  });

  test('writes a `+` of a Helm chart’s version as `_`', async () => {
    const spec = { ref: { tag: '1.0.0+b1' }, layerSelector: { mediaType: HELM_LAYER_TYPE } };
    expect((await resolve(spec)).tag).toBe('1.0.0_b1');
    await expect(resolve({ ref: { tag: '1.0.0+b1' } })).rejects.toThrow("'1.0.0+b1' is not a valid tag");
  });

  test('gives each failure its reason and Flux’s words', async () => {
    const client = fakeClient([]);
    await expect(resolve({ ref: { semver: '1.x' } }, client)).rejects.toMatchObject({
      reason: 'ReadOperationFailed',
      message: `failed to determine the artifact tag for '${url}': no match found for semver: 1.x`,
    });
    client.head = () => Promise.reject(new OciError('not-found', 'GET x: MANIFEST_UNKNOWN'));
    await expect(resolve({}, client)).rejects.toMatchObject({
      reason: 'OCIArtifactPullFailed',
      message: 'failed to determine artifact digest: GET x: MANIFEST_UNKNOWN',
    });
  });

  test('a bad URL stalls', () => {
    const attempt = () => repositoryOf({ url: 'oci://ghcr.io/org/app:1.0' });
    expect(attempt).toThrow(SourceError);
    expect(attempt).toThrow("URL validation failed for 'oci://ghcr.io/org/app:1.0': URL must not contain a tag");
  });
});

describe('SourceResolver', () => {
  test('asks once an interval, again when forced, and once for concurrent callers', async () => {
    let now = 0;
    const heads: string[] = [];
    const client = fakeClient([], heads);
    const resolver = new SourceResolver(new MemoryRecordCache(10, () => now));
    const request = { client, spec: { url }, name, fingerprint: 'f', intervalMs: 60_000 };
    await Promise.all([resolver.resolve(request), resolver.resolve(request)]);
    await resolver.resolve(request);
    expect(heads).toHaveLength(1);
    await resolver.resolve({ ...request, force: true });
    expect(heads).toHaveLength(2);
    // The shortest interval after jitter.
    now = 60_000 * 0.95;
    await resolver.resolve(request);
    expect(heads).toHaveLength(3);
  });

  test('never answers one tenant with what another resolved', async () => {
    const heads: string[] = [];
    const client = fakeClient([], heads);
    const resolver = new SourceResolver(new MemoryRecordCache());
    const request = { client, spec: { url }, name, intervalMs: 60_000 };
    await resolver.resolve({ ...request, fingerprint: 'tenant-1' });
    await resolver.resolve({ ...request, fingerprint: 'tenant-2' });
    expect(heads).toHaveLength(2);
  });

  test('keys depend on all that shapes the answer', () => {
    const specs: OciSourceSpec[] = [
      { url },
      { url: `${url}2` },
      { url, ref: { tag: 'a' } },
      { url, ref: { semver: 'a' } },
      { url, ref: { semver: 'a', semverFilter: 'b' } },
      { url, layerSelector: { mediaType: HELM_LAYER_TYPE } },
    ];
    expect(new Set(specs.map((spec) => resolutionKey(spec, 'f'))).size).toBe(specs.length);
  });
});

describe('sourceAccess', () => {
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  const login = (user: string, pass: string) => ({
    name: 's',
    data: { username: base64(user), password: base64(pass) },
  });

  test('fingerprints differ by credential and certificates', () => {
    const spec = { url };
    const cert = { name: 'c', data: { 'ca.crt': base64('CA') } };
    const prints = [
      sourceAccess(spec, name, { pull: [] }),
      sourceAccess(spec, name, { pull: [login('a', 'b')] }),
      sourceAccess(spec, name, { pull: [login('a', 'c')] }),
      sourceAccess(spec, name, { pull: [login('a', 'b')], cert }),
      sourceAccess({ url, insecure: true }, name, { pull: [] }),
    ].map((access) => access.fingerprint);
    expect(new Set(prints).size).toBe(prints.length);
  });

  test('refusals name the secret and what is missing', () => {
    const broken = { name: 'login', data: { '.dockerconfigjson': base64('{"auths": secret!') } };
    expect(() => sourceAccess({ url }, name, { pull: [broken] })).toThrow(
      "failed to get credential: secret 'login': key '.dockerconfigjson' is not valid JSON",
    );
    const half = { name: 'tls', data: { 'tls.crt': base64('x') } };
    expect(() => sourceAccess({ url }, name, { pull: [], cert: half })).toThrow(
      "failed to generate transport for 'oci://ghcr.io/org/app': secret 'tls': 'tls.crt' and 'tls.key' go together; 'tls.key' is missing",
    );
    expect(() => sourceAccess({ url, provider: 'aws' }, name, { pull: [] })).toThrow("spec.provider 'aws'");
  });
});
