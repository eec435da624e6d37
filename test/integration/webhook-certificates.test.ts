import { X509Certificate } from 'node:crypto';
import { type ConnectionOptions, connect } from 'node:tls';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createKubeClient, type KubeClient } from '../../shared/kube/client.ts';
import { loadKubeConfig } from '../../shared/kube/config.ts';
import { resources } from '../../shared/kube/resources.ts';
import { splitAuthorities } from '../../webhook/certificate.ts';
import { ensureCertificates } from '../../webhook/certificate-store.ts';
import { type ControlPlane, startControlPlane } from '../env/control-plane.ts';
import { startWebhook } from '../env/webhook.ts';

const DAY = 24 * 3_600_000;
const SECRET = { namespace: 'default', name: 'certificate' };
const NAMES = ['webhook.default.svc'];
const REPLICAS = 8;
let plane: ControlPlane;
let client: KubeClient;

beforeAll(async () => {
  plane = await startControlPlane();
  client = createKubeClient(await loadKubeConfig({ kubeconfig: plane.kubeconfig }));
}, 120_000);

afterAll(async () => {
  await client?.close();
  await plane?.stop();
});

async function allAtOnce(now: Date) {
  const renewals = await Promise.all(
    Array.from({ length: REPLICAS }, () => ensureCertificates(client, SECRET, NAMES, now)),
  );
  const different = new Set(renewals.map(({ bundle }) => JSON.stringify(bundle)));
  const made = renewals.filter(({ reason }) => reason !== undefined);
  return { different: different.size, made: made.length, bundle: renewals[0]?.bundle };
}

test('of replicas that start or rotate at once one makes the certificate and all serve it', async () => {
  const start = new Date();
  const first = await allAtOnce(start);
  expect(first).toMatchObject({ different: 1, made: 1 });
  const rotated = await allAtOnce(new Date(start.getTime() + 650 * DAY));
  expect(rotated).toMatchObject({ different: 1, made: 1 });
  const [newest, oldest] = splitAuthorities(rotated.bundle?.trusted ?? '');
  expect(oldest).toBe(first.bundle?.trusted);
  expect(
    new X509Certificate(rotated.bundle?.serving.certificate ?? '').verify(new X509Certificate(newest ?? '').publicKey),
  ).toBe(true);
});

test('a Secret that someone has damaged is made anew, and what else it holds is kept', async () => {
  const data = { 'tls.crt': '', 'tls.key': 'AAAA', other: 'AAAA' };
  await client.patch(resources.secrets, SECRET.namespace, SECRET.name, 'merge', { data });
  expect((await ensureCertificates(client, SECRET, NAMES, new Date())).reason).toBe(
    'the stored certificate cannot be read',
  );
  const secret = await client.get(resources.secrets, SECRET.namespace, SECRET.name);
  expect(secret?.['data']).toMatchObject({ other: 'AAAA', 'tls.crt': expect.stringMatching(/.{100}/) });
});

test('serves TLS 1.2 and later, by the certificate of its Secret', async () => {
  const webhook = await startWebhook({ kubeconfig: plane.kubeconfig, dir: plane.dir });
  try {
    const port = Number(new URL(webhook.url).port);
    const secret = await client.get(resources.secrets, 'default', 'chartroom-webhook-certificate');
    const ca = Buffer.from(
      (secret?.['data'] as Record<string, string> | undefined)?.['ca.crt'] ?? '',
      'base64',
    ).toString();
    expect(await handshake({ port, ca })).toBe('TLSv1.3');
    expect(await handshake({ port, ca, maxVersion: 'TLSv1.2' })).toBe('TLSv1.2');
    expect(
      await handshake({ port, ca, minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'ALL:@SECLEVEL=0' }),
    ).toMatch(/^E/);
  } finally {
    await webhook.server.stop();
  }
});

/** The TLS version agreed on, or the code of the error. */
function handshake(options: ConnectionOptions): Promise<string | null | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', ...options }, () => {
      resolve(socket.getProtocol());
      socket.destroy();
    });
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code));
  });
}
