import type { GoValue } from '../../go/value.ts';
import type { ManifestHead } from './head.ts';

export type HookEvent =
  | 'pre-install'
  | 'post-install'
  | 'pre-delete'
  | 'post-delete'
  | 'pre-upgrade'
  | 'post-upgrade'
  | 'pre-rollback'
  | 'post-rollback'
  | 'test';

/** A document that Helm runs as a hook instead of installing it. Policies are as written (lower case), known or not. */
export interface Hook {
  readonly name: string;
  readonly kind: string;
  /** `chart/templates/x.yaml`. */
  readonly path: string;
  readonly manifest: string;
  readonly events: readonly HookEvent[];
  readonly weight: number;
  readonly deletePolicies: readonly string[];
  readonly outputLogPolicies: readonly string[];
  /** The manifest, parsed. Shared: do not change it. */
  readonly object: GoValue;
}

export const HOOK_ANNOTATION = 'helm.sh/hook';
export const HOOK_WEIGHT_ANNOTATION = 'helm.sh/hook-weight';
export const HOOK_DELETE_ANNOTATION = 'helm.sh/hook-delete-policy';
export const HOOK_OUTPUT_LOG_ANNOTATION = 'helm.sh/hook-output-log-policy';

const EVENTS = new Map<string, HookEvent>([
  ['pre-install', 'pre-install'],
  ['post-install', 'post-install'],
  ['pre-delete', 'pre-delete'],
  ['post-delete', 'post-delete'],
  ['pre-upgrade', 'pre-upgrade'],
  ['post-upgrade', 'post-upgrade'],
  ['pre-rollback', 'pre-rollback'],
  ['post-rollback', 'post-rollback'],
  ['test', 'test'],
  // Helm 2's name.
  ['test-success', 'test'],
]);

/** What a document is: a resource, a hook, or (a hook of a kind Helm does not know) nothing. */
export type Sorted = 'resource' | 'dropped' | Hook;

/** Reads the hook annotations of a document. A hook with one unknown event is dropped whole, as Helm does. */
export function readHook(path: string, manifest: string, head: ManifestHead, object: GoValue): Sorted {
  const types = head.annotations?.get(HOOK_ANNOTATION);
  if (head.annotations === undefined || types === undefined) return 'resource';
  const events: HookEvent[] = [];
  for (const type of items(types)) {
    const event = EVENTS.get(type);
    if (event === undefined) return 'dropped';
    events.push(event);
  }
  return {
    name: head.name,
    kind: head.kind,
    path,
    manifest,
    events,
    weight: weightOf(head.annotations.get(HOOK_WEIGHT_ANNOTATION)),
    deletePolicies: policies(head.annotations.get(HOOK_DELETE_ANNOTATION)),
    outputLogPolicies: policies(head.annotations.get(HOOK_OUTPUT_LOG_ANNOTATION)),
    object,
  };
}

function items(list: string): string[] {
  return list.split(',').map((item) => item.trim().toLowerCase());
}

function policies(list: string | undefined): string[] {
  return list === undefined ? [] : items(list);
}

/** strconv.Atoi; 0 for what it refuses. */
function weightOf(text: string | undefined): number {
  if (text === undefined || !/^[+-]?[0-9]+$/.test(text)) return 0;
  const value = BigInt(text.replace('+', ''));
  return value >= -(2n ** 63n) && value < 2n ** 63n ? Number(value) : 0;
}
