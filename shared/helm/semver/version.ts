import { parseUint64 } from '../../go/strconv.ts';
import { utf8Length } from '../../go/utf8.ts';

/** A version or constraint that cannot be read; `message` is Masterminds' text. */
export class SemverError extends Error {
  override readonly name = 'SemverError';
}

/** A segment of a version: an unsigned 64-bit number, a bigint only beyond 2^53. */
export type Segment = number | bigint;

const MAX_VERSION_BYTES = 256;
const LOOSE =
  /^v?([0-9]+)(?:\.([0-9]+))?(?:\.([0-9]+))?(?:-([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?(?:\+([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?$/;
const DIGITS = /^[0-9]+$/;

/** A semantic version as Masterminds/semver v3 models it. Immutable. */
export class SemVersion {
  readonly major: Segment;
  readonly minor: Segment;
  readonly patch: Segment;
  readonly prerelease: string;
  readonly metadata: string;
  /** The text that was parsed, with its `v` if it had one. */
  readonly original: string;

  constructor(parts: {
    major: Segment;
    minor: Segment;
    patch: Segment;
    prerelease: string;
    metadata: string;
    original?: string;
  }) {
    this.major = parts.major;
    this.minor = parts.minor;
    this.patch = parts.patch;
    this.prerelease = parts.prerelease;
    this.metadata = parts.metadata;
    this.original = parts.original ?? this.toString();
  }

  /** The canonical text: three numbers, prerelease and metadata, never a leading `v`. */
  toString(): string {
    const pre = this.prerelease === '' ? '' : `-${this.prerelease}`;
    const meta = this.metadata === '' ? '' : `+${this.metadata}`;
    return `${this.major}.${this.minor}.${this.patch}${pre}${meta}`;
  }
}

/**
 * Reads a version loosely, as Masterminds' NewVersion does: a leading `v`, one to three numbers, leading zeros allowed.
 * Throws SemverError with Masterminds' text.
 */
export function parseVersion(text: string): SemVersion {
  if (utf8Length(text) > MAX_VERSION_BYTES) {
    throw new SemverError(`version string is too long (max ${MAX_VERSION_BYTES} bytes)`);
  }
  const match = LOOSE.exec(text);
  if (!match) throw new SemverError('invalid semantic version');
  const [, major = '0', minor = '0', patch = '0', prerelease = '', metadata = ''] = match;
  const parts = { major: segment(major), minor: segment(minor), patch: segment(patch) };
  checkPrerelease(prerelease);
  return new SemVersion({ ...parts, prerelease, metadata, original: text });
}

/** `parseVersion`, or undefined where the text is no version. */
export function tryParseVersion(text: string): SemVersion | undefined {
  try {
    return parseVersion(text);
  } catch {
    return undefined;
  }
}

/**
 * Reads a version strictly, as Masterminds' StrictNewVersion does: exactly three numbers without leading zeros and no
 * `v`. Returns undefined where the text is none.
 */
export function tryParseStrictVersion(text: string): SemVersion | undefined {
  if (!/^(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)(?![0-9.])/.test(text)) return undefined;
  return tryParseVersion(text);
}

function segment(digits: string): Segment {
  const value = parseUint64(digits, 10);
  if (value === undefined) {
    throw new SemverError(`error parsing version segment: strconv.ParseUint: parsing "${digits}": value out of range`);
  }
  return value <= 9007199254740991n ? Number(value) : value;
}

/** Throws where a numeric identifier of a prerelease has a leading zero; the pattern has checked the rest. */
function checkPrerelease(prerelease: string): void {
  if (prerelease === '') return;
  for (const part of prerelease.split('.')) {
    if (part.length > 1 && part[0] === '0' && DIGITS.test(part)) {
      throw new SemverError('version segment starts with 0');
    }
  }
}

/** Validates a prerelease given apart from a version, as SetPrerelease does. */
export function validatePrerelease(prerelease: string): void {
  if (prerelease !== '' && !/^[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*$/.test(prerelease)) {
    throw new SemverError('invalid prerelease string');
  }
  checkPrerelease(prerelease);
}

/** Validates metadata given apart from a version, as SetMetadata does. */
export function validateMetadata(metadata: string): void {
  if (metadata !== '' && !/^[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*$/.test(metadata)) {
    throw new SemverError('invalid metadata string');
  }
}

/** Orders versions: numbers, then prerelease (a release is above its prereleases); metadata does not count. -1, 0 or 1. */
export function compareVersions(a: SemVersion, b: SemVersion): -1 | 0 | 1 {
  if (a.major !== b.major) return a.major < b.major ? -1 : 1;
  if (a.minor !== b.minor) return a.minor < b.minor ? -1 : 1;
  if (a.patch !== b.patch) return a.patch < b.patch ? -1 : 1;
  if (a.prerelease === b.prerelease) return 0;
  if (a.prerelease === '') return 1;
  if (b.prerelease === '') return -1;
  return comparePrereleases(a.prerelease, b.prerelease);
}

/** Orders two prerelease texts by their identifiers, from the left. */
export function comparePrereleases(a: string, b: string): -1 | 0 | 1 {
  const left = a.split('.');
  const right = b.split('.');
  const count = Math.max(left.length, right.length);
  for (let i = 0; i < count; i++) {
    const order = compareIdentifiers(left[i] ?? '', right[i] ?? '');
    if (order !== 0) return order;
  }
  return 0;
}

function compareIdentifiers(a: string, b: string): -1 | 0 | 1 {
  if (a === b) return 0;
  if (a === '') return -1;
  if (b === '') return 1;
  const left = parseUint64(a, 10);
  const right = parseUint64(b, 10);
  if (left === undefined && right === undefined) return a > b ? 1 : -1;
  // A number is below a text. Equal numbers in different spelling (1 and 01) count as lower, as Masterminds has it.
  if (right === undefined) return -1;
  if (left === undefined) return 1;
  return left > right ? 1 : -1;
}
