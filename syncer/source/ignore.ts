import { RE2JS } from 're2js';

/** True if an entry is left out of the archive. `path` has no leading slash. */
export type IgnoreMatcher = (path: string, isDirectory: boolean) => boolean;

/** What Flux leaves out of every archive it makes: version control, pictures and archives, CI files. */
const DEFAULT_PATTERNS = [
  '.git/',
  '.gitignore',
  '.gitmodules',
  '.gitattributes',
  '*.jpg',
  '*.jpeg',
  '*.gif',
  '*.png',
  '*.wmv',
  '*.flv',
  '*.tar.gz',
  '*.zip',
  '.github/',
  '.circleci/',
  '.travis.yml',
  '.gitlab-ci.yml',
  'appveyor.yml',
  '.drone.yml',
  'cloudbuild.yaml',
  'codeship-services.yml',
  'codeship-steps.yml',
  '**/.goreleaser.yml',
  '**/.sops.yaml',
  '**/.flux.yaml',
];

interface Rule {
  negated: boolean;
  directoryOnly: boolean;
  /** A rule with a slash is matched segment by segment from the root; one without, against every segment of a path. */
  segments: (RE2JS | '**')[] | undefined;
  name: RE2JS | undefined;
}

/**
 * The matcher of Flux's `sourceignore`: its defaults, then the given texts (`.sourceignore`, spec.ignore) in .gitignore's syntax;
 * of the rules that match, the last one decides.
 */
export function ignoreMatcher(texts: readonly string[]): IgnoreMatcher {
  const lines = [...DEFAULT_PATTERNS, ...texts.flatMap((text) => text.split(/\r?\n/))];
  const rules = lines.map(parseRule).filter((rule) => rule !== undefined);
  return (path, isDirectory) => {
    const segments = path.split('/');
    for (let i = rules.length - 1; i >= 0; i--) {
      const rule = rules[i];
      if (rule !== undefined && matches(rule, segments, isDirectory)) return !rule.negated;
    }
    return false;
  };
}

function parseRule(line: string): Rule | undefined {
  let pattern = line.replace(/(?<!\\)\s+$/, '');
  if (pattern === '' || pattern.startsWith('#')) return undefined;
  const negated = pattern.startsWith('!');
  if (negated) pattern = pattern.slice(1);
  const directoryOnly = pattern.endsWith('/');
  if (directoryOnly) pattern = pattern.slice(0, -1);
  if (pattern === '') return undefined;
  if (!pattern.includes('/')) return { negated, directoryOnly, segments: undefined, name: globExpression(pattern) };
  const segments = pattern.split('/').filter((segment, i) => i > 0 || segment !== '');
  return {
    negated,
    directoryOnly,
    segments: segments.map((segment) => (segment === '**' ? segment : globExpression(segment))),
    name: undefined,
  };
}

function globExpression(glob: string): RE2JS {
  let source = '';
  for (let i = 0; i < glob.length; i++) {
    const char = glob.charAt(i);
    if (char === '*') source += '[^/]*';
    else if (char === '?') source += '[^/]';
    else if (char === '\\' && i + 1 < glob.length) source += RE2JS.quote(glob.charAt(++i));
    else if (char === '[' && glob.indexOf(']', i + 2) > 0) {
      const end = glob.indexOf(']', i + 2);
      const set = glob
        .slice(i + 1, end)
        .replace(/^!/, '^')
        .replace(/[\\[]/g, '\\$&');
      source += `[${set}]`;
      i = end;
    } else source += RE2JS.quote(char);
  }
  try {
    return RE2JS.compile(source);
  } catch {
    return RE2JS.compile(RE2JS.quote(glob));
  }
}

function matches(rule: Rule, path: readonly string[], isDirectory: boolean): boolean {
  // A rule that matches a directory matches everything below it; the last segment is a directory only if the entry is.
  const ends = (at: number) => at < path.length - 1 || !rule.directoryOnly || isDirectory;
  if (rule.segments === undefined) return path.some((segment, i) => rule.name?.matches(segment) === true && ends(i));
  return matchSegments(rule.segments, path, 0, 0, ends);
}

function matchSegments(
  rule: readonly (RE2JS | '**')[],
  path: readonly string[],
  r: number,
  p: number,
  ends: (at: number) => boolean,
): boolean {
  const segment = rule[r];
  if (segment === undefined) return p > 0 && ends(p - 1);
  if (segment === '**') {
    for (let next = p; next <= path.length; next++) {
      if (r + 1 === rule.length ? next > p && ends(next - 1) : matchSegments(rule, path, r + 1, next, ends))
        return true;
    }
    return false;
  }
  const name = path[p];
  return name !== undefined && segment.matches(name) && matchSegments(rule, path, r + 1, p + 1, ends);
}
