import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { sha256Digest } from '../../shared/cache/digest.ts';
import { MemoryBlobCache } from '../../shared/cache/memory.ts';
import { BlobStore } from '../../shared/cache/tiered.ts';
import { RegistryClient } from '../../shared/oci/client.ts';
import { HELM_LAYER_TYPE } from '../../shared/oci/manifest.ts';
import { RedisBlobCache } from '../../shared/redis/cache.ts';
import { RedisConnection } from '../../shared/redis/connection.ts';
import { RedisLock } from '../../shared/redis/lock.ts';
import { sourceAccess } from '../../syncer/source/credential.ts';
import { ArtifactFetcher, artifactOf } from '../../syncer/source/fetch.ts';
import type { OciSourceSpec } from '../../syncer/source/oci-spec.ts';
import { repositoryOf, resolveReference } from '../../syncer/source/resolve.ts';
import { packChart } from '../env/charts.ts';
import { type RedisServer, startRedis } from '../env/redis.ts';
import { type Registry, startRegistry } from '../env/registry.ts';

const base64 = (text: string) => Buffer.from(text).toString('base64');
const chart = packChart({ name: 'app', version: '1.2.0' });
const copy = { mediaType: HELM_LAYER_TYPE, operation: 'copy' };

function memoryStore(): BlobStore {
  return new BlobStore({ tiers: [new MemoryBlobCache(64 << 20)] });
}

async function fetchWith(fetcher: ArtifactFetcher, client: RegistryClient, spec: OciSourceSpec) {
  const name = repositoryOf(spec);
  const resolution = await resolveReference(client, spec, name);
  return { resolution, content: await fetcher.fetch({ client, spec, name, resolution }) };
}

