import { createDenoiser, type DenoiseOptions } from "../../host/denoise/denoiser.js";
import type { Drops, Events, SensorSize } from "../../host/types.js";
import type { TimedEvent } from "../reference/denoise.js";

/** A batch of its own columns. */
export function batchOf(events: readonly TimedEvent[]): Events {
  return {
    count: events.length,
    t: Float64Array.from(events, ({ t }) => t),
    x: Uint16Array.from(events, ({ x }) => x),
    y: Uint16Array.from(events, ({ y }) => y),
    p: Uint8Array.from(events, ({ p }) => p),
  };
}

export const listOf = ({ count, t, x, y, p }: Events): TimedEvent[] =>
  Array.from({ length: count }, (_, i) => ({ t: t[i]!, x: x[i]!, y: y[i]!, p: p[i]! }));

/** Filters events in batches of the given lengths, used again from the first when they end; none: all at once. */
export function denoised(events: readonly TimedEvent[], options: DenoiseOptions, size: SensorSize, cuts: readonly number[] = []): {
  readonly kept: readonly TimedEvent[];
  readonly drops: Drops;
  readonly muted: number;
} {
  const denoiser = createDenoiser(options, size), kept: TimedEvent[] = [];
  for (let at = 0, k = 0; at < events.length; k++) {
    const length = cuts.length === 0 ? events.length : cuts[k % cuts.length]!;
    kept.push(...listOf(denoiser.filter(batchOf(events.slice(at, at + length)))));
    at += length;
  }
  return { kept, drops: denoiser.drops, muted: denoiser.mutedPixels };
}
