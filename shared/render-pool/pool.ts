import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads';
import { LimitError } from '../helm/errors.ts';
import type {
  LookupAnswer,
  LookupQuery,
  PoolRequest,
  PoolResult,
  WorkerJob,
  WorkerMessage,
  WorkerSetup,
} from './protocol.ts';

/** An error of the engine, as it was in the worker: `name` is the engine's class. */
export class PooledRenderError extends Error {
  override readonly name: string;
  constructor(name: string, message: string) {
    super(message);
    this.name = name;
  }
}

/** Reads what `lookup` asks for: an object as plain data, {} for what is not there. */
export type PoolLookup = (query: LookupQuery) => Promise<unknown>;

export interface RenderPoolOptions {
  /** Threads at most; they are started when there is work. */
  readonly size: number;
  /** Memory that one thread may take, in MiB. */
  readonly maxMemoryMib: number;
  /** How long a thread without work is kept. */
  readonly idleMs?: number;
}

interface Job {
  readonly request: PoolRequest;
  readonly lookup: PoolLookup;
  readonly resolve: (result: PoolResult) => void;
  readonly reject: (error: Error) => void;
}

interface Thread {
  readonly worker: Worker;
  readonly turn: Int32Array;
  readonly answers: MessagePort;
  readonly charts: Set<string>;
  job: Job | undefined;
  deadline: NodeJS.Timeout | undefined;
  /** Looks at the heap while there is a job. */
  watch: NodeJS.Timeout | undefined;
  idle: NodeJS.Timeout | undefined;
}

const DEFAULT_IDLE_MS = 30_000;
/** Beyond the engine's own deadline, which can say where it was: the thread is ended when that did not come to be looked at. */
const GRACE_MS = 2_000;
/**
 * A thread's heap may go this much over its limit before V8 sees to it. V8 ends the thread if what it then asks for is small, but
 * the whole process if it is large (one text of 60 MB, or a promotion of a large young generation), so the pool itself looks
 * at the heap before that and the young generation is kept small.
 */
const SPARE_MIB = 384;
/** What V8 may not have collected yet when the pool looks: it begins to at half of what it may use. */
const GARBAGE_MIB = 192;
const YOUNG_MIB = 8;
const WATCH_MS = 20;
const MIB = 1024 * 1024;

/**
 * Renders in threads that can be ended: for charts whose templates may take long, ask the cluster, or harm. A thread that goes
 * over its time or memory is ended and costs only its own render.
 */
export class RenderPool {
  readonly #options: RenderPoolOptions;
  readonly #threads = new Set<Thread>();
  readonly #waiting: Job[] = [];
  #jobs = 0;

  constructor(options: RenderPoolOptions) {
    this.#options = options;
  }

  /** Threads that run now. */
  get size(): number {
    return this.#threads.size;
  }

