import type { GoMap, GoValue } from '../../../shared/go/value.ts';
import { loadValues } from '../../../shared/helm/values/load.ts';
import { toYaml } from '../../../shared/yaml/write.ts';
import type { Question } from './question.ts';

/** Tries at most: each asks both engines. */
const MAX_TRIES = 400;

/**
 * Makes a question smaller while `differs` says that the two engines still differ: files, then lines of templates, keys of the
 * values, then of the chart's defaults.
 */
export async function shrink(question: Question, differs: (question: Question) => Promise<boolean>): Promise<Question> {
  let best = question;
  let tries = 0;
  const attempt = async (smaller: Question): Promise<boolean> => {
    if (tries++ >= MAX_TRIES || !(await differs(smaller))) return false;
    best = smaller;
    return true;
  };
  for (let before = ''; before !== JSON.stringify(best) && tries < MAX_TRIES; ) {
    before = JSON.stringify(best);
    for (const name of Object.keys(best.files ?? {})) {
      if (name.endsWith('Chart.yaml')) continue;
      await attempt(withFile(best, name, undefined));
    }
    for (const name of Object.keys(best.files ?? {})) {
      if (name.endsWith('.yaml') && !name.includes('templates/')) {
        await shrinkMap(
          () => mapOf(best.files?.[name] ?? ''),
          (text) => attempt(withFile(best, name, text)),
        );
      } else {
        await shrinkLines(
          () => best.files?.[name] ?? '',
          (text) => attempt(withFile(best, name, text)),
        );
      }
    }
    await shrinkMap(
      () => mapOf(best.values),
      (text) => attempt({ ...best, values: text }),
    );
  }
  return best;
}

function withFile(question: Question, name: string, text: string | undefined): Question {
  const files = { ...question.files };
  if (text === undefined) delete files[name];
  else files[name] = text;
  return { ...question, files };
}

/** Takes runs of lines away, long runs first. */
async function shrinkLines(text: () => string, attempt: (text: string) => Promise<boolean>): Promise<void> {
  for (let run = Math.ceil(text().split('\n').length / 2); run >= 1; run = run === 1 ? 0 : Math.ceil(run / 2)) {
    for (let at = 0; at < text().split('\n').length; ) {
      const lines = text().split('\n');
      lines.splice(at, run);
      if (!(await attempt(lines.join('\n')))) at += run;
    }
  }
}

/** Takes keys and list items away, outer ones first. */
async function shrinkMap(map: () => GoMap | undefined, attempt: (text: string) => Promise<boolean>): Promise<void> {
  for (let at = 0; ; ) {
    const current = map();
    if (current === undefined) return;
    const spots = [...removals(current)];
    const spot = spots[at];
    if (spot === undefined) return;
    spot();
    if (!(await attempt(toYaml(current)))) at++;
  }
}

function* removals(value: GoValue): Generator<() => void> {
  if (value instanceof Map) {
    for (const key of value.keys()) yield () => void value.delete(key);
    for (const item of value.values()) yield* removals(item);
  } else if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) yield () => void value.splice(i, 1);
    for (const item of value) yield* removals(item);
  }
}

function mapOf(text: string): GoMap | undefined {
  try {
    return loadValues(text);
  } catch {
    return undefined;
  }
}
