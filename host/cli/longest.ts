import type { Micros } from "../types.js";

/** What lasts from start to end, exclusive; null: it has not ended. */
interface Lasting {
  readonly start: Micros;
  readonly end: Micros | null;
}

/** A decision comes after what it is about: so long after an interval it still counts for it, unless the next one has begun. */
const LATE_MICROS: Micros = 1_000_000;

/** Until when decisions count for an interval. @param next  start of the next one */
export function countsUntil(end: Micros, next: Micros = Infinity): Micros {
  return Math.min(end + LATE_MICROS, next);
}

/** How long something was on within an interval, µs; 0 or less: not at all. */
export function overlap(of: Lasting, start: Micros, end: Micros): Micros {
  return Math.min(of.end ?? end, end) - Math.max(of.start, start);
}

/** What was on for the longest part of an interval, of equals the first; undefined when nothing was. */
export function longestWithin<T extends Lasting>(all: Iterable<T>, start: Micros, end: Micros): T | undefined {
  let best: T | undefined;
  let longest = 0;
  for (const each of all) {
    const lasted = overlap(each, start, end);
    if (lasted > longest) [best, longest] = [each, lasted];
  }
  return best;
}
