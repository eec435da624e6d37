import { createHash } from 'node:crypto';
import { digestAlgorithm, sha256Digest } from '../../shared/cache/digest.ts';
import { MemoryRecordCache } from '../../shared/cache/memory.ts';
import { SingleFlight } from '../../shared/cache/single-flight.ts';
import type { BlobStore } from '../../shared/cache/tiered.ts';
import type { RegistryClient } from '../../shared/oci/client.ts';
import { type Descriptor, HELM_LAYER_TYPE, type ImageManifest } from '../../shared/oci/manifest.ts';
import type { OciRepositoryName } from '../../shared/oci/reference.ts';
import type { OciSourceSpec, Resolution } from './oci-spec.ts';
import { rearchive } from './rearchive.ts';
import { asSourceError, SourceError } from './source-error.ts';

/** The stored file of an artifact: its digest is the key to its bytes in the blob store. */
export interface ArtifactContent {
  digest: string;
  size: number;
  /** The manifest's annotations. */
  metadata: Record<string, string>;
}

export interface FetchRequest {
  client: RegistryClient;
  spec: OciSourceSpec;
  name: OciRepositoryName;
  /** Made with the same client: the proof that this tenant may read the artifact. */
  resolution: Resolution;
  signal?: AbortSignal;
  timeoutMs?: number;
}

export interface FetcherLimits {
  /** Of a layer as it is stored in the registry. */
  maxLayerBytes: number;
  maxUnpackedBytes: number;
  maxEntries: number;
}

/** Flux limits a chart to 10 MiB; other layers may be larger. */
export const DEFAULT_FETCHER_LIMITS: FetcherLimits = {
  maxLayerBytes: 50 << 20,
  maxUnpackedBytes: 200 << 20,
  maxEntries: 50_000,
};

const CONTENT_TTL_MS = 24 * 3600_000;

/** Brings the artifacts of resolved sources into the blob store: once per digest, however many sources and releases share it. */
export class ArtifactFetcher {
  readonly #blobs: BlobStore;
  /**
   * Of this process only: in a shared cache, whoever could write there could name other bytes as an artifact's, with a digest that
   * is right for them.
   */
  readonly #contents = new MemoryRecordCache();
  readonly #limits: FetcherLimits;
  readonly #flight = new SingleFlight();

  constructor(blobs: BlobStore, options: { limits?: FetcherLimits } = {}) {
    this.#blobs = blobs;
    this.#limits = options.limits ?? DEFAULT_FETCHER_LIMITS;
  }

  /**
   * Makes sure that the artifact's bytes are in the blob store, and says what they are.
   * Errors: SourceError OCIArtifactPullFailed, OCIArtifactLayerOperationFailed, VerificationError.
   */
  async fetch(request: FetchRequest): Promise<ArtifactContent> {
    refuseVerification(request.spec);
    const key = contentKey(request.spec, request.resolution);
    return this.#flight.run(key, async () => {
      const known = await this.#contents.get(key);
      if (isContent(known) && (await this.#blobs.get(known.digest)) !== undefined) return known;
      const content = await this.#build(request);
      await this.#contents.put(key, content, CONTENT_TTL_MS);
      return content;
    });
  }

  /** The artifact's bytes, fetched again if the store has lost them. Errors as `fetch`. */
  async read(request: FetchRequest): Promise<Uint8Array> {
    for (let attempt = 0; attempt < 2; attempt++) {
      const content = await this.fetch(request);
      const bytes = await this.#blobs.get(content.digest);
      if (bytes !== undefined) return bytes;
    }
    const { revision } = request.resolution;
    throw new SourceError(
      'OCIArtifactPullFailed',
      `artifact '${revision}' of '${request.spec.url}' does not fit into the blob cache; give the syncer a larger one`,
    );
  }

