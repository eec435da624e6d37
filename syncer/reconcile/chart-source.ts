import { getCondition, isFalse, isTrue } from '../../shared/api/conditions.ts';
import type { HelmRelease } from '../../shared/api/helm-release.ts';
import type { OCIRepository } from '../../shared/api/oci-repository.ts';
import type { Chart } from '../../shared/helm/chart/types.ts';
import { compareVersions, parseVersion } from '../../shared/helm/semver/version.ts';

/** Why the chart of a release cannot be had now, as a condition tells it. */
export class SourceGateError extends Error {
  override readonly name = 'SourceGateError';
  readonly reason: 'ArtifactFailed' | 'SourceNotReady' | 'AccessDenied' | 'ChartMutateError';
  /** Only a change of the release helps. */
  readonly terminal: boolean;
  constructor(
    reason: SourceGateError['reason'],
    message: string,
    options: { terminal?: boolean; cause?: unknown } = {},
  ) {
    super(message, options);
    this.reason = reason;
    this.terminal = options.terminal ?? false;
  }
}

/** `Kind/namespace/name` of the source of a release; undefined for one that this version cannot use. */
export function sourceKey(object: HelmRelease): string | undefined {
  const { chartRef } = object.spec;
  if (chartRef?.kind !== 'OCIRepository') return undefined;
  return `OCIRepository/${chartRef.namespace || object.metadata.namespace}/${chartRef.name}`;
}

/**
 * Checks that the source of a release can be used: it is allowed, exists, was reconciled at its generation, does not stall and
 * has an artifact. Ready=True is not needed (flux-behaviour.md, order of one reconcile, 10).
 *
 * @throws SourceGateError
 */
export function requireSource(
  object: HelmRelease,
  find: (key: string) => OCIRepository | undefined,
  allowCrossNamespace: boolean,
): OCIRepository {
  const { chartRef } = object.spec;
  const key = sourceKey(object);
  if (!chartRef || !key) {
    const what = chartRef ? `spec.chartRef.kind ${chartRef.kind}` : 'spec.chart';
    throw new SourceGateError(
      'ArtifactFailed',
      `${what} is not supported by this version of chartroom yet: use spec.chartRef with kind OCIRepository`,
      { terminal: true },
    );
  }
  if (!allowCrossNamespace && chartRef.namespace && chartRef.namespace !== object.metadata.namespace) {
    throw new SourceGateError('AccessDenied', `can't access '${key}', cross-namespace references have been blocked`, {
      terminal: true,
    });
  }
  const source = find(key);
  if (!source) {
    throw new SourceGateError(
      'ArtifactFailed',
      `could not get Source object: ocirepositories.source.toolkit.fluxcd.io "${chartRef.name}" not found`,
    );
  }
  const why = notReady(source);
  if (why !== undefined) {
    const { namespace, name } = source.metadata;
    throw new SourceGateError('SourceNotReady', `OCIRepository '${namespace}/${name}' is not ready: ${why}`);
  }
  return source;
}

function notReady(source: OCIRepository): string | undefined {
  const { conditions, observedGeneration, artifact } = source.status ?? {};
  if (source.metadata.generation !== observedGeneration) {
    return isFalse(conditions, 'Ready')
      ? (getCondition(conditions, 'Ready')?.message ?? '')
      : 'latest generation of object has not been reconciled';
  }
  if (isTrue(conditions, 'Stalled')) return getCondition(conditions, 'Stalled')?.message ?? '';
  return artifact ? undefined : 'does not have an artifact';
}

const TAG_REVISION = /^(.+)@([^@]+:[0-9a-f]+)$/;
const STRICT_VERSION = /^v?\d+\.\d+\.\d+([-+].*)?$/;

/**
 * The version that a release of a chart from an OCI artifact reports: the chart's, with the start of the artifact's digest as
 * build metadata, so that a tag that was pushed anew is an upgrade. And the digest to report, which for a tag that is no version
 * is the whole revision.
 *
 * @throws SourceGateError when the tag is a version other than the chart's
 */
export function versionWithDigest(chart: Chart, revision: string): { version: string; ociDigest: string } {
  const written = chart.metadata.version;
  const version = parseOrFail(written);
  const match = TAG_REVISION.exec(revision);
  const tag = match?.[1] ?? '';
  const isVersionTag = STRICT_VERSION.test(tag);
  if (isVersionTag && compareVersions(parseOrFail(tag), version) !== 0) {
    throw new SourceGateError('ChartMutateError', `artifact revision ${tag} does not match chart version ${written}`);
  }
  const digest = match?.[2] ?? revision;
  const hex = digest.slice(digest.indexOf(':') + 1);
  const core = `${version.major}.${version.minor}.${version.patch}`;
  const prerelease = version.prerelease === '' ? '' : `-${version.prerelease}`;
  return { version: `${core}${prerelease}+${hex.slice(0, 12)}`, ociDigest: isVersionTag ? digest : revision };
}

function parseOrFail(text: string) {
  try {
    return parseVersion(text);
  } catch (error) {
    throw new SourceGateError('ChartMutateError', `invalid chart version ${text}`, { cause: error });
  }
}
