import { createHash } from 'node:crypto';
import { RE2JS } from 're2js';
import { digestAlgorithm } from '../../shared/cache/digest.ts';
import { SingleFlight } from '../../shared/cache/single-flight.ts';
import type { RecordCache } from '../../shared/cache/types.ts';
import { parseConstraint } from '../../shared/helm/semver/constraint.ts';
import { compareVersions, type SemVersion, tryParseStrictVersion } from '../../shared/helm/semver/version.ts';
import type { RegistryClient } from '../../shared/oci/client.ts';
import { OciError } from '../../shared/oci/errors.ts';
import { HELM_LAYER_TYPE } from '../../shared/oci/manifest.ts';
import { isValidTag, type OciRepositoryName, parseOciUrl } from '../../shared/oci/reference.ts';
import type { OciSourceSpec, Resolution } from './oci-spec.ts';
import { asSourceError, SourceError } from './source-error.ts';

/** The repository of spec.url. Errors: SourceError URLInvalid, stalled. */
export function repositoryOf(spec: OciSourceSpec): OciRepositoryName {
  try {
    return parseOciUrl(spec.url);
  } catch (error) {
    if (!(error instanceof OciError)) throw error;
    const message = `URL validation failed for '${spec.url}': ${error.message}`;
    throw new SourceError('URLInvalid', message, { stalled: true, cause: error });
  }
}

/**
 * What spec.ref means now: digest before semver before tag before `latest`. The registry is asked in every case, so that a
 * resolution is proof that this credential may read the artifact.
 * Errors: SourceError ReadOperationFailed (no tag found), OCIArtifactPullFailed (no manifest).
 */
export async function resolveReference(
  client: RegistryClient,
  spec: OciSourceSpec,
  name: OciRepositoryName,
  options: { signal?: AbortSignal; timeoutMs?: number } = {},
): Promise<Resolution> {
  const context = `failed to determine the artifact tag for '${spec.url}'`;
  const tag = await asSourceError('ReadOperationFailed', context, async () => {
    const { ref } = spec;
    if (ref?.digest) return undefined;
    if (ref?.semver)
      return selectTag(await client.listTags(name, options), ref.semver, ref.semverFilter, usesHelmTags(spec));
    const fixed = ref?.tag || 'latest';
    return usesHelmTags(spec) ? fixed.replaceAll('+', '_') : fixed;
  });
  return asSourceError('OCIArtifactPullFailed', 'failed to determine artifact digest', async () => {
    const reference = tag ?? spec.ref?.digest ?? '';
    if (tag === undefined ? digestAlgorithm(reference) === undefined : !isValidTag(tag)) {
      throw new Error(
        `'${reference}' is not a valid ${tag === undefined ? 'digest; expected sha256:<64 hex digits>' : 'tag'}`,
      );
    }
    const { digest } = await client.head(name, reference, options);
    return tag === undefined ? { revision: digest, digest } : { revision: `${tag}@${digest}`, digest, tag };
  });
}

/** In tags of Helm charts `_` stands for the `+` of a version; Flux applies that only when Helm's layer type is selected. */
function usesHelmTags(spec: OciSourceSpec): boolean {
  return spec.layerSelector?.mediaType === HELM_LAYER_TYPE;
}

/**
 * The tag with the greatest version that satisfies the constraint, among those that match the filter (RE2, unanchored). Tags
 * that are not complete semantic versions, with or without `v`, are passed over, as in Flux.
 * Errors: plain Error for a bad filter or constraint, or if nothing matches.
 */
export function selectTag(
  tags: readonly string[],
  range: string,
  filter: string | undefined,
  helmTags: boolean,
): string {
  const passes = tagFilter(filter);
  const constraint = compileConstraint(range);
  let best: { tag: string; version: SemVersion } | undefined;
  for (const tag of tags) {
    if (!passes(tag)) continue;
    const text = helmTags ? tag.replaceAll('_', '+') : tag;
    const version = tryParseStrictVersion(text.replace(/^v/, ''));
    if (version === undefined || !constraint.check(version)) continue;
    if (best === undefined || compareVersions(version, best.version) > 0) best = { tag, version };
  }
  if (best === undefined) throw new Error(`no match found for semver: ${range}`);
  return best.tag;
}

function tagFilter(filter: string | undefined): (tag: string) => boolean {
  if (filter === undefined || filter === '') return () => true;
  try {
    const expression = RE2JS.compile(filter);
    return (tag) => expression.matcher(tag).find();
  } catch (error) {
    throw new Error(`semverFilter '${filter}' is not a valid regular expression: ${messageOf(error)}`);
  }
}

function compileConstraint(range: string) {
  try {
    return parseConstraint(range);
  } catch (error) {
    throw new Error(`semver '${range}' parse error: ${messageOf(error)}`);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

export interface ResolveRequest {
  client: RegistryClient;
  spec: OciSourceSpec;
  name: OciRepositoryName;
  /** SourceAccess.fingerprint: what one tenant resolved is no answer for another. */
  fingerprint: string;
  intervalMs: number;
  /** Asks the registry even if the interval has not passed (requestedAt, a change of spec). */
  force?: boolean;
  signal?: AbortSignal;
  timeoutMs?: number;
}

/** Part of the interval that a resolution is kept: less than the shortest jittered interval, so that each interval asks once. */
const KEPT_PART = 0.9;

/** Resolutions kept for their source's interval, in this process or, with a shared RecordCache, in the fleet. */
export class SourceResolver {
  readonly #records: RecordCache;
  readonly #flight = new SingleFlight();

  constructor(records: RecordCache) {
    this.#records = records;
  }

  /** The kept resolution, or a new one. Errors: those of `resolveReference`; they are not kept. */
  async resolve(request: ResolveRequest): Promise<Resolution> {
    const key = resolutionKey(request.spec, request.fingerprint);
    return this.#flight.run(`${key} ${request.force === true}`, async () => {
      if (request.force !== true) {
        const kept = await this.#records.get(key);
        if (isResolution(kept)) return kept;
      }
      const options: { signal?: AbortSignal; timeoutMs?: number } = {};
      if (request.signal !== undefined) options.signal = request.signal;
      if (request.timeoutMs !== undefined) options.timeoutMs = request.timeoutMs;
      const resolution = await resolveReference(request.client, request.spec, request.name, options);
      await this.#records.put(key, resolution, request.intervalMs * KEPT_PART);
      return resolution;
    });
  }
}

/** Key of a resolution: URL, reference, what shapes it, and the digest of the access. No secret can be read from it. */
export function resolutionKey(spec: OciSourceSpec, fingerprint: string): string {
  const { ref } = spec;
  const fields = [spec.url, ref?.digest, ref?.semver, ref?.semverFilter, ref?.tag, usesHelmTags(spec), fingerprint];
  return `resolution:${createHash('sha256')
    .update(JSON.stringify(fields.map((field) => field ?? null)))
    .digest('hex')}`;
}

function isResolution(value: unknown): value is Resolution {
  const { revision, digest, tag } = (value ?? {}) as Record<string, unknown>;
  const tagged = tag === undefined || typeof tag === 'string';
  return typeof revision === 'string' && typeof digest === 'string' && digestAlgorithm(digest) !== undefined && tagged;
}
