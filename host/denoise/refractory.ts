import type { Micros, SensorSize } from "../types.js";
import type { Columns, EventFilter } from "./filter.js";
import { after, recentClock, type RecentClock, restart } from "./recent-clock.js";

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
    micros: Micros,
    readonly size: SensorSize,
  ) {
    this.#clock = recentClock(micros);
    this.#last = new Int32Array(size.width * size.height);
  }

  filter({ t, x, y, p }: Columns, count: number, to: Columns): number {
    const clock = this.#clock, last = this.#last, { width, height } = this.size;
    const { t: keptT, x: keptX, y: keptY, p: keptP } = to, { horizon, limit } = clock;
    let kept = 0, { now, time } = clock;
    for (let i = 0; i < count; i++) {
      const told = t[i]!, column = x[i]!, row = y[i]!;
      now = after(now, told - time, horizon);
      time = told;
      if (now > limit) now = restart(clock, now, last);
      keptT[kept] = told;
      keptX[kept] = column;
      keptY[kept] = row;
      keptP[kept++] = p[i]!;
      if (column >= width || row >= height) continue;
      const at = row * width + column, before = last[at]!;
      // All bits for an event too soon, else none; no branch, for which way it goes is noise.
      const soon = (now - before - horizon) >> 31;
      last[at] = (before & soon) | (now & ~soon);
      kept += soon;
    }
    clock.now = now;
    clock.time = time;
    return kept;
  }
}
