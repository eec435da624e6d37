import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { createKubeClient, type KubeClient, KubeError } from '../../../shared/kube/client.ts';
import { KubeConnectionError } from '../../../shared/kube/error.ts';
import { resources } from '../../../shared/kube/resources.ts';
import type { RequestRecord, TransportOptions } from '../../../shared/kube/transport.ts';
import { answer, hangUp, type Received, ScriptedServer, status } from './scripted-server.ts';

let server: ScriptedServer;
let client: KubeClient;
const records: RequestRecord[] = [];

async function start(steps: Parameters<typeof ScriptedServer.start>, options: TransportOptions = {}): Promise<void> {
  server = await ScriptedServer.start(...steps);
  client = createKubeClient(server.auth, {
    retry: { baseMs: 1, capMs: 5 },
    onRequest: (record) => records.push(record),
    ...options,
  });
}

afterEach(async () => {
  records.length = 0;
  await client.close();
  await server.stop();
});

const SECRET = { metadata: { name: 'a', namespace: 'ns' } };
const BUSY = answer(429, status(429, 'TooManyRequests', 'busy'), { 'retry-after': '0' });

describe('requests', () => {
  test('send what was given, untouched, and say who asks', async () => {
    await start([answer(200, SECRET)], { userAgent: 'me/1' });
    const text = '{"apiVersion":"v1","unknownField": 1}';
    await client.apply(resources.secrets, 'ns', 'a', text, { fieldManager: 'm', force: true, dryRun: true });
    const [received] = server.received as [Received];
    expect(received).toMatchObject({
      method: 'PATCH',
      url: '/api/v1/namespaces/ns/secrets/a?fieldManager=m&dryRun=All&force=true',
      body: text,
    });
    expect(received.headers).toMatchObject({
      authorization: 'Bearer t',
      'user-agent': 'me/1',
      'content-type': 'application/apply-patch+yaml',
    });
  });

  test('an absent object is undefined, a deleted one too', async () => {
    await start([answer(404, status(404, 'NotFound', 'no'))]);
    await expect(client.get(resources.secrets, 'ns', 'a')).resolves.toBeUndefined();
    await expect(client.delete(resources.secrets, 'ns', 'a')).resolves.toBeUndefined();
  });

  test('impersonation sends user and groups, and leaves the first client alone', async () => {
    await start([answer(200, SECRET)]);
    const other = client.impersonate({ user: 'system:serviceaccount:ns:sa', groups: ['g1', 'g2'] });
    await other.get(resources.secrets, 'ns', 'a');
    await client.get(resources.secrets, 'ns', 'a');
    expect(server.received[0]?.headers).toMatchObject({
      'impersonate-user': 'system:serviceaccount:ns:sa',
      'impersonate-group': 'g1, g2',
    });
    expect(server.received[1]?.headers['impersonate-user']).toBeUndefined();
  });

  test('a delete says how', async () => {
    await start([answer(200, {})]);
    await client.delete(resources.secrets, 'ns', 'a', { propagationPolicy: 'Background', preconditions: { uid: 'u' } });
    expect(JSON.parse(server.received[0]?.body ?? '')).toEqual({
      apiVersion: 'v1',
      kind: 'DeleteOptions',
      propagationPolicy: 'Background',
      preconditions: { uid: 'u' },
    });
  });

  test('metadata only asks for the partial form', async () => {
    await start([answer(200, SECRET)]);
    await client.get(resources.secrets, 'ns', 'a', { metadataOnly: true });
    expect(server.received[0]?.headers.accept).toBe('application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1');
  });

  test('a create without namespace is refused before it is sent', async () => {
    await start([answer(200, {})]);
    await expect(client.create(resources.secrets, { metadata: { name: 'a' } })).rejects.toThrow(
      'create secrets "a": metadata.namespace is not set',
    );
    expect(server.received).toHaveLength(0);
  });
});