  /**
   * Renders a chart.
   *
   * @throws PooledRenderError with the engine's words, LimitError when the thread went over its time or memory
   */
  render(request: PoolRequest, lookup: PoolLookup): Promise<PoolResult> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ request, lookup, resolve, reject });
      this.#dispatch();
    });
  }

  /** Ends all threads; renders under way fail. */
  async close(): Promise<void> {
    this.#waiting.length = 0;
    await Promise.all([...this.#threads].map((thread) => thread.worker.terminate()));
  }

  #dispatch(): void {
    while (this.#waiting.length > 0) {
      const idle = [...this.#threads].filter((thread) => thread.job === undefined);
      const key = this.#waiting[0]?.request.chartKey ?? '';
      const thread = idle.find((one) => one.charts.has(key)) ?? idle[0] ?? this.#open();
      const job = thread && this.#waiting.shift();
      if (!thread || !job) return;
      this.#begin(thread, job);
    }
  }

  #open(): Thread | undefined {
    if (this.#threads.size >= this.#options.size) return undefined;
    const turn = new Int32Array(new SharedArrayBuffer(4));
    const { port1, port2 } = new MessageChannel();
    const worker = new Worker(new URL('./worker.ts', import.meta.url), {
      workerData: { turn, answers: port2 } satisfies WorkerSetup,
      transferList: [port2],
      resourceLimits: {
        maxOldGenerationSizeMb: this.#options.maxMemoryMib + SPARE_MIB,
        maxYoungGenerationSizeMb: YOUNG_MIB,
      },
      // A chart must not read the process's environment or arguments by any way.
      env: {},
      argv: [],
    });
    const thread: Thread = {
      ...{ worker, turn, answers: port1, charts: new Set() },
      ...{ job: undefined, deadline: undefined, watch: undefined, idle: undefined },
    };
    this.#threads.add(thread);
    worker.on('message', (message: WorkerMessage) => this.#received(thread, message));
    worker.on('error', (error) => this.#died(thread, error));
    worker.on('exit', () => this.#died(thread, undefined));
    worker.unref();
    return thread;
  }

  #begin(thread: Thread, job: Job): void {
    clearTimeout(thread.idle);
    thread.job = job;
    thread.worker.ref();
    const { archive, ...request } = job.request;
    const known = thread.charts.has(request.chartKey);
    thread.charts.add(request.chartKey);
    const { maxRenderMillis } = request.limits;
    thread.deadline = setTimeout(() => this.#overdue(thread), maxRenderMillis + GRACE_MS);
    thread.watch = setInterval(() => void this.#lookAtHeap(thread), WATCH_MS);
    const message: WorkerJob = { id: ++this.#jobs, request, archive: known ? undefined : archive };
    thread.worker.postMessage(message);
  }

  #received(thread: Thread, message: WorkerMessage): void {
    const { job } = thread;
    if (!job) return;
    switch (message.kind) {
      case 'lookup':
        void this.#answer(thread, job.lookup(message.query));
        return;
      case 'done':
        this.#end(thread);
        job.resolve(message.result);
        return;
      case 'failed':
        // The worker may have dropped a chart that did not load: send it again next time.
        thread.charts.delete(job.request.chartKey);
        this.#end(thread);
        job.reject(new PooledRenderError(message.errorName, message.message));
    }
  }

  async #answer(thread: Thread, reading: Promise<unknown>): Promise<void> {
    const answer: LookupAnswer = await reading.then(
      (object) => ({ json: JSON.stringify(object ?? {}) }),
      (error: Error) => ({ error: error.message }),
    );
    thread.answers.postMessage(answer);
    Atomics.add(thread.turn, 0, 1);
    Atomics.notify(thread.turn, 0);
  }

  #end(thread: Thread): void {
    clearTimeout(thread.deadline);
    clearInterval(thread.watch);
    thread.job = undefined;
    thread.worker.unref();
    thread.idle = setTimeout(() => void thread.worker.terminate(), this.#options.idleMs ?? DEFAULT_IDLE_MS);
    thread.idle.unref();
    this.#dispatch();
  }

  async #lookAtHeap(thread: Thread): Promise<void> {
    const { job } = thread;
    // A thread that ends meanwhile has no statistics.
    const heap = await thread.worker.getHeapStatistics().catch(() => undefined);
    if (!job || thread.job !== job || !heap || heap.used_heap_size <= (this.#options.maxMemoryMib + GARBAGE_MIB) * MIB)
      return;
    this.#kill(thread, overMemory(this.#options.maxMemoryMib));
  }

  #overdue(thread: Thread): void {
    const limit = thread.job?.request.limits.maxRenderMillis ?? 0;
    this.#kill(
      thread,
      new LimitError('maxRenderMillis', `rendering took longer than the limit of ${limit} ms and was ended`),
    );
  }

  /** Ends a thread at once; it gets no other job while it dies. */
  #kill(thread: Thread, reason: Error): void {
    const { job } = thread;
    thread.job = undefined;
    this.#threads.delete(thread);
    void thread.worker.terminate();
    job?.reject(reason);
  }

  #died(thread: Thread, error: Error | undefined): void {
    clearTimeout(thread.deadline);
    clearInterval(thread.watch);
    clearTimeout(thread.idle);
    this.#threads.delete(thread);
    const { job } = thread;
    thread.job = undefined;
    job?.reject(deathOf(error, this.#options.maxMemoryMib));
    this.#dispatch();
  }
}

function deathOf(error: Error | undefined, maxMemoryMib: number): Error {
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  if (code === 'ERR_WORKER_OUT_OF_MEMORY') return overMemory(maxMemoryMib);
  return error ?? new Error('the render thread ended before it had rendered');
}

function overMemory(maxMemoryMib: number): LimitError {
  return new LimitError(
    'maxRenderMemory',
    `rendering took more than the limit of ${maxMemoryMib} MiB of memory and was ended`,
  );
}
