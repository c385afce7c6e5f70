import type { BodyFrames } from "./body-frames.js";
import { type Flow, flowAt, motionAt, stillFlow } from "./flow.js";
import { sampleField } from "./raster.js";

/** Only here the outline is seen. */
const BAND_PIXELS = 3;
/** What a neighbour frame says is believed where it says nearly the same: pixels of outline, mm of depth. */
const OUTLINE_GAP = 1.2;
const DEPTH_GAP = 60;

/**
 * Takes the depth camera's trembling away: each pixel becomes the mean of itself and of where it was a frame before and will be a frame
 * after, where those agree. A depth camera measures the edge of a body anew in each frame, a pixel or two off, and light would flicker.
 * @param flows  half-way flows, one for each pair of frames
 */
export function steadied(frames: BodyFrames, flows: readonly Flow[]): BodyFrames {
  const { pixels, count } = frames;
  const sums = { outline: Float32Array.from(frames.outline), depth: Float32Array.from(frames.depth) };
  const parts = { outline: new Uint8Array(frames.outline.length).fill(1), depth: new Uint8Array(frames.depth.length).fill(1) };
  const seen = stillFlow(frames);
  for (let first = 0; first + 1 < count; first++) {
    flowAt(frames, first, flows[first]!, 0, seen);
    addNeighbour(frames, first, 1, seen, sums, parts);
    flowAt(frames, first, flows[first]!, 1, seen);
    addNeighbour(frames, first + 1, -1, seen, sums, parts);
  }
  for (let at = 0; at < count * pixels; at++) {
    if (parts.outline[at] !== 1) sums.outline[at] = sums.outline[at]! / parts.outline[at]!;
    if (parts.depth[at] !== 1) sums.depth[at] = sums.depth[at]! / parts.depth[at]!;
  }
  return { ...frames, ...sums };
}

interface Both<T> {
  readonly outline: T;
  readonly depth: T;
}

/** Adds to each pixel of a frame what the frame after it (side 1) or before it (side −1) shows of the same place of the person. */
function addNeighbour(frames: BodyFrames, frame: number, side: 1 | -1, flow: Flow, sums: Both<Float32Array>, parts: Both<Uint8Array>): void {
  const { width, pixels, outline, depth } = frames;
  const base = frame * pixels;
  const other = base + side * pixels;
  const still = flow.moving.length === 0;
  const [left, top, right, bottom] = [0, 1, 2, 3].map((side) => frames.boxes[frame * 4 + side]!) as [number, number, number, number];
  for (let y = top - BAND_PIXELS; y < bottom + BAND_PIXELS; y++)
    for (let x = left - BAND_PIXELS, pixel = y * width + x; x < right + BAND_PIXELS; x++, pixel++) {
      const at = base + pixel;
      const here = outline[at]!;
      if (here > BAND_PIXELS) continue;
      const dx = still ? 0 : side * motionAt(flow, flow.x, x, y);
      const dy = still ? 0 : side * motionAt(flow, flow.y, x, y);
      const unmoved = dx === 0 && dy === 0;
      const there = unmoved ? outline[other + pixel]! : sampleField(outline, other, width, x + dx, y + dy);
      if (Math.abs(there - here) < OUTLINE_GAP) {
        sums.outline[at] = sums.outline[at]! + there;
        parts.outline[at]!++;
      }
      const z = depth[at]!;
      const zThere = depth[other + (unmoved ? pixel : Math.round(y + dy) * width + Math.round(x + dx))]!;
      if (z > 0 && Math.abs(zThere - z) < DEPTH_GAP) {
        sums.depth[at] = sums.depth[at]! + zThere;
        parts.depth[at]!++;
      }
    }
}
