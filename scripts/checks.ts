import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');

export interface CheckResult {
  name: string;
  passed: boolean;
}

const checks: { name: string; command: string[]; when?: string }[] = [
  { name: 'types (tsc)', command: ['tsc', '--noEmit'] },
  { name: 'lint, layers and format (biome)', command: ['biome', 'check', '--error-on-warnings', '.'] },
  { name: 'crds/ is what shared/api generates', command: ['node', 'shared/api/generate.ts', '--check'] },
];

/** Runs the static checks one after the other, showing the output of those that fail. */
export async function runChecks(): Promise<CheckResult[]> {
  return checks.map(({ name, command }) => {
    const [program = '', ...args] = command;
    const local = join(root, 'node_modules/.bin', program);
    const started = performance.now();
    const result = spawnSync(existsSync(local) ? local : program, args, { cwd: root, encoding: 'utf8' });
    const passed = result.status === 0;
    console.log(
      `[check] ${passed ? 'ok    ' : 'FAILED'} ${name} (${((performance.now() - started) / 1000).toFixed(1)} s)`,
    );
    if (!passed) console.log(`${result.stdout}${result.stderr}`);
    return { name, passed };
  });
}
