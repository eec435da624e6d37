const colours = { green: 32, red: 31, yellow: 33, blue: 36, dim: 2, bold: 1 } as const;

/** Where the demo speaks: coloured and with a progress line that redraws itself on a terminal, plain lines elsewhere. */
export class Terminal {
  readonly #out: NodeJS.WriteStream;
  readonly #started = performance.now();
  #progressing = false;
  #lastPlain = '';

  constructor(out: NodeJS.WriteStream) {
    this.#out = out;
  }

  paint(colour: keyof typeof colours, text: string): string {
    return this.#out.isTTY && !process.env['NO_COLOR'] ? `\x1b[${colours[colour]}m${text}\x1b[0m` : text;
  }

  /** A numbered step's heading. */
  heading(text: string): void {
    this.#endProgress();
    this.#out.write(`\n${this.paint('bold', text)}\n`);
  }

  line(text: string): void {
    this.#endProgress();
    this.#out.write(`${text.trimEnd().replace(/^/gm, '  ')}\n`);
  }

  /** A command as a reader would type it, then what it printed. */
  transcript(command: string, output: string, colour: keyof typeof colours = 'dim'): void {
    this.#endProgress();
    this.#out.write(`  ${this.paint('blue', `$ ${command}`)}\n`);
    for (const line of output.trimEnd().split('\n')) this.#out.write(`  ${this.paint(colour, line)}\n`);
  }

  done(text: string): void {
    this.line(`${this.paint('green', '✓')} ${text} ${this.paint('dim', `(${this.elapsed()})`)}`);
  }

  failed(text: string): void {
    this.line(`${this.paint('red', '✗')} ${text}`);
  }

  /** `12/20 ███████░░░░ text`, redrawn in place; without a terminal a line at each quarter. */
  progress(count: number, total: number, text: string): void {
    const width = 30;
    const filled = Math.round((count / Math.max(total, 1)) * width);
    const bar = '█'.repeat(filled) + '░'.repeat(width - filled);
    const line = `${String(count).padStart(String(total).length)}/${total} ${bar} ${text}`;
    if (this.#out.isTTY) {
      this.#out.write(`\r\x1b[2K  ${line}`);
      this.#progressing = true;
      return;
    }
    const quarter = `${text} ${Math.floor((count * 4) / Math.max(total, 1))}`;
    if (quarter !== this.#lastPlain) this.#out.write(`  ${line}\n`);
    this.#lastPlain = quarter;
  }

  /** Seconds since the demo began. */
  elapsed(): string {
    return `${((performance.now() - this.#started) / 1000).toFixed(1)} s`;
  }

  #endProgress(): void {
    if (this.#progressing) this.#out.write('\n');
    this.#progressing = false;
  }
}
