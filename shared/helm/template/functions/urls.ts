import { kindOf } from '../../../go/print.ts';
import { quote } from '../../../go/strconv.ts';
import { type GoFunction, type GoMap, GoPanic, type GoValue } from '../../../go/value.ts';
import { fromByteString, toByteString } from './bytes.ts';
import { toLower } from './chars.ts';
import { effect, pure } from './define.ts';
import { nilPointer } from './nil.ts';
import { escapePart, UrlFault, unescapePart } from './url-escape.ts';

/** urlParse and urlJoin, by the rules of Go's net/url. */
export function urlFunctions(): GoFunction[] {
  return [effect('urlParse', ['string'], parseToDict), pure('urlJoin', ['map[string]any'], join)];
}

/** A URL's parts as byte strings. */
interface Url {
  scheme: string;
  opaque: string;
  user: string | undefined;
  host: string;
  path: string;
  query: string;
  fragment: string;
}

function parseToDict(text: string): GoMap {
  const url = parse(text, 'unable to parse url: ');
  const parts: [string, string][] = [
    ['scheme', url.scheme],
    ['host', url.host],
    ['hostname', hostname(url.host)],
    ['path', url.path],
    ['query', url.query],
    ['opaque', url.opaque],
    ['fragment', url.fragment],
    ['userinfo', url.user ?? ''],
  ];
  return new Map(parts.map(([key, bytes]) => [key, fromByteString(bytes)]));
}

function parse(text: string, complaint: string): Url {
  const bytes = toByteString(text);
  const [rest, fragment] = cut(bytes, '#');
  let named = rest;
  try {
    const url = parseWithoutFragment(rest);
    named = bytes;
    return { ...url, fragment: unescapePart(fragment, 'fragment') };
  } catch (error) {
    if (!(error instanceof UrlFault)) throw error;
    throw new GoPanic(`${complaint}parse ${quote(fromByteString(named))}: ${error.message}`);
  }
}

function cut(s: string, at: string): [string, string] {
  const index = s.indexOf(at);
  return index < 0 ? [s, ''] : [s.slice(0, index), s.slice(index + at.length)];
}

function parseWithoutFragment(bytes: string): Url {
  const url: Url = { scheme: '', opaque: '', user: undefined, host: '', path: '', query: '', fragment: '' };
  if (/[\x00-\x1f\x7f]/.test(bytes)) throw new UrlFault('net/url: invalid control character in URL');
  if (bytes === '*') return { ...url, path: '*' };
  if (bytes.startsWith(':')) throw new UrlFault('missing protocol scheme');
  const scheme = /^([a-zA-Z][a-zA-Z0-9+.-]*):/.exec(bytes)?.[1];
  url.scheme = toLower(scheme ?? '');
  let [rest, query] = cut(scheme === undefined ? bytes : bytes.slice(scheme.length + 1), '?');
  url.query = query;
  if (!rest.startsWith('/')) {
    if (scheme !== undefined) return { ...url, opaque: rest };
    if (cut(rest, '/')[0].includes(':')) throw new UrlFault('first path segment in URL cannot contain colon');
  }
  if (rest.startsWith('//') && (scheme !== undefined || !rest.startsWith('///'))) {
    const slash = rest.indexOf('/', 2);
    const authority = slash < 0 ? rest.slice(2) : rest.slice(2, slash);
    rest = slash < 0 ? '' : rest.slice(slash);
    Object.assign(url, parseAuthority(url.scheme, authority));
  }
  return { ...url, path: unescapePart(rest, 'path') };
}

