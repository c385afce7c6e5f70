import type { SensorSize } from "../types.js";
import type { Columns, EventFilter } from "./filter.js";
import { RecentClock } from "./recent-clock.js";

const SECOND = 1_000_000;
/** No pixel of a sensor is faster, events a second. */
export const MOST_RATE = 1_000_000;

/**
 * Hot pixels: a pixel that goes on firing above a rate is muted until it has rested.
 *
 * A pixel has a bucket that holds a second's worth of events at the rate, and leaks at the rate. Each of its events is put in. When one does
 * not fit, some span of s seconds just now had more than rate · (s + 1) events: the pixel is muted. It is heard again when the bucket is
 * down to half: its events, which go on being put in as far as they fit, then come more slowly than the rate. So a pixel at twice the
 * rate is muted after a second, one at ten times after a ninth of a second, and one that falls silent is free after half a second.
 *
 * Memory: 9 bytes a pixel. Level and rate are whole: an event is SECOND, a µs leaks `rate`.
 * Range: now < 2^31 and rate ≤ 10^6, so now · rate + a full bucket < 2^52: exact.
 */
export class HotPixelFilter implements EventFilter {
  readonly reason = "hot_pixel";
  readonly #clock = new RecentClock(SECOND);
  /** f64[h, w], whole: when the pixel's bucket will be empty, in µs · rate. */
  readonly #empty: Float64Array;
  /** u8[h, w]: 1 for a muted pixel. */
  readonly #hot: Uint8Array;

  /** @param rate events a second, 1 to MOST_RATE */
  constructor(
    readonly rate: number,
    readonly size: SensorSize,
  ) {
    this.#empty = new Float64Array(size.width * size.height);
    this.#hot = new Uint8Array(size.width * size.height);
  }

  filter(from: Columns, count: number, to: Columns): number {
    const { rate, size: { width, height } } = this, { t, x, y, p } = from, clock = this.#clock;
    const empty = this.#empty, hot = this.#hot, capacity = rate * SECOND;
    let kept = 0;
    for (let i = 0; i < count; i++) {
      if (clock.full) this.#restart();
      const time = t[i]!, column = x[i]!, row = y[i]!, now = clock.tick(time) * rate;
      if (column < width && row < height) {
        const at = row * width + column, before = empty[at]!;
        const rest = before > now ? before - now : 0, level = rest + SECOND;
        if (level > capacity) hot[at] = 1;
        else if (2 * rest <= capacity) hot[at] = 0;
        empty[at] = now + (level > capacity ? capacity : level);
        if (hot[at] === 1) continue;
      }
      to.t[kept] = time;
      to.x[kept] = column;
      to.y[kept] = row;
      to.p[kept++] = p[i]!;
    }
    return kept;
  }

  /** Pixels that were muted when their latest event came. */
  get muted(): number {
    return this.#hot.reduce((sum, one) => sum + one, 0);
  }

  #restart(): void {
    const shift = this.#clock.restart() * this.rate, empty = this.#empty;
    for (let at = 0; at < empty.length; at++) empty[at] = Math.max(0, empty[at]! - shift);
  }
}
