import type { Micros, SensorSize } from "../types.js";
import type { Columns, EventFilter } from "./filter.js";
import { after, recentClock, type RecentClock, restart } from "./recent-clock.js";

/**
 * Background activity: an event is kept when the last event of one of its 8 neighbours, of either polarity, is at most so many µs back.
 * Its own pixel's events say nothing for it. Every event is remembered, kept or not. Memory: an i32 a pixel.
 * Source: Delbruck, Frame-free dynamic digital vision, 2008, §4; that filter writes to the neighbours what this one reads from them.
 */
export class BackgroundActivityFilter implements EventFilter {
  readonly reason = "background_activity";
  readonly #clock: RecentClock;
  /** i32[h + 2, w + 2]: when a pixel last had an event, with a rim that never has. */
  readonly #last: Int32Array;

  /** @param micros 1 to MOST_MICROS */
  constructor(
    micros: Micros,
    readonly size: SensorSize,
  ) {
    this.#clock = recentClock(micros);
    this.#last = new Int32Array((size.width + 2) * (size.height + 2));
  }

  filter({ t, x, y, p }: Columns, count: number, to: Columns): number {
    const clock = this.#clock, last = this.#last, { width, height } = this.size, stride = width + 2;
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
      const at = (row + 1) * stride + column + 1, above = at - stride, below = at + stride, since = now - horizon;
      last[at] = now;
      // Below 0 only when all are; no branch, for which way it goes is noise.
      const late =
        (last[at - 1]! - since) & (last[at + 1]! - since) &
        (last[above - 1]! - since) & (last[above]! - since) & (last[above + 1]! - since) &
        (last[below - 1]! - since) & (last[below]! - since) & (last[below + 1]! - since);
      kept += late >> 31;
    }
    clock.now = now;
    clock.time = time;
    return kept;
  }
}
