import { createHash } from 'node:crypto';

const LENGTHS: Readonly<Record<string, number>> = { sha256: 64, sha512: 128 };

/** The algorithm of a well-formed digest (`sha256:<64 hex>` or `sha512:<128 hex>`), or undefined for anything else. */
export function digestAlgorithm(digest: string): 'sha256' | 'sha512' | undefined {
  const colon = digest.indexOf(':');
  const algorithm = digest.slice(0, colon);
  if (algorithm !== 'sha256' && algorithm !== 'sha512') return undefined;
  const hex = digest.slice(colon + 1);
  return hex.length === LENGTHS[algorithm] && /^[0-9a-f]+$/.test(hex) ? algorithm : undefined;
}

/** `sha256:<hex>` of the bytes. */
export function sha256Digest(bytes: Uint8Array | string): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

/** True if the bytes hash to the digest. A digest that is malformed matches nothing. */
export function matchesDigest(bytes: Uint8Array, digest: string): boolean {
  const algorithm = digestAlgorithm(digest);
  if (algorithm === undefined) return false;
  return `${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}` === digest;
}
