import { type Constraint, parseConstraint } from './constraint.ts';
import { compareVersions, type SemVersion, tryParseStrictVersion } from './version.ts';

/**
 * The tag with the highest version that a constraint admits, or undefined. Tags are read as Flux reads them: strictly
 * three numbers, with an optional leading `v`; other tags are passed over. `_` in an OCI tag stands for the `+` that tags
 * cannot hold. Of equal versions the first tag wins. Throws SemverError where the constraint does not parse.
 */
export function latestMatching(tags: Iterable<string>, constraint: string | Constraint): string | undefined {
  const wanted = typeof constraint === 'string' ? parseConstraint(constraint) : constraint;
  let best: { tag: string; version: SemVersion } | undefined;
  for (const tag of tags) {
    const version = tagVersion(tag);
    if (version === undefined || !wanted.check(version)) continue;
    if (best === undefined || compareVersions(version, best.version) > 0) best = { tag, version };
  }
  return best?.tag;
}

function tagVersion(tag: string): SemVersion | undefined {
  const text = tag.startsWith('v') ? tag.slice(1) : tag;
  return tryParseStrictVersion(text.replaceAll('_', '+'));
}
