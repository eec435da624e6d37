import { duration } from './common.ts';
import { AGE_COLUMN, type KindDefinition, type ObjectMeta, READY_COLUMN, STATUS_COLUMN } from './object.ts';
import { array, boolean, type Infer, object, oneOf, optional, required, string } from './schema.ts';
import { type SOURCE_API_VERSION, SOURCE_CATEGORIES, SOURCE_GROUP, sourceStatusFields, UNOBSERVED } from './source.ts';
import { verificationFields } from './verification.ts';

const specSchema = object(
  {
    chart: required('Name of the chart in a HelmRepository, or its path in a GitRepository or Bucket.', string()),
    version: optional(
      'Version or range of versions. Sources other than a HelmRepository ignore it.',
      string({ default: '*' }),
    ),
    sourceRef: required(
      'The source that holds the chart, in the same namespace.',
      object({
        apiVersion: optional('API version of the source.', string()),
        kind: required('Kind of the source.', oneOf(['HelmRepository', 'GitRepository', 'Bucket'])),
        name: required('Name of the source.', string()),
      }),
    ),
    interval: required('How often to look for a new chart.', duration()),
    reconcileStrategy: optional(
      'What counts as a new chart: a new ChartVersion, or any new Revision of the source.',
      oneOf(['ChartVersion', 'Revision'], { default: 'ChartVersion' }),
    ),
    valuesFiles: optional(
      "Files of the source to use for the chart's values, later ones over earlier ones, in place of its values.yaml.",
      array(string()),
    ),
    ignoreMissingValuesFiles: optional('Skip values files that do not exist.', boolean()),
    suspend: optional('Leave the chart alone until this is false again.', boolean()),
    verify: optional(
      "Check the chart's signature. For charts from an OCI HelmRepository only.",
      object(verificationFields),
    ),
  },
  {
    rules: [
      {
        rule: "!has(self.verify) || self.sourceRef.kind == 'HelmRepository'",
        message: "spec.verify is only supported when spec.sourceRef.kind is 'HelmRepository'",
      },
    ],
  },
);

const statusSchema = object(
  {
    ...sourceStatusFields,
    observedChartName: optional('Name of the chart that was last resolved.', string()),
    observedSourceArtifactRevision: optional('Revision of the source that the chart was last made from.', string()),
    observedValuesFiles: optional('The values files that the chart was last made with.', array(string())),
  },
  { default: UNOBSERVED },
);

export type HelmChartSpec = Infer<typeof specSchema>;
export type HelmChartStatus = Infer<typeof statusSchema>;

/** One chart, taken from a source. */
export type HelmChart = {
  apiVersion: typeof SOURCE_API_VERSION;
  kind: 'HelmChart';
  metadata: ObjectMeta;
  spec: HelmChartSpec;
  status?: HelmChartStatus;
};

export const helmChartKind: KindDefinition = {
  group: SOURCE_GROUP,
  version: 'v1',
  kind: 'HelmChart',
  plural: 'helmcharts',
  singular: 'helmchart',
  shortNames: ['hc'],
  categories: SOURCE_CATEGORIES,
  columns: [
    { name: 'Chart', type: 'string', jsonPath: '.spec.chart' },
    { name: 'Version', type: 'string', jsonPath: '.spec.version' },
    { name: 'Source Kind', type: 'string', jsonPath: '.spec.sourceRef.kind' },
    { name: 'Source Name', type: 'string', jsonPath: '.spec.sourceRef.name' },
    AGE_COLUMN,
    READY_COLUMN,
    STATUS_COLUMN,
  ],
  description: 'One Helm chart, taken from a source and kept up to date.',
  spec: specSchema.json,
  specDescription: 'What is wanted.',
  status: statusSchema.json,
  statusDescription: 'What was found.',
};
