import { quote } from '../go/strconv.ts';
import { GO_STRUCT, type GoFunction, type GoMap, type GoStruct, type GoValue, tagType } from '../go/value.ts';
import { ChartError } from './errors.ts';

/** A cluster's version as `.Capabilities.KubeVersion` shows it. */
export interface KubeVersion {
  /** With `v`, as the cluster says it: `v1.33.4-gke.1245000`. */
  readonly version: string;
  /** Without suffixes, for constraints: `v1.33.4`. */
  readonly normalized: string;
  readonly major: string;
  readonly minor: string;
}

/** What a cluster can do. */
export interface Capabilities {
  readonly kubeVersion: KubeVersion;
  /** `apps/v1` and `apps/v1/Deployment` forms. */
  readonly apiVersions: readonly string[];
}

/** What Helm v4.3.1 takes a cluster to serve when it cannot ask one. */
export const knownApiVersions: readonly string[] = [
  'v1',
  'admissionregistration.k8s.io/v1',
  'admissionregistration.k8s.io/v1alpha1',
  'admissionregistration.k8s.io/v1beta1',
  'internal.apiserver.k8s.io/v1alpha1',
  'apps/v1',
  'apps/v1beta1',
  'apps/v1beta2',
  'authentication.k8s.io/v1',
  'authentication.k8s.io/v1alpha1',
  'authentication.k8s.io/v1beta1',
  'authorization.k8s.io/v1',
  'authorization.k8s.io/v1beta1',
  'autoscaling/v1',
  'autoscaling/v2',
  'batch/v1',
  'batch/v1beta1',
  'certificates.k8s.io/v1',
  'certificates.k8s.io/v1beta1',
  'certificates.k8s.io/v1alpha1',
  'coordination.k8s.io/v1alpha2',
  'coordination.k8s.io/v1beta1',
  'coordination.k8s.io/v1',
  'discovery.k8s.io/v1',
  'discovery.k8s.io/v1beta1',
  'events.k8s.io/v1',
  'events.k8s.io/v1beta1',
  'extensions/v1beta1',
  'flowcontrol.apiserver.k8s.io/v1',
  'flowcontrol.apiserver.k8s.io/v1beta1',
  'flowcontrol.apiserver.k8s.io/v1beta2',
  'flowcontrol.apiserver.k8s.io/v1beta3',
  'lifecycle.k8s.io/v1alpha1',
  'networking.k8s.io/v1',
  'networking.k8s.io/v1beta1',
  'node.k8s.io/v1',
  'node.k8s.io/v1alpha1',
  'node.k8s.io/v1beta1',
  'policy/v1',
  'policy/v1beta1',
  'rbac.authorization.k8s.io/v1',
  'rbac.authorization.k8s.io/v1beta1',
  'rbac.authorization.k8s.io/v1alpha1',
  'resource.k8s.io/v1',
  'resource.k8s.io/v1beta2',
  'resource.k8s.io/v1beta1',
  'resource.k8s.io/v1alpha3',
  'scheduling.k8s.io/v1alpha3',
  'scheduling.k8s.io/v1beta1',
  'scheduling.k8s.io/v1',
  'storage.k8s.io/v1beta1',
  'storage.k8s.io/v1',
  'storage.k8s.io/v1alpha1',
  'storagemigration.k8s.io/v1',
  'storagemigration.k8s.io/v1beta1',
  'apiextensions.k8s.io/v1beta1',
  'apiextensions.k8s.io/v1',
];

const HELM_VERSION = { version: 'v4.3.1', goVersion: 'go1.26.8', kubeClientVersion: 'v1.37' };

/** Helm v4.3.1's default capabilities, for renders without a cluster. */
export const defaultCapabilities: Capabilities = {
  kubeVersion: { version: 'v1.37.0', normalized: 'v1.37.0', major: '1', minor: '37' },
  apiVersions: knownApiVersions,
};

/**
 * Parses a Kubernetes version: at least `major.minor`, a `v` before and any suffix after it.
 *
 * @throws ChartError with the text of Kubernetes' own parser
 */
