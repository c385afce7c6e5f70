import type { Events } from "../types.js";

export type Columns = Omit<Events, "count">;

/** Why an event was taken out, and what is said of it. */
export const DENOISE_REASONS = {
  hot_pixel: "events of pixels that fire without a rest",
  background_activity: "events that no neighbour's event stands by",
  refractory: "events that came too soon after another of their pixel",
} as const;

export type DenoiseReason = keyof typeof DENOISE_REASONS;

/** One rule that takes events out. It holds all state between calls, fixed in size when it is made. */
export interface EventFilter {
  readonly reason: DenoiseReason;
  /**
   * Keeps some of from[0 .. count), in order; events on pixels that the sensor does not have are kept and change nothing.
   * @param to where they go, from 0 on; it may be `from`   @returns how many were kept
   */
  filter(from: Columns, count: number, to: Columns): number;
}

/** No filter looks back further, µs: a minute. */
export const MOST_MICROS = 60_000_000;
