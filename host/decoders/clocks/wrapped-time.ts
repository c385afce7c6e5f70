/** A sensor's counter that begins again at 0, as one that does not. A step of more than half its range is a wrap, forth or back. */
export class WrappedTime {
  #base = 0;
  #last: number | undefined;

  /** @param range what the counter never reaches: it goes from range − 1 to 0 */
  constructor(readonly range: number) {}

  /** @returns the value on a counter that never wraps; below the value before it when the sensor's fell a little */
  unwrap(value: number): number {
    if (this.#last !== undefined) {
      if (value < this.#last - this.range / 2) this.#base += this.range;
      else if (value > this.#last + this.range / 2 && this.#base > 0) this.#base -= this.range;
    }
    this.#last = value;
    return this.#base + value;
  }
}
