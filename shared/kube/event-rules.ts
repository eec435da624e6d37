import type { KubeObject } from './types.ts';

/** What a controller says of an object. */
export interface EventInput {
  type: 'Normal' | 'Warning';
  /** UpperCamelCase, for machines. */
  reason: string;
  /** For people; cut to 1024 bytes. Must hold no secret. */
  message: string;
  annotations?: Record<string, string>;
}

/** Who reports: the controller's name, and this process's. */
export interface EventSource {
  component: string;
  instance?: string;
}

/** An event that waits to be written. Times in Unix milliseconds. */
export interface PendingEvent {
  about: KubeObject;
  input: EventInput;
  count: number;
  firstAt: number;
  lastAt: number;
}

/** Events of the same key are one event with a count. */
export function eventKey(about: KubeObject, input: EventInput): string {
  const { namespace, name, uid } = about.metadata;
  return JSON.stringify([about.kind, namespace, name, uid, input.type, input.reason, input.message]);
}

/** Kubernetes' Time: RFC 3339 in UTC, whole seconds. */
export function timestamp(atMs: number): string {
  return `${new Date(atMs).toISOString().slice(0, 19)}Z`;
}

/** Cuts a text to at most `bytes` of UTF-8, with `...` at the end when cut, never within a character. */
export function truncateUtf8(text: string, bytes: number): string {
  if (text.length * 3 <= bytes || Buffer.byteLength(text) <= bytes) {
    return text;
  }
  const data = Buffer.from(text);
  let end = bytes - 3;
  while (end > 0 && ((data[end] as number) & 0xc0) === 0x80) {
    end--;
  }
  return `${data.toString('utf8', 0, end)}...`;
}

/** The Event object. Those about cluster-scoped objects are in namespace `default`, as client-go has it. */
export function eventObject(pending: PendingEvent, count: number, source: EventSource, nano: bigint): KubeObject {
  const { about, input } = pending;
  const { name, namespace, uid, resourceVersion } = about.metadata;
  const suffix = `.${nano.toString(16)}`;
  const metadata = {
    // A name has at most 253 characters.
    name: `${name.slice(0, 253 - suffix.length)}${suffix}`,
    namespace: namespace || 'default',
    ...(input.annotations === undefined ? {} : { annotations: input.annotations }),
  };
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata,
    involvedObject: { apiVersion: about.apiVersion, kind: about.kind, namespace, name, uid, resourceVersion },
    type: input.type,
    reason: input.reason,
    message: input.message,
    count,
    firstTimestamp: timestamp(pending.firstAt),
    lastTimestamp: timestamp(pending.lastAt),
    source: { component: source.component },
    reportingComponent: source.component,
    reportingInstance: source.instance ?? '',
  };
}

/** Lets through `burst` events of an object at once and then one each `refillMs`: client-go's filter. */
export class SpamFilter {
  readonly #burst: number;
  readonly #refillMs: number;
  // Per object, when its bucket will be full again; full buckets are forgotten.
  readonly #fullAt = new Map<string, number>();

  constructor(burst: number, refillMs: number) {
    this.#burst = burst;
    this.#refillMs = refillMs;
  }

  allow(object: string, now: number): boolean {
    const next = Math.max(this.#fullAt.get(object) ?? 0, now) + this.#refillMs;
    if (next - now > this.#burst * this.#refillMs) {
      return false;
    }
    this.#fullAt.set(object, next);
    if (this.#fullAt.size > 4096) {
      this.#sweep(now);
    }
    return true;
  }

  #sweep(now: number): void {
    const [oldest] = this.#fullAt.keys();
    this.#fullAt.delete(oldest as string);
    for (const [object, fullAt] of this.#fullAt) {
      if (fullAt <= now) {
        this.#fullAt.delete(object);
      }
    }
  }
}
