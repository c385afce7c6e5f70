import type { SensorSize } from "../types.js";
import type { Columns, EventFilter } from "./filter.js";
import { after, recentClock, type RecentClock, restart } from "./recent-clock.js";

const SECOND = 1_000_000;
/** No pixel of a sensor goes on faster, events a second. */
export const MOST_RATE = 100_000;

/**
 * Hot pixels: a pixel that goes on firing above a rate is muted until it has rested.
 *
 * A pixel has a bucket that holds a second and leaks as time goes; each of its events puts in its share of a second, 1 / rate, cut to whole
 * µs. When one does not fit, some span of s seconds just now had more than rate · (s + 1) events: the pixel is muted. It is heard again
 * when the bucket is down to half: its events, which go on being put in as far as they fit, then come more slowly than the rate. So a pixel
 * at twice the rate is muted after a second, one at ten times after a ninth of a second, and one that falls silent is free after half.
 * Memory: an i32 a pixel.
 */
export class HotPixelFilter implements EventFilter {
  readonly reason = "hot_pixel";
  readonly #clock: RecentClock;
  /** i32[h, w]: when the pixel's bucket will be empty; below 0, and as much, for one that is muted. */
  readonly #empty: Int32Array;
  readonly #share: number;

  /** @param rate events a second, 1 to MOST_RATE */
  constructor(
    rate: number,
    readonly size: SensorSize,
  ) {
    this.#clock = recentClock(SECOND);
    this.#empty = new Int32Array(size.width * size.height);
    this.#share = Math.floor(SECOND / rate);
  }

  filter({ t, x, y, p }: Columns, count: number, to: Columns): number {
    const clock = this.#clock, empty = this.#empty, share = this.#share, { width, height } = this.size;
    const { t: keptT, x: keptX, y: keptY, p: keptP } = to, { horizon, limit } = clock;
    let kept = 0, { now, time } = clock;
    for (let i = 0; i < count; i++) {
      const told = t[i]!, column = x[i]!, row = y[i]!;
      now = after(now, told - time, horizon);
      time = told;
      if (now > limit) now = restart(clock, now, empty);
      keptT[kept] = told;
      keptX[kept] = column;
      keptY[kept] = row;
      keptP[kept++] = p[i]!;
      if (column >= width || row >= height) continue;
      const at = row * width + column, before = empty[at]!;
      const level = Math.max(0, Math.abs(before) - now), filled = level + share;
      if (filled > SECOND || (before < 0 && 2 * level > SECOND)) {
        empty[at] = -(now + Math.min(filled, SECOND));
        kept--;
      } else empty[at] = now + filled;
    }
    clock.now = now;
    clock.time = time;
    return kept;
  }

  /** Pixels that were muted when their latest event came. */
  get muted(): number {
    return this.#empty.reduce((sum, empty) => sum + (empty < 0 ? 1 : 0), 0);
  }
}
