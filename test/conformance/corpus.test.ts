import { describe, expect, test } from '@jest/globals';
import { compareCase, corpusCases, corpusFolder } from './corpus.ts';

describe('charts of the corpus against Helm v4.3.1', () => {
  const cases = corpusCases();
  if (cases.length === 0) {
    test.skip(`the corpus is absent: ${corpusFolder} (set CHARTROOM_SHARED to where it is)`, () => {});
    return;
  }

  test.each(cases.map((one) => [one.id, one] as const))('%s', (_, one) => {
    const { wanted, got } = compareCase(one);
    // A diff of megabytes helps nobody: the first lines that differ say it.
    if (wanted !== got) expect(firstDifference(got, wanted)).toBe('');
  });
});

function firstDifference(got: string, wanted: string): string {
  const [ours, theirs] = [got.split('\n'), wanted.split('\n')];
  const at = ours.findIndex((line, i) => line !== theirs[i]);
  const line = at < 0 ? ours.length : at;
  return `line ${line + 1}: got ${ours.slice(line, line + 3).join('⏎')}, want ${theirs.slice(line, line + 3).join('⏎')}`;
}
