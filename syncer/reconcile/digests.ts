import { createHash } from 'node:crypto';
import type { GoMap } from '../../shared/go/value.ts';
import { toGoYamlV2 } from '../../shared/yaml/go-yaml-v2.ts';
import { fromPlain, toJson } from '../../shared/yaml/json.ts';

/** `sha256:` and the hex digest of a text. */
export function sha256(text: string): string {
  return `sha256:${createHash('sha256').update(text).digest('hex')}`;
}

/** Flux's digest of the values of a release (`configDigest`); no values hash the empty string. */
export function configDigest(values: GoMap | null): string {
  return sha256(values && values.size > 0 ? toGoYamlV2(values) : '');
}

/** The digest of `spec.postRenderers` or `spec.commonMetadata`; '' when the field is not set. */
export function specDigest(field: unknown): string {
  return field === undefined || field === null ? '' : sha256(`${toJson(fromPlain(field))}\n`);
}
