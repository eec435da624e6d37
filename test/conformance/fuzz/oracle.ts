import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { decodeUtf8, encodeUtf8 } from '../../../shared/go/utf8.ts';
import { corpusFolder } from '../corpus.ts';
import { type Answer, hookText, type Question } from './question.ts';

interface RawAnswer {
  readonly manifest: string | null;
  readonly notes: string | null;
  readonly hooks: { readonly path: string; readonly manifest: string; readonly facts: string }[] | null;
  readonly error: string | null;
}

interface Waiting {
  readonly resolve: (line: string) => void;
  readonly reject: (error: Error) => void;
}

/** Above what Helm takes for any question that is worth comparing. */
const DEADLINE_MS = 30_000;
/** As released: charts can see it in .Capabilities.HelmVersion. */
const VERSION_FLAG = '-X helm.sh/helm/v4/internal/version.version=v4.3.1';

/** Builds the Go program of fuzz/go; the reason when that cannot be done here. */
export function buildHelmOracle(): { readonly program: string } | { readonly reason: string } {
  const program = path.join(mkdtempSync(path.join(tmpdir(), 'helm-oracle-')), 'oracle');
  try {
    execFileSync('go', ['build', '-ldflags', VERSION_FLAG, '-o', program, '.'], {
      cwd: path.join(import.meta.dirname, 'go'),
      stdio: 'pipe',
    });
    return { program };
  } catch (error) {
    return { reason: `the Go program cannot be built: ${(error as Error).message.split('\n')[0]}` };
  }
}

/** Helm v4.3.1's engine in a process that answers one question after the other. */
export class HelmOracle {
  readonly #program: string;
  #process: ChildProcess | undefined;
  #waiting: Waiting | undefined;

  constructor(program: string) {
    this.#program = program;
  }

  /**
   * What Helm answers; undefined when it takes too long or dies, and the next question then starts a new process. One
   * question at a time.
   */
  async ask(question: Question): Promise<Answer | undefined> {
    try {
      return readAnswer(await this.#line(JSON.stringify(rawQuestion(question))));
    } catch {
      this.close();
      return undefined;
    }
  }

  /** Ends the process. */
  close(): void {
    this.#process?.kill('SIGKILL');
    this.#process = undefined;
  }

  async #line(line: string): Promise<string> {
    const running = this.#process ?? this.#start();
    const deadline = setTimeout(() => this.#waiting?.reject(new Error('too slow')), DEADLINE_MS);
    try {
      return await new Promise<string>((resolve, reject) => {
        this.#waiting = { resolve, reject };
        running.stdin?.write(`${line}\n`);
      });
    } finally {
      clearTimeout(deadline);
    }
  }

  #start(): ChildProcess {
    const env = { ...process.env, TZ: 'UTC', GOMAXPROCS: '1', GOMEMLIMIT: '2GiB' };
    const started = spawn(this.#program, [], { stdio: ['pipe', 'pipe', 'ignore'], env });
    // A process that was given up must not answer for its successor.
    const current = (): Waiting | undefined => (this.#process === started ? this.#waiting : undefined);
    createInterface({ input: started.stdout }).on('line', (line) => current()?.resolve(line));
    started.on('exit', () => current()?.reject(new Error('ended')));
    started.stdin.on('error', () => {});
    this.#process = started;
    return started;
  }
}

function rawQuestion({ archive, files, ...rest }: Question): object {
  const base64 = (text: string): string => Buffer.from(encodeUtf8(text)).toString('base64');
  return {
    ...rest,
    values: base64(rest.values),
    ...(archive === undefined ? {} : { archive: path.join(corpusFolder, archive) }),
    files: Object.entries(files ?? {}).map(([name, text]) => ({ name, data: base64(text) })),
  };
}

function readAnswer(line: string): Answer {
  const raw = JSON.parse(line) as RawAnswer;
  const text = (base64: string | null): string => decodeUtf8(Buffer.from(base64 ?? '', 'base64'));
  const hooks = (raw.hooks ?? []).map((hook) => hookText(hook.path, hook.facts, text(hook.manifest)));
  return { manifest: text(raw.manifest), notes: text(raw.notes), hooks: hooks.join(''), error: text(raw.error) };
}
