import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterEach, describe, expect, test } from '@jest/globals';
import { RegistryClient, type RegistryClientOptions } from '../../../shared/oci/client.ts';
import { OciError } from '../../../shared/oci/errors.ts';
import { type FakeRegistry, startFakeRegistry } from './fake-registry.ts';

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

async function registry(
  handler: (req: IncomingMessage, res: ServerResponse, path: string) => void,
): Promise<FakeRegistry> {
  const fake = await startFakeRegistry(handler);
  cleanups.push(() => fake.stop());
  return fake;
}

function client(options: RegistryClientOptions = {}): RegistryClient {
  const created = new RegistryClient({ timeoutMs: 5000, ...options });
  cleanups.push(() => created.close());
  return created;
}

function digestOf(bytes: string): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

async function failure(promise: Promise<unknown>): Promise<OciError> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof OciError) return error;
    throw error;
  }
  throw new Error('expected a failure');
}

describe('blobs', () => {
  const content = 'a chart, more or less';
  const digest = digestOf(content);

  test('are returned when size and digest match', async () => {
    const fake = await registry((_req, res) => res.end(content));
    const name = { registry: fake.host, repository: 'charts/app' };
    const bytes = await client().blob(name, { digest, size: content.length }, { maxBytes: 1000 });
    expect(Buffer.from(bytes).toString()).toBe(content);
  });

  test('with other bytes are refused, naming both digests', async () => {
    const fake = await registry((_req, res) => res.end('a chart, more or lesS'));
    const name = { registry: fake.host, repository: 'charts/app' };
    const error = await failure(client().blob(name, { digest, size: content.length }, { maxBytes: 1000 }));
    expect(error.code).toBe('digest-mismatch');
    expect(error.message).toContain(digest);
    expect(error.message).toContain(digestOf('a chart, more or lesS'));
  });

  test('shorter than the manifest says are refused', async () => {
    const fake = await registry((_req, res) => res.end('a chart'));
    const name = { registry: fake.host, repository: 'charts/app' };
    const error = await failure(client().blob(name, { digest, size: content.length }, { maxBytes: 1000 }));
    expect(error.message).toContain('got 7 bytes, the manifest says 21');
  });

  test('over the limit are refused before they are fetched, and while they stream', async () => {
    const fake = await registry((_req, res) => {
      res.write('x'.repeat(600));
      res.end('x'.repeat(600));
    });
    const name = { registry: fake.host, repository: 'charts/app' };
    const announced = await failure(client().blob(name, { digest, size: 5000 }, { maxBytes: 1000 }));
    expect(announced.code).toBe('too-large');
    expect(fake.seen).toHaveLength(0);
    const streamed = await failure(client().blob(name, { digest }, { maxBytes: 1000 }));
    expect(streamed.code).toBe('too-large');
  });

  test('follow a redirect to another host without the credential', async () => {
    const storage = await registry((_req, res) => res.end(content));
    const fake = await registry((req, res) => {
      if (req.headers.authorization === undefined) res.writeHead(401, { 'www-authenticate': 'Basic realm="r"' }).end();
      else res.writeHead(307, { location: `http://${storage.host}/bucket/blob?signature=secret` }).end();
    });
    const name = { registry: fake.host, repository: 'charts/app' };
    const credential = { username: 'me', password: 'pass' };
    await client({ credential }).blob(name, { digest }, { maxBytes: 1000 });
    expect(storage.seen.map((seen) => seen.authorization)).toEqual([undefined]);
  });

  test('name no redirect signature in errors', async () => {
    const storage = await registry((_req, res) => res.writeHead(403).end());
    const fake = await registry((_req, res) =>
      res.writeHead(307, { location: `http://${storage.host}/bucket/blob?signature=secret` }).end(),
    );
    const error = await failure(
      client().blob({ registry: fake.host, repository: 'charts/app' }, { digest }, { maxBytes: 1000 }),
    );
    expect(error.code).toBe('auth-failed');
    expect(error.message).not.toContain('signature');
  });

  test('that are cut off are fetched again', async () => {
    let tries = 0;
    const fake = await registry((_req, res, path) => {
      if (!path.includes('/blobs/')) return;
      tries++;
      if (tries > 1) return void res.end(content);
      res.writeHead(200, { 'content-length': String(content.length) });
      res.write('a ch');
      setTimeout(() => res.destroy(), 20);
    });
    const name = { registry: fake.host, repository: 'charts/app' };
    await client().blob(name, { digest, size: content.length }, { maxBytes: 1000 });
    expect(tries).toBe(2);
  });
});

