import { setTimeout as delay } from 'node:timers/promises';
import type { KubeClient } from '../../shared/kube/client.ts';
import { goTime, type HookRecord, type HookRun } from '../storage/record.ts';
import { type ApplyOptions, applyObjects, deleteObjects } from './apply.ts';
import { isInterruption } from './interruption.ts';
import { readiness } from './readiness.ts';
import { manifestObjects, type Owner, objectName, type ReleaseObject, resolveObjects } from './release-objects.ts';

export type HookEvent =
  | 'pre-install'
  | 'post-install'
  | 'pre-upgrade'
  | 'post-upgrade'
  | 'pre-rollback'
  | 'post-rollback'
  | 'pre-delete'
  | 'post-delete'
  | 'test';

export interface HookOptions extends ApplyOptions {
  readonly owner: Owner;
  readonly timeoutMs: number;
  readonly timeout: string;
  readonly signal: AbortSignal;
  readonly now: () => Date;
}

/** A hook failed or did not finish in time. */
export class HookError extends Error {
  override readonly name = 'HookError';
  /** The hooks with what is known of their runs, for the record. */
  readonly hooks: readonly HookRecord[];
  constructor(message: string, hooks: readonly HookRecord[], options?: ErrorOptions) {
    super(message, options);
    this.hooks = hooks;
  }
}

const POLL_MIN_MS = 100;
const POLL_MAX_MS = 2000;

/**
 * Runs the hooks of an event in Helm's order (weight, name, kind), each to its end before the next.
 *
 * @returns all hooks of the release, those of the event with their run
 * @throws HookError
 */
export async function runHooks(
  hooks: readonly HookRecord[],
  event: HookEvent,
  options: HookOptions,
): Promise<readonly HookRecord[]> {
  const results = [...hooks];
  const due = results
    .map((hook, index) => ({ hook, index }))
    .filter(({ hook }) => hook.events.includes(event))
    .sort((a, b) => compareHooks(a.hook, b.hook));
  const succeeded: { hook: HookRecord; objects: ReleaseObject[] }[] = [];
  for (const { hook, index } of due) {
    const objects = await resolveObjects(manifestObjects(hook.manifest), options.owner, options.client.discovery);
    const startedAt = goTime(options.now());
    const finish = (phase: HookRun['phase']): void => {
      results[index] = { ...hook, lastRun: { startedAt, completedAt: goTime(options.now()), phase } };
    };
    try {
      await runHook(hook, objects, options);
      finish('Succeeded');
      succeeded.push({ hook, objects });
    } catch (error) {
      if (isInterruption(error)) throw error;
      finish('Failed');
      if (deletes(hook, 'hook-failed')) await removeHook(objects, options);
      const what = `failed ${event}: hook ${objectName(objects[0] as ReleaseObject)}: ${(error as Error).message}`;
      throw new HookError(what, results, { cause: error });
    }
  }
  // Helm deletes only when the whole event has succeeded, so that a failure leaves what can be looked at.
  for (const { hook, objects } of succeeded) if (deletes(hook, 'hook-succeeded')) await removeHook(objects, options);
  return results;
}

/** Whether the release has hooks for an event. */
export function hasHooks(hooks: readonly HookRecord[], event: HookEvent): boolean {
  return hooks.some((hook) => hook.events.includes(event));
}

function compareHooks(a: HookRecord, b: HookRecord): number {
  return a.weight - b.weight || compareText(a.name, b.name) || compareText(a.kind, b.kind);
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function deletes(hook: HookRecord, policy: string): boolean {
  if (hook.kind === 'CustomResourceDefinition') return false;
  const policies = hook.deletePolicies.length > 0 ? hook.deletePolicies : ['before-hook-creation'];
  return policies.includes(policy);
}

async function runHook(hook: HookRecord, objects: ReleaseObject[], options: HookOptions): Promise<void> {
  if (deletes(hook, 'before-hook-creation')) await removeHook(objects, options);
  await applyObjects(objects, options.owner, options);
  const deadline = performance.now() + options.timeoutMs;
  for (const object of objects) {
    if (object.ref.kind === 'Job' || object.ref.kind === 'Pod') await untilFinished(object, deadline, options);
  }
}

async function untilFinished(object: ReleaseObject, deadline: number, options: HookOptions): Promise<void> {
  for (let pause = POLL_MIN_MS; ; pause = Math.min(pause * 1.5, POLL_MAX_MS)) {
    const live = await liveObject(options.client, object);
    if (!live) throw new Error('it was deleted before it finished');
    const status = (live['status'] ?? {}) as { phase?: string };
    const state = readiness(live);
    if (state.state === 'failed') throw new Error(state.reason);
    if (state.state === 'ready' && (object.ref.kind === 'Job' || status.phase === 'Succeeded')) return;
    if (performance.now() > deadline) throw new Error(`timed out after ${options.timeout}: ${state.reason}`);
    await delay(pause, undefined, { signal: options.signal });
  }
}

async function removeHook(objects: readonly ReleaseObject[], options: HookOptions): Promise<void> {
  const lingering = await deleteObjects(objects, { ...options, propagation: 'background' });
  await untilGone(lingering, options);
}

/** Waits until objects that are being deleted are gone. @throws Error naming those that remain at the deadline */
export async function untilGone(
  objects: readonly ReleaseObject[],
  options: Pick<HookOptions, 'client' | 'timeoutMs' | 'timeout' | 'signal'>,
): Promise<void> {
  const deadline = performance.now() + options.timeoutMs;
  for (const object of objects) {
    for (
      let pause = POLL_MIN_MS;
      await liveObject(options.client, object);
      pause = Math.min(pause * 1.5, POLL_MAX_MS)
    ) {
      if (performance.now() > deadline) {
        throw new Error(`${objectName(object)} is still being deleted after ${options.timeout}`);
      }
      await delay(pause, undefined, { signal: options.signal });
    }
  }
}

function liveObject(client: KubeClient, object: ReleaseObject) {
  return client.get(object.ref, object.namespace, object.body.metadata.name);
}
