import { parseConstraint } from '../../helm/semver/constraint.ts';
import { type Problem, problem, shown } from './problem.ts';

/** What is wrong with a version or a range of versions, by the syntax that Helm knows. */
export function checkVersionRange(field: string, range: string): Problem[] {
  try {
    parseConstraint(range);
    return [];
  } catch {
    const advice = 'must be a version or a range, such as "6.5.0", "6.x", "~6.5" or ">=6.0.0 <7.0.0"';
    return [problem(field, `is ${shown(range)}, but ${advice}`)];
  }
}
