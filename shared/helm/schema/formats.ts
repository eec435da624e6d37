import { quote, quoteRune } from '../../go/strconv.ts';
import { parseIp } from '../template/functions/ip.ts';
import { parseInstant } from '../template/functions/layout-parse.ts';
import { compileRegex } from '../template/functions/regex-program.ts';
import { UTC } from '../template/functions/zone.ts';

/** Says what is wrong with a text; undefined when it is right. */
type Format = (text: string) => string | undefined;

/** What a text lacks to be of a format, in the words that Helm prints; undefined when it is, or the format is unknown. */
export function formatProblem(format: string, text: string): string | undefined {
  return Object.hasOwn(FORMATS, format) ? FORMATS[format]?.(text) : undefined;
}

const FORMATS: Readonly<Record<string, Format>> = {
  regex,
  'json-pointer': jsonPointer,
  'relative-json-pointer': relativeJsonPointer,
  uuid,
  duration,
  period,
  ipv4,
  ipv6,
  hostname,
  email,
  date,
  time,
  'date-time': dateTime,
  uri,
  iri: uri,
  'uri-reference': uriReference,
  'iri-reference': uriReference,
  'uri-template': uriTemplate,
  semver,
};

/** The problem behind a lead, or none. */
function within(lead: string, problem: string | undefined): string | undefined {
  return problem && `${lead}: ${problem}`;
}

function firstOther(text: string, allowed: RegExp): string | undefined {
  const other = [...text].find((char) => !allowed.test(char));
  return other === undefined ? undefined : quoteRune(other.codePointAt(0) ?? 0);
}

function regex(text: string): string | undefined {
  return thrown(() => compileRegex(text));
}

