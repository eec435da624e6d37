import { spawnSync } from 'node:child_process';
import path from 'node:path';

/** The chart of this project, the values and the command lines that Helm's answers are recorded for. */
export const helmFolder: string = path.join(import.meta.dirname, 'data', 'helm');

/** What a command printed on standard output and error, and how it ended. */
export interface Answer {
  readonly args: readonly string[];
  readonly status: number;
  readonly stdout: string;
  /** Without Helm's log lines, and with the folder's path as `$DIR`. */
  readonly stderr: string;
}

/** Runs `<program> template <args>` in the folder of the charts. */
export function runTemplate(program: readonly string[], args: readonly string[]): Answer {
  const [command = '', ...rest] = program;
  // No kubeconfig, so that Helm's namespace is `default` on every machine.
  const env = { PATH: process.env['PATH'], HOME: '/nonexistent', TZ: 'UTC' };
  const ran = spawnSync(command, [...rest, 'template', ...args], { cwd: helmFolder, env, encoding: 'utf8' });
  if (ran.error !== undefined) throw ran.error;
  const stderr = ran.stderr
    .split('\n')
    .filter((line) => !/^level=|^ *warning:/i.test(line))
    .join('\n')
    .replaceAll(helmFolder, '$DIR');
  // Failures of a schema come in random order from Helm.
  const ordered = stderr.includes("\n- at '") ? stderr.split('\n').sort().join('\n') : stderr;
  return { args, status: ran.status ?? -1, stdout: ran.stdout, stderr: ordered };
}
