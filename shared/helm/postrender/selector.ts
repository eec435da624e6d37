import { RE2JS } from 're2js';
import type { GoMap } from '../../go/value.ts';
import { effectiveNamespace, identityOf } from './identity.ts';
import { parseLabelSelector } from './label-selector.ts';
import { mapField, type PatchTarget, PostRenderError, scalarText } from './types.ts';

/** Whether an object is meant. */
export type Matcher = (object: GoMap) => boolean;

/**
 * A target as kustomize selects: every field that is set must match. An object without a namespace is in `default`, and a
 * cluster-wide one in none that a pattern meets but `.*`.
 *
 * @throws PostRenderError for a pattern or a selector that cannot be read
 */
export function targetMatcher(target: PatchTarget): Matcher {
  const group = pattern('group', target.group);
  const version = pattern('version', target.version);
  const kind = pattern('kind', target.kind);
  const name = pattern('name', target.name);
  const namespace = pattern('namespace', target.namespace);
  const labels = selector('labelSelector', 'labels', target.labelSelector);
  const annotations = selector('annotationSelector', 'annotations', target.annotationSelector);
  return (object) => {
    const id = identityOf(object);
    return (
      namespace(effectiveNamespace(id)) &&
      name(id.name) &&
      group(id.group) &&
      version(id.version) &&
      kind(id.kind) &&
      labels(object) &&
      annotations(object)
    );
  };
}

function pattern(field: string, text: string | undefined): (value: string) => boolean {
  if (text === undefined || text === '') return () => true;
  try {
    const compiled = RE2JS.compile(`^(?:${text})$`);
    return (value) => compiled.matcher(value).find();
  } catch (error) {
    throw new PostRenderError(
      `target.${field} ${JSON.stringify(text)} is not a regular expression: ${(error as Error).message}`,
    );
  }
}

function selector(field: string, metadataField: string, text: string | undefined): Matcher {
  if (text === undefined || text === '') return () => true;
  const matches = parseLabelSelector(text, `target.${field}`);
  return (object) => {
    const map = mapField(object, 'metadata')?.get(metadataField);
    const entries = map instanceof Map ? [...map].map(([key, value]) => [key, scalarText(value)] as const) : [];
    return matches(new Map(entries));
  };
}
