const BAR_CELLS = 30;
const REDRAW_MILLIS = 100;

/** A bar on stderr while something runs; nothing when stderr is no terminal. */
export class Progress {
  readonly #shown = process.stderr.isTTY === true;
  #drawnAt = -Infinity;

  constructor(readonly what: string, readonly total: number) {}

  /** @param done 0..total */
  show(done: number): void {
    const now = performance.now();
    if (!this.#shown || (now - this.#drawnAt < REDRAW_MILLIS && done < this.total)) return;
    this.#drawnAt = now;
    const full = Math.round((done / this.total) * BAR_CELLS);
    process.stderr.write(`\r${this.what} ${"█".repeat(full)}${"░".repeat(BAR_CELLS - full)} ${done}/${this.total}`);
  }

  /** Takes the bar away. */
  end(): void {
    if (this.#shown) process.stderr.write("\r\u001b[K");
  }
}
