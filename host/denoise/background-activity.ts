import type { Micros, SensorSize } from "../types.js";
import type { Columns, EventFilter } from "./filter.js";
import { RecentClock } from "./recent-clock.js";

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
  readonly #stride: number;

  /** @param micros 1 to MOST_MICROS */
  constructor(
    readonly micros: Micros,
    readonly size: SensorSize,
  ) {
    this.#clock = new RecentClock(micros);
    this.#stride = size.width + 2;
    this.#last = new Int32Array(this.#stride * (size.height + 2));
  }

  filter(from: Columns, count: number, to: Columns): number {
    const { width, height } = this.size, { t, x, y, p } = from, last = this.#last, stride = this.#stride, clock = this.#clock;
    let kept = 0;
    for (let i = 0; i < count; i++) {
      if (clock.full) this.#restart();
      const time = t[i]!, column = x[i]!, row = y[i]!, since = clock.tick(time) - this.micros;
      if (column < width && row < height) {
        const at = (row + 1) * stride + column + 1, above = at - stride, below = at + stride;
        last[at] = clock.now;
        const stands =
          last[at - 1]! >= since || last[at + 1]! >= since ||
          last[above]! >= since || last[below]! >= since ||
          last[above - 1]! >= since || last[above + 1]! >= since ||
          last[below - 1]! >= since || last[below + 1]! >= since;
        if (!stands) continue;
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
