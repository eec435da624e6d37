import { duration, localReference, shortDuration } from './common.ts';
import { AGE_COLUMN, type KindDefinition, type ObjectMeta, READY_COLUMN, STATUS_COLUMN } from './object.ts';
import { boolean, type Infer, object, oneOf, optional, required, string } from './schema.ts';
import { type SOURCE_API_VERSION, SOURCE_CATEGORIES, SOURCE_GROUP, sourceStatusFields, UNOBSERVED } from './source.ts';
import { verificationFields } from './verification.ts';

const layerSelectorSchema = object({
  mediaType: optional('Media type of the layer to take. Default: the first layer.', string()),
  operation: optional(
    'extract unpacks the layer and packs it again; copy keeps it as it is. Default: extract.',
    oneOf(['extract', 'copy']),
  ),
});

const refSchema = object({
  digest: optional('Digest of the manifest, `sha256:<hex>`. Goes before semver and tag.', string()),
  semver: optional('Range of versions; the newest tag in it is taken. Goes before tag.', string()),
  semverFilter: optional('Regular expression that a tag must match before semver looks at it.', string()),
  tag: optional('Tag to take. Default: latest.', string()),
});

const specSchema = object({
  url: required('Address of the repository, `oci://<host>/<path>`, without a tag.', string({ pattern: '^oci://.*$' })),
  ref: optional('Which artifact of the repository. Default: tag latest.', refSchema),
  layerSelector: optional('Which layer of the artifact, and what to do with it.', layerSelectorSchema),
  provider: optional(
    'How to sign in when there is no Secret: generic, or by the identity that a cloud gives.',
    oneOf(['generic', 'aws', 'azure', 'gcp'], { default: 'generic' }),
  ),
  secretRef: optional('Secret of type kubernetes.io/dockerconfigjson to sign in with.', localReference),
  verify: optional(
    "Check the artifact's signature.",
    object({
      ...verificationFields,
      trustedRootSecretRef: optional('Secret with a sigstore trusted root in place of the public one.', localReference),
    }),
  ),
  serviceAccountName: optional('ServiceAccount whose image pull secrets are used.', string()),
  certSecretRef: optional(
    'Secret with a client certificate (tls.crt, tls.key) or the authority to trust (ca.crt).',
    localReference,
  ),
  proxySecretRef: optional('Secret with the address of a proxy and how to sign in to it.', localReference),
  interval: required('How often to look for a new artifact.', duration()),
  timeout: optional('How long a request may take.', {
    ...shortDuration(),
    json: { ...shortDuration().json, default: '60s' },
  }),
  ignore: optional('Patterns of files to leave out, in the syntax of .gitignore.', string()),
  insecure: optional('Use plain HTTP.', boolean()),
  suspend: optional('Leave the source alone until this is false again.', boolean()),
});

const statusSchema = object(
  {
    ...sourceStatusFields,
    observedIgnore: optional('The ignore patterns that the artifact was made with.', string()),
    observedLayerSelector: optional('The layer selector that the artifact was made with.', layerSelectorSchema),
  },
  { default: UNOBSERVED },
);

export type OCIRepositorySpec = Infer<typeof specSchema>;
export type OCIRepositoryStatus = Infer<typeof statusSchema>;

/** An OCI repository that artifacts, such as charts, are taken from. */
export type OCIRepository = {
  apiVersion: typeof SOURCE_API_VERSION;
  kind: 'OCIRepository';
  metadata: ObjectMeta;
  spec: OCIRepositorySpec;
  status?: OCIRepositoryStatus;
};

export const ociRepositoryKind: KindDefinition = {
  group: SOURCE_GROUP,
  version: 'v1',
  kind: 'OCIRepository',
  plural: 'ocirepositories',
  singular: 'ocirepository',
  shortNames: ['ocirepo'],
  categories: SOURCE_CATEGORIES,
  columns: [{ name: 'URL', type: 'string', jsonPath: '.spec.url' }, READY_COLUMN, STATUS_COLUMN, AGE_COLUMN],
  description: 'A repository of OCI artifacts, and which of them to take.',
  spec: specSchema.json,
  specDescription: 'What is wanted.',
  status: statusSchema.json,
  statusDescription: 'What was found.',
};
