import { OciError } from './errors.ts';

/** What a manifest says of a blob, or a registry of a manifest. Sizes in bytes. */
export interface Descriptor {
  mediaType: string;
  digest: string;
  size: number;
  annotations?: Record<string, string>;
  platform?: { os?: string; architecture?: string };
}

/** An image manifest of OCI or Docker. */
export interface ImageManifest {
  mediaType: string;
  artifactType?: string;
  config?: Descriptor;
  layers: Descriptor[];
  annotations: Record<string, string>;
}

export type Manifest = { kind: 'image'; image: ImageManifest } | { kind: 'index'; manifests: Descriptor[] };

export const HELM_LAYER_TYPE = 'application/vnd.cncf.helm.chart.content.v1.tar+gzip';

const OCI_MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
const OCI_INDEX = 'application/vnd.oci.image.index.v1+json';
const DOCKER_MANIFEST = 'application/vnd.docker.distribution.manifest.v2+json';
const DOCKER_LIST = 'application/vnd.docker.distribution.manifest.list.v2+json';

export const MANIFEST_ACCEPT = [OCI_MANIFEST, DOCKER_MANIFEST, OCI_INDEX, DOCKER_LIST].join(', ');

/**
 * Reads a manifest or an index; `mediaType` is the Content-Type, used if the document does not say.
 * Errors: OciError `protocol`.
 */
export function parseManifest(bytes: Uint8Array, mediaType: string, where: string): Manifest {
  const fail = (why: string) => new OciError('protocol', `manifest ${where}: ${why}`);
  let document: Record<string, unknown>;
  try {
    const parsed: unknown = JSON.parse(new TextDecoder().decode(bytes));
    if (typeof parsed !== 'object' || parsed === null) throw new Error('not an object');
    document = parsed as Record<string, unknown>;
  } catch (cause) {
    throw fail(`is not a JSON object (${cause instanceof Error ? cause.message : String(cause)})`);
  }
  const type = stringOr(document['mediaType'], mediaType.split(';')[0]?.trim() ?? '');
  if (document['schemaVersion'] === 1)
    throw fail('has the obsolete schema version 1; expected an OCI or Docker v2 manifest');
  if (type === OCI_INDEX || type === DOCKER_LIST || (document['layers'] === undefined && 'manifests' in document)) {
    return { kind: 'index', manifests: descriptors(document['manifests'], fail) };
  }
  const image: ImageManifest = {
    mediaType: type,
    layers: descriptors(document['layers'] ?? [], fail),
    annotations: stringMap(document['annotations']),
  };
  if (typeof document['artifactType'] === 'string') image.artifactType = document['artifactType'];
  if (document['config'] !== undefined) image.config = descriptor(document['config'], fail);
  return { kind: 'image', image };
}

/** The entry of an index that is used for an artifact: linux/amd64 as Flux does, else the first. */
export function selectPlatform(manifests: readonly Descriptor[]): Descriptor | undefined {
  const isDefault = (entry: Descriptor) => entry.platform?.os === 'linux' && entry.platform.architecture === 'amd64';
  return manifests.find(isDefault) ?? manifests[0];
}

function descriptors(value: unknown, fail: (why: string) => OciError): Descriptor[] {
  if (!Array.isArray(value)) throw fail('its list of layers or manifests is not a list');
  return value.map((entry: unknown) => descriptor(entry, fail));
}

function descriptor(value: unknown, fail: (why: string) => OciError): Descriptor {
  const { mediaType, digest, size, annotations, platform } = (value ?? {}) as Record<string, unknown>;
  if (typeof digest !== 'string' || typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) {
    throw fail('has a descriptor without digest or size');
  }
  const result: Descriptor = { mediaType: stringOr(mediaType, ''), digest, size };
  if (annotations !== undefined) result.annotations = stringMap(annotations);
  if (typeof platform === 'object' && platform !== null) {
    const { os, architecture } = platform as Record<string, unknown>;
    result.platform = { os: stringOr(os, ''), architecture: stringOr(architecture, '') };
  }
  return result;
}

function stringOr(value: unknown, fallback: string): string {
  return typeof value === 'string' ? value : fallback;
}

function stringMap(value: unknown): Record<string, string> {
  if (typeof value !== 'object' || value === null) return {};
  return Object.fromEntries(
    Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}
