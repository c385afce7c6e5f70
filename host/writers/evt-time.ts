/**
 * Times on a counter that wraps. A decoder counts a wrap when the high part falls by more than half its range, so a writer
 * that never moves it by more keeps any time: large gaps, and the time before the first event, are crossed in steps.
 */
export class WrappingTime {
  readonly #range: number;
  readonly #step: number;
  /** The high part that a decoder knows of, all wraps counted; −1 before the first. */
  high = -1;
  timeShift = 0;

  /**
   * @param highStep µs of one count of the high part   @param highRange counts before it wraps
   * @param maxSteps steps to spend on the time before the first event; a later start is moved down by whole wraps
   */
  constructor(
    readonly highStep: number,
    highRange: number,
    readonly maxSteps: number,
  ) {
    this.#range = highRange;
    this.#step = highRange / 2 - 1;
  }

  /** The values of the high part, modulo its range, to write before an event at `t` µs; none when it has not changed. */
  *advance(t: number): Generator<number> {
    if (this.high < 0) this.#start(t);
    const target = Math.floor((t - this.timeShift) / this.highStep);
    while (this.high < target) {
      this.high = Math.min(target, this.high + this.#step);
      yield this.high % this.#range;
    }
  }

  #start(t: number): void {
    const first = Math.floor(t / this.highStep);
    const loops = Math.floor(first / this.#range);
    if (first / this.#step > this.maxSteps) this.timeShift = loops * this.#range * this.highStep;
    // A decoder takes the first value as it stands, so a start within the first range needs no steps.
    if (loops === 0 || this.timeShift > 0) this.high = first - this.timeShift / this.highStep - 1;
    else this.high = -1;
  }
}
