import type { Micros, SensorSize } from "../types.js";
import type { Columns, EventFilter } from "./filter.js";
import { RecentClock } from "./recent-clock.js";

/**
 * Refractory period: after an event that was kept, a pixel's events, of either polarity, are taken out until so many µs have passed.
 * Memory: an i32 a pixel.
 */
export class RefractoryFilter implements EventFilter {
  readonly reason = "refractory";
  readonly #clock: RecentClock;
  /** i32[h, w]: when an event of the pixel was last kept. */
  readonly #last: Int32Array;

  /** @param micros 1 to MOST_MICROS */
  constructor(
    readonly micros: Micros,
    readonly size: SensorSize,
  ) {
    this.#clock = new RecentClock(micros);
    this.#last = new Int32Array(size.width * size.height);
  }

  filter(from: Columns, count: number, to: Columns): number {
    const { width, height } = this.size, { t, x, y, p } = from, last = this.#last, clock = this.#clock;
    let kept = 0;
    for (let i = 0; i < count; i++) {
      if (clock.full) this.#restart();
      const time = t[i]!, column = x[i]!, row = y[i]!, now = clock.tick(time);
      if (column < width && row < height) {
        const at = row * width + column;
        if (now - last[at]! < this.micros) continue;
        last[at] = now;
      }
      to.t[kept] = time;
      to.x[kept] = column;
      to.y[kept] = row;
      to.p[kept++] = p[i]!;
    }
    return kept;
  }

  #restart(): void {
    const shift = this.#clock.restart(), last = this.#last;
    for (let at = 0; at < last.length; at++) last[at] = Math.max(0, last[at]! - shift);
  }
}
