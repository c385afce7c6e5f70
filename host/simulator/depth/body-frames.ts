import type { DepthClip } from "./clip.js";
import { outlineDistance } from "./outline.js";
import type { Raster } from "./raster.js";

/** Empty room about the person, so that whatever looks near them stays inside. */
export const MARGIN_PIXELS = 36;

/** What a clip's frames show of the person, as smooth fields that can be looked at between pixels. */
export interface BodyFrames extends Raster {
  readonly count: number;
  /** Pixels of one frame. */
  readonly pixels: number;
  /** f32[count, height, width]: distance from the outline, pixels, negative on the person. */
  readonly outline: Float32Array;
  /** f32[count, height, width]: mm; on the person, and a little beyond; elsewhere 0. */
  readonly depth: Float32Array;
}

/** Depth further apart than this is of another limb, mm. */
const LIMB_GAP = 90;

/**
 * Smooth fields of each frame of a clip.
 * @param mirror whether to swap left and right
 */
export function bodyFrames({ frames, width: shown, height: tall, millimetres }: DepthClip, mirror: boolean): BodyFrames {
  const width = shown + 2 * MARGIN_PIXELS;
  const height = tall + 2 * MARGIN_PIXELS;
  const pixels = width * height;
  const raster = { width, height };
  const outline = new Float32Array(frames * pixels);
  const depth = new Float32Array(frames * pixels);
  const shape = new Uint8Array(pixels);
  const room = new Float32Array(pixels);
  const measured = new Float32Array(pixels);
  for (let frame = 0; frame < frames; frame++) {
    shape.fill(0);
    measured.fill(0);
    for (let y = 0; y < tall; y++)
      for (let x = 0; x < shown; x++) {
        const z = millimetres[(frame * tall + y) * shown + x]!;
        const at = (y + MARGIN_PIXELS) * width + MARGIN_PIXELS + (mirror ? shown - 1 - x : x);
        shape[at] = z === 0 ? 0 : 1;
        measured[at] = z;
      }
    outlineDistance(shape, raster, outline.subarray(frame * pixels, (frame + 1) * pixels), room);
    const smoothed = depth.subarray(frame * pixels, (frame + 1) * pixels);
    smoothDepth(measured, raster, room);
    smoothDepth(room, raster, smoothed);
    const distance = outline.subarray(frame * pixels, (frame + 1) * pixels);
    for (let i = 0; i < 3; i++) growOutward(smoothed, distance, raster, room);
  }
  return { width, height, pixels, count: frames, outline, depth };
}

/** Mean of what is near in the picture and near in depth: takes the sensor's steps away, keeps the edges of limbs. */
function smoothDepth(from: Float32Array, { width, height }: Raster, to: Float32Array): void {
  to.fill(0);
  for (let y = MARGIN_PIXELS; y < height - MARGIN_PIXELS; y++)
    for (let x = MARGIN_PIXELS; x < width - MARGIN_PIXELS; x++) {
      const at = y * width + x;
      const z = from[at]!;
      if (z === 0) continue;
      let sum = 0;
      let count = 0;
      for (let near = at - 2 * width - 2; near <= at + 2 * width; near += width)
        for (let i = near; i < near + 5; i++)
          if (Math.abs(from[i]! - z) < LIMB_GAP) {
            sum += from[i]!;
            count++;
          }
      to[at] = sum / count;
    }
}

/** Further from the person than this nothing is grown, pixels. */
const GROWN_PIXELS = 4;

/** Gives each pixel of value 0 beside others the mean of those, near the person. @param outline of that frame */
export function growOutward(field: Float32Array, outline: Float32Array, { width, height }: Raster, room: Float32Array): void {
  room.set(field);
  for (let at = width; at < (height - 1) * width; at++) {
    if (outline[at]! > GROWN_PIXELS || room[at] !== 0) continue;
    const left = room[at - 1]!;
    const right = room[at + 1]!;
    const above = room[at - width]!;
    const below = room[at + width]!;
    const count = (left === 0 ? 0 : 1) + (right === 0 ? 0 : 1) + (above === 0 ? 0 : 1) + (below === 0 ? 0 : 1);
    if (count > 0) field[at] = (left + right + above + below) / count;
  }
}
