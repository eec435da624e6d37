import { type HelmReleaseSpec, helmReleaseSpecSchema } from './helm-release-spec.ts';
import { type HelmReleaseStatus, helmReleaseStatusSchema } from './helm-release-status.ts';
import { AGE_COLUMN, type KindDefinition, type ObjectMeta, READY_COLUMN, STATUS_COLUMN } from './object.ts';

/** A Helm release that is wanted in a cluster. A type alias, so that it may stand for any KubeObject. */
export type HelmRelease = {
  apiVersion: typeof HELM_RELEASE_API_VERSION;
  kind: 'HelmRelease';
  metadata: ObjectMeta;
  spec: HelmReleaseSpec;
  status?: HelmReleaseStatus;
};

export const HELM_GROUP = 'helm.toolkit.fluxcd.io';
export const HELM_RELEASE_API_VERSION = 'helm.toolkit.fluxcd.io/v2';

/** Label or annotation that, with the value `disabled`, takes an object out of drift detection. */
export const DRIFT_DETECTION_KEY = 'helm.toolkit.fluxcd.io/driftDetection';

export const helmReleaseKind: KindDefinition = {
  group: HELM_GROUP,
  version: 'v2',
  kind: 'HelmRelease',
  plural: 'helmreleases',
  singular: 'helmrelease',
  shortNames: ['hr'],
  categories: ['all', 'fluxcd', 'fluxcd-appliers'],
  columns: [AGE_COLUMN, READY_COLUMN, STATUS_COLUMN],
  description: 'A release of a Helm chart that the cluster is to have.',
  spec: helmReleaseSpecSchema.json,
  specDescription: 'What is wanted.',
  status: helmReleaseStatusSchema.json,
  statusDescription: 'What is there.',
};
