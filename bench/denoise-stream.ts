import { Random } from "../host/simulator/random.js";
import type { Events, SensorSize } from "../host/types.js";

/** What an event of a made stream comes from. */
export const CAUSES = ["edge", "noise", "hot pixel"] as const;

/** Events whose cause is known: an index of CAUSES each. */
export interface KnownEvents extends Events {
  readonly cause: Uint8Array;
}

/** Edges that cross the sensor, pixels a second, how wide they are seen, pixels, and events of a pixel that one crosses. */
const EDGES = 4, EDGE_SPEED = 400, EDGE_WIDTH = 3, EDGE_EVENTS = 0.5;
/** Events a second: shot noise of each pixel, and a hot pixel's. */
const NOISE_RATE = 3, HOT_RATE = 10_000;
const HOT_PIXELS = 8;

/** Upright edges that move to the right, shot noise, and hot pixels: about as busy and as bad as a camera in a dim room. */
export function knownEvents(count: number, { width, height }: SensorSize): KnownEvents {
  const random = new Random(1);
  const hot = Array.from({ length: HOT_PIXELS }, () => ({ x: random.below(width), y: random.below(height) }));
  const edgeRate = EDGE_EVENTS * EDGES * EDGE_SPEED * height, noiseRate = NOISE_RATE * width * height;
  const total = edgeRate + noiseRate + HOT_PIXELS * HOT_RATE;
  const t = new Float64Array(count), x = new Uint16Array(count), y = new Uint16Array(count), p = new Uint8Array(count);
  const cause = new Uint8Array(count);
  let seconds = 0;
  for (let i = 0; i < count; i++) {
    seconds -= Math.log(1 - random.uniform()) / total;
    const drawn = random.uniform() * total;
    const place = { x: random.below(width), y: random.below(height) };
    if (drawn < edgeRate) {
      const edge = (random.below(EDGES) * width) / EDGES + seconds * EDGE_SPEED;
      place.x = Math.floor(edge + EDGE_WIDTH * random.uniform()) % width;
    } else cause[i] = drawn < edgeRate + noiseRate ? 1 : 2;
    const at = cause[i] === 2 ? random.pick(hot) : place;
    t[i] = Math.floor(seconds * 1e6);
    x[i] = at.x;
    y[i] = at.y;
    p[i] = random.below(2);
  }
  return { count, t, x, y, p, cause };
}
