export const namespace = 'harbour';

const ships = [
  ...['adela', 'bounty', 'cutty', 'discovery', 'endeavour', 'fram', 'gjoa', 'hermione', 'ithaca', 'jylland'],
  ...['kruzen', 'lancing', 'mayflower', 'nautilus', 'orca', 'pamir', 'quest', 'resolute', 'santa', 'terra'],
];

/** The names of the demo's releases. */
export function releaseNames(count: number): string[] {
  return ships.slice(0, count);
}

export function source(registry: string): string {
  return `apiVersion: source.toolkit.fluxcd.io/v1
kind: OCIRepository
metadata: {name: harbour, namespace: ${namespace}}
spec:
  interval: 10m
  url: oci://${registry}/charts/harbour
  insecure: true
  ref: {semver: ">=1.0.0"}
`;
}

export function release(name: string, index: number): string {
  return `apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: ${name}, namespace: ${namespace}}
spec:
  interval: 10m
  chartRef: {kind: OCIRepository, name: harbour}
  values:
    ui: {color: "#${(index * 700_001 + 0x34577c).toString(16).slice(-6).padStart(6, '0')}"}
    ingress: {enabled: ${index % 2 === 0}, host: ${name}.harbour.example}
`;
}

/** Manifests with a mistake each, and what the refusal must speak of. */
export const badManifests: readonly { title: string; manifest: string; mentions: RegExp }[] = [
  {
    title: 'both a chart and a chartRef',
    mentions: /chartRef/,
    manifest: `apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: two-charts, namespace: ${namespace}}
spec:
  interval: 10m
  chartRef: {kind: OCIRepository, name: harbour}
  chart:
    spec: {chart: harbour, sourceRef: {kind: HelmRepository, name: harbour}}
`,
  },
  {
    title: 'a storage driver that does not exist',
    mentions: /storage/,
    manifest: `apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: odd-storage, namespace: ${namespace}}
spec:
  interval: 10m
  chartRef: {kind: OCIRepository, name: harbour}
  storage: {driver: etcd}
`,
  },
  {
    title: 'an interval that is no duration',
    mentions: /interval/,
    manifest: `apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: odd-interval, namespace: ${namespace}}
spec:
  interval: 10 minutes
  chartRef: {kind: OCIRepository, name: harbour}
`,
  },
];
