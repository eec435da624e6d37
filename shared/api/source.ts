import { stringMap } from './common.ts';
import { conditionsSchema } from './conditions.ts';
import { type Infer, integer, object, optional, required, string, time } from './schema.ts';

export const SOURCE_GROUP = 'source.toolkit.fluxcd.io';
export const SOURCE_API_VERSION = 'source.toolkit.fluxcd.io/v1';
export const SOURCE_CATEGORIES: readonly string[] = ['all', 'fluxcd', 'fluxcd-sources'];

const artifactSchema = object({
  path: required("Path of the file under the server's root.", string()),
  url: required('Address to fetch the file from.', string()),
  revision: required(
    'Where the content comes from, in a form that people can read: a version, tag or commit.',
    string(),
  ),
  digest: required(
    'Digest of the file, `<algorithm>:<checksum>`.',
    string({ pattern: '^[a-z0-9]+(?:[.+_-][a-z0-9]+)*:[a-zA-Z0-9=_-]+$' }),
  ),
  lastUpdateTime: required('When the file was last written.', time()),
  size: optional('Size of the file in bytes.', integer({ format: 'int64' })),
  metadata: optional('More facts from the source, such as OCI annotations.', stringMap),
});

/** A file that a source offers: `status.artifact`. */
export type Artifact = Infer<typeof artifactSchema>;

/** The part of the status that all sources share. */
export const sourceStatusFields = {
  observedGeneration: optional('The generation that this status is about.', integer({ format: 'int64' })),
  conditions: optional('What is known of the source.', conditionsSchema),
  url: optional('Address of the latest artifact; moves with it.', string()),
  artifact: optional('The latest content that was fetched.', artifactSchema),
  lastHandledReconcileAt: optional(
    'The last value of the annotation reconcile.fluxcd.io/requestedAt that was acted on.',
    string(),
  ),
};

/** The status of a source nobody has looked at yet. */
export const UNOBSERVED = { observedGeneration: -1 };
