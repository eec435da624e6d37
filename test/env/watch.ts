import { Agent, get } from 'node:https';
import type { ControlPlane } from './control-plane.ts';

/** The part of a Kubernetes object that tests look at. */
export interface WatchedObject {
  metadata: { name: string; namespace?: string; generation?: number; uid?: string; deletionTimestamp?: string };
  spec?: Record<string, unknown>;
  status?: {
    observedGeneration?: number;
    conditions?: { type: string; status: string; reason: string; message: string; observedGeneration?: number }[];
    history?: { version: number; chartVersion: string; status: string; name: string; namespace: string }[];
    [field: string]: unknown;
  };
}

export interface ObjectWatch {
  /** What exists now, by namespace/name. */
  readonly objects: ReadonlyMap<string, WatchedObject>;
  /** Resolves when `done` is true of the objects; tried at each change. Rejects after the time (ms) with what `describe` says. */
  until(
    done: (objects: ReadonlyMap<string, WatchedObject>) => boolean,
    timeoutMs: number,
    describe?: () => string,
  ): Promise<void>;
  /** Called at each change. */
  onChange(callback: (type: string, object: WatchedObject) => void): void;
  offChange(callback: (type: string, object: WatchedObject) => void): void;
  close(): void;
}

/**
 * Lists and watches a collection, such as `/apis/helm.toolkit.fluxcd.io/v2/helmreleases`, over one connection as admin, so that
 * waiting for objects costs the API server next to nothing.
 */
export async function watchObjects(plane: ControlPlane, path: string): Promise<ObjectWatch> {
  const listed = await plane.request('GET', path);
  if (listed.status !== 200) throw new Error(`GET ${path}: ${listed.status} ${listed.body.slice(0, 300)}`);
  const list = JSON.parse(listed.body) as { metadata: { resourceVersion: string }; items: WatchedObject[] };
  const watch = new Watch(list.items);
  watch.open(plane, `${path}?watch=1&resourceVersion=${list.metadata.resourceVersion}`);
  return watch;
}

class Watch implements ObjectWatch {
  readonly objects = new Map<string, WatchedObject>();
  readonly #callbacks = new Set<(type: string, object: WatchedObject) => void>();
  #close: () => void = () => undefined;
  #error: Error | undefined;

  constructor(items: readonly WatchedObject[]) {
    for (const item of items) this.objects.set(key(item), item);
  }

  open(plane: ControlPlane, path: string): void {
    const agent = new Agent({ ...plane.credentials });
    const req = get(plane.url + path, { agent }, (res) => {
      let rest = '';
      res.setEncoding('utf8');
      res.on('data', (chunk: string) => {
        const lines = (rest + chunk).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) this.#take(line);
      });
      res.on('end', () => this.#fail(new Error(`the watch of ${path} ended`)));
    });
    req.on('error', (error) => this.#fail(error));
    this.#close = () => {
      req.destroy();
      agent.destroy();
    };
  }

  onChange(callback: (type: string, object: WatchedObject) => void): void {
    this.#callbacks.add(callback);
  }

  offChange(callback: (type: string, object: WatchedObject) => void): void {
    this.#callbacks.delete(callback);
  }

  until(
    done: (objects: ReadonlyMap<string, WatchedObject>) => boolean,
    timeoutMs: number,
    describe: () => string = () => '',
  ): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#callbacks.delete(attempt);
        reject(new Error(`not reached in ${timeoutMs / 1000} s. ${describe()}`));
      }, timeoutMs);
      const attempt = () => {
        if (this.#error === undefined && !done(this.objects)) return;
        clearTimeout(timer);
        this.#callbacks.delete(attempt);
        if (this.#error === undefined) resolve();
        else reject(this.#error);
      };
      this.#callbacks.add(attempt);
      attempt();
    });
  }

  close(): void {
    this.#callbacks.clear();
    this.#close();
  }

  #take(line: string): void {
    if (line === '') return;
    const event = JSON.parse(line) as { type: string; object: WatchedObject };
    if (event.type === 'ERROR') {
      this.#fail(new Error(`watch: ${line}`));
      return;
    }
    if (event.type === 'DELETED') this.objects.delete(key(event.object));
    else this.objects.set(key(event.object), event.object);
    for (const callback of [...this.#callbacks]) callback(event.type, event.object);
  }

  #fail(error: Error): void {
    this.#error ??= error;
    for (const callback of [...this.#callbacks]) callback('ERROR', { metadata: { name: '' } });
  }
}

function key(object: WatchedObject): string {
  return `${object.metadata.namespace ?? ''}/${object.metadata.name}`;
}

/** The condition of a type, whatever its generation. */
export function conditionOf(object: WatchedObject | undefined, type: string) {
  return object?.status?.conditions?.find((condition) => condition.type === type);
}

/** Ready at its present generation and, when given, at this chart version. */
export function isReady(object: WatchedObject | undefined, chartVersion?: string): boolean {
  if (object === undefined || object.status?.observedGeneration !== object.metadata.generation) return false;
  if (conditionOf(object, 'Ready')?.status !== 'True') return false;
  const deployed = object.status?.history?.[0]?.chartVersion;
  return chartVersion === undefined || deployed === chartVersion || deployed?.startsWith(`${chartVersion}+`) === true;
}
