import type { GoMap, GoValue } from '../../go/value.ts';
import { asString, type FieldPath, fieldOf, mismatch, stringField, stringMapField } from '../chart/decode.ts';

/** What Helm reads of a document to sort it. Absent strings are ''. */
export interface ManifestHead {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  /** undefined without metadata.annotations. */
  readonly annotations: ReadonlyMap<string, string> | undefined;
}

const AT: FieldPath = { struct: 'SimpleHead', path: '' };
const METADATA: FieldPath = { struct: 'SimpleHead', path: 'metadata' };
/** Go's struct of the metadata has no name, and errors within it show none. */
const WITHIN: FieldPath = { struct: '', path: 'metadata' };
const METADATA_TYPE =
  'struct { Name string "json:\\"name\\""; Annotations map[string]string "json:\\"annotations\\"" }';

/**
 * The head of a parsed document; numbers and booleans in its strings become text, as in Helm.
 *
 * @throws DecodeError with encoding/json's message when a field has another type
 */
export function readHead(object: GoValue): ManifestHead {
  if (object === null) return { apiVersion: '', kind: '', name: '', annotations: undefined };
  if (!(object instanceof Map)) return mismatch(object, undefined, 'util.SimpleHead');
  // In the order of the keys, as Go meets them: the first field of a wrong type is the one that Helm names.
  const apiVersion = stringOf(object, 'apiVersion');
  const kind = stringOf(object, 'kind');
  const metadata = fieldOf(object, 'metadata') ?? null;
  if (metadata === null) return { apiVersion, kind, name: '', annotations: undefined };
  if (!(metadata instanceof Map)) return mismatch(metadata, METADATA, METADATA_TYPE);
  const annotations = stringMapField(metadata, 'annotations', WITHIN);
  const name = asString(fieldOf(metadata, 'name') ?? null, { ...WITHIN, path: 'metadata.name' });
  return { apiVersion, kind, name, annotations };
}

function stringOf(object: GoMap, field: string): string {
  const value = object.get(field);
  return typeof value === 'string' ? value : stringField(object, field, AT);
}
