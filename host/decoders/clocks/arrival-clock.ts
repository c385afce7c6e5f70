import type { Micros } from "../../types.js";

/** How far beyond what was seen so far a sensor's clock may run ahead of arrivals, as a part of its range. */
const SLACK = 1 / 8;
/** The clocks drift apart: what was seen so long ago, µs, says nothing any more. */
const WINDOW_MICROS = 10e6;

/**
 * A sensor's counter that begins again at 0, told in full by when its values arrived.
 *
 * Nothing arrives before it happened, but it may arrive late. So the sensor's clock leads the arrivals by at most what it led them in the
 * best of recent cases: of all times that have this value, the latest is taken that leads by no more. It is right for whatever comes less
 * than 7/8 of the range late; and a value that was damaged on the way leaves no trace in the times after it.
 */
export class ArrivalClock {
  /** The greatest lead of this window and of the one before. */
  #lead = NaN;
  #leadBefore = -Infinity;
  #since: Micros = 0;

  /** @param range what the counter never reaches */
  constructor(readonly range: number) {}

  /** @param value of the counter   @param came when it arrived   @param guess what the time is if this is the first   @returns µs */
  at(value: number, came: Micros, guess: Micros): Micros {
    if (Number.isNaN(this.#lead)) this.#begin(guess - came, came);
    const latest = came + Math.max(this.#lead, this.#leadBefore) + SLACK * this.range;
    const time = value + this.range * Math.floor((latest - value) / this.range);
    if (came - this.#since > WINDOW_MICROS) {
      this.#leadBefore = this.#lead;
      this.#begin(time - came, came);
    } else this.#lead = Math.max(this.#lead, time - came);
    return time;
  }

  #begin(lead: Micros, since: Micros): void {
    this.#lead = lead;
    this.#since = since;
  }
}
