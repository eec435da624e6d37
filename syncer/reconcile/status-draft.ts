import {
  type Condition,
  type ConditionStatus,
  deleteConditions,
  getCondition,
  type ReleaseConditionType,
  type ReleaseReason,
  setCondition,
} from '../../shared/api/conditions.ts';
import type { HelmRelease } from '../../shared/api/helm-release.ts';
import type { HelmReleaseStatus } from '../../shared/api/helm-release-status.ts';

/** The status that a reconcile is about to write. It is changed here, in memory, and written in as few patches as possible. */
export class StatusDraft {
  readonly status: HelmReleaseStatus;
  readonly #generation: number;
  readonly #now: () => Date;

  constructor(object: HelmRelease, now: () => Date) {
    this.status = structuredClone(object.status ?? {});
    this.#generation = object.metadata.generation ?? 0;
    this.#now = now;
  }

  mark(type: ReleaseConditionType, status: ConditionStatus, reason: ReleaseReason, message: string): void {
    const input = { type, status, reason, message };
    this.status.conditions = setCondition(this.status.conditions, input, this.#generation, this.#now());
  }

  remove(...types: ReleaseConditionType[]): void {
    this.status.conditions = deleteConditions(this.status.conditions, ...types);
  }

  condition(type: ReleaseConditionType): Condition | undefined {
    return getCondition(this.status.conditions, type);
  }

  /** The reconcile is under way. */
  progressing(message: string, reason: 'Progressing' | 'ProgressingWithRetry' = 'Progressing'): void {
    this.mark('Reconciling', 'True', reason, message);
    this.remove('Stalled');
  }

  /** A gate holds the reconcile back; it is tried again. */
  notReady(reason: ReleaseReason, message: string): void {
    this.mark('Ready', 'False', reason, message);
    this.progressing(message, 'ProgressingWithRetry');
  }

  /** Only a change of the object helps. */
  stalled(reason: ReleaseReason, message: string): void {
    this.mark('Stalled', 'True', reason, message);
    this.remove('Reconciling');
  }

  /**
   * Copies into Ready the first of Remediated, TestSuccess (when it counts) and Released by generation, then by that order. A
   * remediated release is never ready. Mirrors Flux's summarize.
   */
  summarise(testsCount: boolean): void {
    const order: ReleaseConditionType[] = testsCount
      ? ['Remediated', 'TestSuccess', 'Released']
      : ['Remediated', 'Released'];
    const found = order.map((type) => this.condition(type)).filter((condition) => condition !== undefined);
    const newest = Math.max(...found.map((condition) => condition.observedGeneration ?? 0));
    const first = found.find((condition) => (condition.observedGeneration ?? 0) === newest);
    if (!first) return;
    const status = first.type === 'Remediated' ? 'False' : first.status;
    this.mark('Ready', status, first.reason as ReleaseReason, first.message);
    if (status === 'True') this.remove('Stalled');
  }
}
