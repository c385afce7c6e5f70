import type { Drops, Events, Micros, SensorSize } from "../types.js";
import { SaccadeError } from "../errors.js";
import { BackgroundActivityFilter } from "./background-activity.js";
import { type Columns, type EventFilter, MOST_MICROS } from "./filter.js";
import { HotPixelFilter, MOST_RATE } from "./hot-pixels.js";
import { RefractoryFilter } from "./refractory.js";

/** Filters of events; what is undefined is off. */
export interface DenoiseOptions {
  /** An event without a neighbour's within so many µs is background activity: 1 to MOST_MICROS. */
  readonly backgroundActivityMicros?: Micros | undefined;
  /** A pixel's events this soon, µs, after one that was kept are taken out: 1 to MOST_MICROS. */
  readonly refractoryMicros?: Micros | undefined;
  /** A pixel with more events a second than this, sustained, is hot and muted: 1 to MOST_RATE. */
  readonly hotPixelRate?: number | undefined;
}

/** Takes noise out of the events of one sensor. The same events give the same however they are cut into batches. */
export interface Denoiser {
  /** Events that were taken out, by reason (DENOISE_REASONS); a reason appears only once there is one. */
  readonly drops: Drops;
  /** Pixels that are muted as hot. */
  readonly mutedPixels: number;
  /** @returns the events that are kept, valid until the next call; without any filter the batch itself. It may hold none. */
  filter(events: Events): Events;
}

/**
 * Hot pixels go first, so that they stand by no neighbour; background activity sees all other events, for each is evidence; the refractory
 * period is last, so that noise never shadows an event that means something.
 * Memory: 12 bytes a pixel, and columns for the longest batch.
 * @param size of the sensor; events elsewhere pass: whoever uses events counts those
 * @throws SaccadeError CONFIG_INVALID for a number out of its range
 */
export function createDenoiser(options: DenoiseOptions, size: SensorSize): Denoiser {
  const { backgroundActivityMicros, refractoryMicros, hotPixelRate } = options;
  const filters: EventFilter[] = [];
  let hot: HotPixelFilter | undefined;
  if (hotPixelRate !== undefined) filters.push((hot = new HotPixelFilter(checked("the hot pixels' rate", hotPixelRate, MOST_RATE), size)));
  if (backgroundActivityMicros !== undefined)
    filters.push(new BackgroundActivityFilter(checked("the time of background activity", backgroundActivityMicros, MOST_MICROS), size));
  if (refractoryMicros !== undefined) filters.push(new RefractoryFilter(checked("the refractory period", refractoryMicros, MOST_MICROS), size));
  return new FilterChain(filters, hot);
}

function checked(what: string, value: number, most: number): number {
  if (Number.isInteger(value) && value >= 1 && value <= most) return value;
  throw new SaccadeError("CONFIG_INVALID", `${what} is ${value}`, `use a whole number from 1 to ${most}`);
}

class Kept implements Events {
  count = 0;
  readonly t: Float64Array;
  readonly x: Uint16Array;
  readonly y: Uint16Array;
  readonly p: Uint8Array;
  constructor(capacity: number) {
    this.t = new Float64Array(capacity);
    this.x = new Uint16Array(capacity);
    this.y = new Uint16Array(capacity);
    this.p = new Uint8Array(capacity);
  }
}

class FilterChain implements Denoiser {
  readonly drops: Drops = {};
  #kept = new Kept(0);

  constructor(
    readonly filters: readonly EventFilter[],
    readonly hot: HotPixelFilter | undefined,
  ) {}

  get mutedPixels(): number {
    return this.hot?.muted ?? 0;
  }

  filter(events: Events): Events {
    if (this.filters.length === 0) return events;
    if (this.#kept.t.length < events.count) this.#kept = new Kept(events.count);
    const kept = this.#kept;
    let from: Columns = events, left = events.count;
    for (const filter of this.filters) {
      const stay = filter.filter(from, left, kept);
      if (stay < left) this.drops[filter.reason] = (this.drops[filter.reason] ?? 0) + left - stay;
      left = stay;
      from = kept;
    }
    kept.count = left;
    return kept;
  }
}