  async #build(request: FetchRequest): Promise<ArtifactContent> {
    const { client, spec, name, resolution } = request;
    const pullContext = `failed to pull artifact from '${spec.url}'`;
    const options = callOptions(request);
    const pull = <T>(step: () => Promise<T>) => asSourceError('OCIArtifactPullFailed', pullContext, step);
    const { image } = await pull(() => client.manifest(name, resolution.digest, options));
    const layer = selectLayer(image, spec.layerSelector?.mediaType);
    const operation = layerOperation(spec);
    const maxBytes = this.#limits.maxLayerBytes;
    const bytes = await pull(() =>
      this.#blobs.getOrFetch(layer.digest, () => client.blob(name, layer, { ...options, maxBytes })),
    );
    const metadata = image.annotations;
    if (operation === 'copy') return { digest: layer.digest, size: bytes.byteLength, metadata };
    const extractContext = 'failed to extract layer contents from artifact';
    const archive = await asSourceError('OCIArtifactLayerOperationFailed', extractContext, () =>
      rearchive(bytes, spec.ignore, {
        maxBytes: this.#limits.maxUnpackedBytes,
        maxEntries: this.#limits.maxEntries,
        refuseLinks: layer.mediaType === HELM_LAYER_TYPE,
      }),
    );
    const digest = sha256Digest(archive);
    await this.#blobs.put(digest, archive);
    return { digest, size: archive.byteLength, metadata };
  }
}

function callOptions(request: FetchRequest): { signal?: AbortSignal; timeoutMs?: number } {
  return {
    ...(request.signal === undefined ? {} : { signal: request.signal }),
    ...(request.timeoutMs === undefined ? {} : { timeoutMs: request.timeoutMs }),
  };
}

/** A signature that cannot be checked is never taken as good. */
function refuseVerification(spec: OciSourceSpec): void {
  if (spec.verify === undefined) return;
  const provider = spec.verify.provider ?? 'cosign';
  const message = `failed to verify the signature using provider '${provider}': not supported yet; remove spec.verify to go without`;
  throw new SourceError('VerificationError', message);
}

/**
 * The layer that a source selects: the first of the media type, or the first of all.
 * Errors: SourceError OCIArtifactLayerOperationFailed.
 */
export function selectLayer(image: ImageManifest, mediaType: string | undefined): Descriptor {
  const fail = (message: string) => new SourceError('OCIArtifactLayerOperationFailed', message);
  if (image.layers.length === 0) throw fail('no layers found in artifact');
  const layer = mediaType ? image.layers.find((each) => each.mediaType === mediaType) : image.layers[0];
  if (layer !== undefined) return layer;
  const found = image.layers.map((each) => `'${each.mediaType}'`).join(', ');
  throw fail(`failed to find layer with media type '${mediaType}' in artifact; it has ${found}`);
}

function layerOperation(spec: OciSourceSpec): 'copy' | 'extract' {
  const operation = spec.layerSelector?.operation || 'extract';
  if (operation === 'copy' || operation === 'extract') return operation;
  throw new SourceError('OCIArtifactLayerOperationFailed', `unsupported layer operation: ${operation}`, {
    stalled: true,
  });
}

/** What the stored file depends on; the credential is not part of it, since only a tenant's own resolution leads here. */
function contentKey(spec: OciSourceSpec, resolution: Resolution): string {
  const operation = layerOperation(spec);
  const ignore = operation === 'extract' ? (spec.ignore ?? null) : null;
  const fields = [resolution.digest, spec.layerSelector?.mediaType ?? '', operation, ignore];
  return `artifact:${createHash('sha256').update(JSON.stringify(fields)).digest('hex')}`;
}

function isContent(value: unknown): value is ArtifactContent {
  const { digest, size, metadata } = (value ?? {}) as Record<string, unknown>;
  const sound = typeof digest === 'string' && digestAlgorithm(digest) !== undefined && typeof size === 'number';
  return sound && typeof metadata === 'object' && metadata !== null;
}

/** `status.artifact` of a source. */
export interface Artifact {
  path: string;
  url: string;
  revision: string;
  digest: string;
  lastUpdateTime: string;
  size?: number | undefined;
  metadata?: Record<string, string> | undefined;
}

/**
 * status.artifact as Flux writes it. `address` is the storage-adv-addr, host[:port]; the file is named after the manifest's
 * digest, `digest` and `size` are those of the file.
 */
export function artifactOf(
  source: { namespace: string; name: string },
  resolution: Resolution,
  content: ArtifactContent,
  address: string,
  now: Date,
): Artifact {
  const path = `ocirepository/${source.namespace}/${source.name}/${resolution.digest}.tar.gz`;
  return {
    path,
    url: `http://${address}/${path}`,
    revision: resolution.revision,
    digest: content.digest,
    lastUpdateTime: now.toISOString().replace(/\.\d{3}Z$/, 'Z'),
    size: content.size,
    ...(Object.keys(content.metadata).length === 0 ? {} : { metadata: content.metadata }),
  };
}
