import { sortedKeys } from '../../go/utf8.ts';
import type { GoMap, GoValue } from '../../go/value.ts';
import { describe } from './identity.ts';
import { type CommonMetadata, type Item, mapField, PostRenderError, type Step } from './types.ts';

const ORIGIN_GROUP = 'helm.toolkit.fluxcd.io';

/** Labels each object with the HelmRelease that it is from; they win over all others. */
export function originLabels(origin: { readonly name: string; readonly namespace: string }): Step {
  return setter('labels', [
    [`${ORIGIN_GROUP}/name`, origin.name],
    [`${ORIGIN_GROUP}/namespace`, origin.namespace],
  ]);
}

/** Sets `spec.commonMetadata` on each object; undefined when it has nothing to set. */
export function commonMetadata({ labels, annotations }: CommonMetadata): Step | undefined {
  const steps = [
    setter('labels', Object.entries(labels ?? {})),
    setter('annotations', Object.entries(annotations ?? {})),
  ];
  if (labels === undefined && annotations === undefined) return undefined;
  return (items) => steps.reduce((all, step) => step(all), items);
}

function setter(field: 'labels' | 'annotations', entries: readonly (readonly [string, string])[]): Step {
  if (entries.length === 0) return (items) => items;
  return (items) => items.map((item) => ({ ...item, object: withEntries(item, field, entries) }));
}

function withEntries({ object }: Item, field: string, entries: readonly (readonly [string, string])[]): GoMap {
  const metadata: GoMap = new Map(mapField(object, 'metadata'));
  const before = metadata.get(field) ?? null;
  if (before !== null && !(before instanceof Map)) {
    throw new PostRenderError(`${describe(object)}: metadata.${field} is not a map; no ${field} can be added to it`);
  }
  const map: GoMap = new Map(before);
  for (const [key, value] of entries) map.set(key, value);
  metadata.set(field, map);
  return new Map(object).set('metadata', metadata);
}

/** What kustomize's reader strips from annotations. */
const READER_ANNOTATIONS = [
  'config.kubernetes.io/index',
  'internal.config.kubernetes.io/index',
  'internal.config.kubernetes.io/seqindent',
];

/**
 * An object's labels and annotations as kustomize leaves them: null becomes '', maps without entries go (labels that are
 * null too), its own marks are dropped. The same object when there is nothing to do.
 */
export function tidyMetadata(object: GoMap): GoMap {
  const metadata = mapField(object, 'metadata');
  if (metadata === undefined) return object;
  const labels = tidyMap(metadata.get('labels'), []);
  const annotations = tidyMap(metadata.get('annotations'), READER_ANNOTATIONS);
  if (labels === metadata.get('labels') && annotations === metadata.get('annotations')) return object;
  const tidy: GoMap = new Map(metadata);
  put(tidy, 'labels', labels);
  put(tidy, 'annotations', annotations);
  return new Map(object).set('metadata', tidy);
}

function put(map: GoMap, key: string, value: GoValue | undefined): void {
  if (value === undefined) map.delete(key);
  else map.set(key, value);
}

function tidyMap(value: GoValue | undefined, drop: readonly string[]): GoValue | undefined {
  if (value === null) return undefined;
  if (!(value instanceof Map)) return value;
  let untidy = value.size === 0 || drop.some((key) => value.has(key));
  for (const item of value.values()) untidy ||= item === null;
  if (!untidy) return value;
  const tidy: GoMap = new Map();
  for (const key of sortedKeys(value)) if (!drop.includes(key)) tidy.set(key, value.get(key) ?? '');
  return tidy.size === 0 ? undefined : tidy;
}
