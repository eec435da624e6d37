import { namespaceName } from './common.ts';
import { conditionsSchema } from './conditions.ts';
import { array, type Infer, integer, mapOf, object, oneOf, optional, required, string, time } from './schema.ts';
import { STORAGE_DRIVERS } from './storage-driver.ts';

const snapshotSchema = object({
  apiVersion: optional('Version of the way in which digest was computed.', string()),
  digest: required('Digest of the release record as it was stored, `<algorithm>:<hex>`.', string()),
  name: required('Name of the Helm release.', string()),
  namespace: required('Namespace that it was released to.', string()),
  version: required('Revision of the release.', integer()),
  status: required('State of the release, such as deployed, superseded or failed.', string()),
  action: optional(
    'The action that made it: install, upgrade, rollback, uninstall or uninstall-remediation.',
    string(),
  ),
  chartName: required('Name of the chart.', string()),
  chartVersion: required('Version of the chart.', string()),
  appVersion: optional('Version of the application in the chart.', string()),
  configDigest: required('Digest of the values that were used.', string()),
  firstDeployed: required('When the release was first deployed.', time()),
  lastDeployed: required('When the release was last deployed.', time()),
  deleted: optional('When the release was uninstalled.', time()),
  testHooks: optional(
    'The tests of the release by name.',
    mapOf(
      object({
        lastStarted: optional('When the test last started.', time()),
        lastCompleted: optional('When the test last ended.', time()),
        phase: optional('How it ended, as Helm names it.', string()),
      }),
    ),
  ),
  ociDigest: optional('Digest of the OCI artifact that the chart came in.', string()),
});

const inventorySchema = object({
  entries: required(
    'The objects of the release.',
    array(
      object({
        id: required('`<namespace>_<name>_<group>_<kind>`.', string()),
        v: required('API version of the object.', string()),
      }),
    ),
  ),
});

const int64 = () => integer({ format: 'int64' });

export const helmReleaseStatusSchema = object(
  {
    observedGeneration: optional('The generation that this status is about.', int64()),
    observedPostRenderersDigest: optional('Digest of the post-renderers that were last used.', string()),
    observedCommonMetadataDigest: optional('Digest of the common metadata that was last used.', string()),
    lastAttemptedGeneration: optional('The generation that was last worked on.', int64()),
    conditions: optional('What is known of the release.', conditionsSchema),
    helmChart: optional('The HelmChart made from spec.chart, `<namespace>/<name>`.', string()),
    storageNamespace: optional("Namespace where Helm's history of the release is now.", namespaceName()),
    storageDriver: optional(
      "Driver that holds Helm's history of the release now. When the spec names another, the history is moved.",
      oneOf(STORAGE_DRIVERS),
    ),
    history: optional('The latest releases, newest first.', array(snapshotSchema)),
    lastAttemptedReleaseAction: optional('The last action towards the wanted state.', oneOf(['install', 'upgrade'])),
    lastAttemptedReleaseActionDuration: optional('How long the last action took.', string()),
    failures: optional('Failed reconciles since the last success or change.', int64()),
    installFailures: optional('Failed installs since the last success or change.', int64()),
    upgradeFailures: optional('Failed upgrades since the last success or change.', int64()),
    lastAttemptedRevision: optional('Chart version that was last tried.', string()),
    lastAttemptedRevisionDigest: optional('Digest of the OCI artifact that was last tried.', string()),
    lastAttemptedValuesChecksum: optional('Deprecated: SHA-1 of the values that were last tried.', string()),
    lastReleaseRevision: optional('Deprecated: revision of the last release. See history.', integer()),
    lastAttemptedConfigDigest: optional('Digest of the values that were last tried.', string()),
    lastHandledReconcileAt: optional(
      'The last value of the annotation reconcile.fluxcd.io/requestedAt that was acted on.',
      string(),
    ),
    lastHandledForceAt: optional(
      'The last value of the annotation reconcile.fluxcd.io/forceAt that was acted on.',
      string(),
    ),
    lastHandledResetAt: optional(
      'The last value of the annotation reconcile.fluxcd.io/resetAt that was acted on.',
      string(),
    ),
    inventory: optional('The objects that the last release consists of.', inventorySchema),
  },
  { default: { observedGeneration: -1 } },
);

export type HelmReleaseStatus = Infer<typeof helmReleaseStatusSchema>;
export type ReleaseSnapshot = Infer<typeof snapshotSchema>;
export type Inventory = Infer<typeof inventorySchema>;
