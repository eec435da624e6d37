import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { KubeObject } from '../shared/kube/types.ts';

/** What the syncer tells Prometheus, under Flux's names where Flux has one. */
export class SyncerMetrics {
  readonly registry = new Registry();
  readonly #duration = new Histogram({
    name: 'gotk_reconcile_duration_seconds',
    help: 'The duration in seconds of a reconcile of an object.',
    labelNames: ['kind', 'name', 'namespace'] as const,
    buckets: [0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100],
    registers: [this.registry],
  });
  readonly #requests = new Counter({
    name: 'chartroom_kube_requests_total',
    help: 'Requests to the API server.',
    labelNames: ['verb', 'resource', 'code'] as const,
    registers: [this.registry],
  });

  constructor() {
    collectDefaultMetrics({ register: this.registry });
  }

  reconciled(kind: string, object: KubeObject, seconds: number): void {
    this.#duration.observe(labels(kind, object), seconds);
  }

  /** Drops the series of an object that is gone. */
  forget(kind: string, object: KubeObject): void {
    this.#duration.remove(labels(kind, object));
  }

  requested(verb: string, resource: string, code: string): void {
    this.#requests.inc({ verb, resource, code });
  }

  /** A gauge that is read when it is scraped. */
  gauge(name: string, help: string, read: () => number): void {
    new Gauge({
      name,
      help,
      registers: [this.registry],
      collect() {
        this.set(read());
      },
    });
  }
}

function labels(kind: string, object: KubeObject): { kind: string; name: string; namespace: string } {
  return { kind, name: object.metadata.name, namespace: object.metadata.namespace ?? '' };
}
