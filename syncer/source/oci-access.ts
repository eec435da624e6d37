import { parseDuration } from '../../shared/api/duration.ts';
import type { OCIRepository } from '../../shared/api/oci-repository.ts';
import type { BlobStore } from '../../shared/cache/tiered.ts';
import type { KubeClient } from '../../shared/kube/client.ts';
import { resources } from '../../shared/kube/resources.ts';
import { RegistryClient } from '../../shared/oci/client.ts';
import { type NamedSecret, type SourceAccess, type SourceSecrets, sourceAccess } from './credential.ts';
import type { ArtifactContent, ArtifactFetcher } from './fetch.ts';
import type { OciSourceSpec, Resolution } from './oci-spec.ts';
import { repositoryOf, type SourceResolver } from './resolve.ts';
import { SourceError } from './source-error.ts';

const DEFAULT_TIMEOUT_MS = 60_000;
const MAX_CLIENTS = 256;

/** A source as it was found in its registry. */
export interface FoundArtifact {
  readonly resolution: Resolution;
  readonly content: ArtifactContent;
}

/** Reads OCIRepository objects' artifacts from registries, each with the credential that the object names. */
export class OciAccess {
  readonly #client: KubeClient;
  readonly #resolver: SourceResolver;
  readonly #fetcher: ArtifactFetcher;
  readonly #blobs: BlobStore;
  readonly #registries = new Map<string, RegistryClient>();

  constructor(client: KubeClient, resolver: SourceResolver, fetcher: ArtifactFetcher, blobs: BlobStore) {
    this.#client = client;
    this.#resolver = resolver;
    this.#fetcher = fetcher;
    this.#blobs = blobs;
  }

  /**
   * Resolves the object's reference and makes sure that the artifact is in the blob store.
   *
   * @param force asks the registry even when the interval has not passed
   * @throws SourceError
   */
  async find(object: OCIRepository, force: boolean, signal: AbortSignal): Promise<FoundArtifact> {
    const { client, fingerprint, spec, name } = await this.#access(object);
    const timeoutMs = timeoutOf(object);
    const intervalMs = parseDuration(object.spec.interval);
    const resolution = await this.#resolver.resolve({
      ...{ client, spec, name, fingerprint, intervalMs, force, signal, timeoutMs },
    });
    const content = await this.#fetcher.fetch({ client, spec, name, resolution, signal, timeoutMs });
    return { resolution, content };
  }

  /** The bytes of the artifact that the object's status tells of, from the nearest place. @throws SourceError */
  async read(object: OCIRepository, signal: AbortSignal): Promise<Uint8Array> {
    const artifact = object.status?.artifact;
    if (!artifact)
      throw new SourceError('ReadOperationFailed', `OCIRepository '${object.metadata.name}' has no artifact`);
    const cached = await this.#blobs.get(artifact.digest ?? '');
    if (cached) return cached;
    const { client, spec, name } = await this.#access(object);
    const at = artifact.revision.lastIndexOf('@');
    const digest = artifact.revision.slice(at + 1);
    const resolution: Resolution = { revision: artifact.revision, digest };
    return this.#fetcher.read({ client, spec, name, resolution, signal, timeoutMs: timeoutOf(object) });
  }

  async #access(object: OCIRepository) {
    const spec = object.spec as OciSourceSpec;
    const name = repositoryOf(spec);
    const access = sourceAccess(spec, name, await this.#secrets(object));
    return { spec, name, fingerprint: access.fingerprint, client: this.#registry(access) };
  }

  // One client a credential keeps its connections and tokens; the oldest leave when there are many.
  #registry(access: SourceAccess): RegistryClient {
    const key = `${access.fingerprint} ${access.options.insecure === true}`;
    const known = this.#registries.get(key);
    if (known) return known;
    const client = new RegistryClient(access.options);
    this.#registries.set(key, client);
    const oldest = this.#registries.keys().next().value;
    if (this.#registries.size > MAX_CLIENTS && oldest !== undefined) this.#registries.delete(oldest);
    return client;
  }

  async #secrets(object: OCIRepository): Promise<SourceSecrets> {
    const { secretRef, certSecretRef, serviceAccountName } = object.spec;
    const namespace = object.metadata.namespace ?? '';
    const names = [
      ...(secretRef ? [secretRef.name] : []),
      ...(serviceAccountName ? await this.#pullSecrets(namespace, serviceAccountName) : []),
    ];
    const pull = await Promise.all(names.map((name) => this.#secret(namespace, name)));
    return certSecretRef ? { pull, cert: await this.#secret(namespace, certSecretRef.name) } : { pull };
  }

  async #pullSecrets(namespace: string, serviceAccount: string): Promise<string[]> {
    const account = await this.#client.get(resources.serviceaccounts, namespace, serviceAccount);
    if (!account) throw notFound('ServiceAccount', namespace, serviceAccount);
    const references = (account['imagePullSecrets'] ?? []) as { name: string }[];
    return references.map((reference) => reference.name);
  }

  async #secret(namespace: string, name: string): Promise<NamedSecret> {
    const secret = await this.#client.get(resources.secrets, namespace, name);
    if (!secret) throw notFound('Secret', namespace, name);
    return { ...(secret as unknown as NamedSecret), name };
  }
}

function timeoutOf(object: OCIRepository): number {
  return object.spec.timeout ? parseDuration(object.spec.timeout) : DEFAULT_TIMEOUT_MS;
}

function notFound(kind: string, namespace: string, name: string): SourceError {
  return new SourceError(
    'AuthenticationFailed',
    `failed to get ${kind} '${namespace}/${name}': not found; create it, or correct the reference in the spec`,
  );
}
