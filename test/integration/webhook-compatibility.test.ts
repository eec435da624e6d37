import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type ControlPlane, startControlPlane } from '../env/control-plane.ts';
import { installCrds } from '../env/crds.ts';
import { startWebhook, type WebhookProcess } from '../env/webhook.ts';

let plane: ControlPlane;
let webhook: WebhookProcess | undefined;

beforeAll(async () => {
  plane = await startControlPlane();
  await installCrds(plane);
  webhook = await startWebhook({ kubeconfig: plane.kubeconfig, dir: plane.dir, env: { HELM_DRIVER: 'ConfigMaps' } });
}, 120_000);

afterAll(async () => {
  await webhook?.server.stop();
  await plane?.stop();
});

const SOURCES = `
apiVersion: source.toolkit.fluxcd.io/v1
kind: HelmRepository
metadata: {name: podinfo, namespace: default}
spec: {interval: 5m, url: https://stefanprodan.github.io/podinfo}
---
apiVersion: source.toolkit.fluxcd.io/v1
kind: HelmRepository
metadata: {name: podinfo-oci, namespace: default}
spec:
  type: oci
  url: oci://ghcr.io/stefanprodan/charts
  secretRef: {name: regcred}
  accessFrom: {namespaceSelectors: [{matchLabels: {team: a}}]}
---
apiVersion: source.toolkit.fluxcd.io/v1
kind: OCIRepository
metadata: {name: podinfo, namespace: default}
spec:
  interval: 10m
  url: oci://ghcr.io/stefanprodan/charts/podinfo
  layerSelector: {mediaType: application/vnd.cncf.helm.chart.content.v1.tar+gzip, operation: copy}
  ref: {semver: 6.x, semverFilter: ".*"}
  verify: {provider: cosign, matchOIDCIdentity: [{issuer: "^https://token.example$", subject: "^https://github.com/.*$"}]}
---
apiVersion: source.toolkit.fluxcd.io/v1
kind: HelmChart
metadata: {name: podinfo, namespace: default}
spec:
  interval: 5m
  chart: podinfo
  version: ">=6.0.0"
  sourceRef: {kind: HelmRepository, name: podinfo}
  valuesFiles: [values-prod.yaml]
  verify: {provider: cosign, secretRef: {name: keys}}
`;

const CHART_RELEASE = `
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: by-chart, namespace: default}
spec:
  interval: 50m
  releaseName: podinfo
  targetNamespace: apps
  storageNamespace: default
  serviceAccountName: deployer
  maxHistory: 3
  persistentClient: false
  timeout: 5m
  dependsOn: [{name: redis}, {name: db, namespace: data, readyExpr: "dep.status.observedGeneration > 0"}]
  chart:
    metadata: {labels: {team: a}}
    spec:
      chart: podinfo
      version: "6.x"
      sourceRef: {kind: HelmRepository, name: podinfo}
      interval: 1h
      reconcileStrategy: ChartVersion
      valuesFiles: [values.yaml, values-prod.yaml]
      ignoreMissingValuesFiles: true
      verify: {provider: cosign}
  install:
    crds: CreateReplace
    createNamespace: true
    timeout: 10m
    remediation: {retries: 3, remediateLastFailure: true, ignoreTestFailures: true}
    serverSideApply: true
  upgrade:
    cleanupOnFail: true
    strategy: {name: RetryOnFailure, retryInterval: 1m}
    remediation: {retries: -1, strategy: uninstall}
    serverSideApply: auto
  test: {enable: true, filters: [{name: smoke, exclude: true}]}
  rollback: {cleanupOnFail: true, force: true, recreate: false}
  uninstall: {keepHistory: false, deletionPropagation: foreground}
  driftDetection:
    mode: enabled
    ignore: [{paths: [/spec/replicas], target: {kind: Deployment, name: "podinfo-.*"}}]
  commonMetadata: {labels: {a: b}, annotations: {c: d}}
  postRenderers:
    - kustomize:
        patches: [{target: {kind: Deployment}, patch: "- {op: remove, path: /spec/replicas}"}]
        images: [{name: docker.io/podinfo, newName: ghcr.io/podinfo, newTag: 1.2.3}]
  postRenderStrategy: nohooks
  waitStrategy: {name: legacy}
  healthCheckExprs: [{apiVersion: example.com/v1, kind: Thing, current: "status.ok", failed: "!status.ok"}]
  valuesFrom:
    - {kind: ConfigMap, name: defaults}
    - {kind: Secret, name: passwords, valuesKey: token, targetPath: "redis.password", optional: true, literal: true}
    - {kind: Secret, name: passwords, valuesKey: other, targetPath: "list[0].name"}
  values: {replicaCount: 2, resources: {}, list: [1, "two", {three: 3.5}]}
`;

const REF_RELEASE = `
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: by-ref, namespace: default, annotations: {reconcile.fluxcd.io/requestedAt: "1"}}
spec:
  interval: 1h30m
  suspend: true
  chartRef: {kind: OCIRepository, name: podinfo, namespace: default}
  kubeConfig: {secretRef: {name: remote, key: value}}
`;

