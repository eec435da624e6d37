import { duration, localReference, namespaceName, objectName, selector, stringMap } from './common.ts';
import {
  installSchema,
  rollbackSchema,
  testSchema,
  uninstallSchema,
  upgradeSchema,
  waitStrategySchema,
} from './helm-release-actions.ts';
import { MAX_RELEASE_NAME } from './release-name.ts';
import { anyJson, array, boolean, type Infer, integer, object, oneOf, optional, required, string } from './schema.ts';
import { STORAGE_DRIVERS } from './storage-driver.ts';

const chartSchema = object({
  metadata: optional(
    'Labels and annotations for the HelmChart that is made from this.',
    object({
      labels: optional('Labels to set.', stringMap),
      annotations: optional('Annotations to set.', stringMap),
    }),
  ),
  spec: required(
    'Which chart, and where it comes from.',
    object({
      chart: required(
        'Name of the chart in a HelmRepository, or its path in a GitRepository or Bucket.',
        string({ minLength: 1, maxLength: 2048 }),
      ),
      version: optional(
        'Version or range of versions, such as `6.5.0` or `>=6.0.0 <7.0.0`. Sources other than a HelmRepository ignore it.',
        string({ default: '*' }),
      ),
      sourceRef: required(
        'The source that holds the chart.',
        object({
          apiVersion: optional('API version of the source.', string()),
          kind: required('Kind of the source.', oneOf(['HelmRepository', 'GitRepository', 'Bucket'])),
          name: required('Name of the source.', objectName()),
          namespace: optional("Namespace of the source. Default: the release's own.", namespaceName()),
        }),
      ),
      interval: optional('How often to look for a new chart. Default: spec.interval.', duration()),
      reconcileStrategy: optional(
        'What counts as a new chart: a new ChartVersion, or any new Revision of the source.',
        oneOf(['ChartVersion', 'Revision'], { default: 'ChartVersion' }),
      ),
      valuesFiles: optional(
        "Files of the source to use for the chart's values, later ones over earlier ones, in place of its values.yaml.",
        array(string()),
      ),
      ignoreMissingValuesFiles: optional('Skip values files that do not exist.', boolean()),
      verify: optional(
        "Check the chart's signature. For charts from an OCI HelmRepository only.",
        object({
          provider: required('The tool that made the signature.', oneOf(['cosign', 'notation'], { default: 'cosign' })),
          secretRef: optional(
            'Secret with the public keys to trust. Without it, cosign checks keyless.',
            localReference,
          ),
        }),
      ),
    }),
  ),
});

const chartRefSchema = object({
  apiVersion: optional('API version of the source.', string()),
  kind: required('Kind of the object that holds the chart.', oneOf(['OCIRepository', 'HelmChart', 'ExternalArtifact'])),
  name: required('Name of the object.', objectName()),
  namespace: optional("Namespace of the object. Default: the release's own.", namespaceName()),
});

const kubeConfigRule = 'exactly one of spec.kubeConfig.configMapRef or spec.kubeConfig.secretRef must be specified';

const kubeConfigSchema = object(
  {
    secretRef: optional(
      'Secret with a kubeconfig file, in the same namespace.',
      object({
        name: required('Name of the Secret.', string()),
        key: optional('Key in the Secret. Default: `value`, else `value.yaml`.', string()),
      }),
    ),
    configMapRef: optional(
      'ConfigMap that says how to sign in to a cluster by a cloud identity, in the same namespace.',
      localReference,
    ),
  },
  {
    rules: [
      { rule: 'has(self.configMapRef) || has(self.secretRef)', message: kubeConfigRule },
      { rule: '!has(self.configMapRef) || !has(self.secretRef)', message: kubeConfigRule },
    ],
  },
);

const dependencySchema = object({
  name: required('Name of the HelmRelease.', string()),
  namespace: optional("Namespace of the HelmRelease. Default: this release's own.", string()),
  readyExpr: optional(
    'CEL expression that says when the dependency is ready, with `self` for this release and `dep` for the dependency. Default: its Ready condition at its present generation.',
    string(),
  ),
});

const valuesReferenceSchema = object({
  kind: required('Kind of the object.', oneOf(['Secret', 'ConfigMap'])),
  name: required('Name of the object, in the same namespace.', objectName()),
  valuesKey: optional(
    'Key of the object that holds the values. Default: `values.yaml`.',
    string({ maxLength: 253, pattern: '^[\\-._a-zA-Z0-9]+$' }),
  ),
  targetPath: optional(
    'Where to put the value, in the syntax of `helm --set`, such as `image.tag`. Without it the content is YAML and is merged at the root.',
    string({ maxLength: 250, pattern: '^([a-zA-Z0-9_\\-.\\\\\\/]|\\[[0-9]{1,5}\\])+$' }),
  ),
  literal: optional('With targetPath: take the content as one string, as `helm --set-literal` does.', boolean()),
  optional: optional('Go on without these values if the object or the key does not exist.', boolean()),
});

const postRendererSchema = object({
  kustomize: optional(
    'Change the rendered objects as kustomize would.',
    object({
      patches: optional(
        'Strategic merge or JSON patches.',
        array(
          object({
            patch: required('The patch, as YAML: a piece of an object, or a list of JSON patch operations.', string()),
            target: optional('The objects to patch. Default: the one that the patch itself names.', selector),
          }),
        ),
      ),
      images: optional(
        'Other names, tags or digests for container images.',
        array(
          object({
            name: required('Image name to look for, without a tag.', string()),
            newName: optional('Name to write instead.', string()),
            newTag: optional('Tag to write.', string()),
            digest: optional('Digest to write; newTag is then ignored.', string()),
          }),
        ),
      ),
    }),
  ),
});

