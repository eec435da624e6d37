import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** What the webhook tells Prometheus. */
export class WebhookMetrics {
  readonly registry = new Registry();
  readonly #duration = new Histogram({
    name: 'chartroom_webhook_review_duration_seconds',
    help: 'Time taken by reviews, by webhook and result (allowed, refused, invalid, error).',
    labelNames: ['webhook', 'result'],
    buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1],
    registers: [this.registry],
  });
  readonly #refusals = new Counter({
    name: 'chartroom_webhook_refusals_total',
    help: 'Problems that refused an object, by the field at fault.',
    labelNames: ['field'],
    registers: [this.registry],
  });
  readonly #expiry = new Gauge({
    name: 'chartroom_webhook_certificate_expiry_timestamp_seconds',
    help: 'When the serving certificate expires.',
    registers: [this.registry],
  });

  constructor() {
    collectDefaultMetrics({ register: this.registry });
  }

  observe(webhook: string, result: string, milliseconds: number): void {
    this.#duration.observe({ webhook, result }, milliseconds / 1000);
  }

  /** Counts a refusal; list positions and map keys are left out of the field, so that there are few. */
  refused(field: string): void {
    this.#refusals.inc({ field: field.replace(/\[[^\]]*\].*$/, '') });
  }

  certificateExpires(milliseconds: number): void {
    this.#expiry.set(milliseconds / 1000);
  }
}
