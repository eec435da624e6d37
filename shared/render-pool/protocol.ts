import type { Capabilities } from '../helm/capabilities.ts';
import type { RenderLimits } from '../helm/limits.ts';
import type { PostRenderInput } from '../helm/postrender/types.ts';
import type { ReleaseFacts } from '../helm/scope.ts';

/** What a render needs, in a form that goes between threads. */
export interface PoolRequest extends ReleaseFacts {
  /** Tells charts apart: the artifact's digest and what else decides the chart's content. */
  readonly chartKey: string;
  /** The chart's archive. */
  readonly archive: Uint8Array;
  /** The version that the chart is to report in place of its own. */
  readonly version: string;
  /** The user's values as JSON. */
  readonly valuesJson: string;
  readonly capabilities: Capabilities;
  readonly skipSchemaValidation: boolean;
  readonly limits: RenderLimits;
  readonly timeZone: string;
  readonly postRender: PostRenderSettings;
}

/** What is done to the rendered objects. */
export type PostRenderSettings = Omit<PostRenderInput, 'documents' | 'hooks'>;

/** A hook as rendered. */
export interface PoolHook {
  readonly name: string;
  readonly kind: string;
  readonly path: string;
  readonly manifest: string;
  readonly events: readonly string[];
  readonly weight: number;
  readonly deletePolicies: readonly string[];
  readonly outputLogPolicies: readonly string[];
}

/** What a render made, in plain data. */
export interface PoolResult {
  readonly manifest: string;
  /** The documents in install order, each as JSON. */
  readonly objects: readonly string[];
  readonly hooks: readonly PoolHook[];
  readonly notes: string;
  /** Texts of the files of crds/. */
  readonly crds: readonly string[];
}

/** What `lookup` in a template asks for: one object, or with an empty name a list. */
export interface LookupQuery {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

/** To a worker. The archive is left out when the worker has the chart. */
export interface WorkerJob {
  readonly id: number;
  readonly request: Omit<PoolRequest, 'archive'>;
  readonly archive: Uint8Array | undefined;
}

/** From a worker. */
export type WorkerMessage =
  | { readonly id: number; readonly kind: 'done'; readonly result: PoolResult }
  | { readonly id: number; readonly kind: 'failed'; readonly errorName: string; readonly message: string }
  | { readonly id: number; readonly kind: 'lookup'; readonly query: LookupQuery };

/** The answer to a lookup: the object as JSON, or why it could not be read. */
export type LookupAnswer = { readonly json: string } | { readonly error: string };

/** What a worker is started with. `turn` is woken when a lookup's answer is in `answers`. */
export interface WorkerSetup {
  readonly turn: Int32Array;
  readonly answers: import('node:worker_threads').MessagePort;
}
