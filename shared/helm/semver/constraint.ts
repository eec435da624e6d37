import { quote } from '../../go/strconv.ts';
import { utf8Length } from '../../go/utf8.ts';
import { checkTerm, type Term } from './check.ts';
import { type SemVersion, SemverError, tryParseVersion } from './version.ts';

const MAX_BYTES = 512;
const MAX_GROUPS = 32;

const PART = '[0-9|x|X|*]+';
const VERSION = `v?(${PART})(\\.${PART})?(\\.${PART})?(-[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*)?(?:\\+[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*)?`;
const SPACE = '[\\t\\n\\f\\r ]';
const RANGE = new RegExp(`${SPACE}*(${VERSION})${SPACE}+-${SPACE}+(${VERSION})${SPACE}*`, 'g');
const TERM = new RegExp(`(!=|>=|=>|<=|=<|~>|=|>|<|~|\\^|)${SPACE}*(${VERSION})`, 'y');
const GAP = new RegExp(`${SPACE}*`, 'y');
// The range pattern's second version follows the first one and its four groups.
const RANGE_TO = 6;

/** A parsed constraint: groups joined by `||`, each a list of terms that must all hold. */
export class Constraint {
  readonly #groups: readonly (readonly Term[])[];
  readonly #withPrereleases: readonly boolean[];

  constructor(groups: readonly (readonly Term[])[]) {
    this.#groups = groups;
    // A prerelease in one term lets prereleases through its whole group.
    this.#withPrereleases = groups.map((terms) => terms.some((term) => term.version.prerelease !== ''));
  }

  /** Whether a version satisfies the constraint. A prerelease does only where its group names one. */
  check(version: SemVersion): boolean {
    return this.#groups.some((terms, i) => {
      if (version.prerelease !== '' && !this.#withPrereleases[i]) return false;
      return terms.every((term) => checkTerm(version, term));
    });
  }
}

/**
 * Parses a constraint as Masterminds/semver v3.5 does: `||`, comma or space, `=`, `!=`, `>`, `<`, `>=`, `<=`, `~`, `^`,
 * wildcards and hyphen ranges. Throws SemverError with Masterminds' text.
 */
export function parseConstraint(text: string): Constraint {
  if (utf8Length(text) > MAX_BYTES) throw new SemverError(`constraint string is too long (max ${MAX_BYTES} bytes)`);
  const groups = rewriteRanges(text).split('||');
  if (groups.length > MAX_GROUPS) throw new SemverError(`too many constraint groups (max ${MAX_GROUPS})`);
  return new Constraint(groups.map(parseGroup));
}

/** Writes each `a - b` as two comparisons. */
function rewriteRanges(text: string): string {
  let out = text;
  for (const match of text.matchAll(RANGE)) {
    // The first occurrence is replaced, wherever it is, as Masterminds does.
    out = out.replace(match[0], () => `>= ${match[1]}, <= ${match[RANGE_TO]} `);
  }
  return out;
}

/** One group of terms, separated by spaces or commas. Read by hand: the pattern for it backtracks without bound. */
function parseGroup(group: string): Term[] {
  const found: RegExpExecArray[] = [];
  let at = skipSpace(group, 0);
  for (;;) {
    TERM.lastIndex = at;
    const match = TERM.exec(group);
    if (!match) throw new SemverError(`improper constraint: ${quote(group)}`);
    found.push(match);
    const end = TERM.lastIndex;
    at = skipSpace(group, end);
    if (at === group.length) return found.map(parseTerm);
    if (group[at] === ',') at = skipSpace(group, at + 1);
    else if (at === end) throw new SemverError(`improper constraint: ${quote(group)}`);
  }
}

function skipSpace(text: string, at: number): number {
  GAP.lastIndex = at;
  GAP.exec(text);
  return GAP.lastIndex;
}

function parseTerm(match: RegExpExecArray): Term {
  const [, operator = '', original = '', major = '', minor, patch, prerelease = ''] = match;
  const openMajor = isWildcard(major);
  const openMinor = !openMajor && (minor === undefined || isWildcard(minor.slice(1)));
  const openPatch = !openMajor && !openMinor && (patch === undefined || isWildcard(patch.slice(1)));
  let text = original;
  if (openMajor) text = `0.0.0${prerelease}`;
  else if (openMinor) text = `${major}.0.0${prerelease}`;
  else if (openPatch) text = `${major}${minor}.0${prerelease}`;
  const version = tryParseVersion(text);
  if (version === undefined) throw new SemverError('constraint parser error');
  return { operator, version, open: openMajor || openMinor || openPatch, openMinor, openPatch };
}

function isWildcard(part: string): boolean {
  return part === 'x' || part === 'X' || part === '*';
}
