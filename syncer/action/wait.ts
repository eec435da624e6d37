import { isOlderVersion } from '../../shared/kube/resource-version.ts';
import type { KubeObject, ResourceRef } from '../../shared/kube/types.ts';
import type { AppliedObject } from './apply.ts';
import { type Readiness, readiness } from './readiness.ts';
import { objectName } from './release-objects.ts';

/** Tells of every version of one object from now on, the one known now included. Returns what ends it. */
export interface ObjectWatcher {
  watch(ref: ResourceRef, namespace: string, name: string, seen: (object: KubeObject) => void): () => void;
}

export interface WaitOptions {
  readonly watcher: ObjectWatcher;
  readonly timeoutMs: number;
  /** The timeout as the user wrote it, for the message. */
  readonly timeout: string;
  readonly waitForJobs: boolean;
  readonly signal: AbortSignal;
}

/** An object failed for good, or the time ran out. The message lists what is not ready and why. */
export class WaitError extends Error {
  override readonly name = 'WaitError';
}

interface Waiting {
  readonly applied: AppliedObject;
  readiness: Readiness;
}

/**
 * Waits until all objects are ready by kstatus's rules. Objects that are ready when they are applied cost nothing; for the
 * others one watch a kind is shared by all releases. The caller should give its worker slot back meanwhile.
 *
 * @throws WaitError, or the signal's reason when it aborts
 */
export async function waitUntilReady(applied: readonly AppliedObject[], options: WaitOptions): Promise<void> {
  const waiting = new Set<Waiting>();
  for (const one of applied) {
    const state = readiness(one.live, options.waitForJobs);
    if (state.state !== 'ready') waiting.add({ applied: one, readiness: state });
  }
  if (waiting.size === 0) return;
  const stops: (() => void)[] = [];
  try {
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(timedOut(waiting, options)), options.timeoutMs);
      const abort = (): void => reject(options.signal.reason as Error);
      options.signal.addEventListener('abort', abort, { once: true });
      stops.push(
        () => clearTimeout(timer),
        () => options.signal.removeEventListener('abort', abort),
      );
      if (options.signal.aborted) abort();
      for (const one of [...waiting]) stops.push(watchOne(one, waiting, options, resolve, reject));
    });
  } finally {
    for (const stop of stops) stop();
  }
}

function watchOne(
  one: Waiting,
  waiting: Set<Waiting>,
  options: WaitOptions,
  resolve: () => void,
  reject: (error: Error) => void,
): () => void {
  const { object, live } = one.applied;
  return options.watcher.watch(object.ref, object.namespace, object.body.metadata.name, (seen) => {
    if (isOlderVersion(seen.metadata.resourceVersion, live.metadata.resourceVersion)) return;
    one.readiness = readiness(seen, options.waitForJobs);
    if (one.readiness.state === 'ready') waiting.delete(one);
    else waiting.add(one);
    if (one.readiness.state === 'failed') reject(new WaitError(`${describe(one)}\nthe object has failed`));
    else if (waiting.size === 0) resolve();
  });
}

function timedOut(waiting: Set<Waiting>, options: WaitOptions): WaitError {
  const lines = [...waiting].map(describe).sort();
  return new WaitError(`${lines.join('\n')}\ntimed out after ${options.timeout} (context deadline exceeded)`);
}

function describe({ applied, readiness: state }: Waiting): string {
  const word = state.state === 'failed' ? 'Failed' : 'InProgress';
  return `resource ${objectName(applied.object)} not ready. status: ${word}, message: ${state.reason}`;
}
