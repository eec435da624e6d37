import type { GoMap, GoValue } from '../../go/value.ts';
import type { Hook } from '../manifest/hooks.ts';
import type { RenderedDocument } from '../manifest/sort.ts';

/** Which objects a patch is for. Group, version, kind, name and namespace are regular expressions that match whole strings. */
export interface PatchTarget {
  readonly group?: string | undefined;
  readonly version?: string | undefined;
  readonly kind?: string | undefined;
  readonly name?: string | undefined;
  readonly namespace?: string | undefined;
  /** In the syntax of `kubectl -l`. */
  readonly labelSelector?: string | undefined;
  readonly annotationSelector?: string | undefined;
}

export interface Patch {
  /** A strategic merge patch or a list of JSON patch operations, in YAML or JSON. */
  readonly patch: string;
  /** Needed by JSON patches; a merge patch without one is for the object that it names. */
  readonly target?: PatchTarget | undefined;
}

/** A new name, tag or digest for an image. */
export interface ImageChange {
  /** A regular expression for the whole name, without tag and digest. */
  readonly name: string;
  readonly newName?: string | undefined;
  readonly newTag?: string | undefined;
  readonly digest?: string | undefined;
}

/** `spec.postRenderers[]` of a HelmRelease. */
export interface PostRenderer {
  readonly kustomize?:
    | { readonly patches?: readonly Patch[] | undefined; readonly images?: readonly ImageChange[] | undefined }
    | undefined;
}

/** `spec.commonMetadata` of a HelmRelease. */
export interface CommonMetadata {
  readonly labels?: Readonly<Record<string, string>> | undefined;
  readonly annotations?: Readonly<Record<string, string>> | undefined;
}

/**
 * Which documents are post-rendered: `combined` resources and hooks as one stream, `separate` one stream each, `nohooks`
 * resources only.
 */
export type PostRenderStrategy = 'combined' | 'separate' | 'nohooks';

export interface PostRenderInput {
  /** As rendered, resources only. Not changed. */
  readonly documents: readonly RenderedDocument[];
  readonly hooks: readonly Hook[];
  readonly postRenderers?: readonly PostRenderer[] | undefined;
  readonly commonMetadata?: CommonMetadata | undefined;
  /** The HelmRelease whose name and namespace become labels. */
  readonly origin: { readonly name: string; readonly namespace: string };
  readonly strategy: PostRenderStrategy;
}

export interface PostRendered {
  /** As in Helm's release record. */
  readonly manifest: string;
  /** In install order, hooks excluded; Lists have become their items. */
  readonly documents: RenderedDocument[];
  readonly hooks: Hook[];
  /** The documents' objects as plain values, made anew at each use. */
  readonly objects: unknown[];
}

/** A document between two post-renderers. */
export interface Item {
  /** The template that it is from; undefined for an item of a `FooList`, whose origin kustomize forgets. */
  readonly path: string | undefined;
  /** Shared until it is replaced: changes make a copy. */
  readonly object: GoMap;
  /** What the object was read from, as long as nothing has changed it and it is a document of its own. */
  readonly text?: string;
}

/** A step of the post-rendering: changes items, drops or adds some. */
export type Step = (items: Item[]) => Item[];

/** What cannot be post-rendered, in words that name the object and, where there is one, the patch. */
export class PostRenderError extends Error {
  override readonly name = 'PostRenderError';
}

/** A map's own entry as a map, undefined for anything else. */
export function mapField(map: GoMap, key: string): GoMap | undefined {
  const value = map.get(key);
  return value instanceof Map ? value : undefined;
}

/** A scalar as the text that it would have in YAML; '' for what is absent, null or not a scalar. */
export function scalarText(value: GoValue | undefined): string {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
}
