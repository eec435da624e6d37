import type { GoValue } from '../../go/value.ts';
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
  const apiVersion = object.get('apiVersion');
  const kind = object.get('kind');
  const metadata = fieldOf(object, 'metadata') ?? null;
  if (metadata !== null && !(metadata instanceof Map)) return mismatch(metadata, METADATA, METADATA_TYPE);
  return {
    apiVersion: typeof apiVersion === 'string' ? apiVersion : stringField(object, 'apiVersion', AT),
    kind: typeof kind === 'string' ? kind : stringField(object, 'kind', AT),
    name: metadata === null ? '' : asString(fieldOf(metadata, 'name') ?? null, { ...WITHIN, path: 'metadata.name' }),
    annotations: metadata === null ? undefined : stringMapField(metadata, 'annotations', WITHIN),
  };
}
