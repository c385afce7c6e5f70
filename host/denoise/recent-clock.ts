import type { Micros } from "../types.js";

/**
 * Time for filters that look back by no more than `horizon`: whole µs in an i32, so that all a pixel needs is an i32.
 *
 * It goes on with the events. A gap longer than the horizon counts as horizon + 1, for all that was before is out of sight either way; so does
 * a fall of time, for then the sensor's clock began anew and what was before tells nothing. So 0 is always out of sight: it stands for a
 * pixel that has not been seen. A filter's loop keeps `now` and `time` in variables of its own:
 *
 *     now = after(now, t[i] − time, horizon);  time = t[i];  if (now > limit) now = restart(clock, now, times);
 */
export interface RecentClock {
  readonly horizon: Micros;
  /** now + horizon + 1 and, after one more event, now + horizon, are still an i32. */
  readonly limit: number;
  now: number;
  /** The latest event's, as the sensor tells it. */
  time: Micros;
}

/** @param horizon µs, 1 to 2^28 */
export function recentClock(horizon: Micros): RecentClock {
  return { horizon, limit: 2 ** 31 - 1 - 2 * (horizon + 1), now: horizon + 1, time: NaN };
}

/** @param step µs from the latest event to this one; not a number for the first   @returns now */
export function after(now: number, step: Micros, horizon: Micros): number {
  return (now + ((step >= 0 && step <= horizon ? step : horizon + 1) | 0)) | 0;
}

/**
 * Begins again, about once in 35 minutes: what is in sight stays as far back, or ahead, as it was; all else becomes 0. Times below 0 are
 * those of pixels with a mark, and keep it.
 * @returns now
 */
export function restart({ horizon }: RecentClock, now: number, times: Int32Array): number {
  const shift = now - (horizon + 1);
  for (let at = 0; at < times.length; at++) {
    const time = times[at]!;
    times[at] = time < 0 ? Math.min(0, time + shift) : Math.max(0, time - shift);
  }
  return horizon + 1;
}
