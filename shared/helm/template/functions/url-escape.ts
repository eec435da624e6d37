import { quote } from '../../../go/strconv.ts';
import { GoPanic } from '../../../go/value.ts';

/** The parts of a URL that differ in which characters may stand as they are. */
export type UrlPart = 'path' | 'user' | 'fragment' | 'host' | 'zone';

const PLAIN: Readonly<Record<UrlPart, RegExp>> = {
  path: /^[-\w.~$&+,/:;=@]$/,
  user: /^[-\w.~$&+,;=]$/,
  fragment: /^[-\w.~$&+,/:;=?@!()*]$/,
  host: /^[-\w.~!$&'()*+,;=:[\]<>"]$/,
  zone: /^[-\w.~!$&'()*+,;=:[\]<>"]$/,
};

/** Escapes the bytes of a byte string that may not stand in the part. */
export function escapePart(bytes: string, part: UrlPart): string {
  let out = '';
  for (const char of bytes) out += PLAIN[part].test(char) ? char : percent(char);
  return out;
}

function percent(char: string): string {
  return `%${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
}

const HEX_PAIR = /^%[0-9a-fA-F]{2}$/;

/** Unescapes a byte string; throws what Go says of a bad escape or a bad character of a host. */
export function unescapePart(bytes: string, part: UrlPart): string {
  let out = '';
  for (let i = 0; i < bytes.length; i++) {
    const char = bytes[i] as string;
    if (char !== '%') {
      if ((part === 'host' || part === 'zone') && char < '\x80' && !PLAIN[part].test(char)) {
        throw new UrlFault(`invalid character ${quote(char)} in host name`);
      }
      out += char;
      continue;
    }
    const escaped = bytes.slice(i, i + 3);
    if (!HEX_PAIR.test(escaped) || !mayEscape(escaped, part))
      throw new UrlFault(`invalid URL escape ${quote(escaped)}`);
    out += decoded(escaped);
    i += 2;
  }
  return out;
}

function decoded(escaped: string): string {
  return String.fromCharCode(Number.parseInt(escaped.slice(1), 16));
}

/** A host may escape only bytes beyond ASCII; a zone only what could stand in a host, and spaces. */
function mayEscape(escaped: string, part: UrlPart): boolean {
  if (escaped === '%25') return true;
  const char = decoded(escaped);
  if (part === 'host') return char >= '\x80';
  return part !== 'zone' || char === ' ' || PLAIN.host.test(char);
}

/** What is wrong with a URL, before the URL itself is named. */
export class UrlFault extends GoPanic {}
