import { DURATION_PATTERN, SHORT_DURATION_PATTERN } from '../common.ts';
import { DurationError, parseDuration } from '../duration.ts';
import { type Problem, problem, shown } from './problem.ts';

const PATTERNS: ReadonlyMap<string, RegExp> = new Map(
  [DURATION_PATTERN, SHORT_DURATION_PATTERN].map((pattern) => [pattern, new RegExp(pattern)]),
);
const WORDS = /^\s*([0-9]+(?:\.[0-9]+)?)\s*([a-z]*)\s*$/i;
const UNITS: ReadonlyMap<string, { unit: string; factor: number }> = new Map(
  Object.entries({
    '': ['s', 1],
    s: ['s', 1],
    sec: ['s', 1],
    second: ['s', 1],
    m: ['m', 1],
    min: ['m', 1],
    minute: ['m', 1],
    h: ['h', 1],
    hr: ['h', 1],
    hour: ['h', 1],
    d: ['h', 24],
    day: ['h', 24],
    w: ['h', 168],
    week: ['h', 168],
  } as const).map(([word, [unit, factor]]) => [word, { unit, factor }]),
);

/** Whether a schema's pattern is that of a duration. */
export function isDurationPattern(pattern: string | undefined): pattern is string {
  return pattern !== undefined && PATTERNS.has(pattern);
}

/** What is wrong with a duration, by the pattern of its schema: its form, a size of zero, or one beyond what Go holds. */
export function checkDuration(field: string, value: string, pattern: string): Problem | undefined {
  if (PATTERNS.get(pattern)?.test(value) !== true) {
    const noHours = pattern === SHORT_DURATION_PATTERN;
    const form = noHours ? 'a duration in ms, s and m, such as 30s or 1m30s' : 'a duration such as 30s, 5m or 1h30m';
    return problem(field, `is ${shown(value)}, but must be ${form}${suggestion(value, pattern)}`);
  }
  return checkSize(field, value);
}

/** What to write for a number or for words such as `10 minutes`; undefined if that is not clear. */
export function suggestDuration(value: string | number): string | undefined {
  const [, amount, word] = WORDS.exec(String(value)) ?? [];
  if (amount === undefined || word === undefined || Number(amount) === 0) return undefined;
  const lower = word.toLowerCase();
  const found = UNITS.get(lower) ?? UNITS.get(lower.replace(/s$/, ''));
  return found === undefined ? undefined : `${Number(amount) * found.factor}${found.unit}`;
}

function suggestion(value: string, pattern: string): string {
  const better = suggestDuration(value);
  return better !== undefined && PATTERNS.get(pattern)?.test(better) ? `: write ${JSON.stringify(better)}?` : '';
}

function checkSize(field: string, value: string): Problem | undefined {
  try {
    if (parseDuration(value) > 0) return undefined;
    return problem(field, `is ${shown(value)}, but must be longer than zero: write, for example, "5m"`);
  } catch (error) {
    if (!(error instanceof DurationError)) throw error;
    return problem(field, `is ${shown(value)}, which is more than the longest duration there is, 292 years`);
  }
}
