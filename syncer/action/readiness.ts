import type { KubeObject } from '../../shared/kube/types.ts';

/** Whether an object has come to what its spec says: `failed` will not come there by waiting. */
export interface Readiness {
  readonly state: 'ready' | 'progressing' | 'failed';
  /** Why it is not ready, for the condition and the event. */
  readonly reason: string;
}

interface ObjectStatus {
  readonly observedGeneration?: number;
  readonly conditions?: readonly { type: string; status: string; reason?: string; message?: string }[];
  readonly [field: string]: unknown;
}

const READY: Readiness = { state: 'ready', reason: '' };
const progressing = (reason: string): Readiness => ({ state: 'progressing', reason });
const failed = (reason: string): Readiness => ({ state: 'failed', reason });

/**
 * Tells from an object alone whether it is ready, by the rules of kstatus (sigs.k8s.io/cli-utils), which Helm v4 and Flux
 * wait by: the controller has seen the generation, no condition speaks against it, and the kind's own counts are reached.
 *
 * @param waitForJobs whether a Job must have completed (`disableWaitForJobs` false), or only started
 */
export function readiness(object: KubeObject, waitForJobs = true): Readiness {
  const status = (object['status'] ?? {}) as ObjectStatus;
  const spec = (object['spec'] ?? {}) as Record<string, unknown>;
  if (object.metadata.deletionTimestamp) return progressing('is being deleted');
  const common = byConditions(object, status);
  if (common) return common;
  switch (kindKey(object)) {
    case 'apps/Deployment':
      return deployment(object, spec, status);
    case 'apps/StatefulSet':
      return statefulSet(object, spec, status);
    case 'apps/DaemonSet':
      return daemonSet(object, status);
    case 'apps/ReplicaSet':
      return replicas(spec, status);
    case 'batch/Job':
      return job(status, waitForJobs);
    case '/Pod':
      return pod(status);
    case '/PersistentVolumeClaim':
      return status['phase'] === 'Bound' ? READY : progressing(`phase is ${status['phase'] ?? 'unset'}, not Bound`);
    case '/Service':
      return service(spec, status);
    case 'policy/PodDisruptionBudget':
      return observed(object, status);
    case 'apiextensions.k8s.io/CustomResourceDefinition':
      return hasCondition(status, 'Established') ? READY : progressing('is not Established yet');
    default:
      return READY;
  }
}

/** Whether an object of this kind can be other than ready once it is stored, so that waiting for it needs a watch. */
export function needsWatch(object: KubeObject): boolean {
  return readiness(object).state !== 'ready';
}

function kindKey(object: KubeObject): string {
  const apiVersion = object.apiVersion ?? '';
  const slash = apiVersion.indexOf('/');
  return `${slash < 0 ? '' : apiVersion.slice(0, slash)}/${object.kind ?? ''}`;
}

function byConditions(object: KubeObject, status: ObjectStatus): Readiness | undefined {
  if (status.observedGeneration !== undefined && status.observedGeneration !== object.metadata.generation) {
    return progressing('its controller has not seen the latest generation yet');
  }
  for (const condition of status.conditions ?? []) {
    const why = condition.message || condition.reason || condition.type;
    if (condition.type === 'Stalled' && condition.status === 'True') return failed(why);
    if (condition.type === 'Reconciling' && condition.status === 'True') return progressing(why);
  }
  if (isBuiltIn(object)) return undefined;
  const ready = status.conditions?.find((condition) => condition.type === 'Ready');
  if (ready && ready.status !== 'True') return progressing(ready.message || ready.reason || 'Ready is not True');
  return undefined;
}

function isBuiltIn(object: KubeObject): boolean {
  const group = kindKey(object).split('/')[0] ?? '';
  return !group.includes('.') || group.endsWith('.k8s.io');
}

function observed(object: KubeObject, status: ObjectStatus): Readiness {
  return status.observedGeneration === object.metadata.generation ? READY : progressing('has not been observed yet');
}

function count(value: unknown, otherwise = 0): number {
  return typeof value === 'number' ? value : otherwise;
}

