import { createPrivateKey, X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { createAuthority, issueServing, type KeyPair } from './x509.ts';

/** What the Secret holds: the authorities to trust, newest first, the newest one's key, and the serving certificate. */
export interface CertificateBundle {
  /** PEM of one or more authorities; what caBundle is set to. */
  readonly trusted: string;
  readonly authorityKey: string;
  readonly serving: KeyPair;
}

export interface Renewal {
  readonly bundle: CertificateBundle;
  /** Why it differs from what was stored; undefined if it does not. */
  readonly reason: string | undefined;
}

const DAY = 24 * 3_600_000;
const AUTHORITY_LIFE = 730 * DAY;
const SERVING_LIFE = 90 * DAY;
const AUTHORITY_RENEWAL = 120 * DAY;
const SERVING_RENEWAL = 30 * DAY;
const CLOCK_SKEW = 3_600_000;
const AUTHORITY_NAME = 'chartroom webhook';
const PEM_CERTIFICATE = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----\n?/g;

/**
 * Decides what the certificates must be now: what is stored, while it is sound; else renewed. A new authority is put before
 * the old ones, which stay trusted until they expire, so that replicas that still serve by an old one are believed.
 *
 * @param names DNS names and addresses that the serving certificate must be good for
 */
export function renew(stored: CertificateBundle | undefined, names: readonly string[], now: Date): Renewal {
  if (stored === undefined) return { bundle: startOver([], names, now), reason: 'there is none yet' };
  const authorities = splitAuthorities(stored.trusted).filter((pem) => expiry(pem) > now.getTime());
  const problem = authorityProblem(authorities[0], stored.authorityKey, now);
  if (problem !== undefined) return { bundle: startOver(authorities, names, now), reason: problem };
  const trusted = authorities.join('');
  const why = servingProblem(stored.serving, authorities, names, now);
  if (why === undefined) {
    const bundle = trusted === stored.trusted ? stored : { ...stored, trusted };
    return { bundle, reason: trusted === stored.trusted ? undefined : 'an old authority has expired' };
  }
  const authority = { certificate: authorities[0] ?? '', key: stored.authorityKey };
  return { bundle: { trusted, authorityKey: authority.key, serving: serve(authority, names, now) }, reason: why };
}

/** The authorities of a bundle, as PEM of one each; what is not a certificate is left out. */
export function splitAuthorities(trusted: string): string[] {
  return (trusted.match(PEM_CERTIFICATE) ?? [])
    .filter((pem) => parse(pem) !== undefined)
    .map((pem) => `${pem.trim()}\n`);
}

/** When a PEM certificate expires, in milliseconds since 1970; 0 for one that cannot be read. */
export function expiry(pem: string): number {
  const certificate = parse(pem);
  return certificate === undefined ? 0 : certificate.validToDate.getTime();
}

function startOver(old: readonly string[], names: readonly string[], now: Date): CertificateBundle {
  const authority = createAuthority(AUTHORITY_NAME, life(now, AUTHORITY_LIFE));
  return {
    trusted: [authority.certificate, ...old].join(''),
    authorityKey: authority.key,
    serving: serve(authority, names, now),
  };
}

function serve(authority: KeyPair, names: readonly string[], now: Date): KeyPair {
  return issueServing(authority, AUTHORITY_NAME, names, life(now, SERVING_LIFE));
}

function life(now: Date, length: number) {
  return { notBefore: new Date(now.getTime() - CLOCK_SKEW), notAfter: new Date(now.getTime() + length) };
}

function authorityProblem(pem: string | undefined, key: string, now: Date): string | undefined {
  const certificate = pem === undefined ? undefined : parse(pem);
  if (certificate === undefined) return 'the stored authority has expired or cannot be read';
  if (!matchesKey(certificate, key)) return 'the stored authority does not match its key';
  return certificate.validToDate.getTime() - now.getTime() < AUTHORITY_RENEWAL
    ? 'the authority expires soon'
    : undefined;
}

function servingProblem(
  serving: KeyPair,
  authorities: readonly string[],
  names: readonly string[],
  now: Date,
): string | undefined {
  const certificate = parse(serving.certificate);
  if (certificate === undefined || !matchesKey(certificate, serving.key))
    return 'the stored certificate cannot be read';
  if (certificate.validToDate.getTime() - now.getTime() < SERVING_RENEWAL) return 'the certificate expires soon';
  if (!authorities.some((pem) => verifies(certificate, pem))) return 'the certificate is not of a trusted authority';
  const missing = names.filter((name) => !covers(certificate, name));
  return missing.length === 0 ? undefined : `the certificate is not good for ${missing.join(', ')}`;
}

function covers(certificate: X509Certificate, name: string): boolean {
  return (isIP(name) === 0 ? certificate.checkHost(name) : certificate.checkIP(name)) !== undefined;
}

function parse(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined;
  }
}

function verifies(certificate: X509Certificate, authorityPem: string): boolean {
  const authority = parse(authorityPem);
  return authority !== undefined && certificate.checkIssued(authority) && certificate.verify(authority.publicKey);
}

function matchesKey(certificate: X509Certificate, key: string): boolean {
  try {
    return certificate.checkPrivateKey(createPrivateKey(key));
  } catch {
    return false;
  }
}
