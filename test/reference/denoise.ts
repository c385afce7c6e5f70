import type { DenoiseOptions } from "../../host/denoise/denoiser.js";
import type { SensorSize } from "../../host/types.js";

export interface TimedEvent {
  readonly t: number;
  readonly x: number;
  readonly y: number;
  readonly p: number;
}

/** The events that a rule keeps. What lies outside the sensor is kept and nobody's neighbour. */
export type Rule = (events: readonly TimedEvent[], size: SensorSize) => TimedEvent[];

const within = ({ x, y }: TimedEvent, { width, height }: SensorSize): boolean => x < width && y < height;
const keyOf = ({ x, y }: TimedEvent): string => `${x},${y}`;

/** Runs between falls of time: what was before a fall tells nothing of what is after. */
function runs(events: readonly TimedEvent[]): TimedEvent[][] {
  const found: TimedEvent[][] = [];
  let before = Infinity;
  for (const event of events) {
    if (event.t < before) found.push([]);
    found.at(-1)!.push(event);
    before = event.t;
  }
  return found;
}

/** Looks back over every earlier event, as far as `micros`. */
export const backgroundActivity = (micros: number): Rule => (events, size) =>
  runs(events).flatMap((run) => run.filter((event, i) => {
    if (!within(event, size)) return true;
    for (let k = i - 1; k >= 0 && event.t - run[k]!.t <= micros; k--) {
      const dx = Math.abs(run[k]!.x - event.x), dy = Math.abs(run[k]!.y - event.y);
      if (within(run[k]!, size) && Math.max(dx, dy) === 1) return true;
    }
    return false;
  }));

export const refractory = (micros: number): Rule => (events, size) =>
  runs(events).flatMap((run) => {
    const kept = new Map<string, number>();
    return run.filter((event) => {
      if (!within(event, size)) return true;
      const last = kept.get(keyOf(event));
      if (last !== undefined && event.t < last + micros) return false;
      kept.set(keyOf(event), event.t);
      return true;
    });
  });

/** A bucket a pixel that holds a second, µs of any number. */
export const hotPixels = (rate: number): Rule => (events, size) =>
  runs(events).flatMap((run) => {
    const share = 1_000_000n / BigInt(rate), full = 1_000_000n;
    const pixels = new Map<string, { level: bigint; at: number; hot: boolean }>();
    return run.filter((event) => {
      if (!within(event, size)) return true;
      const pixel = pixels.get(keyOf(event)) ?? { level: 0n, at: event.t, hot: false };
      pixels.set(keyOf(event), pixel);
      pixel.level -= BigInt(event.t - pixel.at);
      if (pixel.level < 0n) pixel.level = 0n;
      const fits = pixel.level + share <= full;
      if (!fits) pixel.hot = true;
      else if (2n * pixel.level <= full) pixel.hot = false;
      pixel.level = fits ? pixel.level + share : full;
      pixel.at = event.t;
      return !pixel.hot;
    });
  });

/** All that are set, in their order, and how many events each took out. */
export function denoise(events: readonly TimedEvent[], options: DenoiseOptions, size: SensorSize): {
  readonly kept: readonly TimedEvent[];
  readonly drops: Readonly<Record<string, number>>;
} {
  const { hotPixelRate, backgroundActivityMicros, refractoryMicros } = options;
  const rules: readonly (readonly [reason: string, rule: Rule | undefined])[] = [
    ["hot_pixel", hotPixelRate === undefined ? undefined : hotPixels(hotPixelRate)],
    ["background_activity", backgroundActivityMicros === undefined ? undefined : backgroundActivity(backgroundActivityMicros)],
    ["refractory", refractoryMicros === undefined ? undefined : refractory(refractoryMicros)],
  ];
  const drops: Record<string, number> = {};
  let left = events;
  for (const [reason, rule] of rules) {
    const kept = rule?.(left, size) ?? left;
    if (kept.length < left.length) drops[reason] = left.length - kept.length;
    left = kept as TimedEvent[];
  }
  return { kept: left, drops };
}
