/**
 * An AbortController that also fires with a parent signal and, when given, after `timeoutMs`. `dispose` unlinks it; without
 * that a long-lived parent would keep it (AbortSignal.any and AbortSignal.timeout have no way to let go early).
 */
export class LinkedAbort {
  readonly #controller = new AbortController();
  readonly #parent: AbortSignal | undefined;
  readonly #timer: NodeJS.Timeout | undefined;
  readonly #onAbort = () => this.abort(this.#parent?.reason);

  constructor(parent: AbortSignal | undefined, timeoutMs?: number) {
    this.#parent = parent;
    if (parent?.aborted === true) {
      this.abort(parent.reason);
      return;
    }
    parent?.addEventListener('abort', this.#onAbort, { once: true });
    if (timeoutMs !== undefined) {
      const reason = () => this.abort(new DOMException(`no end after ${timeoutMs} ms`, 'TimeoutError'));
      this.#timer = setTimeout(reason, timeoutMs);
      this.#timer.unref();
    }
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  abort(reason: unknown): void {
    this.#controller.abort(reason);
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#parent?.removeEventListener('abort', this.#onAbort);
  }
}
