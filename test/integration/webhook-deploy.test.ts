import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type ControlPlane, startControlPlane } from '../env/control-plane.ts';
import { startWebhook } from '../env/webhook.ts';

const NAMESPACE = 'chartroom-system';
const deploy = join(import.meta.dirname, '../../deploy');
let plane: ControlPlane;

beforeAll(async () => {
  plane = await startControlPlane();
}, 120_000);

afterAll(async () => {
  await plane?.stop();
});

function account(name: string): string {
  return `system:serviceaccount:${NAMESPACE}:${name}`;
}

async function can(name: string, ...what: string[]): Promise<boolean> {
  const { stdout } = await plane.kubectl('auth', 'can-i', ...what, '--as', account(name));
  return stdout.trim() === 'yes';
}

describe('deploy/', () => {
  test.each(['base', 'cluster-admin'])('%s applies as a whole', async (name) => {
    // The namespace comes first, as what is in it cannot be tried before it is there.
    await plane.kubectl('apply', '-f', join(deploy, 'base/namespace.yaml'));
    const { code, stderr } = await plane.kubectl('apply', '--server-side', '-k', join(deploy, name));
    expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
    if (name === 'cluster-admin') await plane.kubectl('delete', 'clusterrolebinding', 'chartroom-syncer-cluster-admin');
  });

  test('a webhook with the rights of its ServiceAccount makes its certificate and registers itself', async () => {
    const kubeconfig = await plane.kubeconfigFor(account('chartroom-webhook'));
    const args = [`--certificate-secret=${NAMESPACE}/chartroom-webhook-certificate`];
    const webhook = await startWebhook({ kubeconfig, dir: plane.dir, args });
    try {
      const get = ['get', 'mutatingwebhookconfiguration', 'chartroom', '-o', 'jsonpath={.webhooks[0].clientConfig}'];
      expect(JSON.parse((await plane.kubectl(...get)).stdout)).toMatchObject({
        url: `${webhook.url}/mutate`,
        caBundle: expect.any(String),
      });
    } finally {
      await webhook.server.stop();
    }
  });

  test('the webhook may do no more', async () => {
    const secrets = ['-n', NAMESPACE];
    expect(await can('chartroom-webhook', 'get', 'secrets/chartroom-webhook-certificate', ...secrets)).toBe(true);
    expect(await can('chartroom-webhook', 'get', 'secrets/other', ...secrets)).toBe(false);
    expect(await can('chartroom-webhook', 'list', 'secrets', '-A')).toBe(false);
    expect(await can('chartroom-webhook', 'create', 'secrets', ...secrets)).toBe(false);
    expect(
      await can('chartroom-webhook', 'patch', 'mutatingwebhookconfigurations.admissionregistration.k8s.io/other'),
    ).toBe(false);
    expect(await can('chartroom-webhook', 'get', 'helmreleases', '-A')).toBe(false);
  });

  test('the syncer writes nothing of a release but by impersonation', async () => {
    expect(await can('chartroom-syncer', 'impersonate', 'serviceaccounts', '-n', 'default')).toBe(true);
    expect(await can('chartroom-syncer', 'patch', 'helmreleases', '--subresource=status', '-A')).toBe(true);
    for (const resource of ['secrets', 'configmaps', 'deployments.apps', 'clusterroles']) {
      expect(await can('chartroom-syncer', 'create', resource, '-A')).toBe(false);
    }
    expect(await can('chartroom-syncer', 'impersonate', 'users')).toBe(false);
  });
});