describe('manifests written for Flux', () => {
  test.each([
    ['sources', SOURCES, 4],
    ['a release of spec.chart with every section', CHART_RELEASE, 1],
    ['a release of a chartRef', REF_RELEASE, 1],
  ])('%s apply as they are, and a second time change nothing', async (_, manifest, objects) => {
    const apply = () => plane.kubectlInput(manifest, 'apply', '--validate=strict', '-f', '-');
    const first = await apply();
    expect(first.stderr).toBe('');
    expect(first.stdout.match(/created/g)).toHaveLength(objects);
    expect((await apply()).stdout.match(/unchanged/g)).toHaveLength(objects);
  });

  test('keep all that they say, and get the driver of $HELM_DRIVER', async () => {
    const { stdout } = await plane.kubectl('get', 'hr', 'by-chart', '-o', 'json');
    const { spec, status } = JSON.parse(stdout);
    expect(spec.values).toEqual({ replicaCount: 2, resources: {}, list: [1, 'two', { three: 3.5 }] });
    expect(spec.storage).toEqual({ driver: 'configmap' });
    expect(spec.uninstall.deletionPropagation).toBe('foreground');
    expect(status).toEqual({ observedGeneration: -1 });
  });

  test('keep nulls in values, which take a default of the chart away', async () => {
    // kubectl's client-side apply drops nulls itself, with or without a webhook.
    const manifest = REF_RELEASE.replace('by-ref', 'nulls').replace('suspend: true', 'values: {a: {b: null}}');
    const { stdout } = await plane.kubectlInput(manifest, 'create', '--dry-run=server', '-o', 'json', '-f', '-');
    expect(JSON.parse(stdout).spec.values).toEqual({ a: { b: null } });
  });

  test('are listed by short name and category with the columns of Flux', async () => {
    const headers = async (name: string) =>
      (await plane.kubectl('get', name)).stdout
        .split('\n')[0]
        ?.trim()
        .split(/\s{2,}/);
    expect(await headers('hr')).toEqual(['NAME', 'AGE', 'READY', 'STATUS']);
    expect(await headers('ocirepo')).toEqual(['NAME', 'URL', 'READY', 'STATUS', 'AGE']);
    expect(await headers('helmrepo')).toEqual(['NAME', 'URL', 'AGE', 'READY', 'STATUS']);
    expect(await headers('hc')).toEqual([
      'NAME',
      'CHART',
      'VERSION',
      'SOURCE KIND',
      'SOURCE NAME',
      'AGE',
      'READY',
      'STATUS',
    ]);
    expect((await plane.kubectl('get', 'fluxcd', '-o', 'name')).stdout.trim().split('\n')).toHaveLength(6);
  });
});

describe('kubectl explain', () => {
  test.each([
    ['hr.spec.chartRef', 'An object that already holds the chart'],
    ['helmrelease.spec.storage.driver', 'ENUM:'],
    ['helmrelease.spec.upgrade.remediation.retries', 'A negative number means without end'],
    ['helmrelease.status.history', 'newest first'],
    ['ocirepository.spec.ref.semverFilter', 'Regular expression that a tag must match'],
    ['helmrepository.spec.passCredentials', 'other hosts'],
    ['helmchart.spec.reconcileStrategy', 'What counts as a new chart'],
  ])('%s', async (field, text) => {
    const { stdout } = await plane.kubectl('explain', field);
    expect(stdout.replace(/\s+/g, ' ')).toContain(text);
  });
});

describe('when things go wrong', () => {
  test('a release that was stored before the webhook can be deleted, whatever it says', async () => {
    const patch = JSON.stringify({ metadata: { finalizers: ['finalizers.fluxcd.io'] } });
    await plane.kubectl('patch', 'hr', 'by-ref', '--type=merge', '-p', patch);
    await plane.kubectl('delete', 'hr', 'by-ref', '--wait=false');
    const freed = await plane.kubectl(
      'patch',
      'hr',
      'by-ref',
      '--type=merge',
      '-p',
      '{"metadata":{"finalizers":null}}',
    );
    expect(freed.code).toBe(0);
    expect((await plane.kubectl('get', 'hr', 'by-ref')).code).not.toBe(0);
  });

  test('without the webhook the CRD still refuses what matters', async () => {
    await webhook?.server.stop();
    await plane.kubectl('delete', 'mutatingwebhookconfigurations,validatingwebhookconfigurations', 'chartroom');
    const bad = REF_RELEASE.replace('kind: OCIRepository', 'kind: GitRepository').replace('by-ref', 'bad');
    let stderr = '';
    for (let attempt = 0; attempt < 50; attempt++) {
      ({ stderr } = await plane.kubectlInput(bad, 'apply', '--dry-run=server', '-f', '-'));
      if (!stderr.includes('webhook')) break;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    expect(stderr).toContain('Unsupported value: "GitRepository"');
  });
});
