/**
 * What a render of a compiled chart costs over the corpus, beside Helm's own engine on the same cases in the same run:
 * `node test/bench/engine.ts`. Prints one `bench engine …` line; BENCH_SHORT=1 for fewer rounds. Needs Go and the corpus.
 *
 * Fresh: the release has another name each time, so that no text is known from before. Unchanged: the same name and values.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemHost } from '../../cli/template.ts';
import { defaultCapabilities, parseKubeVersion } from '../../shared/helm/capabilities.ts';
import { loadChartArchive } from '../../shared/helm/chart/load.ts';
import { type CompiledChart, compileChart } from '../../shared/helm/compiled.ts';
import { type RenderInput, render } from '../../shared/helm/render.ts';
import { loadValues } from '../../shared/helm/values/load.ts';
import { copyMap } from '../../shared/helm/values/tables.ts';
import { type CorpusCase, corpusCases, corpusFolder, corpusText } from '../conformance/corpus.ts';

const SHORT = process.env['BENCH_SHORT'] === '1';
const ROUNDS = SHORT ? 5 : 15;
const WARM_UP = SHORT ? 5 : 15;
const GO_ROUNDS = SHORT ? 3 : 7;

interface Prepared {
  readonly chart: CompiledChart;
  readonly input: RenderInput;
}

function prepare(cases: readonly CorpusCase[]): Prepared[] {
  const charts = new Map<string, CompiledChart>();
  const host = systemHost('UTC');
  return cases.map((one) => {
    const chart = charts.get(one.chart) ?? compileChart(loadChartArchive(readFileSync(join(corpusFolder, one.chart))));
    charts.set(one.chart, chart);
    return {
      chart,
      input: {
        releaseName: one.release,
        namespace: one.namespace,
        revision: 1,
        isInstall: true,
        isUpgrade: false,
        values: one.values === undefined ? new Map() : loadValues(corpusText(one.values)),
        capabilities: { ...defaultCapabilities, kubeVersion: parseKubeVersion(one.kubeVersion) },
        host,
      },
    };
  });
}

let names = 0;

/** Milliseconds of CPU for one round over all cases; GC and compiler threads count. */
function round(cases: readonly Prepared[], fresh: boolean): number {
  const inputs = cases.map(({ input }) => ({
    ...input,
    values: copyMap(input.values),
    releaseName: fresh ? `rel-${++names}` : input.releaseName,
  }));
  const start = process.cpuUsage();
  for (const [i, input] of inputs.entries()) render((cases[i] as Prepared).chart, input);
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
}

function median(numbers: number[]): number {
  return numbers.sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;
}

function perCase(cases: readonly Prepared[], fresh: boolean): number {
  for (let i = 0; i < WARM_UP; i++) round(cases, fresh);
  return median(Array.from({ length: ROUNDS }, () => round(cases, fresh))) / cases.length;
}

function helmPerCase(): number {
  const folder = mkdtempSync(join(tmpdir(), 'go-engine-'));
  try {
    const program = join(folder, 'go-engine');
    const cwd = join(import.meta.dirname, 'go-engine');
    execFileSync('go', ['build', '-o', program, '.'], { cwd, stdio: ['ignore', 'ignore', 'inherit'] });
    const out = execFileSync(program, [corpusFolder, String(GO_ROUNDS)], { encoding: 'utf8' });
    return (JSON.parse(out) as { cpu_ms_per_case: number }).cpu_ms_per_case;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function main(): void {
  const all = corpusCases();
  if (all.length === 0) {
    console.log(`bench engine skipped: no corpus in ${corpusFolder}`);
    return;
  }
  const cases = prepare(all.filter((one) => one.error === undefined));
  const fresh = perCase(cases, true);
  const unchanged = perCase(cases, false);
  const helm = helmPerCase();
  const figures = [
    `cases=${cases.length}`,
    `cpu_ms_per_case=${fresh.toFixed(3)}`,
    `cpu_ms_unchanged=${unchanged.toFixed(3)}`,
    `cpu_ms_helm=${helm.toFixed(3)}`,
    `cpu_ratio_to_helm=${(fresh / helm).toFixed(4)}`,
    `cpu_ratio_unchanged=${(unchanged / helm).toFixed(4)}`,
  ];
  console.log(`bench engine ${figures.join(' ')}`);
}

main();
