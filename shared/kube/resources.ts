import type { ResourceRef } from './types.ts';

function ref(group: string, version: string, resource: string, kind: string, namespaced = true): ResourceRef {
  return Object.freeze({ group, version, resource, kind, namespaced });
}

const ADMISSION = 'admissionregistration.k8s.io';
const SOURCE = 'source.toolkit.fluxcd.io';

/** Resources that hot paths use, by plural name: knowing them here saves discovery. */
export const resources = {
  secrets: ref('', 'v1', 'secrets', 'Secret'),
  configmaps: ref('', 'v1', 'configmaps', 'ConfigMap'),
  namespaces: ref('', 'v1', 'namespaces', 'Namespace', false),
  events: ref('', 'v1', 'events', 'Event'),
  pods: ref('', 'v1', 'pods', 'Pod'),
  services: ref('', 'v1', 'services', 'Service'),
  serviceaccounts: ref('', 'v1', 'serviceaccounts', 'ServiceAccount'),
  persistentvolumeclaims: ref('', 'v1', 'persistentvolumeclaims', 'PersistentVolumeClaim'),
  leases: ref('coordination.k8s.io', 'v1', 'leases', 'Lease'),
  deployments: ref('apps', 'v1', 'deployments', 'Deployment'),
  replicasets: ref('apps', 'v1', 'replicasets', 'ReplicaSet'),
  statefulsets: ref('apps', 'v1', 'statefulsets', 'StatefulSet'),
  daemonsets: ref('apps', 'v1', 'daemonsets', 'DaemonSet'),
  jobs: ref('batch', 'v1', 'jobs', 'Job'),
  ingresses: ref('networking.k8s.io', 'v1', 'ingresses', 'Ingress'),
  customresourcedefinitions: ref(
    'apiextensions.k8s.io',
    'v1',
    'customresourcedefinitions',
    'CustomResourceDefinition',
    false,
  ),
  mutatingwebhookconfigurations: ref(
    ADMISSION,
    'v1',
    'mutatingwebhookconfigurations',
    'MutatingWebhookConfiguration',
    false,
  ),
  validatingwebhookconfigurations: ref(
    ADMISSION,
    'v1',
    'validatingwebhookconfigurations',
    'ValidatingWebhookConfiguration',
    false,
  ),
  helmreleases: ref('helm.toolkit.fluxcd.io', 'v2', 'helmreleases', 'HelmRelease'),
  ocirepositories: ref(SOURCE, 'v1', 'ocirepositories', 'OCIRepository'),
  helmrepositories: ref(SOURCE, 'v1', 'helmrepositories', 'HelmRepository'),
  helmcharts: ref(SOURCE, 'v1', 'helmcharts', 'HelmChart'),
  gitrepositories: ref(SOURCE, 'v1', 'gitrepositories', 'GitRepository'),
  buckets: ref(SOURCE, 'v1', 'buckets', 'Bucket'),
} as const;
