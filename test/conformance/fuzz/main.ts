/**
 * The differential fuzzer: `node test/conformance/fuzz/main.ts [--minutes N] [--seed S] [--cases N]`. Renders charts of the corpus with
 * changed values, and small charts made at random, by Helm v4.3.1's own engine and by ours, and writes what differs, made
 * small, to a folder. Exit code 1 when anything differs.
 */
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { decodeUtf8 } from '../../../shared/go/utf8.ts';
import type { GoMap } from '../../../shared/go/value.ts';
import { readArchive } from '../../../shared/helm/chart/archive.ts';
import { loadChartArchive } from '../../../shared/helm/chart/load.ts';
import { loadValues } from '../../../shared/helm/values/load.ts';
import { type CorpusCase, corpusCases, corpusFolder, corpusText } from '../corpus.ts';
import { makeChart } from './charts.ts';
import { compare, type Verdict } from './compare.ts';
import { mutateTemplates } from './mutate-templates.ts';
import { buildHelmOracle, HelmOracle } from './oracle.ts';
import type { Question } from './question.ts';
import { Random } from './random.ts';
import { shrink } from './shrink.ts';
import { mutateValues, valuePaths, valuesText } from './values.ts';

interface Options {
  readonly minutes: number;
  readonly seed: number;
  readonly cases: number;
  /** How many of a hundred cases are of the corpus. */
  readonly corpus: number;
  readonly program: string | undefined;
}

const REPORT_EVERY = 2_000;

function readOptions(): Options {
  const { values } = parseArgs({
    options: {
      minutes: { type: 'string', default: '5' },
      seed: { type: 'string' },
      cases: { type: 'string', default: 'Infinity' },
      corpus: { type: 'string', default: '40' },
      oracle: { type: 'string' },
    },
  });
  return {
    minutes: Number(values.minutes),
    seed: values.seed === undefined ? Date.now() % 2 ** 31 : Number(values.seed),
    cases: Number(values.cases),
    corpus: Number(values.corpus),
    program: values.oracle,
  };
}

/** Makes the question of a case from its own seed, so that one case can be run again alone. */
function makeQuestion(seed: number, corpus: readonly CorpusCase[], share: number): Question {
  const random = new Random(seed);
  const facts = {
    release: random.pick(['rel', 'rel-a', 'a-very-long-release-name-that-is-nearly-53-characters']),
    namespace: random.pick(['default', 'ns-a']),
    kubeVersion: random.pick(['', '1.33.0', 'v1.25.3', '1.19.0']),
    isUpgrade: random.chance(0.2),
    includeCrds: random.chance(0.3),
  };
  if (corpus.length === 0 || random.below(100) >= share) {
    const { files, values } = makeChart(random);
    return { ...facts, files, values: valuesText(random, values) };
  }
  const one = random.pick(corpus);
  const values: GoMap = one.values !== undefined && random.chance(0.6) ? loadValues(corpusText(one.values)) : new Map();
  mutateValues(random, values, pathsOf(one.chart));
  const kubeVersion = random.chance(0.8) ? one.kubeVersion : facts.kubeVersion;
  const text = valuesText(random, values);
  if (random.chance(0.7)) return { ...facts, kubeVersion, archive: one.chart, values: text };
  const files = chartTexts(one.chart);
  mutateTemplates(random, files);
  return { ...facts, kubeVersion, files, values: text };
}

function chartTexts(archive: string): Record<string, string> {
  const files = readArchive(readFileSync(path.join(corpusFolder, archive)));
  return Object.fromEntries(files.map(({ name, data }) => [name, decodeUtf8(data)]));
}

const known = new Map<string, ReturnType<typeof valuePaths>>();

function pathsOf(archive: string): ReturnType<typeof valuePaths> {
  const old = known.get(archive);
  if (old) return old;
  const made = valuePaths(loadChartArchive(readFileSync(path.join(corpusFolder, archive))));
  known.set(archive, made);
  return made;
}

async function main(): Promise<void> {
  const options = readOptions();
  const built = options.program === undefined ? buildHelmOracle() : { program: options.program };
  if ('reason' in built) {
    console.log(`fuzz skipped: ${built.reason}`);
    return;
  }
  const corpus = corpusCases();
  if (corpus.length === 0) console.log(`fuzz: no charts of the corpus, which is absent: ${corpusFolder}`);
  const oracle = new HelmOracle(built.program);
  const folder = mkdtempSync(path.join(tmpdir(), 'fuzz-'));
  console.log(`fuzz seed=${options.seed} minutes=${options.minutes} differences in ${folder}`);
  const counts = { same: 0, varies: 0, unanswered: 0, different: 0 };
  const report = (cases: number): void => {
    const all = Object.entries(counts).map(([name, count]) => `${name}=${count}`);
    console.log(`fuzz cases=${cases} ${all.join(' ')} seed=${options.seed}`);
  };
  const end = Date.now() + options.minutes * 60_000;
  let cases = 0;
  for (; cases < options.cases && Date.now() < end; cases++) {
    const question = makeQuestion(options.seed + cases, corpus, options.corpus);
    const verdict = await compare(oracle, question);
    counts[verdict.kind]++;
    if (verdict.kind === 'different')
      await record(oracle, question, verdict, path.join(folder, `${options.seed + cases}.json`));
    if ((cases + 1) % REPORT_EVERY === 0) report(cases + 1);
  }
  oracle.close();
  report(cases);
  if (counts.different > 0) process.exitCode = 1;
}

/** Writes a difference twice: as found at once, then made small. */
async function record(oracle: HelmOracle, question: Question, verdict: Verdict, file: string): Promise<void> {
  const write = (smaller: Question, of: Verdict): void =>
    writeFileSync(file, `${JSON.stringify({ question: smaller, ...of }, undefined, 2)}\n`);
  write(question, verdict);
  const small = await shrink(question, async (smaller) => {
    const now = await compare(oracle, smaller);
    if (now.kind !== 'different' || !alike(now, verdict)) return false;
    write(smaller, now);
    return true;
  });
  console.log(`fuzz difference: ${file} (${JSON.stringify(small).length} characters)`);
}

/** A smaller case must differ in the same way: both still with an error or without, or else it is another finding. */
function alike(a: Verdict, b: Verdict): boolean {
  if (a.kind !== 'different' || b.kind !== 'different') return false;
  const failed = (text: string): boolean => text.startsWith('error: ');
  return failed(a.wanted) === failed(b.wanted) && failed(a.got) === failed(b.got);
}

await main();
