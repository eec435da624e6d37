import { type KubeClient, KubeError } from './client.ts';
import {
  type EventInput,
  type EventSource,
  eventKey,
  eventObject,
  type PendingEvent,
  SpamFilter,
  timestamp,
  truncateUtf8,
} from './event-rules.ts';
import { resources } from './resources.ts';
import type { KubeObject } from './types.ts';

export interface EventRecorderOptions extends EventSource {
  client: KubeClient;
  /** How many different events may wait to be written; more are dropped. Default 1000. */
  queueSize?: number;
  /** Events of one object that may be written at once. Default 25; then one each `refillMs` (default 300 000). */
  burst?: number;
  refillMs?: number;
  /** Told of events that were dropped, and why. */
  onDropped?: (reason: string, error?: unknown) => void;
  now?: () => number;
}

interface Written {
  namespace: string;
  name: string;
  count: number;
}

// As many as client-go's correlator remembers.
const REMEMBERED = 4096;
const PARALLEL = 4;
const TRIES = 3;
const MESSAGE_BYTES = 1024;

/**
 * Writes core/v1 Events as client-go's recorder does: the first of a kind is created, repeats raise its count, an object that
 * floods is cut off. Recording never throws and never waits; writing happens behind, bounded, best effort.
 */
export class EventRecorder {
  readonly #options: EventRecorderOptions;
  readonly #now: () => number;
  readonly #filter: SpamFilter;
  readonly #pending = new Map<string, PendingEvent>();
  readonly #written = new Map<string, Written>();
  #draining: Promise<void> | undefined;
  #stopped = false;
  #lastNano = 0n;

  constructor(options: EventRecorderOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
    this.#filter = new SpamFilter(options.burst ?? 25, options.refillMs ?? 300_000);
  }

  /** Records an event about an object, which needs apiVersion, kind and metadata. */
  event(about: KubeObject, input: EventInput): void {
    try {
      this.#record(about, { ...input, message: truncateUtf8(input.message, MESSAGE_BYTES) });
    } catch (error) {
      this.#drop('cannot record', error);
    }
  }

  /** Resolves when all that was recorded so far is written or given up. */
  async flush(): Promise<void> {
    while (this.#draining !== undefined) {
      await this.#draining;
    }
  }

  /** Takes no more events and writes those that wait, for at most `timeoutMs`. */
  async stop(timeoutMs = 5_000): Promise<void> {
    this.#stopped = true;
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, timeoutMs);
    });
    await Promise.race([this.flush(), timeout]);
    clearTimeout(timer);
    this.#pending.clear();
  }

  #record(about: KubeObject, input: EventInput): void {
    if (this.#stopped) {
      this.#drop('the recorder is stopped');
      return;
    }
    const now = this.#now();
    const key = eventKey(about, input);
    const waiting = this.#pending.get(key);
    if (!this.#filter.allow(about.metadata.uid ?? `${about.metadata.namespace}/${about.metadata.name}`, now)) {
      this.#drop('too many events of one object');
      return;
    }
    if (waiting !== undefined) {
      waiting.count++;
      waiting.lastAt = now;
      return;
    }
    if (this.#pending.size >= (this.#options.queueSize ?? 1000)) {
      this.#drop('the queue is full');
      return;
    }
    this.#pending.set(key, { about, input, count: 1, firstAt: now, lastAt: now });
    this.#draining ??= this.#drain().finally(() => {
      this.#draining = undefined;
    });
  }

  async #drain(): Promise<void> {
    // After the caller's turn: repeats within it become one request.
    await Promise.resolve();
    while (this.#pending.size > 0) {
      const batch = [...this.#pending.entries()].slice(0, PARALLEL);
      for (const [key] of batch) {
        this.#pending.delete(key);
      }
      await Promise.all(batch.map(([key, pending]) => this.#write(key, pending)));
    }
  }

  async #write(key: string, pending: PendingEvent): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        await this.#writeOnce(key, pending);
        return;
      } catch (error) {
        // A refusal (the namespace is being deleted, no permission) will not change; a lost connection may.
        if (error instanceof KubeError || attempt >= TRIES || this.#stopped) {
          this.#drop(`cannot write ${pending.input.reason} of ${pending.about.metadata.name}`, error);
          return;
        }
      }
    }
  }

  async #writeOnce(key: string, pending: PendingEvent): Promise<void> {
    const { client } = this.#options;
    const written = this.#written.get(key);
    const count = (written?.count ?? 0) + pending.count;
    if (written !== undefined && (await this.#raiseCount(written, count, pending))) {
      this.#remember(key, { ...written, count });
      return;
    }
    const event = eventObject(pending, count, this.#options, this.#uniqueNano(pending.firstAt));
    await client.create(resources.events, event, { metadataOnly: true });
    this.#remember(key, { namespace: event.metadata.namespace as string, name: event.metadata.name, count });
  }

  /** Returns false when the event is no longer there: the API server keeps events for an hour. */
  async #raiseCount(written: Written, count: number, pending: PendingEvent): Promise<boolean> {
    const patch = { count, lastTimestamp: timestamp(pending.lastAt), message: pending.input.message };
    try {
      const options = { metadataOnly: true };
      await this.#options.client.patch(resources.events, written.namespace, written.name, 'merge', patch, options);
      return true;
    } catch (error) {
      if (error instanceof KubeError && error.isNotFound) {
        return false;
      }
      throw error;
    }
  }

  #remember(key: string, written: Written): void {
    this.#written.delete(key);
    this.#written.set(key, written);
    if (this.#written.size > REMEMBERED) {
      const [oldest] = this.#written.keys();
      this.#written.delete(oldest as string);
    }
  }

  // Names are made of nanoseconds, our clock has milliseconds: count on within one.
  #uniqueNano(atMs: number): bigint {
    const nano = BigInt(atMs) * 1_000_000n;
    this.#lastNano = nano > this.#lastNano ? nano : this.#lastNano + 1n;
    return this.#lastNano;
  }

  #drop(reason: string, error?: unknown): void {
    try {
      this.#options.onDropped?.(reason, error);
    } catch {
      // Whoever listens must not break whoever records.
    }
  }
}
