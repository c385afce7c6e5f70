import type { Micros } from "../types.js";

const LATEST = 2 ** 31 - 1;

/**
 * Time for filters that look back by no more than `horizon`: whole µs below 2^31, so that a pixel's last time is an i32.
 *
 * It goes on with the events. A gap longer than the horizon counts as horizon + 1, for all that was before is out of sight either way; so does
 * a fall of time, for then the sensor's clock began anew and what was before tells nothing. A pixel whose time is 0 has not been seen.
 * When `now` nears its end, whoever holds times takes `restart()` from each of them, down to 0: about once in 35 minutes.
 */
export class RecentClock {
  /** Begins so late that 0 is out of sight. */
  now = 0;
  #time: Micros = NaN;

  /** @param horizon µs, 1 to 2^30 */
  constructor(readonly horizon: number) {}

  /** An event's time, as the sensor tells it. @returns now */
  tick(time: Micros): number {
    const step = time - this.#time;
    this.#time = time;
    this.now += step >= 0 && step <= this.horizon ? step : this.horizon + 1;
    return this.now;
  }

  /** Whether the next tick may be too late for an i32. */
  get full(): boolean {
    return this.now > LATEST - (this.horizon + 1);
  }

  /** Sets `now` back. @returns by how much: what is left of a time that was within the horizon is above 0, and as far back as before */
  restart(): number {
    const shift = this.now - (this.horizon + 1);
    this.now -= shift;
    return shift;
  }
}
