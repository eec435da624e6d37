import { isIPv4, isIPv6 } from 'node:net';
import { OciError } from './errors.ts';

/** A repository in a registry, as an `oci://` URL names it. */
export interface OciRepositoryName {
  /** host or host:port, Docker Hub as `index.docker.io`. */
  registry: string;
  /** Path without leading slash, e.g. `stefanprodan/charts/podinfo`. */
  repository: string;
}

const PREFIX = 'oci://';
const DOCKER_HUB = 'index.docker.io';

/**
 * Splits `oci://host[:port]/path`. As in Flux: a first segment that cannot be a host means Docker Hub, a single name there gets
 * `library/`, and a tag or digest in the URL is refused.
 * Errors: OciError `url-invalid`.
 */
export function parseOciUrl(url: string): OciRepositoryName {
  const fail = (detail: string) => new OciError('url-invalid', detail);
  if (!url.startsWith(PREFIX)) throw fail(`URL must be in format 'oci://<domain>/<org>/<repo>'`);
  const rest = url.slice(PREFIX.length).replace(/\/+$/, '');
  const slash = rest.indexOf('/');
  const first = slash < 0 ? rest : rest.slice(0, slash);
  const isHost = slash >= 0 && (/[.:]/.test(first) || first === 'localhost');
  const registry = normaliseRegistry(isHost ? first : DOCKER_HUB);
  let repository = isHost ? rest.slice(slash + 1) : rest;
  const tag = /[:@](.*)$/.exec(repository);
  if (tag !== null) throw fail(`URL must not contain a tag; remove '${tag[0]}'`);
  if (!isValidRegistry(registry)) throw fail(`'${registry}' is not a registry host; expected host or host:port`);
  if (repository.length < 2 || repository.length > 255 || !/^[a-z0-9_\-./]+$/.test(repository)) {
    throw fail(`'${repository}' is not a repository name; expected 2 to 255 of a-z, 0-9, '_', '-', '.' and '/'`);
  }
  if (repository.split('/').some((part) => part === '' || part === '.' || part === '..')) {
    throw fail(`'${repository}' is not a repository name; it has an empty or dotted segment`);
  }
  if (registry === DOCKER_HUB && !repository.includes('/')) repository = `library/${repository}`;
  return { registry, repository };
}

function normaliseRegistry(host: string): string {
  return host === 'docker.io' || host === 'registry-1.docker.io' ? DOCKER_HUB : host;
}

function isValidRegistry(registry: string): boolean {
  try {
    const url = new URL(`https://${registry}`);
    const plain = url.pathname === '/' && url.search === '' && url.hash === '' && url.username === '';
    return plain && /^[A-Za-z0-9.\-_:[\]]+$/.test(registry);
  } catch {
    return false;
  }
}

/** True for registries that may be spoken to in plain HTTP without `insecure`, as Flux does: loopback and private addresses. */
export function mayUsePlainHttp(registry: string): boolean {
  const host = new URL(`https://${registry}`).hostname.replace(/^\[|\]$/g, '');
  if (host === 'localhost' || host.endsWith('.localhost')) return true;
  if (isIPv6(host)) return host === '::1';
  return isIPv4(host) && /^(127\.|10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.)/.test(host);
}

/** True for a tag that the distribution specification allows. */
export function isValidTag(tag: string): boolean {
  return /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/.test(tag);
}
