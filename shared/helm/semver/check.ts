import { comparePrereleases, compareVersions, type SemVersion } from './version.ts';

/** One comparison of a constraint: `>=1.2.x`. */
export interface Term {
  readonly operator: string;
  /** The version compared with; parts that are open (missing, `x`, `*`) are zero. */
  readonly version: SemVersion;
  /** Some part is open. */
  readonly open: boolean;
  /** The minor part is the first open one. */
  readonly openMinor: boolean;
  /** The patch part is the first open one. */
  readonly openPatch: boolean;
}

/** Whether a version satisfies one term. Whether prereleases are let in at all is the group's matter. */
export function checkTerm(v: SemVersion, term: Term): boolean {
  switch (term.operator) {
    case '!=':
      return notEqual(v, term);
    case '>':
      return greater(v, term);
    case '<':
      return compareVersions(v, term.version) < 0;
    case '>=':
    case '=>':
      return compareVersions(v, term.version) >= 0;
    case '<=':
    case '=<':
      return lessOrEqual(v, term);
    case '~':
    case '~>':
      return tilde(v, term);
    case '^':
      return caret(v, term);
    default:
      return term.open ? tilde(v, term) : compareVersions(v, term.version) === 0;
  }
}

function notEqual(v: SemVersion, { version: c, open, openMinor, openPatch }: Term): boolean {
  if (!open) return compareVersions(v, c) !== 0;
  if (c.major !== v.major) return true;
  if (openMinor) return false;
  if (c.minor !== v.minor) return true;
  if (!openPatch) return c.patch !== v.patch || compareVersions(v, c) !== 0;
  if (v.prerelease === '' && c.prerelease === '') return false;
  return comparePrereleases(v.prerelease, c.prerelease) !== 0;
}

function greater(v: SemVersion, { version: c, open, openMinor, openPatch }: Term): boolean {
  if (!open) return compareVersions(v, c) > 0;
  if (v.major !== c.major) return v.major > c.major;
  // >11 asks for 12 or higher, and >11.1 for 11.2 or higher.
  if (openMinor) return false;
  if (openPatch) return v.minor > c.minor;
  return compareVersions(v, c) > 0;
}

function lessOrEqual(v: SemVersion, { version: c, open, openMinor }: Term): boolean {
  if (!open) return compareVersions(v, c) <= 0;
  if (v.major > c.major) return false;
  return v.major !== c.major || v.minor <= c.minor || openMinor;
}

/** ~1.2.3 is >=1.2.3 <1.3.0; ~1 is >=1 <2; ~0.0.0 and ~* take everything. */
function tilde(v: SemVersion, { version: c, openMinor, openPatch }: Term): boolean {
  if (compareVersions(v, c) < 0) return false;
  if (c.major === 0 && c.minor === 0 && c.patch === 0 && !openMinor && !openPatch) return true;
  return v.major === c.major && (v.minor === c.minor || openMinor);
}

/** ^1.2.3 keeps the leftmost part that is not zero: <2.0.0; ^0.2.3 is <0.3.0; ^0.0.3 is only 0.0.3. */
function caret(v: SemVersion, { version: c, openMinor, openPatch }: Term): boolean {
  if (compareVersions(v, c) < 0) return false;
  if (v.major !== c.major) return false;
  if (c.major > 0 || openMinor) return true;
  if (c.minor > 0 || openPatch) return v.minor === c.minor;
  return v.minor === 0 && c.patch === v.patch;
}