test('goes through the proxy that the kubeconfig names', async () => {
  await start([answer(200, SECRET)]);
  const targets: string[] = [];
  const proxy = createServer().on('connect', (request, near) => {
    targets.push(request.url ?? '');
    const far = connect(Number(request.url?.split(':')[1]), '127.0.0.1', () => {
      near.write('HTTP/1.1 200 OK\r\n\r\n');
      near.pipe(far).pipe(near);
    });
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const proxyUrl = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  const proxied = createKubeClient({ ...server.auth, proxyUrl });
  try {
    await expect(proxied.get(resources.secrets, 'ns', 'a')).resolves.toEqual(SECRET);
    expect(targets).toEqual([server.auth.server.slice('http://'.length)]);
  } finally {
    await proxied.close();
    proxy.close();
  }
});

describe('failures', () => {
  test('429 with Retry-After is sent again, a create too, and each attempt is counted', async () => {
    await start([BUSY, BUSY, answer(201, SECRET)]);
    await expect(client.create(resources.secrets, SECRET)).resolves.toEqual(SECRET);
    expect(records.map((r) => [r.verb, r.resource, r.status, r.attempt])).toEqual([
      ['create', 'secrets', 429, 0],
      ['create', 'secrets', 429, 1],
      ['create', 'secrets', 201, 2],
    ]);
  });

  test('retries are bounded, and the last error is the caller’s', async () => {
    await start([BUSY], { retry: { maxRetries: 2, baseMs: 1 } });
    await expect(client.get(resources.secrets, 'ns', 'a')).rejects.toMatchObject({
      isTooManyRequests: true,
      message: 'busy',
    });
    expect(server.received).toHaveLength(3);
  });

  test('a lost connection: a read is sent again, a create is not', async () => {
    await start([hangUp, answer(200, SECRET), hangUp, answer(201, SECRET)]);
    await expect(client.get(resources.secrets, 'ns', 'a')).resolves.toEqual(SECRET);
    await expect(client.create(resources.secrets, SECRET)).rejects.toBeInstanceOf(KubeConnectionError);
    expect(server.received).toHaveLength(3);
  });

  test('a conflict is an answer, not a failure to retry', async () => {
    await start([answer(409, status(409, 'Conflict', 'changed'))]);
    await expect(client.update(resources.secrets, SECRET)).rejects.toMatchObject({ isConflict: true, status: 409 });
    expect(server.received).toHaveLength(1);
  });

  test('a server that does not answer in time', async () => {
    await start([() => undefined], { timeoutMs: 300, retry: { maxRetries: 0 } });
    await expect(client.get(resources.secrets, 'ns', 'a')).rejects.toMatchObject({
      name: 'KubeConnectionError',
      notSent: false,
    });
    expect(records.map((r) => r.status)).toEqual([0]);
  });

  test('a server that is not there', async () => {
    await start([answer(200, {})], { retry: { maxRetries: 1, baseMs: 1 } });
    await server.stop();
    await expect(client.create(resources.secrets, SECRET)).rejects.toMatchObject({
      name: 'KubeConnectionError',
      notSent: true,
    });
    expect(records).toHaveLength(2);
  });

  test('an abort ends a request at once, with its reason, also between retries', async () => {
    await start([() => undefined]);
    const stop = new AbortController();
    const waiting = client.get(resources.secrets, 'ns', 'a', { signal: stop.signal });
    setTimeout(() => stop.abort(new Error('stopping')), 50);
    await expect(waiting).rejects.toThrow('stopping');
    await expect(client.get(resources.secrets, 'ns', 'a', { signal: stop.signal })).rejects.toThrow('stopping');
    expect(server.received).toHaveLength(1);
  });

  test('401 makes the login new, once', async () => {
    await start([answer(401, status(401, 'Unauthorized', 'who?')), answer(200, SECRET)]);
    let logins = 0;
    const auth = {
      ...server.auth,
      headers: () => Promise.resolve({ authorization: `Bearer ${logins}` }),
      invalidate: () => ++logins > 0,
    };
    const other = createKubeClient(auth);
    await expect(other.get(resources.secrets, 'ns', 'a')).resolves.toEqual(SECRET);
    expect(server.received.map((r) => r.headers.authorization)).toEqual(['Bearer 0', 'Bearer 1']);
    await other.close();
  });
});

describe('lists', () => {
  const page = (names: string[], next?: string) =>
    answer(200, {
      metadata: { resourceVersion: '7', continue: next },
      items: names.map((name) => ({ metadata: { name } })),
    });

  test('read all pages, and name the kind of each item', async () => {
    await start([page(['a', 'b'], 'tok'), page(['c'])]);
    const list = await client.list(resources.deployments, { namespace: 'ns', labelSelector: 'a=b,c', limit: 2 });
    expect(list.items.map((o) => `${o.apiVersion} ${o.kind} ${o.metadata.name}`)).toEqual([
      'apps/v1 Deployment a',
      'apps/v1 Deployment b',
      'apps/v1 Deployment c',
    ]);
    expect(server.received.map((r) => r.url)).toEqual([
      '/apis/apps/v1/namespaces/ns/deployments?labelSelector=a%3Db%2Cc&limit=2',
      '/apis/apps/v1/namespaces/ns/deployments?labelSelector=a%3Db%2Cc&limit=2&continue=tok',
    ]);
  });

  test('start again in one piece when a page’s token has expired', async () => {
    await start([page(['a'], 'tok'), answer(410, status(410, 'Expired', 'too old')), page(['a', 'b'])]);
    const list = await client.list(resources.secrets, { limit: 1, resourceVersion: '5' });
    expect(list.items.map((o) => o.metadata.name)).toEqual(['a', 'b']);
    expect(server.received[2]?.url).toBe('/api/v1/secrets');
  });
});

describe('watches', () => {
  const event = (type: string, name: string) => `${JSON.stringify({ type, object: { metadata: { name } } })}\n`;

  test('give each event once, however the bytes come', async () => {
    const text = event('ADDED', 'ä') + event('MODIFIED', 'ä') + event('DELETED', 'ä');
    await start([
      (_request, response) => {
        const bytes = Buffer.from(text);
        response.write(bytes.subarray(0, 45));
        setTimeout(() => response.end(bytes.subarray(45)), 20);
      },
    ]);
    const seen: string[] = [];
    await client.watch(resources.secrets, { resourceVersion: '5', timeoutSeconds: 9 }, (e) =>
      seen.push(e.type + e.object.metadata.name),
    );
    expect(seen).toEqual(['ADDEDä', 'MODIFIEDä', 'DELETEDä']);
    expect(server.received[0]?.url).toBe(
      '/api/v1/secrets?watch=true&resourceVersion=5&timeoutSeconds=9&allowWatchBookmarks=true',
    );
  });

  test('an ERROR event is the error of the watch', async () => {
    const line = JSON.stringify({ type: 'ERROR', object: status(410, 'Expired', 'too old resource version: 1 (9)') });
    await start([(_request, response) => void response.write(`${event('ADDED', 'a')}${line}\n${event('ADDED', 'b')}`)]);
    const seen: string[] = [];
    const watching = client.watch(resources.secrets, {}, (e) => seen.push(e.object.metadata.name));
    await expect(watching).rejects.toMatchObject({ isGone: true, message: 'too old resource version: 1 (9)' });
    expect(seen).toEqual(['a']);
  });

  test('a refusal is a KubeError; an abort rejects with its reason; a cut is a KubeConnectionError', async () => {
    await start([
      answer(403, status(403, 'Forbidden', 'no')),
      (_request, response) => void response.write(event('ADDED', 'a')),
      (_request, response) => {
        response.write(event('ADDED', 'a'));
        setTimeout(() => response.socket?.destroy(), 20);
      },
    ]);
    await expect(client.watch(resources.secrets, {}, () => undefined)).rejects.toBeInstanceOf(KubeError);
    const stop = new AbortController();
    const aborted = client.watch(resources.secrets, { signal: stop.signal }, () => stop.abort(new Error('enough')));
    await expect(aborted).rejects.toThrow('enough');
    await expect(client.watch(resources.secrets, {}, () => undefined)).rejects.toBeInstanceOf(KubeConnectionError);
  });
});