function parseAuthority(scheme: string, authority: string): { user: string | undefined; host: string } {
  const at = authority.lastIndexOf('@');
  const host = parseHost(scheme, authority.slice(at + 1));
  if (at < 0) return { user: undefined, host };
  const userinfo = authority.slice(0, at);
  if (!/^[-\w.:~!$&'()*+,;=%@]*$/.test(userinfo)) throw new UrlFault('net/url: invalid userinfo');
  const [name, password] = cut(userinfo, ':');
  const user = escapePart(unescapePart(name, 'user'), 'user');
  if (!userinfo.includes(':')) return { user, host };
  return { user: `${user}:${escapePart(unescapePart(password, 'user'), 'user')}`, host };
}

function parseHost(scheme: string, host: string): string {
  const bracket = host.lastIndexOf('[');
  if (bracket > 0) throw new UrlFault('invalid IP-literal');
  if (bracket === 0) return parseLiteral(host);
  const first = host.indexOf(':');
  if (first >= 0) {
    // Lists of hosts with ports are let through but for the web's schemes.
    const strict = scheme === 'http' || scheme === 'https';
    checkPort(host.slice(strict ? first : host.lastIndexOf(':')));
  }
  return unescapePart(host, 'host');
}

function checkPort(port: string): void {
  if (port !== '' && !/^:[0-9]*$/.test(port)) {
    throw new UrlFault(`invalid port ${quote(fromByteString(port))} after host`);
  }
}

const IPV6 = /^[0-9a-fA-F:]*:[0-9a-fA-F:]*(\.?[0-9]{1,3}){0,4}(%.+)?$/;

/** `[::1]:80`, `[fe80::1%25en0]`. */
function parseLiteral(host: string): string {
  const close = host.lastIndexOf(']');
  if (close < 0) throw new UrlFault("missing ']' in host");
  const port = host.slice(close + 1);
  checkPort(port);
  const address = host.slice(1, close);
  const zone = address.indexOf('%25');
  const plain =
    zone < 0
      ? unescapePart(address, 'host')
      : unescapePart(address.slice(0, zone), 'host') + unescapePart(address.slice(zone), 'zone');
  if (/^[0-9]+(\.[0-9]+){3}$/.test(plain)) throw new UrlFault('invalid IP-literal');
  if (!IPV6.test(plain) || /:::/.test(plain) || plain.split('::').length > 2) {
    throw new UrlFault(`invalid host: ParseAddr(${quote(fromByteString(plain))}): unable to parse IP`);
  }
  return `[${plain}]${port}`;
}

/** The host without port and brackets. */
function hostname(host: string): string {
  const bare = host.replace(/:[0-9]*$/, '');
  return bare.startsWith('[') && bare.endsWith(']') ? bare.slice(1, -1) : bare;
}

function textOf(dict: GoMap | null, key: string): string {
  const value: GoValue | undefined = dict?.get(key);
  if (value === undefined) return '';
  if (value === null) throw nilPointer();
  if (typeof value === 'string') return toByteString(value);
  throw new GoPanic(`unable to parse ${key} key, must be of type string, but ${kindOf(value)} found`);
}

/** A URL's text from a dictionary of the form that urlParse gives. */
function join(dict: GoMap | null): string {
  const [scheme, host, path, query, opaque, fragment] = ['scheme', 'host', 'path', 'query', 'opaque', 'fragment'].map(
    (key) => textOf(dict, key),
  ) as [string, string, string, string, string, string];
  const userinfo = textOf(dict, 'userinfo');
  const user =
    userinfo === ''
      ? undefined
      : parse(`proto://${fromByteString(userinfo)}@host`, 'unable to parse userinfo in dict: ').user;
  let out = scheme === '' ? '' : `${scheme}:`;
  out += opaque !== '' ? opaque : authorityAndPath(scheme, user, host, path);
  if (query !== '') out += `?${query}`;
  if (fragment !== '') out += `#${escapePart(fragment, 'fragment')}`;
  return fromByteString(out);
}

function authorityAndPath(scheme: string, user: string | undefined, host: string, path: string): string {
  let out = '';
  if (scheme !== '' || host !== '' || user !== undefined) {
    if (host !== '' || path !== '' || user !== undefined) out += '//';
    if (user !== undefined) out += `${user}@`;
    out += escapePart(host, 'host');
  }
  const escaped = path === '*' ? '*' : escapePart(path, 'path');
  if (escaped !== '' && !escaped.startsWith('/') && host !== '') out += '/';
  // A first segment with a colon would read as a scheme.
  if (scheme === '' && out === '' && cut(escaped, '/')[0].includes(':')) out += './';
  return out + escaped;
}
