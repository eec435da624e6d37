// Fleet benchmark: N releases (default 200) of one chart installed and upgraded by REPLICAS syncers (default 1; more use Redis),
// beside the floor, measured in the same run.
import { measureFleet, type PhaseResult } from './fleet/fleet.ts';
import { benchLine } from './fleet/report.ts';

function report(result: PhaseResult, n: number, replicas: number): void {
  const total = [...result.requests.values()].reduce((sum, count) => sum + count, 0);
  benchLine(`fleet-${result.phase}`, {
    n,
    replicas,
    ready_s: result.readySeconds,
    ratio_to_floor: result.readySeconds / result.floor.seconds,
    requests_per_release: total / n,
    cpu_ms_per_release: result.cpuMs / n,
    peak_rss_mib: result.peakRssMib,
    pulls: result.pulls,
  });
  benchLine(`fleet-${result.phase}-floor`, {
    n,
    ready_s: result.floor.seconds,
    requests_per_release: result.floor.requests / n,
    cpu_ms_per_release: result.floor.cpuMsPerRelease,
  });
  const kinds = [...result.requests].map(([kind, count]): [string, number] => [kind.replace(/\W+/g, '_'), count / n]);
  benchLine(`fleet-${result.phase}-requests`, { n, ...Object.fromEntries(kinds) });
}

const short = process.env['BENCH_SHORT'] === '1';
const n = Number(process.env['N'] ?? (short ? 30 : 200));
const replicas = Number(process.env['REPLICAS'] ?? 1);
const say = (text: string) => process.stderr.write(`[fleet] ${text}\n`);
for (const result of await measureFleet({ n, replicas, say })) report(result, n, replicas);
process.exit(0);
