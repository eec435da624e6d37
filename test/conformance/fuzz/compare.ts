import type { HelmOracle } from './oracle.ts';
import { type Answer, askOurs, type Question } from './question.ts';

/** How the two engines' answers to one question compare. */
export type Verdict =
  | { readonly kind: 'same' | 'varies' | 'unanswered' }
  | { readonly kind: 'different'; readonly wanted: string; readonly got: string };

/** How often Helm is asked again before its first answer counts as its only one. */
const REPEATS = 5;

/**
 * Asks both engines. Where they differ Helm is asked again, as its own answer may depend on Go's map order, on the clock or
 * on chance: `varies` when one of its answers is ours, or ours is the same where Helm's answers agree line by line.
 */
export async function compare(oracle: HelmOracle, question: Question): Promise<Verdict> {
  const asked = oracle.ask(question);
  const got = answerText(askOurs(question));
  const first = await asked;
  if (first === undefined) return { kind: 'unanswered' };
  const wanted = answerText(first);
  if (got === wanted || sameSchemaFailures(got, wanted)) return { kind: 'same' };
  const answers = [wanted];
  for (let i = 0; i < REPEATS; i++) {
    const again = await oracle.ask(question);
    if (again === undefined) return { kind: 'unanswered' };
    answers.push(answerText(again));
  }
  if (answers.includes(got) || (answers.some((one) => one !== wanted) && sameWhereSteady(answers, got))) {
    return { kind: 'varies' };
  }
  return { kind: 'different', wanted, got };
}

/** An answer as one text. */
export function answerText({ manifest, hooks, notes, error }: Answer): string {
  return error === '' ? `${manifest}\n=== hooks\n${hooks}\n=== notes\n${notes}` : `error: ${error}`;
}

/** Helm lists what a schema refuses in Go's random map order. */
function sameSchemaFailures(got: string, wanted: string): boolean {
  const sorted = (text: string): string => text.split('\n').sort().join('\n');
  return wanted.startsWith("error: values don't meet") && sorted(got) === sorted(wanted);
}

function sameWhereSteady(answers: readonly string[], got: string): boolean {
  const lists = answers.map((one) => one.split('\n'));
  const ours = got.split('\n');
  const first = lists[0] ?? [];
  // Errors of maps that Go walks in random order: which one comes first says nothing.
  if (answers.every((one) => one.startsWith('error: ')) && got.startsWith('error: ') && first.length === 1) return true;
  return (
    first.length === ours.length &&
    ours.every((line, i) => line === first[i] || lists.some((list) => list[i] !== first[i]))
  );
}
