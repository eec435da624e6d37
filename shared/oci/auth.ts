import { createHash } from 'node:crypto';
import { OciError, statusError, urlForMessage } from './errors.ts';
import type { RegistryTransport } from './transport.ts';

/** How to be known to a registry. `identityToken` is an OAuth2 refresh token, `registryToken` a bearer token as it is. */
export interface RegistryCredential {
  username?: string;
  password?: string;
  identityToken?: string;
  registryToken?: string;
}

/** A digest that tells credentials apart without revealing them; 'anonymous' for none. */
export function credentialDigest(credential: RegistryCredential | undefined): string {
  if (credential === undefined) return 'anonymous';
  const { username, password, identityToken, registryToken } = credential;
  return createHash('sha256')
    .update(JSON.stringify([username ?? '', password ?? '', identityToken ?? '', registryToken ?? '']))
    .digest('hex');
}

export interface Challenge {
  scheme: 'basic' | 'bearer';
  parameters: Record<string, string>;
}

/**
 * Reads a WWW-Authenticate header: the bearer challenge if there is one, else basic.
 * Returns undefined for schemes that are not spoken here.
 */
export function parseChallenge(header: string): Challenge | undefined {
  const found: Challenge[] = [];
  let current: Challenge | undefined;
  for (const [, word = '', quoted, bare] of header.matchAll(/([A-Za-z_-]+)(?:\s*=\s*(?:"([^"]*)"|([^\s,"]+)))?/g)) {
    const value = quoted ?? bare;
    if (value !== undefined) {
      if (current !== undefined) current.parameters[word.toLowerCase()] = value;
      continue;
    }
    const scheme = word.toLowerCase();
    current = scheme === 'basic' || scheme === 'bearer' ? { scheme, parameters: {} } : undefined;
    if (current !== undefined) found.push(current);
  }
  return found.find((challenge) => challenge.scheme === 'bearer') ?? found[0];
}

/** The Authorization value for Basic, or undefined without a user name. */
export function basicAuthorization(credential: RegistryCredential | undefined): string | undefined {
  if (credential?.username === undefined || credential.password === undefined) return undefined;
  return `Basic ${Buffer.from(`${credential.username}:${credential.password}`, 'utf8').toString('base64')}`;
}

export interface TokenRequest {
  transport: RegistryTransport;
  challenge: Challenge;
  scope: string;
  credential: RegistryCredential | undefined;
  /** The registry that asked: a token service in plain HTTP is trusted only if the registry itself is plain HTTP. */
  registryUrl: URL;
  signal: AbortSignal;
}

export interface BearerToken {
  token: string;
  expiresInMs: number;
}

const MAX_TOKEN_BYTES = 1 << 20;
const DEFAULT_TOKEN_SECONDS = 60;

/**
 * Exchanges a credential (or none: anonymous) for a bearer token at the challenge's realm.
 * Errors: OciError `auth-failed`, `network`, `protocol`.
 */
export async function exchangeToken(request: TokenRequest): Promise<BearerToken> {
  const { challenge, scope, credential, registryUrl } = request;
  const realm = challenge.parameters['realm'];
  const where = urlForMessage(registryUrl);
  if (realm === undefined || !URL.canParse(realm)) {
    throw new OciError('protocol', `registry ${where}: its bearer challenge has no valid realm`);
  }
  const url = new URL(realm);
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && registryUrl.protocol === 'http:')) {
    throw new OciError('protocol', `registry ${where}: its token service ${urlForMessage(url)} is not https; refused`);
  }
  const service = challenge.parameters['service'];
  const response =
    credential?.identityToken === undefined
      ? await getToken(request, url, service, scope)
      : await refreshToken(request, url, service, scope, credential.identityToken);
  const method = credential?.identityToken === undefined ? 'GET' : 'POST';
  if (response.status !== 200) throw statusError(method, url, response.status, response.body);
  return readToken(response.body, url);
}

function getToken(request: TokenRequest, url: URL, service: string | undefined, scope: string) {
  const target = new URL(url);
  if (service !== undefined) target.searchParams.set('service', service);
  target.searchParams.set('scope', scope);
  const authorization = basicAuthorization(request.credential);
  return request.transport.send({
    method: 'GET',
    url: target,
    headers: authorization === undefined ? {} : { authorization },
    maxBytes: MAX_TOKEN_BYTES,
    signal: request.signal,
  });
}

function refreshToken(request: TokenRequest, url: URL, service: string | undefined, scope: string, token: string) {
  const form = new URLSearchParams({
    grant_type: 'refresh_token',
    client_id: 'chartroom',
    scope,
    refresh_token: token,
  });
  if (service !== undefined) form.set('service', service);
  return request.transport.send({
    method: 'POST',
    url,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: form.toString(),
    maxBytes: MAX_TOKEN_BYTES,
    signal: request.signal,
  });
}

function readToken(body: Uint8Array, url: URL): BearerToken {
  let parsed: { token?: unknown; access_token?: unknown; expires_in?: unknown } = {};
  try {
    parsed = (JSON.parse(new TextDecoder().decode(body)) ?? {}) as typeof parsed;
  } catch {
    // reported below: no token
  }
  const token = [parsed.token, parsed.access_token].find((value) => typeof value === 'string' && value !== '');
  if (typeof token !== 'string') {
    throw new OciError('protocol', `token service ${urlForMessage(url)}: the answer has no token`);
  }
  const seconds = typeof parsed.expires_in === 'number' ? parsed.expires_in : DEFAULT_TOKEN_SECONDS;
  return { token, expiresInMs: Math.max(seconds, DEFAULT_TOKEN_SECONDS) * 1000 };
}