export function parseKubeVersion(text: string): KubeVersion {
  const match = /^\s*v?([0-9]+(?:\.[0-9]+)*)/.exec(text);
  const digits = match?.[1];
  if (digits === undefined) throw new ChartError(`could not parse ${quote(text)} as version`);
  const parts = digits.split('.');
  if (parts.length < 2) throw new ChartError(`illegal version string ${quote(text)}`);
  const [first = ''] = parts;
  if (first.length > 1 && first.startsWith('0')) {
    throw new ChartError(`illegal zero-prefixed version component ${quote(first)} in ${quote(text)}`);
  }
  const numbers = parts.map((part) => BigInt(part).toString());
  const [major = '0', minor = '0'] = numbers;
  return {
    version: text.startsWith('v') ? text : `v${text}`,
    normalized: `v${numbers.join('.')}`,
    major,
    minor,
  };
}

/** `.Capabilities` for templates. Make it once per cluster state and share it. */
export function capabilitiesStruct(capabilities: Capabilities): GoStruct {
  const kube = kubeVersionStruct(capabilities.kubeVersion);
  const versions = versionSetStruct(capabilities.apiVersions);
  const helm = helmVersionStruct();
  const self: GoStruct = struct('*common.Capabilities', 'ptr', {
    fields: { KubeVersion: kube, APIVersions: versions, HelmVersion: helm },
    methods: { Copy: { name: 'Copy', params: [], call: () => self } },
    format: () => `{${kube.format()} ${versions.format()} ${helm.format()}}`,
    toValue: () => toMap({ KubeVersion: kube, APIVersions: versions, HelmVersion: helm }),
  });
  return self;
}

interface StructParts {
  readonly fields: Readonly<Record<string, GoValue>>;
  readonly methods?: Readonly<Record<string, GoFunction>>;
  readonly format: () => string;
  readonly print?: () => string;
  readonly toValue: () => GoValue;
}

function struct(goType: string, goKind: string, parts: StructParts): GoStruct {
  const fields = new Map(Object.entries(parts.fields));
  const methods = new Map(Object.entries(parts.methods ?? {}));
  return {
    [GO_STRUCT]: true,
    goType,
    goKind,
    field: (name) => fields.get(name),
    method: (name) => methods.get(name),
    format: parts.format,
    ...(parts.print === undefined ? {} : { print: parts.print }),
    toValue: parts.toValue,
  };
}

function toMap(fields: Record<string, GoValue | undefined>): GoMap {
  const map: GoMap = new Map();
  for (const [key, value] of Object.entries(fields)) if (value !== undefined) map.set(key, value);
  return map;
}

function kubeVersionStruct(kube: KubeVersion): GoStruct {
  const text = (name: string, value: string): GoFunction => ({ name, params: [], call: () => value });
  return struct('common.KubeVersion', 'struct', {
    fields: { Version: kube.version, Major: kube.major, Minor: kube.minor },
    methods: { String: text('String', kube.normalized), GitVersion: text('GitVersion', kube.version) },
    format: () => `{${kube.version} ${kube.normalized} ${kube.major} ${kube.minor}}`,
    print: () => kube.normalized,
    toValue: () => toMap({ Version: kube.version, Major: kube.major, Minor: kube.minor }),
  });
}

function helmVersionStruct(): GoStruct {
  const { version, goVersion, kubeClientVersion } = HELM_VERSION;
  return struct('version.BuildInfo', 'struct', {
    fields: {
      Version: version,
      GitCommit: '',
      GitTreeState: '',
      GoVersion: goVersion,
      KubeClientVersion: kubeClientVersion,
    },
    format: () => `{${version}   ${goVersion} ${kubeClientVersion}}`,
    toValue: () => toMap({ version, go_version: goVersion, kube_client_version: kubeClientVersion }),
  });
}

/** `.Capabilities.APIVersions`: a slice with the method Has. */
function versionSetStruct(versions: readonly string[]): GoStruct {
  const set = new Set(versions);
  const has: GoFunction = { name: 'Has', params: ['string'], call: (version: string) => set.has(version) };
  return {
    ...struct('common.VersionSet', 'slice', {
      fields: {},
      methods: { Has: has },
      format: () => `[${versions.join(' ')}]`,
      toValue: () => tagType<GoValue[]>([...versions], '[]string'),
    }),
    truthy: () => versions.length > 0,
    entries: () => versions.map((version, index): [GoValue, GoValue] => [index, version]),
    index: (key) => (typeof key === 'number' ? versions[key] : undefined),
  };
}
