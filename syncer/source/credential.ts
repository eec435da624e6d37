import { createHash } from 'node:crypto';
import { credentialDigest, type RegistryCredential } from '../../shared/oci/auth.ts';
import type { RegistryClientOptions } from '../../shared/oci/client.ts';
import { credentialFromSecret, type SecretLike } from '../../shared/oci/credentials.ts';
import type { OciRepositoryName } from '../../shared/oci/reference.ts';
import { type TlsMaterial, tlsFingerprint } from '../../shared/oci/transport.ts';
import type { OciSourceSpec } from './oci-spec.ts';
import { SourceError } from './source-error.ts';

/** A Secret with its name, for messages. */
export interface NamedSecret extends SecretLike {
  name: string;
}

export interface SourceSecrets {
  /** secretRef's Secret, then those of the service account's imagePullSecrets. */
  pull: readonly NamedSecret[];
  /** certSecretRef's Secret. */
  cert?: NamedSecret;
}

export interface SourceAccess {
  options: RegistryClientOptions;
  /** Tells apart what sources with the same URL may see: part of a resolution's key. */
  fingerprint: string;
}

/**
 * How a source speaks to its registry: the first pull secret with an entry for the repository, and the certificates.
 * Errors: SourceError AuthenticationFailed that names the Secret and the key, never a value.
 */
export function sourceAccess(spec: OciSourceSpec, name: OciRepositoryName, secrets: SourceSecrets): SourceAccess {
  requireKnownProvider(spec, secrets);
  const credential = firstCredential(name, secrets.pull);
  const options: RegistryClientOptions = { insecure: spec.insecure === true };
  if (credential !== undefined) options.credential = credential;
  if (secrets.cert !== undefined) options.tls = tlsMaterial(spec, secrets.cert);
  const fingerprint = createHash('sha256')
    .update(`${credentialDigest(credential)} ${tlsFingerprint(options)}`)
    .digest('hex');
  return { options, fingerprint };
}

function requireKnownProvider(spec: OciSourceSpec, secrets: SourceSecrets): void {
  const provider = spec.provider ?? 'generic';
  if (provider === 'generic' || provider === '' || secrets.pull.length > 0) return;
  throw new SourceError(
    'AuthenticationFailed',
    `failed to get credential from ${provider}: spec.provider '${provider}' is not supported yet; give spec.secretRef instead`,
  );
}

function firstCredential(name: OciRepositoryName, secrets: readonly NamedSecret[]): RegistryCredential | undefined {
  for (const secret of secrets) {
    try {
      const credential = credentialFromSecret(secret, name);
      if (credential !== undefined) return credential;
    } catch (error) {
      const detail = error instanceof Error ? error.message : String(error);
      throw new SourceError('AuthenticationFailed', `failed to get credential: secret '${secret.name}': ${detail}`);
    }
  }
  return undefined;
}

const TLS_KEYS = { ca: ['ca.crt', 'caFile'], cert: ['tls.crt', 'certFile'], key: ['tls.key', 'keyFile'] } as const;

function tlsMaterial(spec: OciSourceSpec, secret: NamedSecret): TlsMaterial {
  const fail = (detail: string) =>
    new SourceError(
      'AuthenticationFailed',
      `failed to generate transport for '${spec.url}': secret '${secret.name}': ${detail}`,
    );
  const tls: TlsMaterial = {};
  for (const part of ['ca', 'cert', 'key'] as const) {
    const value = TLS_KEYS[part].map((key) => secret.data?.[key]).find((text) => text !== undefined && text !== '');
    if (value !== undefined) tls[part] = Buffer.from(value, 'base64').toString('utf8');
  }
  if ((tls.cert === undefined) !== (tls.key === undefined)) {
    throw fail(`'tls.crt' and 'tls.key' go together; '${tls.cert === undefined ? 'tls.crt' : 'tls.key'}' is missing`);
  }
  if (tls.cert === undefined && tls.ca === undefined) throw fail(`expected 'ca.crt', or 'tls.crt' and 'tls.key'`);
  return tls;
}