function deployment(object: KubeObject, spec: Record<string, unknown>, status: ObjectStatus): Readiness {
  const stuck = status.conditions?.find(
    (condition) => condition.type === 'Progressing' && condition.reason === 'ProgressDeadlineExceeded',
  );
  if (stuck) return failed(stuck.message || 'progress deadline exceeded');
  if (status.observedGeneration !== object.metadata.generation) return progressing('has not been observed yet');
  const wanted = count(spec['replicas'], 1);
  const [all, updated] = [count(status['replicas']), count(status['updatedReplicas'])];
  if (updated < wanted) return progressing(`${updated} of ${wanted} replicas are updated`);
  if (all > updated) return progressing(`${all - updated} old replicas are still running`);
  const available = count(status['availableReplicas']);
  if (available < updated) return progressing(`${available} of ${updated} updated replicas are available`);
  if (count(status['readyReplicas']) < wanted) {
    return progressing(`${count(status['readyReplicas'])} of ${wanted} replicas are ready`);
  }
  return READY;
}

function statefulSet(object: KubeObject, spec: Record<string, unknown>, status: ObjectStatus): Readiness {
  if (status.observedGeneration !== object.metadata.generation) return progressing('has not been observed yet');
  const strategy = (spec['updateStrategy'] ?? {}) as { type?: string; rollingUpdate?: { partition?: number } };
  const wanted = count(spec['replicas'], 1);
  if (strategy.type === 'OnDelete') return READY;
  if (count(status['replicas']) < wanted)
    return progressing(`${count(status['replicas'])} of ${wanted} replicas exist`);
  if (count(status['readyReplicas']) < wanted) {
    return progressing(`${count(status['readyReplicas'])} of ${wanted} replicas are ready`);
  }
  const partition = count(strategy.rollingUpdate?.partition);
  if (partition > 0) {
    const updated = count(status['updatedReplicas']);
    return updated >= wanted - partition ? READY : progressing(`${updated} replicas past the partition are updated`);
  }
  return status['currentRevision'] === status['updateRevision'] || wanted === 0
    ? READY
    : progressing('the rollout to the new revision is not complete');
}

function daemonSet(object: KubeObject, status: ObjectStatus): Readiness {
  if (status.observedGeneration !== object.metadata.generation) return progressing('has not been observed yet');
  const wanted = count(status['desiredNumberScheduled'], -1);
  if (wanted < 0) return progressing('has not been scheduled yet');
  for (const [field, word] of [
    ['currentNumberScheduled', 'scheduled'],
    ['updatedNumberScheduled', 'updated'],
    ['numberAvailable', 'available'],
    ['numberReady', 'ready'],
  ] as const) {
    if (count(status[field]) < wanted) return progressing(`${count(status[field])} of ${wanted} pods are ${word}`);
  }
  return READY;
}

function replicas(spec: Record<string, unknown>, status: ObjectStatus): Readiness {
  const wanted = count(spec['replicas'], 1);
  const ready = Math.min(count(status['availableReplicas']), count(status['readyReplicas']));
  return ready >= wanted ? READY : progressing(`${ready} of ${wanted} replicas are ready`);
}

function job(status: ObjectStatus, waitForJobs: boolean): Readiness {
  const failure = status.conditions?.find((condition) => condition.type === 'Failed' && condition.status === 'True');
  if (failure) return failed(failure.message || failure.reason || 'the Job failed');
  if (hasCondition(status, 'Complete')) return READY;
  if (status['startTime'] === undefined) return progressing('the Job has not started');
  return waitForJobs ? progressing('the Job has not completed') : READY;
}

function pod(status: ObjectStatus): Readiness {
  const phase = status['phase'];
  if (phase === 'Succeeded' || hasCondition(status, 'Ready')) return READY;
  if (phase === 'Failed') return failed(String(status['message'] ?? status['reason'] ?? 'the Pod failed'));
  return progressing(`phase is ${phase ?? 'unset'}`);
}

function service(spec: Record<string, unknown>, status: ObjectStatus): Readiness {
  if (spec['type'] !== 'LoadBalancer') return READY;
  const ingress = (status['loadBalancer'] as { ingress?: unknown[] } | undefined)?.ingress ?? [];
  return ingress.length > 0 ? READY : progressing('the load balancer has no address yet');
}

function hasCondition(status: ObjectStatus, type: string): boolean {
  return status.conditions?.some((condition) => condition.type === type && condition.status === 'True') ?? false;
}
