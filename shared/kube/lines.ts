const NEWLINE = 0x0a;

/**
 * Splits a byte stream into lines. Parts of an unfinished line are kept as they came and joined once, so a long line that
 * arrives in many chunks costs linear time.
 */
export class LineSplitter {
  #parts: Buffer[] = [];
  readonly #onLine: (line: Buffer) => void;

  constructor(onLine: (line: Buffer) => void) {
    this.#onLine = onLine;
  }

  push(chunk: Buffer): void {
    let from = 0;
    for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, from)) {
      this.#emit(chunk.subarray(from, at));
      from = at + 1;
    }
    if (from < chunk.length) {
      this.#parts.push(from === 0 ? chunk : chunk.subarray(from));
    }
  }

  #emit(tail: Buffer): void {
    let line = tail;
    if (this.#parts.length > 0) {
      this.#parts.push(tail);
      line = Buffer.concat(this.#parts);
      this.#parts = [];
    }
    if (line.length > 0) {
      this.#onLine(line);
    }
  }
}
