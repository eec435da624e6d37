import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createKubeClient, type KubeClient, type KubeObject } from '../../shared/kube/client.ts';
import { type KubeAuth, loadKubeConfig } from '../../shared/kube/config.ts';
import { EventRecorder } from '../../shared/kube/events.ts';
import { Informer } from '../../shared/kube/informer.ts';
import { LeaderLease } from '../../shared/kube/lease.ts';
import { resources } from '../../shared/kube/resources.ts';
import { type ControlPlane, startControlPlane } from '../env/control-plane.ts';
import { CuttingProxy } from '../env/cutting-proxy.ts';

let plane: ControlPlane;
let auth: KubeAuth;
let client: KubeClient;
const requests: string[] = [];

beforeAll(async () => {
  plane = await startControlPlane();
  auth = await loadKubeConfig({ kubeconfig: plane.kubeconfig });
  client = createKubeClient(auth, { onRequest: (r) => requests.push(`${r.verb} ${r.resource} ${r.status}`) });
}, 120_000);

afterAll(async () => {
  await client?.close();
  await plane?.stop();
});

const configMap = (namespace: string, name: string, data: Record<string, string> = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace },
  data,
});

async function namespace(name: string): Promise<string> {
  await client.create(resources.namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  return name;
}

async function until(condition: () => boolean | Promise<boolean>, what: string, timeoutMs = 20_000): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!(await condition())) {
    if (performance.now() > deadline) {
      throw new Error(`waited ${timeoutMs} ms in vain until ${what}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe('the client against a real API server', () => {
  test('create, get, update, patch, apply, delete; refusals in the API server’s words', async () => {
    const ns = await namespace('crud');
    const made = await client.create(resources.configmaps, configMap(ns, 'a', { x: '1' }), { fieldManager: 'me' });
    await expect(client.create(resources.configmaps, configMap(ns, 'a'))).rejects.toMatchObject({
      isAlreadyExists: true,
      message: 'configmaps "a" already exists',
    });
    const updated = await client.update(resources.configmaps, { ...made, data: { x: '2' } });
    await expect(client.update(resources.configmaps, made)).rejects.toMatchObject({ isConflict: true });
    await client.patch(resources.configmaps, ns, 'a', 'json', [{ op: 'add', path: '/data/y', value: '3' }]);
    await client.patch(resources.configmaps, ns, 'a', 'strategic', { data: { z: '4' } });
    expect((await client.get(resources.configmaps, ns, 'a'))?.['data']).toEqual({ x: '2', y: '3', z: '4' });
    await expect(
      client.apply(resources.configmaps, ns, 'a', configMap(ns, 'a', { x: '9' }), { fieldManager: 'other' }),
    ).rejects.toMatchObject({ isConflict: true, causes: [expect.objectContaining({ field: '.data.x' })] });
    const dry = await client.apply(resources.configmaps, ns, 'a', configMap(ns, 'a', { x: '9' }), {
      fieldManager: 'other',
      force: true,
      dryRun: true,
    });
    expect([dry['data'], (await client.get(resources.configmaps, ns, 'a'))?.['data']]).toEqual([
      { x: '9', y: '3', z: '4' },
      { x: '2', y: '3', z: '4' },
    ]);
    const strict = { ...configMap(ns, 'b'), dta: {} };
    await expect(
      client.apply(resources.configmaps, ns, 'b', strict, { fieldManager: 'me', fieldValidation: 'Strict' }),
    ).rejects.toThrow('.dta: field not declared in schema');
    await expect(
      client.delete(resources.configmaps, ns, 'a', { preconditions: { uid: 'not-it' } }),
    ).rejects.toMatchObject({ isConflict: true });
    expect(
      await client.delete(resources.configmaps, ns, 'a', { preconditions: { uid: updated.metadata.uid as string } }),
    ).toBeDefined();
    expect(await client.delete(resources.configmaps, ns, 'a')).toBeUndefined();
  });

  test('metadata only, paging, impersonation', async () => {
    const ns = await namespace('reads');
    await Promise.all(
      Array.from({ length: 25 }, (_, i) => client.create(resources.configmaps, configMap(ns, `c${i}`, { a: 'b' }))),
    );
    const list = await client.list(resources.configmaps, { namespace: ns, limit: 10, metadataOnly: true });
    expect([list.items.length, list.items[0]?.kind, list.items[0]?.['data']]).toEqual([25, 'ConfigMap', undefined]);
    const bob = client.impersonate({ user: 'bob', groups: ['devs'] });
    await expect(bob.list(resources.secrets, { namespace: ns })).rejects.toMatchObject({
      isForbidden: true,
      message:
        'secrets is forbidden: User "bob" cannot list resource "secrets" in API group "" in the namespace "reads"',
    });
  });

  test('discovery: Helm’s list, a kind that a CRD adds later, and no request for what is known', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'chartroom-discovery-'));
    try {
      mkdirSync(join(dir, 'templates'));
      writeFileSync(join(dir, 'Chart.yaml'), 'apiVersion: v2\nname: x\nversion: 1.0.0\n');
      writeFileSync(
        join(dir, 'templates', 'a.yaml'),
        'kind: ConfigMap\napiVersion: v1\nmetadata: {name: a}\ndata: # {{ .Capabilities.APIVersions | sortAlpha | toJson }}\n',
      );
      const helm = await plane.helm('template', 'x', dir, '--dry-run=server');
      const line = helm.stdout.split('data: # ')[1]?.split('\n')[0];
      expect(helm.stderr).toBe('');
      expect(await client.discovery.apiVersions()).toEqual(JSON.parse(line ?? ''));
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
    expect(await client.discovery.forKind('example.org/v1', 'Boat')).toBeUndefined();
    const schema = { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } };
    await client.create(resources.customresourcedefinitions, {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: 'boats.example.org' },
      spec: {
        group: 'example.org',
        scope: 'Cluster',
        names: { plural: 'boats', singular: 'boat', kind: 'Boat' },
        versions: [{ name: 'v1', served: true, storage: true, schema }],
      },
    });
    await until(
      async () => (await client.discovery.forKind('example.org/v1', 'Boat')) !== undefined,
      'the CRD is discovered',
    );
    const before = requests.length;
    expect(await client.discovery.forKind('example.org/v1', 'Boat')).toMatchObject({
      resource: 'boats',
      namespaced: false,
    });
    expect(await client.discovery.preferred('apps', 'Deployment')).toMatchObject({ version: 'v1' });
    expect(requests.length).toBe(before);
  });
});

describe('the informer against a real API server', () => {
  test('no event is lost or doubled while its connections are cut again and again', async () => {
    const ns = await namespace('chaos');
    const proxy = await CuttingProxy.start(plane.url);
    let lists = 0;
    const through = createKubeClient(
      { ...auth, server: proxy.url },
      { onRequest: (r) => (lists += r.verb === 'list' ? 1 : 0) },
    );
    const told: string[] = [];
    const informer = new Informer({
      client: through,
      resource: resources.configmaps,
      namespace: ns,
      backoff: { baseMs: 5, capMs: 50 },
      onEvent: (type, object) =>
        told.push(`${type} ${object.metadata.name} ${type === 'delete' ? '' : object.metadata.resourceVersion}`),
    });
    const stop = new AbortController();
    const running = informer.start(stop.signal);
    await informer.waitForSync();

    const expected: string[] = [];
    let cuts = 0;
    let toldAtCut = 0;
    // Only after events have come through, so that on a slow machine too each connection gets somewhere.
    const cutter = setInterval(() => {
      if (told.length >= toldAtCut + 5) {
        toldAtCut = told.length;
        cuts++;
        proxy.cut();
      }
    }, 5);
    for (let i = 0; i < 250; i++) {
      const name = `c${i % 40}`;
      const known = await client.get(resources.configmaps, ns, name);
      if (known === undefined) {
        const made = await client.create(resources.configmaps, configMap(ns, name, { i: String(i) }));
        expected.push(`add ${name} ${made.metadata.resourceVersion}`);
      } else if (i % 3 === 0) {
        await client.delete(resources.configmaps, ns, name);
        expected.push(`delete ${name} `);
      } else {
        const changed = await client.update(resources.configmaps, { ...known, data: { i: String(i) } });
        expected.push(`update ${name} ${changed.metadata.resourceVersion}`);
      }
    }
    clearInterval(cutter);
    await until(() => told.length >= expected.length, 'the last event has come');
    await sleep(200);
    stop.abort();
    await running;
    await through.close();
    await proxy.stop();

    expect(cuts).toBeGreaterThan(5);
    expect(proxy.accepted).toBeGreaterThan(cuts);
    expect([lists, told]).toEqual([1, expected]);
    const truth = await client.list(resources.configmaps, { namespace: ns });
    const versions = (items: KubeObject[]) =>
      items.map((o) => `${o.metadata.name}@${o.metadata.resourceVersion}`).sort();
    expect(versions(informer.list())).toEqual(versions(truth.items));
  });

  test('what changed while the API server was out of reach is told when it is back', async () => {
    const ns = await namespace('outage');
    await client.create(resources.configmaps, configMap(ns, 'goes'));
    await client.create(resources.configmaps, configMap(ns, 'stays'));
    const proxy = await CuttingProxy.start(plane.url);
    const through = createKubeClient({ ...auth, server: proxy.url }, { retry: { maxRetries: 0 } });
    const told: string[] = [];
    const informer = new Informer({
      client: through,
      resource: resources.configmaps,
      namespace: ns,
      metadataOnly: true,
      backoff: { baseMs: 20, capMs: 100 },
      onEvent: (type, object) => told.push(`${type} ${object.kind} ${object.metadata.name}`),
    });
    const stop = new AbortController();
    const running = informer.start(stop.signal);
    await informer.waitForSync();
    await until(() => informer.watching, 'the watch is open');
    told.length = 0;
    proxy.refuse();
    await client.delete(resources.configmaps, ns, 'goes');
    await client.create(resources.configmaps, configMap(ns, 'comes'));
    await sleep(600);
    expect([told, informer.watching]).toEqual([[], false]);
    proxy.restore();
    await until(() => told.length === 2, 'the changes were told');
    expect(told.sort()).toEqual(['add ConfigMap comes', 'delete ConfigMap goes']);
    expect(informer.get(ns, 'comes')?.['data']).toBeUndefined();
    stop.abort();
    await running;
    await through.close();
    await proxy.stop();
  });
});

describe('events and leases on a real API server', () => {
  test('events are there for kubectl to show, with their count', async () => {
    const ns = await namespace('events');
    const about = await client.create(resources.configmaps, configMap(ns, 'a'));
    const dropped: string[] = [];
    const recorder = new EventRecorder({
      client,
      component: 'helm-controller',
      instance: 'pod-1',
      onDropped: (why) => dropped.push(why),
    });
    const installed = { type: 'Normal', reason: 'InstallSucceeded', message: 'Helm install succeeded' } as const;
    recorder.event({ ...about, apiVersion: 'v1', kind: 'ConfigMap' }, installed);
    await recorder.flush();
    recorder.event({ ...about, apiVersion: 'v1', kind: 'ConfigMap' }, installed);
    await recorder.flush();
    const shown = await plane.kubectl('-n', ns, 'events', '--for', 'configmap/a');
    expect(shown.stdout).toMatch(/\(x2 over .*\)\s+Normal\s+InstallSucceeded\s+ConfigMap\/a\s+Helm install succeeded/);
    recorder.event(
      { ...about, apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', namespace: 'nowhere' } },
      installed,
    );
    await recorder.stop();
    expect(dropped).toEqual(['cannot write InstallSucceeded of a']);
  });

  test('the lease of a holder that is cut off passes on, never to two at a time', async () => {
    const ns = await namespace('leases');
    const proxy = await CuttingProxy.start(plane.url);
    const through = createKubeClient({ ...auth, server: proxy.url });
    const times = { namespace: ns, name: 'syncer', leaseDurationMs: 2000, renewDeadlineMs: 1200, retryPeriodMs: 200 };
    const a = new LeaderLease({ ...times, client: through, identity: 'a' });
    const b = new LeaderLease({ ...times, client, identity: 'b' });
    const both: boolean[] = [];
    const observer = setInterval(() => both.push(a.isLeader() && b.isLeader()), 5);
    void a.start();
    await until(() => a.isLeader(), 'a leads');
    void b.start();
    await until(() => b.holder === 'a', 'b sees a');
    proxy.refuse();
    await until(() => b.isLeader(), 'b leads');
    proxy.restore();
    await until(() => a.holder === 'b', 'a sees b');
    const released = performance.now();
    await b.stop();
    await until(() => a.isLeader(), 'a leads again');
    expect(performance.now() - released).toBeLessThan(1500);
    expect(a.token).toBe(2);
    clearInterval(observer);
    expect(both).not.toContain(true);
    await a.stop();
    expect((await client.get(resources.leases, ns, 'syncer'))?.['spec']).toMatchObject({ leaseTransitions: 2 });
    await through.close();
    await proxy.stop();
  });
});
