import type { DepthClip } from "./clip.js";
import { outlineDistance } from "./outline.js";
import type { Raster } from "./raster.js";

/** Pixels of the depth camera, in each direction, that make one pixel here: about one of the event camera's. */
export const BINNING = 2;

/** Empty room about the person, so that whatever looks near them stays inside. */
export const MARGIN_PIXELS = 18;

/** What a clip's frames show of the person, as smooth fields that can be looked at between pixels. */
export interface BodyFrames extends Raster {
  readonly count: number;
  /** Pixels of one frame. */
  readonly pixels: number;
  /** f32[count, height, width]: distance from the outline, pixels, negative on the person. */
  readonly outline: Float32Array;
  /** f32[count, height, width]: mm; on the person, and a little beyond; elsewhere 0. */
  readonly depth: Float32Array;
  /** i32[count, 4]: left, top, right, bottom of what of the person is seen; right and bottom exclusive. */
  readonly boxes: Int32Array;
}

/** Depth further apart than this is of another limb, mm. */
const LIMB_GAP = 90;

/**
 * Smooth fields of each frame of a clip, from bins of its pixels.
 * @param mirror whether to swap left and right
 */
export function bodyFrames(clip: DepthClip, mirror: boolean): BodyFrames {
  const { frames: count } = clip;
  const width = Math.ceil(clip.width / BINNING) + 2 * MARGIN_PIXELS;
  const height = Math.ceil(clip.height / BINNING) + 2 * MARGIN_PIXELS;
  const pixels = width * height;
  const raster = { width, height };
  const outline = new Float32Array(count * pixels);
  const depth = new Float32Array(count * pixels);
  const boxes = new Int32Array(count * 4);
  const cover = new Float32Array(pixels);
  const room = new Float32Array(pixels);
  const measured = new Float32Array(pixels);
  for (let frame = 0; frame < count; frame++) {
    bin(clip, frame, mirror, raster, cover, measured);
    boxes.set(boxOf(cover, raster), frame * 4);
    const distance = outline.subarray(frame * pixels, (frame + 1) * pixels);
    outlineDistance(cover, raster, distance, room);
    const smoothed = depth.subarray(frame * pixels, (frame + 1) * pixels);
    smoothDepth(measured, raster, room);
    smoothDepth(room, raster, smoothed);
    for (let i = 0; i < 2; i++) growOutward(smoothed, distance, raster, room);
  }
  return { width, height, pixels, count, outline, depth, boxes };
}

/** Gathers a frame's pixels: how much of each bin the person covers, and the nearest limb's mean depth. */
function bin(clip: DepthClip, frame: number, mirror: boolean, { width }: Raster, cover: Float32Array, measured: Float32Array): void {
  cover.fill(0);
  measured.fill(0);
  const { millimetres } = clip;
  const base = frame * clip.width * clip.height;
  for (let y = 0; y < clip.height; y += BINNING)
    for (let x = 0; x < clip.width; x += BINNING) {
      let nearest = 65536;
      let covered = 0;
      for (let v = y; v < Math.min(y + BINNING, clip.height); v++)
        for (let u = x; u < Math.min(x + BINNING, clip.width); u++) {
          const z = millimetres[base + v * clip.width + (mirror ? clip.width - 1 - u : u)]!;
          if (z === 0) continue;
          covered++;
          if (z < nearest) nearest = z;
        }
      if (covered === 0) continue;
      let sum = 0;
      let parts = 0;
      for (let v = y; v < Math.min(y + BINNING, clip.height); v++)
        for (let u = x; u < Math.min(x + BINNING, clip.width); u++) {
          const z = millimetres[base + v * clip.width + (mirror ? clip.width - 1 - u : u)]!;
          if (z === 0 || z > nearest + LIMB_GAP) continue;
          sum += z;
          parts++;
        }
      const at = (y / BINNING + MARGIN_PIXELS) * width + x / BINNING + MARGIN_PIXELS;
      cover[at] = covered / BINNING ** 2;
      measured[at] = sum / parts;
    }
}

function boxOf(cover: Float32Array, { width, height }: Raster): readonly number[] {
  let left = width;
  let right = 0;
  let top = height;
  let bottom = 0;
  for (let y = MARGIN_PIXELS; y < height - MARGIN_PIXELS; y++)
    for (let x = MARGIN_PIXELS; x < width - MARGIN_PIXELS; x++) {
      if (cover[y * width + x] === 0) continue;
      left = Math.min(left, x);
      right = Math.max(right, x + 1);
      top = Math.min(top, y);
      bottom = y + 1;
    }
  return right === 0 ? [width >> 1, height >> 1, width >> 1, height >> 1] : [left, top, right, bottom];
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
      for (let near = at - width - 1; near < at + 2 * width - 1; near += width)
        for (let i = near; i < near + 3; i++)
          if (Math.abs(from[i]! - z) < LIMB_GAP) {
            sum += from[i]!;
            count++;
          }
      to[at] = sum / count;
    }
}

/** Further from the person than this nothing is grown, pixels. */
const GROWN_PIXELS = 3;

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
