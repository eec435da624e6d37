import { GoError, type GoFunction } from '../../../go/value.ts';
import { type Constraint, parseConstraint } from '../../semver/constraint.ts';
import { parseVersion } from '../../semver/version.ts';
import { effect, pure } from './define.ts';
import { VersionStruct } from './semver-version.ts';

/** semver and semverCompare. */
export function semverFunctions(): GoFunction[] {
  return [
    effect('semver', ['string'], (text: string) => asGoError(() => new VersionStruct(parseVersion(text)))),
    pure('semverCompare', ['string', 'string'], (constraint: string, version: string) =>
      asGoError(() => cachedConstraint(constraint).check(parseVersion(version))),
    ),
  ];
}

function asGoError<T>(run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw new GoError((error as Error).message);
  }
}

const MAX_CACHED = 500;
const cache = new Map<string, Constraint>();

function cachedConstraint(text: string): Constraint {
  const known = cache.get(text);
  if (known !== undefined) return known;
  const constraint = parseConstraint(text);
  if (cache.size >= MAX_CACHED) cache.delete(cache.keys().next().value as string);
  cache.set(text, constraint);
  return constraint;
}