describe('authentication', () => {
  test('exchanges the credential for a token once and uses it again', async () => {
    const tokens: string[] = [];
    const fake = await registry((req, res, path) => {
      if (path.startsWith('/token')) {
        tokens.push(`${req.headers.authorization} ${path}`);
        return void res.end(JSON.stringify({ token: 'T', expires_in: 300 }));
      }
      if (req.headers.authorization !== 'Bearer T') {
        const realm = `http://${fake.host}/token`;
        return void res.writeHead(401, { 'www-authenticate': `Bearer realm="${realm}",service="reg"` }).end();
      }
      res.end(JSON.stringify({ tags: ['1.0.0'] }));
    });
    const it = client({ credential: { username: 'me', password: 'pass' } });
    const name = { registry: fake.host, repository: 'charts/app' };
    expect(await it.listTags(name)).toEqual(['1.0.0']);
    expect(await it.listTags(name)).toEqual(['1.0.0']);
    const basic = `Basic ${Buffer.from('me:pass').toString('base64')}`;
    expect(tokens).toEqual([`${basic} /token?service=reg&scope=repository%3Acharts%2Fapp%3Apull`]);
  });

  test('asks for an anonymous token without a credential', async () => {
    const fake = await registry((req, res, path) => {
      if (path.startsWith('/token')) return void res.end(JSON.stringify({ access_token: 'A' }));
      if (req.headers.authorization !== 'Bearer A') {
        return void res.writeHead(401, { 'www-authenticate': `Bearer realm="http://${fake.host}/token"` }).end();
      }
      res.end(JSON.stringify({ tags: null }));
    });
    expect(await client().listTags({ registry: fake.host, repository: 'a/b' })).toEqual([]);
  });

  test('refused twice is auth-failed, without the password in the message', async () => {
    const body = JSON.stringify({ errors: [{ code: 'UNAUTHORIZED', message: 'authentication required' }] });
    const fake = await registry((_req, res) => res.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end(body));
    const it = client({ credential: { username: 'me', password: 'hunter22' } });
    const error = await failure(it.listTags({ registry: fake.host, repository: 'a/b' }));
    expect(error.code).toBe('auth-failed');
    expect(error.message).toContain('UNAUTHORIZED: authentication required');
    expect(error.message).not.toContain('hunter22');
  });
});

describe('tags', () => {
  test('are read over all pages', async () => {
    const fake = await registry((_req, res, path) => {
      if (path.includes('last=b')) return void res.end(JSON.stringify({ tags: ['c'] }));
      res.setHeader('link', '</v2/a/b/tags/list?last=b&n=2>; rel="next"');
      res.end(JSON.stringify({ tags: ['a', 'b'] }));
    });
    expect(await client().listTags({ registry: fake.host, repository: 'a/b' })).toEqual(['a', 'b', 'c']);
  });

  test('wait as Retry-After says', async () => {
    let calls = 0;
    const fake = await registry((_req, res, path) => {
      if (!path.includes('tags')) return;
      if (++calls === 1) res.writeHead(429, { 'retry-after': '1' }).end();
      else res.end(JSON.stringify({ tags: ['a'] }));
    });
    const started = performance.now();
    expect(await client().listTags({ registry: fake.host, repository: 'a/b' })).toEqual(['a']);
    expect(performance.now() - started).toBeGreaterThan(900);
  });

  test('a wait that outlasts the timeout ends with what the registry said', async () => {
    const fake = await registry((_req, res, path) => {
      if (path.includes('tags')) res.writeHead(429, { 'retry-after': '20' }).end();
    });
    const error = await failure(client({ timeoutMs: 300 }).listTags({ registry: fake.host, repository: 'a/b' }));
    expect(error.code).toBe('rate-limited');
  });

  test('that never come end with the timeout', async () => {
    const fake = await registry((_req, res, path) => {
      if (path.includes('tags')) res.writeHead(200).write('{');
    });
    const error = await failure(client({ timeoutMs: 300 }).listTags({ registry: fake.host, repository: 'a/b' }));
    expect(error.code).toBe('timeout');
  });
});

describe('manifests', () => {
  const image = (layer: string) =>
    JSON.stringify({ schemaVersion: 2, layers: [{ mediaType: 't', digest: digestOf(layer), size: 1 }] });

  test('HEAD gives the digest; a registry without it is asked by GET', async () => {
    const text = image('l');
    const fake = await registry((req, res) => {
      if (req.method === 'HEAD') res.writeHead(405).end();
      else res.end(text);
    });
    const head = await client().head({ registry: fake.host, repository: 'a/b' }, '1.0');
    expect(head.digest).toBe(digestOf(text));
  });

  test('of an index are those of linux/amd64', async () => {
    const arm = image('arm');
    const amd = image('amd');
    const entry = (text: string, architecture: string) => ({
      digest: digestOf(text),
      size: text.length,
      platform: { os: 'linux', architecture },
    });
    const mediaType = 'application/vnd.oci.image.index.v1+json';
    const index = JSON.stringify({
      schemaVersion: 2,
      mediaType,
      manifests: [entry(arm, 'arm64'), entry(amd, 'amd64')],
    });
    const fake = await registry((_req, res, path) => {
      res.end([arm, amd].find((text) => path.endsWith(digestOf(text))) ?? index);
    });
    const manifest = await client().manifest({ registry: fake.host, repository: 'a/b' }, 'latest');
    expect(manifest.digest).toBe(digestOf(index));
    expect(manifest.image.layers[0]?.digest).toBe(digestOf('amd'));
  });

  test('that are missing are not-found with the registry’s words', async () => {
    const body = JSON.stringify({ errors: [{ code: 'MANIFEST_UNKNOWN', message: 'manifest unknown' }] });
    const fake = await registry((_req, res) => res.writeHead(404).end(body));
    const error = await failure(client().head({ registry: fake.host, repository: 'a/b' }, '9'));
    expect(error.code).toBe('not-found');
    expect(error.message).toBe(
      `GET http://${fake.host}/v2/a/b/manifests/9: MANIFEST_UNKNOWN: manifest unknown (status 404)`,
    );
  });
});

test('a registry that is not there is a network error', async () => {
  const fake = await startFakeRegistry(() => undefined);
  await fake.stop();
  const error = await failure(client({ maxAttempts: 1 }).ping(fake.host));
  expect(error.code).toBe('network');
});