describe('a real registry', () => {
  let registry: Registry;
  let client: RegistryClient;
  let spec: OciSourceSpec;
  beforeAll(async () => {
    registry = await startRegistry();
    client = new RegistryClient({ timeoutMs: 10_000 });
    spec = { url: `oci://${registry.host}/charts/app`, ref: { semver: '>=1.0.0' }, layerSelector: copy };
    const annotations = { 'org.opencontainers.image.title': 'app' };
    await registry.pushChart('charts/app', '1.0.0', packChart({ name: 'app', version: '1.0.0' }));
    await registry.pushChart('charts/app', '1.2.0', chart, { annotations });
  });
  afterAll(async () => {
    await client?.close();
    await registry?.stop();
  });

  test('is asked for the newest tag, and the blob is pulled once for many', async () => {
    const fetcher = new ArtifactFetcher(memoryStore());
    const found = await Promise.all(Array.from({ length: 20 }, () => fetchWith(fetcher, client, spec)));
    const [first] = found;
    expect(first?.resolution.tag).toBe('1.2.0');
    expect(first?.content).toEqual({
      digest: sha256Digest(chart),
      size: chart.byteLength,
      metadata: { 'org.opencontainers.image.title': 'app' },
    });
    expect(registry.blobPulls(sha256Digest(chart))).toBe(1);
  });

  test('status.artifact has Flux’s fields', async () => {
    const fetcher = new ArtifactFetcher(memoryStore());
    const { resolution, content } = await fetchWith(fetcher, client, spec);
    const now = new Date('2026-01-02T03:04:05.678Z');
    const artifact = artifactOf({ namespace: 'apps', name: 'chart' }, resolution, content, 'localhost:9090', now);
    expect(artifact).toEqual({
      path: `ocirepository/apps/chart/${resolution.digest}.tar.gz`,
      url: `http://localhost:9090/ocirepository/apps/chart/${resolution.digest}.tar.gz`,
      revision: `1.2.0@${resolution.digest}`,
      digest: sha256Digest(chart),
      lastUpdateTime: '2026-01-02T03:04:05Z',
      size: chart.byteLength,
      metadata: { 'org.opencontainers.image.title': 'app' },
    });
  });

  test('extract packs the same content anew; read gives the bytes', async () => {
    const fetcher = new ArtifactFetcher(memoryStore());
    const extracting = { ...spec, layerSelector: { operation: 'extract' } };
    const { resolution, content } = await fetchWith(fetcher, client, extracting);
    expect(content.digest).not.toBe(sha256Digest(chart));
    const bytes = await fetcher.read({ client, spec: extracting, name: repositoryOf(spec), resolution });
    expect(sha256Digest(bytes)).toBe(content.digest);
  });

  test('a pull by digest, a missing tag, a missing layer type', async () => {
    const fetcher = new ArtifactFetcher(memoryStore());
    const { resolution } = await fetchWith(fetcher, client, spec);
    const byDigest = await fetchWith(fetcher, client, { ...spec, ref: { digest: resolution.digest } });
    expect(byDigest.resolution.revision).toBe(resolution.digest);
    await expect(fetchWith(fetcher, client, { ...spec, ref: { tag: '9.9.9' } })).rejects.toMatchObject({
      reason: 'OCIArtifactPullFailed',
      message: expect.stringContaining('MANIFEST_UNKNOWN'),
    });
    const layerSelector = { mediaType: 'text/plain' };
    await expect(fetchWith(fetcher, client, { ...spec, layerSelector })).rejects.toMatchObject({
      reason: 'OCIArtifactLayerOperationFailed',
      message: `failed to find layer with media type 'text/plain' in artifact; it has '${HELM_LAYER_TYPE}'`,
    });
  });

  test('signatures that cannot be checked are not taken as good', async () => {
    const fetcher = new ArtifactFetcher(memoryStore());
    await expect(fetchWith(fetcher, client, { ...spec, verify: { provider: 'cosign' } })).rejects.toMatchObject({
      reason: 'VerificationError',
    });
  });

  test('a blob that was tampered with is refused and not kept', async () => {
    const { layerDigest } = await registry.pushChart(
      'charts/evil',
      '1.0.0',
      packChart({ name: 'evil', version: '1.0.0' }),
    );
    const tampered = packChart({ name: 'evil', version: '6.6.6' });
    await registry.corruptBlob(layerDigest, tampered);
    const store = memoryStore();
    const fetcher = new ArtifactFetcher(store);
    const evil = { ...spec, url: `oci://${registry.host}/charts/evil` };
    await expect(fetchWith(fetcher, client, evil)).rejects.toMatchObject({ reason: 'OCIArtifactPullFailed' });
    expect(await store.get(layerDigest)).toBeUndefined();
  });

  test('limits on a layer are kept', async () => {
    const limits = { maxLayerBytes: 10, maxUnpackedBytes: 10, maxEntries: 10 };
    const fetcher = new ArtifactFetcher(memoryStore(), { limits });
    await expect(fetchWith(fetcher, client, spec)).rejects.toThrow('the limit is 10');
  });

  describe('and a fleet that shares Redis', () => {
    let redis: RedisServer;
    const connections: RedisConnection[] = [];
    beforeAll(async () => {
      redis = await startRedis();
    });
    afterAll(async () => {
      for (const connection of connections) connection.close();
      await redis?.stop();
    });

    async function replica(): Promise<ArtifactFetcher> {
      const connection = new RedisConnection({ url: redis.url });
      connections.push(connection);
      await connection.waitUntilReady(2000);
      const tiers = [new MemoryBlobCache(64 << 20), new RedisBlobCache(connection, 'f')];
      return new ArtifactFetcher(new BlobStore({ tiers, fleet: new RedisLock(connection, 'f') }));
    }

    test('pulls a blob once, and a poisoned one again', async () => {
      const fresh = packChart({ name: 'shared', version: '1.0.0' });
      await registry.pushChart('charts/shared', '1.0.0', fresh);
      const shared = { ...spec, url: `oci://${registry.host}/charts/shared` };
      const fetchers = await Promise.all(Array.from({ length: 8 }, replica));
      await Promise.all(fetchers.map((fetcher) => fetchWith(fetcher, client, shared)));
      expect(registry.blobPulls(sha256Digest(fresh))).toBe(1);
      await redis.command('SET', `chartroom:f:blob:${sha256Digest(fresh)}`, 'poison');
      const { content } = await fetchWith(await replica(), client, shared);
      expect(content.digest).toBe(sha256Digest(fresh));
      expect(registry.blobPulls(sha256Digest(fresh))).toBe(2);
    });

    test('goes on without Redis', async () => {
      const other = packChart({ name: 'other', version: '1.0.0' });
      await registry.pushChart('charts/other', '1.0.0', other);
      const fetchers = await Promise.all([replica(), replica()]);
      await redis.crash();
      const spec2 = { ...spec, url: `oci://${registry.host}/charts/other` };
      const started = performance.now();
      await Promise.all(fetchers.map((fetcher) => fetchWith(fetcher, client, spec2)));
      expect(performance.now() - started).toBeLessThan(5000);
      await redis.restart();
    });
  });
});

describe('a registry that wants a login', () => {
  let registry: Registry;
  beforeAll(async () => {
    registry = await startRegistry({ auth: { user: 'me', password: 'right' } });
    await registry.pushChart('charts/app', '1.2.0', chart);
  });
  afterAll(() => registry?.stop());

  async function fetchAs(data: Record<string, string> | undefined): Promise<unknown> {
    const spec = { url: `oci://${registry.host}/charts/app`, ref: { tag: '1.2.0' }, layerSelector: copy };
    const pull = data === undefined ? [] : [{ name: 'login', data }];
    const client = new RegistryClient(sourceAccess(spec, repositoryOf(spec), { pull }).options);
    try {
      return await fetchWith(new ArtifactFetcher(memoryStore()), client, spec);
    } finally {
      await client.close();
    }
  }

  test('takes a docker configuration and a plain user', async () => {
    const auths = { [registry.host]: { auth: base64('me:right') } };
    await fetchAs({ '.dockerconfigjson': base64(JSON.stringify({ auths })) });
    await fetchAs({ username: base64('me'), password: base64('right') });
  });

  test('refuses a wrong password and nobody, and the message has no password', async () => {
    const refused = { reason: 'OCIArtifactPullFailed', message: expect.stringContaining('UNAUTHORIZED') };
    await expect(fetchAs(undefined)).rejects.toMatchObject(refused);
    const wrong = fetchAs({ username: base64('me'), password: base64('hunter22') });
    await expect(wrong).rejects.toMatchObject(refused);
    await expect(wrong).rejects.not.toThrow('hunter22');
  });
});
