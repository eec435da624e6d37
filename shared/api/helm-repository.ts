import { duration, localReference, shortDuration, stringMap } from './common.ts';
import { AGE_COLUMN, type KindDefinition, type ObjectMeta, READY_COLUMN, STATUS_COLUMN } from './object.ts';
import { array, boolean, type Infer, object, oneOf, optional, required, string } from './schema.ts';
import { type SOURCE_API_VERSION, SOURCE_CATEGORIES, SOURCE_GROUP, sourceStatusFields, UNOBSERVED } from './source.ts';

const specSchema = object({
  url: required(
    'Address of the repository: http:// or https:// for one with an index, oci:// for a registry.',
    string({ pattern: '^(http|https|oci)://.*$' }),
  ),
  type: optional('default for a repository with an index, oci for a registry.', oneOf(['default', 'oci'])),
  secretRef: optional(
    'Secret to sign in with: username and password, or a Docker configuration for oci.',
    localReference,
  ),
  certSecretRef: optional(
    'Secret with a client certificate (tls.crt, tls.key) or the authority to trust (ca.crt).',
    localReference,
  ),
  passCredentials: optional('Send the credentials to other hosts that the index points to as well.', boolean()),
  interval: optional('How often to fetch the index. Not used for oci. Default: 1m.', duration()),
  insecure: optional('Use plain HTTP. For oci only.', boolean()),
  timeout: optional('How long a request may take. Default: 60s.', shortDuration()),
  suspend: optional('Leave the source alone until this is false again.', boolean()),
  accessFrom: optional(
    'Namespaces that may refer to this source.',
    object({
      namespaceSelectors: required(
        'A namespace that one of these matches may refer to it; an empty one matches all.',
        array(object({ matchLabels: optional('Labels that the namespace must have.', stringMap) })),
      ),
    }),
  ),
  provider: optional(
    'For oci, how to sign in when there is no Secret: generic, or by the identity that a cloud gives.',
    oneOf(['generic', 'aws', 'azure', 'gcp'], { default: 'generic' }),
  ),
});

const statusSchema = object(sourceStatusFields, { default: UNOBSERVED });

export type HelmRepositorySpec = Infer<typeof specSchema>;
export type HelmRepositoryStatus = Infer<typeof statusSchema>;

/** A repository of Helm charts. */
export type HelmRepository = {
  apiVersion: typeof SOURCE_API_VERSION;
  kind: 'HelmRepository';
  metadata: ObjectMeta;
  spec: HelmRepositorySpec;
  status?: HelmRepositoryStatus;
};

export const helmRepositoryKind: KindDefinition = {
  group: SOURCE_GROUP,
  version: 'v1',
  kind: 'HelmRepository',
  plural: 'helmrepositories',
  singular: 'helmrepository',
  shortNames: ['helmrepo'],
  categories: SOURCE_CATEGORIES,
  columns: [{ name: 'URL', type: 'string', jsonPath: '.spec.url' }, AGE_COLUMN, READY_COLUMN, STATUS_COLUMN],
  description: 'A repository of Helm charts.',
  spec: specSchema.json,
  specDescription: 'What is wanted.',
  status: statusSchema.json,
  statusDescription: 'What was found.',
};
