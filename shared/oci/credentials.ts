import type { RegistryCredential } from './auth.ts';
import type { OciRepositoryName } from './reference.ts';

/** A Secret as the API server gives it: `data` values in base64. */
export interface SecretLike {
  type?: string;
  data?: Record<string, string>;
}

interface AuthEntry {
  username?: unknown;
  password?: unknown;
  auth?: unknown;
  identitytoken?: unknown;
  registrytoken?: unknown;
}

const DOCKER_CONFIG = '.dockerconfigjson';
const LEGACY_DOCKER_CONFIG = '.dockercfg';

/**
 * The credential that a Secret holds for a repository: of `.dockerconfigjson` (or the old `.dockercfg`) the entry whose host, and
 * path if it has one, match most closely; else keys `username` and `password`.
 * Returns undefined if a docker configuration has no entry for the registry (which means anonymous, as in Flux).
 * Errors: plain Error that names the key and says what is wrong, never a value.
 */
export function credentialFromSecret(secret: SecretLike, name: OciRepositoryName): RegistryCredential | undefined {
  const data = secret.data ?? {};
  const config = data[DOCKER_CONFIG];
  if (config !== undefined) return findAuth(readAuths(decode(config), DOCKER_CONFIG, true), name);
  const legacy = data[LEGACY_DOCKER_CONFIG];
  if (legacy !== undefined) return findAuth(readAuths(decode(legacy), LEGACY_DOCKER_CONFIG, false), name);
  const { username, password } = data;
  if (username !== undefined && password !== undefined) {
    return { username: decode(username), password: decode(password) };
  }
  const found = Object.keys(data).sort().join(', ') || 'none';
  throw new Error(`expected key '${DOCKER_CONFIG}', or 'username' and 'password'; found keys: ${found}`);
}

function decode(base64: string): string {
  return Buffer.from(base64, 'base64').toString('utf8');
}

function readAuths(text: string, key: string, nested: boolean): Record<string, AuthEntry> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    // The parser's message would quote the secret.
    throw new Error(`key '${key}' is not valid JSON`);
  }
  const auths = nested ? (parsed as { auths?: unknown } | null)?.auths : parsed;
  if (typeof auths !== 'object' || auths === null || Array.isArray(auths)) {
    throw new Error(`key '${key}' has no map of registries${nested ? " under 'auths'" : ''}`);
  }
  return auths as Record<string, AuthEntry>;
}

function findAuth(auths: Record<string, AuthEntry>, name: OciRepositoryName): RegistryCredential | undefined {
  const candidates = Object.entries(auths)
    .map(([key, entry]) => ({ pattern: normaliseKey(key), entry }))
    .filter(({ pattern }) => matchesRepository(pattern, name))
    // The longest pattern first: a path is more exact than a host, a host more than a wildcard.
    .sort((a, b) => specificity(b.pattern) - specificity(a.pattern) || (a.pattern < b.pattern ? 1 : -1));
  const best = candidates[0];
  return best === undefined ? undefined : toCredential(best.entry);
}

/** `https://Index.docker.io/v1/` → `index.docker.io`; a path other than the API's version stays. */
function normaliseKey(key: string): string {
  const rest = key.replace(/^https?:\/\//, '');
  const slash = rest.indexOf('/');
  const host = (slash < 0 ? rest : rest.slice(0, slash)).toLowerCase();
  const path = (slash < 0 ? '' : rest.slice(slash)).replace(/^\/v[12](?=\/|$)/, '').replace(/\/+$/, '');
  return (host === 'docker.io' || host === 'registry-1.docker.io' ? 'index.docker.io' : host) + path;
}

/** Host by parts, where `*` matches within one part; ports equal; path as a prefix of the repository. */
export function matchesRepository(pattern: string, name: OciRepositoryName): boolean {
  const slash = pattern.indexOf('/');
  const host = slash < 0 ? pattern : pattern.slice(0, slash);
  const path = slash < 0 ? '' : pattern.slice(slash + 1);
  const [patternName = '', patternPort = ''] = splitPort(host);
  const [targetName = '', targetPort = ''] = splitPort(name.registry.toLowerCase());
  if (patternPort !== targetPort) return false;
  const patternParts = patternName.split('.');
  const targetParts = targetName.split('.');
  if (patternParts.length !== targetParts.length) return false;
  if (!patternParts.every((part, i) => matchesPart(part, targetParts[i] ?? ''))) return false;
  return path === '' || name.repository === path || name.repository.startsWith(`${path}/`);
}

function splitPort(host: string): [string, string] {
  const colon = host.lastIndexOf(':');
  return colon > host.lastIndexOf(']') ? [host.slice(0, colon), host.slice(colon + 1)] : [host, ''];
}

function matchesPart(pattern: string, text: string): boolean {
  if (!pattern.includes('*')) return pattern === text;
  const pieces = pattern.split('*');
  const first = pieces[0] ?? '';
  const last = pieces.at(-1) ?? '';
  if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last)) return false;
  let at = first.length;
  for (const piece of pieces.slice(1, -1)) {
    const found = text.indexOf(piece, at);
    if (found < 0 || found + piece.length > text.length - last.length) return false;
    at = found + piece.length;
  }
  return true;
}

function specificity(pattern: string): number {
  return pattern.length - (pattern.includes('*') ? 1000 : 0);
}

function toCredential(entry: AuthEntry): RegistryCredential {
  const credential: RegistryCredential = {};
  if (typeof entry?.identitytoken === 'string' && entry.identitytoken !== '') {
    credential.identityToken = entry.identitytoken;
  }
  if (typeof entry?.registrytoken === 'string' && entry.registrytoken !== '') {
    credential.registryToken = entry.registrytoken;
  }
  let { username, password } = entry ?? {};
  if (typeof entry?.auth === 'string' && entry.auth !== '') {
    const pair = decode(entry.auth);
    const colon = pair.indexOf(':');
    if (colon < 0) throw new Error(`key '${DOCKER_CONFIG}': an 'auth' field is not base64 of user:password`);
    username = pair.slice(0, colon);
    password = pair.slice(colon + 1).replace(/\0+$/, '');
  }
  // Docker marks an identity token with this user name.
  if (username === '<token>' && typeof password === 'string') return { ...credential, identityToken: password };
  if (typeof username === 'string' && typeof password === 'string' && username !== '') {
    credential.username = username;
    credential.password = password;
  }
  return credential;
}