/** The message of what a parser throws. */
function thrown(parse: () => unknown): string | undefined {
  try {
    parse();
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

function jsonPointer(text: string): string | undefined {
  if (text === '') return undefined;
  if (!text.startsWith('/')) return 'not starting with /';
  return /~(?![01])/.test(text) ? '~ must be followed by 0 or 1' : undefined;
}

function relativeJsonPointer(text: string): string | undefined {
  const digits = /^[0-9]*/.exec(text)?.[0] ?? '';
  if (digits === '') return 'must start with non-negative integer';
  if (digits.length > 1 && digits.startsWith('0')) return 'starts with zero';
  const rest = text.slice(digits.length);
  return rest === '#' ? undefined : jsonPointer(rest);
}

function uuid(text: string): string | undefined {
  const lengths = [8, 4, 4, 4, 12];
  const groups = text.split('-');
  if (groups.length !== lengths.length) return 'must have 5 elements';
  for (const [i, group] of groups.entries()) {
    if (Buffer.byteLength(group) !== lengths[i]) return `element ${i + 1} must be ${lengths[i]} characters long`;
    const other = firstOther(group, /[0-9a-fA-F]/);
    if (other !== undefined) return `non-hex character ${other}`;
  }
  return undefined;
}

function duration(text: string): string | undefined {
  if (!text.startsWith('P')) return 'must start with P';
  const body = text.slice(1);
  if (body === '') return 'nothing after P';
  if (body.endsWith('W')) {
    if (body === 'W') return 'no number in week';
    return /^[0-9]+W$/.test(body) ? undefined : 'invalid week';
  }
  const parts = body.split('T');
  for (const [i, part] of parts.entries()) {
    if (i > 0 && part === '') return 'no time elements';
    if (i > 1) return 'more than one T';
    const problem = durationPart(part, i === 0 ? 'YMD' : 'HMS');
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function durationPart(part: string, all: string): string | undefined {
  let units = all;
  for (let rest = part; rest !== ''; ) {
    const digits = /^[0-9]*/.exec(rest)?.[0] ?? '';
    if (digits === '') return 'missing number';
    const unit = rest[digits.length];
    if (unit === undefined) return 'missing unit';
    const at = units.indexOf(unit);
    if (at < 0) {
      const shown = quoteRune(unit.codePointAt(0) ?? 0);
      return all.includes(unit) ? `unit ${shown} out of order` : `invalid unit ${shown}`;
    }
    units = units.slice(at + 1);
    rest = rest.slice(digits.length + 1);
  }
  return undefined;
}

function period(text: string): string | undefined {
  const slash = text.indexOf('/');
  if (slash < 0) return 'missing slash';
  const [start, end] = [text.slice(0, slash), text.slice(slash + 1)];
  if (start.startsWith('P')) {
    return within('invalid start duration', duration(start)) ?? within('invalid end date-time', dateTime(end));
  }
  const problem = within('invalid start date-time', dateTime(start));
  if (problem !== undefined) return problem;
  if (end.startsWith('P')) return within('invalid end duration', duration(end));
  return within('invalid end date-time', dateTime(end));
}

function ipv4(text: string): string | undefined {
  const groups = text.split('.');
  if (groups.length !== 4) return 'expected four decimals';
  for (const group of groups) {
    if (group.length > 1 && group.startsWith('0')) return 'leading zeros';
    if (!/^[+-]?[0-9]+$/.test(group)) return `strconv.Atoi: parsing ${quote(group)}: invalid syntax`;
    const value = Number(group);
    if (value < 0 || value > 255) return 'decimal must be between 0 and 255';
  }
  return undefined;
}

function ipv6(text: string): string | undefined {
  if (!text.includes(':')) return 'missing colon';
  const [address = '', zone] = text.split('%', 2);
  if (parseIp(address) === undefined || zone === '') return `ParseAddr(${quote(text)}): unable to parse IP`;
  return zone !== undefined ? 'zone id is not a part of ipv6 address' : undefined;
}

function hostname(text: string): string | undefined {
  const name = text.endsWith('.') ? text.slice(0, -1) : text;
  if (Buffer.byteLength(name) > 253) return 'more than 253 characters long';
  for (const label of name.split('.')) {
    const length = Buffer.byteLength(label);
    if (length < 1 || length > 63) return 'label must be 1 to 63 characters long';
    if (label.startsWith('-')) return 'label starts with hyphen';
    if (label.endsWith('-')) return 'label ends with hyphen';
    const other = firstOther(label, /[a-zA-Z0-9-]/);
    if (other !== undefined) return `invalid character ${other}`;
  }
  return undefined;
}

function email(text: string): string | undefined {
  if (Buffer.byteLength(text) > 254) return 'more than 255 characters long';
  const at = text.lastIndexOf('@');
  if (at < 0) return 'missing @';
  const [local, domain] = [text.slice(0, at), text.slice(at + 1)];
  if (Buffer.byteLength(local) > 64) return 'local part more than 64 characters long';
  const problem = localPart(local);
  if (problem !== undefined) return problem;
  if (!domain.startsWith('[') || !domain.endsWith(']')) return within('invalid domain', hostname(domain));
  const address = domain.slice(1, -1);
  if (address.startsWith('IPv6:')) return within('invalid ipv6 address', ipv6(address.slice('IPv6:'.length)));
  return within('invalid ipv4 address', ipv4(address));
}

function localPart(local: string): string | undefined {
  if (local.length > 1 && local.startsWith('"') && local.endsWith('"')) {
    return /[\\"]/.test(local.slice(1, -1))
      ? 'backslash and quote are not allowed within quoted local part'
      : undefined;
  }
  if (local.startsWith('.')) return 'starts with dot';
  if (local.endsWith('.')) return 'ends with dot';
  if (local.includes('..')) return 'consecutive dots';
  const other = firstOther(local, /[a-zA-Z0-9.!#$%&'*+\-/=?^_`{|}~]/);
  return other && `invalid character ${other}`;
}

function date(text: string): string | undefined {
  return thrown(() => parseInstant('2006-01-02', text, UTC));
}

function time(text: string): string | undefined {
  if (text.length < 9) return 'less than 9 characters long';
  if (text[2] !== ':' || text[5] !== ':') return 'missing colon in correct place';
  const clock = [text.slice(0, 2), text.slice(3, 5), text.slice(6, 8)];
  if (clock.some((part) => !/^(?:[0-9]{2}|[+-][0-9])$/.test(part))) return 'invalid hour/min/sec';
  const [hour = 0, minute = 0, second = 0] = clock.map(Number);
  if (Math.min(hour, minute, second) < 0) return 'non-positive hour/min/sec';
  if (hour > 23 || minute > 59 || second > 60) return 'hour/min/sec out of range';
  let rest = text.slice(8);
  if (rest.startsWith('.')) {
    const digits = /^\.([0-9]*)/.exec(rest)?.[1] ?? '';
    if (digits === '') return 'no digits in second fraction';
    rest = rest.slice(digits.length + 1);
  }
  const offset = offsetMinutes(rest);
  if (typeof offset === 'string') return offset;
  const utc = (hour * 60 + minute - offset + 48 * 60) % (24 * 60);
  return second >= 60 && utc !== 23 * 60 + 59 ? 'invalid leap second' : undefined;
}

function offsetMinutes(text: string): number | string {
  if (text === 'z' || text === 'Z') return 0;
  if (text.length !== 6) return 'offset must be 6 characters long';
  const sign = text[0] === '+' ? 1 : text[0] === '-' ? -1 : undefined;
  if (sign === undefined) return 'offset must begin with plus/minus';
  if (text[3] !== ':') return 'missing colon in offset in correct place';
  const parts = [text.slice(1, 3), text.slice(4)];
  if (parts.some((part) => !/^(?:[0-9]{2}|[+-][0-9])$/.test(part))) return 'invalid hour/min in offset';
  const [hour = 0, minute = 0] = parts.map(Number);
  if (hour < 0 || minute < 0) return 'non-positive hour/min in offset';
  if (hour > 23 || minute > 59) return 'hour/min in offset out of range';
  return sign * (hour * 60 + minute);
}

function dateTime(text: string): string | undefined {
  if (text.length < 20) return 'less than 20 characters long';
  if (text[10] !== 't' && text[10] !== 'T') return '11th character must be t or T';
  return (
    within('invalid date element', date(text.slice(0, 10))) ?? within('invalid time element', time(text.slice(11)))
  );
}

/** What net/url refuses: control characters, bad escapes, a colon in a relative path's first part, a bad host or port. */
function url(text: string): string | undefined {
  const lead = `parse ${quote(text)}`;
  if (/[\u0000-\u001f\u007f]/.test(text)) return `${lead}: net/url: invalid control character in URL`;
  if (text.startsWith(':')) return `${lead}: missing protocol scheme`;
  const badEscape = /%(?![0-9a-fA-F]{2}).{0,2}/s.exec(text.split('?')[0] ?? '')?.[0];
  if (badEscape !== undefined) return `${lead}: invalid URL escape ${quote(badEscape)}`;
  const scheme = /^[a-zA-Z][a-zA-Z0-9+.-]*:/.exec(text)?.[0];
  if (scheme === undefined && /^[^/?#]*:/.test(text)) return `${lead}: first path segment in URL cannot contain colon`;
  const host = /^\/\/(?:[^/?#]*@)?([^/?#]*)/.exec(text.slice(scheme?.length ?? 0))?.[1] ?? '';
  const other = /[ <>"^`{|}\\]/.exec(host)?.[0];
  if (other !== undefined) return `${lead}: invalid character ${quote(other)} in host name`;
  const port = /^(?:\[[^\]]*\]|[^:]*)(:.*)$/.exec(host)?.[1];
  if (port !== undefined && !/^:[0-9]*$/.test(port)) return `${lead}: invalid port ${quote(port)} after host`;
  const address = /^\[(.*)\]/.exec(host)?.[1];
  return address === undefined ? undefined : within('invalid ipv6 address', ipv6(address));
}

function uri(text: string): string | undefined {
  return url(text) ?? (/^[a-zA-Z][a-zA-Z0-9+.-]*:/.test(text) ? undefined : 'relative url');
}

function uriReference(text: string): string | undefined {
  return text.includes('\\') ? 'contains \\' : url(text);
}

function uriTemplate(text: string): string | undefined {
  const problem = url(text);
  if (problem !== undefined) return problem;
  for (const part of text.split('/')) {
    let open = false;
    for (const brace of part.replace(/[^{}]/g, '')) {
      if ((brace === '{') === open) return 'nested curly braces';
      open = !open;
    }
    if (open) return 'no matching closing brace';
  }
  return undefined;
}

function semver(text: string): string | undefined {
  const plus = text.indexOf('+');
  const build = plus < 0 ? undefined : text.slice(plus + 1);
  if (build === '') return 'build is empty';
  const problem = build === undefined ? undefined : identifiers(build, 'build');
  if (problem !== undefined) return problem;
  const version = plus < 0 ? text : text.slice(0, plus);
  const dash = version.indexOf('-');
  const pre = dash < 0 ? undefined : version.slice(dash + 1);
  const preProblem = pre === undefined ? undefined : identifiers(pre, 'pre-release');
  if (preProblem !== undefined) return preProblem;
  if (pre?.split('.').some((part) => /^0[0-9]+$/.test(part)) === true) {
    return 'pre-release numeric identifier starts with zero';
  }
  return versionCore(dash < 0 ? version : version.slice(0, dash));
}

function identifiers(text: string, what: string): string | undefined {
  for (const part of text.split('.')) {
    if (part === '') return `${what} identifier is empty`;
    const other = firstOther(part, /[0-9a-zA-Z-]/);
    if (other !== undefined) return `invalid character ${other} in ${what} identifier`;
  }
  return undefined;
}

function versionCore(text: string): string | undefined {
  const parts = text.split('.');
  if (parts.length !== 3) return 'versionCore must have 3 numbers separated by dot';
  for (const [i, part] of parts.entries()) {
    const name = ['major', 'minor', 'patch'][i];
    if (part === '') return `${name} is empty`;
    if (part.length > 1 && part.startsWith('0')) return `${name} starts with zero`;
    if (!/^[0-9]+$/.test(part)) return `${name} contains non-digit`;
  }
  return undefined;
}
