import { ChartError } from '../errors.ts';
import { matchPath } from './path-match.ts';

interface Pattern {
  readonly glob: string;
  readonly negate: boolean;
  readonly onlyFolders: boolean;
  /** Match the base name only, because the pattern has no slash. */
  readonly baseOnly: boolean;
}

/** The rules of a .helmignore file. They are not those of .gitignore: no `**`, first match wins, `!` ignores all that does not match. */
export interface IgnoreRules {
  /** Whether a path (relative to the chart, with `/`) is left out; a folder that is left out takes its content along. */
  ignores(path: string, isFolder: boolean): boolean;
}

/**
 * Parses .helmignore's text ('' when there is none) and adds Helm's default rule: no dot files in templates/.
 *
 * @throws ChartError for `**` and for patterns that do not parse
 */
export function parseIgnore(text: string): IgnoreRules {
  const patterns: Pattern[] = [];
  for (const line of `${text.replace(/^\uFEFF/, '')}\ntemplates/.?*`.split('\n')) {
    const pattern = parseRule(line.trim());
    if (pattern !== undefined) patterns.push(pattern);
  }
  return { ignores: (path, isFolder) => ignores(patterns, path, isFolder) };
}

function parseRule(rule: string): Pattern | undefined {
  if (rule === '' || rule.startsWith('#')) return undefined;
  if (rule.includes('**')) throw new ChartError('double-star (**) syntax is not supported');
  matchPath(rule, 'abc');
  const negate = rule.startsWith('!');
  let glob = negate ? rule.slice(1) : rule;
  const onlyFolders = glob.endsWith('/');
  if (onlyFolders) glob = glob.slice(0, -1);
  const rooted = glob.startsWith('/');
  const baseOnly = !glob.includes('/');
  return { glob: rooted ? glob.slice(1) : glob, negate, onlyFolders, baseOnly };
}

function ignores(patterns: readonly Pattern[], path: string, isFolder: boolean): boolean {
  if (path === '' || path === '.' || path === './') return false;
  const base = path.slice(path.lastIndexOf('/') + 1);
  for (const pattern of patterns) {
    const matches = (): boolean => tryMatch(pattern.glob, pattern.baseOnly ? base : path);
    if (pattern.negate) {
      if ((pattern.onlyFolders && !isFolder) || !matches()) return true;
    } else if ((!pattern.onlyFolders || isFolder) && matches()) {
      return true;
    }
  }
  return false;
}

function tryMatch(glob: string, name: string): boolean {
  try {
    return matchPath(glob, name);
  } catch {
    return false;
  }
}
