// make test: the static checks, then all Jest projects; ends with the totals, checks included.
// CHARTROOM_TEST_TOTALS names a file that gets "PASSED FAILED" (.ci/run reads it).
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runChecks } from './checks.ts';

const root = join(import.meta.dirname, '..');

interface Totals {
  passed: number;
  failed: number;
  skipped: number;
}

interface JestReport {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  numRuntimeErrorTestSuites: number;
}

/** Runs these Jest projects. A suite that cannot run at all counts as one failure; so does a Jest that leaves no report. */
function runJest(projects: string[], workers: number): Totals {
  const dir = mkdtempSync(join(tmpdir(), 'chartroom-test-'));
  const report = join(dir, 'report.json');
  const args = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', 'node_modules/jest/bin/jest.js'];
  args.push('--json', `--outputFile=${report}`, '--passWithNoTests', `--maxWorkers=${workers}`);
  const jest = spawnSync(process.execPath, [...args, '--selectProjects', ...projects], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'], // with --json the human report is on standard error
  });
  try {
    const result = JSON.parse(readFileSync(report, 'utf8')) as JestReport;
    const failed = result.numFailedTests + result.numRuntimeErrorTestSuites;
    const total = { passed: result.numPassedTests, failed, skipped: result.numPendingTests };
    return jest.status !== 0 && failed === 0 ? { ...total, failed: 1 } : total;
  } catch {
    console.log(`[test] Jest left no report for ${projects.join(', ')}`);
    return { passed: 0, failed: 1, skipped: 0 };
  } finally {
    rmSync(dir, { recursive: true });
  }
}

const checks = await runChecks();
const runs = [runJest(['unit', 'conformance'], 2), runJest(['integration'], 2), runJest(['e2e'], 1)];
const sum = (pick: (totals: Totals) => number) => runs.reduce((total, run) => total + pick(run), 0);
const passed = sum((run) => run.passed) + checks.filter((check) => check.passed).length;
const failed = sum((run) => run.failed) + checks.filter((check) => !check.passed).length;
const totalsFile = process.env['CHARTROOM_TEST_TOTALS'];
if (totalsFile) writeFileSync(totalsFile, `${passed} ${failed}\n`);
console.log(
  `[test] total: ${passed} ok, ${failed} not ok, ${sum((run) => run.skipped)} skipped (${checks.length} checks included)`,
);
process.exitCode = failed > 0 || sum((run) => run.passed) === 0 ? 1 : 0;
