import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type ControlPlane, startControlPlane } from '../env/control-plane.ts';
import { installCrds } from '../env/crds.ts';
import { startWebhook, type WebhookProcess } from '../env/webhook.ts';

let plane: ControlPlane;
let webhook: WebhookProcess | undefined;

beforeAll(async () => {
  plane = await startControlPlane();
  await installCrds(plane);
  webhook = await startWebhook({ kubeconfig: plane.kubeconfig, dir: plane.dir });
  await untilRegistered();
}, 120_000);

afterAll(async () => {
  await webhook?.server.stop();
  await plane?.stop();
});

/** The API server learns of a webhook by a watch: the first write may come before. */
async function untilRegistered(): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const { stdout } = await dryRun(release('probe', 'chartRef: {kind: OCIRepository, name: app}'));
    if (stdout.includes('driver: secret')) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('the API server does not call the webhook');
}

function release(name: string, spec: string, interval = '5m'): string {
  const lines = spec
    .trim()
    .split('\n')
    .map((line) => `  ${line}`);
  return `apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: ${name}, namespace: default}
spec:
  interval: ${interval}
${lines.join('\n')}
`;
}

const CHART_REF = 'chartRef: {kind: OCIRepository, name: app}';

function dryRun(manifest: string) {
  return plane.kubectlInput(manifest, 'apply', '--dry-run=server', '-o', 'yaml', '-f', '-');
}

describe('mutation', () => {
  test.each([
    ['Secrets', 'secret'],
    ['CONFIGMAP', 'configmap'],
    ['ConfigMaps', 'configmap'],
  ])('shows driver %s as %s in a server-side dry run', async (written, stored) => {
    const { stdout, code } = await dryRun(release('mutated', `${CHART_REF}\nstorage: {driver: ${written}}`));
    expect(code).toBe(0);
    expect(stdout).toContain(`driver: ${stored}\n`);
  });

  test('writes the default driver on create and keeps it on update, and a second apply changes nothing', async () => {
    const manifest = release('pinned', CHART_REF);
    expect((await plane.kubectlInput(manifest, 'apply', '-f', '-')).code).toBe(0);
    const get = async () => JSON.parse((await plane.kubectl('get', 'hr', 'pinned', '-o', 'json')).stdout);
    const created = await get();
    expect(created.spec.storage).toEqual({ driver: 'secret' });
    const again = await plane.kubectlInput(manifest, 'apply', '-f', '-');
    expect(again.stdout).toContain('unchanged');
    expect((await get()).metadata.generation).toBe(1);
    const serverSide = ['apply', '--server-side', '--force-conflicts', '-f', '-'];
    for (const round of [1, 2]) {
      const applied = await plane.kubectlInput(manifest, ...serverSide);
      expect({ round, ...applied }).toMatchObject({ code: 0 });
    }
    expect((await get()).metadata.generation).toBe(1);
    const changed = await plane.kubectlInput(
      release('pinned', `${CHART_REF}\nstorage: {driver: ConfigMaps}`),
      'apply',
      '-f',
      '-',
    );
    expect(changed.code).toBe(0);
    expect((await get()).spec.storage).toEqual({ driver: 'configmap' });
  });
});

