import { duration, objectName } from './common.ts';
import { array, boolean, type Infer, integer, object, oneOf, optional, required, type Schema } from './schema.ts';

const CRD_POLICY_HELP =
  "What to do with the objects of the chart's crds/ directory: Skip leaves them alone, Create adds those that are missing, CreateReplace also replaces those that exist. Custom resource definitions are never deleted.";

const timeout = (action: string) =>
  optional(`How long one Kubernetes operation of ${action} may take. Default: spec.timeout.`, duration());
const flag = (description: string) => optional(description, boolean());
const crds = (fallback: string) =>
  optional(`${CRD_POLICY_HELP} Default: ${fallback}.`, oneOf(['Skip', 'Create', 'CreateReplace']));
const disableWait = flag('Do not wait until the applied objects are ready.');
const disableWaitForJobs = flag('Do not wait until Jobs are complete.');
const disableHooks = flag("Do not run the chart's hooks.");
const disableOpenApi = flag("Do not check the rendered objects against the API server's OpenAPI schema.");
const disableSchema = flag("Do not check the values against the chart's values.schema.json.");
const disableTakeOwnership = flag(
  'Refuse to adopt objects that exist already and belong to no release or another one.',
);
const ignoreTestFailures = optional(
  'Do not count a failed test as a failed release. Default: spec.test.ignoreFailures.',
  boolean(),
);
const retries = (action: string) =>
  optional(
    `How often to try ${action} again after a failure, each time after remediation. A negative number means without end. Default: 0.`,
    integer(),
  );

function strategy(action: string, rule: { rule: string; message: string }) {
  return object(
    {
      name: required(
        `RemediateOnFailure rolls back or uninstalls after a failed ${action}; RetryOnFailure leaves it and tries again.`,
        oneOf(['RemediateOnFailure', 'RetryOnFailure']),
      ),
      retryInterval: optional('How long to wait before another try with RetryOnFailure. Default: 5m.', duration()),
    },
    { rules: [rule] },
  );
}

const serverSideApplyMode = oneOf(['enabled', 'disabled', 'auto']);

export const installSchema = object({
  timeout: timeout('an install'),
  strategy: optional(
    'What to do when an install fails. Default: RemediateOnFailure.',
    strategy('install', {
      rule: "!has(self.retryInterval) || self.name != 'RemediateOnFailure'",
      message: ".retryInterval cannot be set when .name is 'RemediateOnFailure'",
    }),
  ),
  remediation: optional(
    'How a failed install is made good.',
    object({
      retries: retries('the install'),
      ignoreTestFailures,
      remediateLastFailure: optional('Also uninstall after the last try has failed. Default: false.', boolean()),
    }),
  ),
  disableTakeOwnership,
  disableWait,
  disableWaitForJobs,
  disableHooks,
  disableOpenAPIValidation: disableOpenApi,
  disableSchemaValidation: disableSchema,
  replace: flag(
    'Take a release name that was used before, when that release is deleted but its history is still kept.',
  ),
  skipCRDs: flag('Deprecated: has no effect. Write `crds: Skip` instead.'),
  crds: crds('Create'),
  createNamespace: flag('Create the target namespace if it does not exist.'),
  serverSideApply: flag('Apply objects server-side. Default: true.'),
});

export const upgradeSchema = object({
  timeout: timeout('an upgrade'),
  strategy: optional(
    'What to do when an upgrade fails. Default: RemediateOnFailure.',
    strategy('upgrade', {
      rule: "!has(self.retryInterval) || self.name == 'RetryOnFailure'",
      message: ".retryInterval can only be set when .name is 'RetryOnFailure'",
    }),
  ),
  remediation: optional(
    'How a failed upgrade is made good.',
    object({
      retries: retries('the upgrade'),
      ignoreTestFailures,
      remediateLastFailure: optional(
        'Also remediate after the last try has failed. Default: true if retries is above 0, else false.',
        boolean(),
      ),
      strategy: optional(
        'Go back to the last good release, or uninstall. Default: rollback.',
        oneOf(['rollback', 'uninstall']),
      ),
    }),
  ),
  chartNameChangeStrategy: optional(
    "What to do when the chart's name changes: InPlaceUpdate upgrades the release, Reinstall uninstalls and installs it. Default: Reinstall.",
    oneOf(['InPlaceUpdate', 'Reinstall']),
  ),
  disableTakeOwnership,
  disableWait,
  disableWaitForJobs,
  disableHooks,
  disableOpenAPIValidation: disableOpenApi,
  disableSchemaValidation: disableSchema,
  force: flag('Replace objects that cannot be patched, by deleting and creating them.'),
  preserveValues: flag('Start from the values of the last release and lay the present ones over them.'),
  cleanupOnFail: flag('Delete objects that a failed upgrade has created.'),
  crds: crds('Create'),
  serverSideApply: optional(
    'Apply objects server-side: enabled, disabled, or auto, which does as the release was applied before. Default: auto.',
    serverSideApplyMode,
  ),
});

export const testSchema = object({
  enable: flag("Run the chart's tests after an install and an upgrade."),
  timeout: timeout('a test'),
  ignoreFailures: flag('Do not count a failed test as a failed release. Default: false.'),
  filters: optional(
    'Which tests to run. Default: all.',
    array(
      object({
        name: required('Name of the test hook.', objectName()),
        exclude: flag('Run all tests but this one, rather than this one.'),
      }),
    ),
  ),
});

export const rollbackSchema = object({
  timeout: timeout('a rollback'),
  disableWait,
  disableWaitForJobs,
  disableHooks,
  recreate: flag('Deprecated: has no effect.'),
  force: flag('Replace objects that cannot be patched, by deleting and creating them.'),
  cleanupOnFail: flag('Delete objects that a failed rollback has created.'),
  serverSideApply: optional(
    'Apply objects server-side: enabled, disabled, or auto, which does as the release was applied before. Default: auto.',
    serverSideApplyMode,
  ),
});

export const uninstallSchema = object({
  timeout: timeout('an uninstall'),
  disableHooks,
  keepHistory: flag('Keep the release history, marked as uninstalled.'),
  disableWait: flag('Do not wait until all objects are gone.'),
  deletionPropagation: optional(
    'What becomes of the objects that the deleted ones own: deleted later (background), first (foreground), or kept (orphan).',
    oneOf(['background', 'foreground', 'orphan'], { default: 'background' }),
  ),
});

/** The wait strategies of Helm that a release may name. */
export const waitStrategySchema: Schema<{ name: 'poller' | 'legacy' }> = object({
  name: required(
    'poller watches the state of every object by its own rules; legacy waits as Helm 3 did.',
    oneOf(['poller', 'legacy']),
  ),
});

export type Install = Infer<typeof installSchema>;
export type Upgrade = Infer<typeof upgradeSchema>;
export type Test = Infer<typeof testSchema>;
export type Rollback = Infer<typeof rollbackSchema>;
export type Uninstall = Infer<typeof uninstallSchema>;
