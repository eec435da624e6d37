/** Which lists merge by keys: what the Kubernetes API's schema (as of kustomize, 1.21) says of its own kinds. */

/** What is known of a value: its fields, and for a list that merges the keys of its items (none for a list of scalars). */
export interface Shape {
  readonly fields?: Readonly<Record<string, () => Shape>>;
  readonly keys?: readonly string[];
}

function object(fields: Readonly<Record<string, Shape | (() => Shape)>>): Shape {
  return {
    fields: Object.fromEntries(
      Object.entries(fields).map(([name, shape]) => [name, typeof shape === 'function' ? shape : () => shape]),
    ),
  };
}

/** A list whose items merge when they agree in these fields. */
function keyed(keys: string, items: Shape = {}): Shape {
  return { ...items, keys: keys.split(' ') };
}

const meta = object({ finalizers: { keys: [] }, ownerReferences: keyed('uid') });
const status = object({ conditions: keyed('type') });
const plain = object({ metadata: meta });

const container = object({
  env: keyed('name'),
  ports: keyed('containerPort protocol'),
  volumeDevices: keyed('devicePath'),
  volumeMounts: keyed('mountPath'),
});
const ephemeralContainer = object({
  env: keyed('name'),
  volumeDevices: keyed('devicePath'),
  volumeMounts: keyed('mountPath'),
});
const volume = object({ ephemeral: object({ volumeClaimTemplate: plain }) });
const podSpec = object({
  containers: keyed('name', container),
  ephemeralContainers: keyed('name', ephemeralContainer),
  hostAliases: keyed('ip'),
  imagePullSecrets: keyed('name'),
  initContainers: keyed('name', container),
  topologySpreadConstraints: keyed('topologyKey whenUnsatisfiable'),
  volumes: keyed('name', volume),
});
const template = object({ metadata: meta, spec: podSpec });
const workload = object({ metadata: meta, spec: object({ template }), status });
const job = object({ metadata: meta, spec: object({ template }), status });
const cronJob = object({ metadata: meta, spec: object({ jobTemplate: job }) });
const webhooks = object({ metadata: meta, webhooks: keyed('name') });
const withStatus = object({ metadata: meta, status });
const csiNode = object({ metadata: meta, spec: object({ drivers: keyed('name') }) });

const SPECIAL: Readonly<Record<string, Shape>> = {
  ComponentStatus: object({ metadata: meta, conditions: keyed('type') }),
  CronJob: cronJob,
  CSINode: csiNode,
  APIService: withStatus,
  DaemonSet: workload,
  Deployment: workload,
  Job: job,
  MutatingWebhookConfiguration: webhooks,
  Namespace: withStatus,
  Node: object({
    metadata: meta,
    spec: object({ podCIDRs: { keys: [] } }),
    status: object({ addresses: keyed('type'), conditions: keyed('type') }),
  }),
  PersistentVolumeClaim: withStatus,
  Pod: object({ metadata: meta, spec: podSpec, status: object({ conditions: keyed('type'), podIPs: keyed('ip') }) }),
  PodDisruptionBudget: withStatus,
  PodTemplate: object({ metadata: meta, template }),
  ReplicaSet: workload,
  ReplicationController: workload,
  Service: object({ metadata: meta, spec: object({ ports: keyed('port protocol') }), status }),
  ServiceAccount: object({ metadata: meta, secrets: keyed('name') }),
  StatefulSet: object({
    metadata: meta,
    spec: object({ template, volumeClaimTemplates: { fields: withStatus.fields ?? {} } }),
    status,
  }),
  ValidatingWebhookConfiguration: webhooks,
};