describe('refusals', () => {
  const refused: [string, string, string][] = [
    [
      'both chart and chartRef',
      release('bad', `${CHART_REF}\nchart: {spec: {chart: app, sourceRef: {kind: HelmRepository, name: apps}}}`),
      'spec.chartRef and spec.chart are both set: keep exactly one',
    ],
    ['neither', release('bad', 'suspend: false'), 'spec.chartRef and spec.chart are both missing: set exactly one'],
    [
      'a chartRef of another kind',
      release('bad', 'chartRef: {kind: HelmRepository, name: app}'),
      'spec.chartRef.kind is "HelmRepository", but must be OCIRepository, HelmChart or ExternalArtifact',
    ],
    [
      'a name that YAML reads as a boolean',
      release('bad', 'chartRef: {kind: OCIRepository, name: y}'),
      'write it in quotes',
    ],
    ['an interval in words', release('bad', CHART_REF, '10 minutes'), 'write "10m"?'],
    [
      'an interval without a unit',
      release('bad', CHART_REF, '300'),
      'spec.interval is 300, but must be a string: write "300s"',
    ],
    [
      'a timeout of zero',
      release('bad', `${CHART_REF}\ntimeout: 0s`),
      'spec.timeout is "0s", but must be longer than zero',
    ],
    [
      'an unknown driver',
      release('bad', `${CHART_REF}\nstorage: {driver: etcd}`),
      'spec.storage.driver is "etcd", but must be secret, configmap, sql or memory',
    ],
    [
      'sql without a database',
      release('bad', `${CHART_REF}\nstorage: {driver: sql}`),
      'spec.storage.sql.secretRef is not set',
    ],
    [
      'memory where it is not allowed',
      release('bad', `${CHART_REF}\nstorage: {driver: memory}`),
      '--allow-memory-storage',
    ],
    [
      'a version that is no range',
      release('bad', 'chart: {spec: {chart: app, version: ">>6", sourceRef: {kind: HelmRepository, name: apps}}}'),
      'spec.chart.spec.version is ">>6", but must be a version or a range',
    ],
    [
      'a long release name',
      release('bad', `${CHART_REF}\nreleaseName: ${'a'.repeat(54)}`),
      'is 54 characters long, but may have at most 53',
    ],
    ['a release name with capitals', release('bad', `${CHART_REF}\nreleaseName: My_App`), 'write "my-app"?'],
    [
      'two values for one target',
      release(
        'bad',
        `${CHART_REF}\nvaluesFrom: [{kind: Secret, name: a, targetPath: x}, {kind: Secret, name: b, targetPath: x}]`,
      ),
      'spec.valuesFrom[1].targetPath is "x", the same as in spec.valuesFrom[0]',
    ],
    [
      'a dependency on itself',
      release('bad', `${CHART_REF}\ndependsOn: [{name: bad}]`),
      'spec.dependsOn[0] is "bad", this release itself',
    ],
  ];

  test.each(refused)('says in plain words: %s', async (_, manifest, text) => {
    const created = await dryRun(manifest);
    expect(created.code).not.toBe(0);
    expect(created.stderr).toContain(text);
    expect(created.stderr).toContain('admission webhook "mutate.helmreleases.chartroom.dev" denied the request');
  });

  test('an update is refused as a create is', async () => {
    expect((await plane.kubectlInput(release('updated', CHART_REF), 'apply', '-f', '-')).code).toBe(0);
    const patch = JSON.stringify({ spec: { storage: { driver: 'floppy' } } });
    const { code, stderr } = await plane.kubectl('patch', 'hr', 'updated', '--type=merge', '-p', patch);
    expect(code).not.toBe(0);
    expect(stderr).toContain('spec.storage.driver is "floppy"');
  });
});

describe('the registration', () => {
  test('is only for HelmReleases that are not being deleted', async () => {
    const { stdout } = await plane.kubectl('get', 'validatingwebhookconfigurations', 'chartroom', '-o', 'json');
    const [hook] = JSON.parse(stdout).webhooks;
    expect(hook.rules[0].resources).toEqual(['helmreleases']);
    expect(hook).toMatchObject({ sideEffects: 'None', failurePolicy: 'Fail', timeoutSeconds: 5 });
    expect(Buffer.from(hook.clientConfig.caBundle, 'base64').toString()).toContain('BEGIN CERTIFICATE');
  });

  test('a second webhook takes the same authority and certificate', async () => {
    const secret = async () =>
      (await plane.kubectl('get', 'secret', 'chartroom-webhook-certificate', '-o', 'json')).stdout;
    const before = JSON.parse(await secret());
    const second = await startWebhook({
      kubeconfig: plane.kubeconfig,
      dir: `${plane.dir}`,
      args: ['--configuration-name=chartroom-second'],
    });
    await second.server.stop();
    expect(JSON.parse(await secret()).data).toEqual(before.data);
    await plane.kubectl('delete', 'mutatingwebhookconfigurations,validatingwebhookconfigurations', 'chartroom-second');
  });
});