const healthCheckSchema = object({
  apiVersion: required('API version of the custom resources to check.', string()),
  kind: optional('Kind of the custom resources to check.', string()),
  current: required('CEL expression that is true when the object is ready.', string()),
  inProgress: optional('CEL expression that is true while the object is still changing.', string()),
  failed: optional('CEL expression that is true when the object has failed.', string()),
});

const driftDetectionSchema = object({
  mode: optional(
    'enabled corrects differences, warn only reports them, disabled does not look. Default: disabled.',
    oneOf(['enabled', 'warn', 'disabled']),
  ),
  ignore: optional(
    'Differences to leave alone.',
    array(
      object({
        paths: required('JSON Pointers of the fields to leave out, such as `/spec/replicas`.', array(string())),
        target: optional('The objects that this holds for. Default: all.', selector),
      }),
    ),
  ),
});

const storageSchema = object({
  driver: optional(
    "Where Helm keeps the release's history: secret, configmap, sql or memory. Any case and plural forms are accepted on the way in. Default: the operator's driver, written here at admission.",
    oneOf(STORAGE_DRIVERS),
  ),
  sql: optional(
    'For driver sql: the database.',
    object({
      secretRef: required(
        'Secret with the connection string, in the same namespace.',
        object({
          name: required('Name of the Secret.', objectName()),
          key: optional('Key in the Secret.', string({ minLength: 1, maxLength: 253, default: 'connectionString' })),
        }),
      ),
    }),
  ),
});

export const helmReleaseSpecSchema = object(
  {
    chart: optional(
      'The chart, taken from a HelmRepository, GitRepository or Bucket. Set this or chartRef.',
      chartSchema,
    ),
    chartRef: optional('An object that already holds the chart. Set this or chart.', chartRefSchema),
    interval: required(
      'How often to compare the release with what is wanted, if nothing else asks for it.',
      duration(),
    ),
    kubeConfig: optional('How to reach another cluster to release to. Default: this cluster.', kubeConfigSchema),
    suspend: optional('Leave the release alone until this is false again.', boolean()),
    releaseName: optional(
      `Name of the Helm release, at most ${MAX_RELEASE_NAME} characters. Default: \`[targetNamespace-]name\`, shortened if need be.`,
      string({ minLength: 1, maxLength: MAX_RELEASE_NAME }),
    ),
    targetNamespace: optional("Namespace to install into. Default: the release's own.", namespaceName()),
    storageNamespace: optional(
      "Namespace for Helm's history of the release. Default: the release's own.",
      namespaceName(),
    ),
    storage: optional("How Helm's history of the release is stored.", storageSchema),
    dependsOn: optional('Releases that must be ready before this one is worked on.', array(dependencySchema)),
    timeout: optional(
      'How long one Kubernetes operation may take, such as a hook or the wait. Default: 5m0s.',
      duration(),
    ),
    maxHistory: optional('How many revisions to keep; 0 keeps all. Default: 5.', integer()),
    serviceAccountName: optional('ServiceAccount of the same namespace to act as.', objectName()),
    persistentClient: optional(
      'Reuse one Kubernetes client for all steps of a reconcile. Turn it off for a chart that makes its own custom resource definitions halfway. Default: true.',
      boolean(),
    ),
    driftDetection: optional('What to do when objects in the cluster differ from the release.', driftDetectionSchema),
    install: optional('How to install.', installSchema),
    upgrade: optional('How to upgrade.', upgradeSchema),
    test: optional('Whether and how to run the tests of the chart.', testSchema),
    rollback: optional('How to roll back.', rollbackSchema),
    uninstall: optional('How to uninstall.', uninstallSchema),
    valuesFrom: optional('Objects to take values from, later ones over earlier ones.', array(valuesReferenceSchema)),
    values: optional('Values for the chart, laid over those of valuesFrom.', anyJson()),
    commonMetadata: optional(
      'Labels and annotations to set on every object of the release.',
      object({
        labels: optional('Labels to set.', stringMap),
        annotations: optional('Annotations to set.', stringMap),
      }),
    ),
    postRenderers: optional('Changes to the rendered objects, done in this order.', array(postRendererSchema)),
    postRenderStrategy: optional(
      'Which documents post-renderers see: nohooks leaves hooks out, combined sends hooks and templates together, separate sends them one after the other. Default: combined.',
      oneOf(['nohooks', 'combined', 'separate']),
    ),
    waitStrategy: optional('How to wait until the release is ready. Default: poller.', waitStrategySchema),
    healthCheckExprs: optional(
      'CEL expressions that say when custom resources are ready. Used when an action waits, with the poller strategy.',
      array(healthCheckSchema),
    ),
  },
  {
    rules: [
      {
        rule: '(has(self.chart) && !has(self.chartRef)) || (!has(self.chart) && has(self.chartRef))',
        message: 'either chart or chartRef must be set',
      },
    ],
  },
);

export type HelmReleaseSpec = Infer<typeof helmReleaseSpecSchema>;
export type HelmChartTemplate = Infer<typeof chartSchema>;
export type ChartReference = Infer<typeof chartRefSchema>;
export type DependencyReference = Infer<typeof dependencySchema>;
export type ValuesReference = Infer<typeof valuesReferenceSchema>;
export type PostRenderer = Infer<typeof postRendererSchema>;
export type DriftDetection = Infer<typeof driftDetectionSchema>;
export type CustomHealthCheck = Infer<typeof healthCheckSchema>;
export type KubeConfigReference = Infer<typeof kubeConfigSchema>;
export type ReleaseStorage = Infer<typeof storageSchema>;
export type ObjectSelector = Infer<typeof selector>;
