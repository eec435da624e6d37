import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { systemHost, template } from '../../cli/template.ts';

/** One run of `helm template` v4.3.1 on a real chart, as the corpus records it. Paths are within the corpus. */
export interface CorpusCase {
  readonly id: string;
  readonly chart: string;
  readonly release: string;
  readonly namespace: string;
  readonly kubeVersion: string;
  readonly includeCrds: boolean;
  readonly values?: string;
  /** Whether Helm prints the same each time. */
  readonly deterministic: boolean;
  readonly golden?: string;
  /** Another run of Helm, where its output varies. */
  readonly second?: string;
  readonly error?: string;
}

/** The corpus beside the repository, or where CHARTROOM_SHARED says. */
export const corpusFolder: string = path.join(
  process.env['CHARTROOM_SHARED'] ?? path.resolve(import.meta.dirname, '../../../shared'),
  'corpus',
);

/** All cases; none when the corpus is not there. */
export function corpusCases(): CorpusCase[] {
  const list = path.join(corpusFolder, 'cases.json');
  return existsSync(list) ? (JSON.parse(readFileSync(list, 'utf8')) as { cases: CorpusCase[] }).cases : [];
}

/** The text of a file of the corpus. */
export function corpusText(name: string): string {
  return readFileSync(path.join(corpusFolder, name), 'utf8');
}

/** The arguments of `template` for a case. */
export function caseArguments(one: CorpusCase): string[] {
  const args = [one.release, path.join(corpusFolder, one.chart), '--namespace', one.namespace];
  args.push('--kube-version', one.kubeVersion);
  if (one.includeCrds) args.push('--include-crds');
  if (one.values !== undefined) args.push('--values', path.join(corpusFolder, one.values));
  return args;
}

/** What our command prints for a case; its error as Helm heads it. */
export function runCase(one: CorpusCase): string {
  try {
    return template(caseArguments(one), { host: systemHost('UTC'), namespace: 'default' });
  } catch (error) {
    return `Error: ${(error as Error).message}`;
  }
}

/** What Helm printed, and ours, with what Helm itself prints otherwise each time masked in both. */
export function compareCase(one: CorpusCase): { wanted: string; got: string } {
  if (one.error !== undefined) return { wanted: one.error, got: runCase(one) };
  const wanted = corpusText(one.golden ?? '');
  const got = runCase(one);
  if (one.deterministic || one.second === undefined) return { wanted, got };
  const [first, second] = [wanted.split('\n'), corpusText(one.second).split('\n')];
  const mask = (text: string): string =>
    text
      .split('\n')
      .map((line, i) => (first[i] === second[i] ? line : '(varies)'))
      .join('\n');
  return { wanted: mask(wanted), got: mask(got) };
}
