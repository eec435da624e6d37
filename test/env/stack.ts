import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { sleep } from './process.ts';
import { startTime } from './watchdog.ts';

const file = join(import.meta.dirname, '../../.demo/state.json');

/** What `make up` or `KEEP=1 make demo` left running, so that `make down` can end exactly that. */
export interface StackState {
  servers: { name: string; pid: number; startTime: string }[];
  directories: string[];
  /** Lines to `eval` in a shell. */
  exports: string[];
}

/** The pieces of a running stack, as the functions of test/env return them. */
export interface StackPiece {
  release(): void;
  readonly servers?: readonly { name: string; pid: number }[];
  readonly server?: { name: string; pid: number };
  readonly dir?: string;
}

/** Lets the pieces go on running after this process and records them for `make down`. */
export async function releaseStack(pieces: readonly StackPiece[], exports: string[]): Promise<void> {
  const servers = pieces.flatMap((piece) => [...(piece.servers ?? []), ...(piece.server ? [piece.server] : [])]);
  const state: StackState = {
    servers: servers.map(({ name, pid }) => ({ name, pid, startTime: startTime(pid) ?? '' })),
    directories: pieces.flatMap((piece) => piece.dir ?? []),
    exports,
  };
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, `${JSON.stringify(state, null, 2)}\n`, { mode: 0o600 });
  for (const piece of pieces) piece.release();
}

/** The recorded stack, or undefined when there is none. */
export async function readStack(): Promise<StackState | undefined> {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as StackState);
}

/** Whether every server of a recorded stack is still the process it was. */
export function isUp(state: StackState): boolean {
  return state.servers.every((server) => startTime(server.pid) === server.startTime);
}

/** Ends a recorded stack, by pid and only what is still the same process, and removes its directories. */
export async function endStack(state: StackState): Promise<string[]> {
  const ended: string[] = [];
  for (const { name, pid, startTime: started } of state.servers) {
    if (startTime(pid) !== started) continue;
    process.kill(pid, 'SIGKILL');
    ended.push(`${name} (${pid})`);
  }
  await sleep(200);
  for (const path of state.directories) await rm(path, { recursive: true, force: true, maxRetries: 5 });
  await rm(file, { force: true });
  return ended;
}