/** The kinds that have a schema, by apiVersion. */
const KINDS: Readonly<Record<string, string>> = {
  'admissionregistration.k8s.io/v1': 'MutatingWebhookConfiguration ValidatingWebhookConfiguration',
  'admissionregistration.k8s.io/v1beta1': 'MutatingWebhookConfiguration ValidatingWebhookConfiguration',
  'apiextensions.k8s.io/v1': 'CustomResourceDefinition',
  'apiextensions.k8s.io/v1beta1': 'CustomResourceDefinition',
  'apiregistration.k8s.io/v1': 'APIService',
  'apiregistration.k8s.io/v1beta1': 'APIService',
  'apps/v1': 'ControllerRevision DaemonSet Deployment ReplicaSet StatefulSet',
  'authentication.k8s.io/v1': 'TokenRequest TokenReview',
  'authentication.k8s.io/v1beta1': 'TokenReview',
  'authorization.k8s.io/v1':
    'LocalSubjectAccessReview SelfSubjectAccessReview SelfSubjectRulesReview SubjectAccessReview',
  'authorization.k8s.io/v1beta1':
    'LocalSubjectAccessReview SelfSubjectAccessReview SelfSubjectRulesReview SubjectAccessReview',
  'autoscaling/v1': 'HorizontalPodAutoscaler Scale',
  'autoscaling/v2beta1': 'HorizontalPodAutoscaler',
  'autoscaling/v2beta2': 'HorizontalPodAutoscaler',
  'batch/v1': 'CronJob Job',
  'batch/v1beta1': 'CronJob',
  'certificates.k8s.io/v1': 'CertificateSigningRequest',
  'certificates.k8s.io/v1beta1': 'CertificateSigningRequest',
  'coordination.k8s.io/v1': 'Lease',
  'coordination.k8s.io/v1beta1': 'Lease',
  'discovery.k8s.io/v1': 'EndpointSlice',
  'discovery.k8s.io/v1beta1': 'EndpointSlice',
  'events.k8s.io/v1': 'Event',
  'events.k8s.io/v1beta1': 'Event',
  'extensions/v1beta1': 'Ingress',
  'flowcontrol.apiserver.k8s.io/v1beta1': 'FlowSchema PriorityLevelConfiguration',
  'networking.k8s.io/v1': 'Ingress IngressClass NetworkPolicy',
  'networking.k8s.io/v1beta1': 'Ingress IngressClass',
  'node.k8s.io/v1': 'RuntimeClass',
  'node.k8s.io/v1beta1': 'RuntimeClass',
  'policy/v1': 'PodDisruptionBudget',
  'policy/v1beta1': 'Eviction PodDisruptionBudget PodSecurityPolicy',
  'rbac.authorization.k8s.io/v1': 'ClusterRole ClusterRoleBinding Role RoleBinding',
  'rbac.authorization.k8s.io/v1beta1': 'ClusterRole ClusterRoleBinding Role RoleBinding',
  'scheduling.k8s.io/v1': 'PriorityClass',
  'scheduling.k8s.io/v1beta1': 'PriorityClass',
  'storage.k8s.io/v1': 'CSIDriver CSINode StorageClass VolumeAttachment',
  'storage.k8s.io/v1beta1': 'CSIDriver CSINode CSIStorageCapacity StorageClass VolumeAttachment',
  v1: 'Binding ComponentStatus ConfigMap Endpoints Event LimitRange Namespace Node PersistentVolume PersistentVolumeClaim Pod PodTemplate ReplicationController ResourceQuota Secret Service ServiceAccount',
};

/** What is known of an object; undefined for kinds without a schema, whose lists are replaced whole. */
export function objectShape(apiVersion: string, kind: string): Shape | undefined {
  const kinds = Object.hasOwn(KINDS, apiVersion) ? (KINDS[apiVersion] as string) : '';
  if (!kinds.split(' ').includes(kind) || kind === '') return undefined;
  return Object.hasOwn(SPECIAL, kind) ? SPECIAL[kind] : plain;
}

/** What is known of a field's value. */
export function fieldShape(shape: Shape | undefined, name: string): Shape | undefined {
  const fields = shape?.fields;
  return fields !== undefined && shape?.keys === undefined && Object.hasOwn(fields, name)
    ? fields[name]?.()
    : undefined;
}

/** What is known of a list's items. */
export function itemShape(list: Shape): Shape {
  return list.fields === undefined ? {} : { fields: list.fields };
}
