import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { guardDirectory, guardProcess } from './watchdog.ts';

export interface ServerOptions {
  /** Used in messages and for the log file's name. */
  name: string;
  command: string;
  args: readonly string[];
  /** Variables added to this process's environment; undefined takes one away. */
  env?: Readonly<Record<string, string | undefined>>;
  /** Directory of the log file. */
  dir: string;
  cwd?: string;
}

/** A child process that is a server: its pid, its log, and how to end it. */
export interface Server {
  readonly name: string;
  readonly pid: number;
  /** Path of the file with its standard output and error. */
  readonly logFile: string;
  /** Resolves when the process has ended, with its exit code, or null after a signal. */
  readonly exited: Promise<number | null>;
  readonly running: boolean;
  log(): string;
  kill(signal: NodeJS.Signals): void;
  /** Sends SIGTERM (or the given signal), then SIGKILL after the grace in ms; resolves when it has ended. */
  stop(signal?: NodeJS.Signals, graceMs?: number): Promise<number | null>;
  /** Lets it go on running when this process ends (make up). */
  release(): void;
}

/** Starts a server with its output in `<dir>/<name>.log`. It is killed when this process dies, unless released. */
export async function startServer(options: ServerOptions): Promise<Server> {
  const logFile = join(options.dir, `${options.name}.log`);
  const out = openSync(logFile, 'a', 0o600);
  const child = spawn(options.command, [...options.args], {
    stdio: ['ignore', out, out],
    detached: true, // Ctrl-C in a terminal reaches only us; we stop it in order
    env: { ...process.env, ...options.env },
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });
  closeSync(out);
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', (error) => reject(new Error(`cannot start ${options.name}: ${error.message}`)));
  });
  return new ChildServer(options.name, child, logFile);
}

class ChildServer implements Server {
  readonly name: string;
  readonly pid: number;
  readonly logFile: string;
  readonly exited: Promise<number | null>;
  running = true;
  readonly #child: ChildProcess;
  readonly #forget: () => void;

  constructor(name: string, child: ChildProcess, logFile: string) {
    this.name = name;
    this.pid = child.pid ?? -1;
    this.logFile = logFile;
    this.#child = child;
    this.#forget = guardProcess(this.pid);
    this.exited = new Promise((resolve) => {
      child.once('exit', (code) => {
        this.running = false;
        this.#forget();
        resolve(code);
      });
    });
  }

  log(): string {
    try {
      return readFileSync(this.logFile, 'utf8');
    } catch {
      return '';
    }
  }

  kill(signal: NodeJS.Signals): void {
    if (this.running) this.#child.kill(signal);
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM', graceMs = 5000): Promise<number | null> {
    this.kill(signal);
    const timer = setTimeout(() => this.kill('SIGKILL'), graceMs);
    const code = await this.exited;
    clearTimeout(timer);
    return code;
  }

  release(): void {
    this.#forget();
    this.#child.unref();
  }
}

/** The last lines of a server's log, headed by its name, for error messages. */
export function logTail(server: Server, lines = 15): string {
  const tail = server.log().trimEnd().split('\n').slice(-lines).join('\n');
  return `--- last lines of ${server.logFile}:\n${tail}`;
}

/**
 * Polls until `ready` answers true; throws with the end of the log when the server ends first or the time (ms) is over.
 */
export async function waitUntilReady(server: Server, ready: () => Promise<boolean>, timeoutMs = 60_000): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    if (!server.running) {
      throw new Error(`${server.name} ended with code ${await server.exited} while starting\n${logTail(server)}`);
    }
    if (await ready().catch(() => false)) return;
    if (performance.now() > deadline) {
      throw new Error(`${server.name} is not ready after ${timeoutMs / 1000} s\n${logTail(server)}`);
    }
    await sleep(50);
  }
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Runs `start` again, with fresh ports, when a server lost the race for its port. */
export async function retryPortRace<T>(start: () => Promise<T>, attempts = 4): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await start();
    } catch (error) {
      if (attempt >= attempts || !/address already in use|EADDRINUSE|failed to (create )?listen/i.test(String(error)))
        throw error;
    }
  }
}

export interface TemporaryDirectory {
  readonly path: string;
  remove(): Promise<void>;
  /** Leaves it there when this process ends. */
  release(): void;
}

/** A new private directory, in memory (/dev/shm) when there is one, removed when this process dies unless released. */
export async function temporaryDirectory(prefix: string): Promise<TemporaryDirectory> {
  const memory = await stat('/dev/shm').then(
    (info) => info.isDirectory(),
    () => false,
  );
  const path = await mkdtemp(join(memory ? '/dev/shm' : tmpdir(), `${prefix}-`));
  const forget = guardDirectory(path);
  return {
    path,
    async remove() {
      await rm(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
      forget();
    },
    release: forget,
  };
}
