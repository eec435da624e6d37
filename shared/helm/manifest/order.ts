/** The order in which Helm v4 installs kinds. */
const INSTALL = [
  'PriorityClass',
  'Namespace',
  'NetworkPolicy',
  'ResourceQuota',
  'LimitRange',
  'PodSecurityPolicy',
  'PodDisruptionBudget',
  'ServiceAccount',
  'Secret',
  'SecretList',
  'ConfigMap',
  'StorageClass',
  'PersistentVolume',
  'PersistentVolumeClaim',
  'CustomResourceDefinition',
  'ClusterRole',
  'ClusterRoleList',
  'ClusterRoleBinding',
  'ClusterRoleBindingList',
  'Role',
  'RoleList',
  'RoleBinding',
  'RoleBindingList',
  'Service',
  'DaemonSet',
  'Pod',
  'ReplicationController',
  'ReplicaSet',
  'Deployment',
  'HorizontalPodAutoscaler',
  'StatefulSet',
  'Job',
  'CronJob',
  'IngressClass',
  'Ingress',
  'APIService',
  'MutatingWebhookConfiguration',
  'ValidatingWebhookConfiguration',
];

/** Uninstalling goes the other way round, but Services go before what they lead to. */
const UNINSTALL = INSTALL.filter((kind) => kind !== 'Service').reverse();
UNINSTALL.splice(UNINSTALL.indexOf('IngressClass') + 1, 0, 'Service');

/** A rank per kind; kinds that are not in it come last, by name. */
export type KindOrder = ReadonlyMap<string, number>;

export const installOrder: KindOrder = rank(INSTALL);
export const uninstallOrder: KindOrder = rank(UNINSTALL);

function rank(kinds: readonly string[]): KindOrder {
  return new Map(kinds.map((kind, index) => [kind, index]));
}

/** Sorts by kind, keeping the order of what is of one kind; kinds Helm does not know come last, by name. Returns a new array. */
export function sortByKind<T>(items: readonly T[], kindOf: (item: T) => string, order: KindOrder = installOrder): T[] {
  if (items.length < 2) return [...items];
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const kind = kindOf(item);
    const group = groups.get(kind);
    if (group === undefined) groups.set(kind, [item]);
    else group.push(item);
  }
  const kinds = [...groups.keys()].sort((a, b) => compareKinds(a, b, order));
  return kinds.flatMap((kind) => groups.get(kind) ?? []);
}

/** Orders two kinds for installing or uninstalling. */
export function compareKinds(a: string, b: string, order: KindOrder): number {
  const first = order.get(a);
  const second = order.get(b);
  if (first !== undefined && second !== undefined) return first - second;
  if (first !== undefined) return -1;
  if (second !== undefined) return 1;
  return a < b ? -1 : a > b ? 1 : 0;
}
