import { smooth, type Raster } from "./raster.js";

/** Beyond this many pixels a distance is not told further. */
export const FAR_PIXELS = 18;

const STRAIGHT = 0.95509;
const DIAGONAL = 1.36930;

/**
 * How far each pixel is from the outline of a shape, pixels, negative inside, cut at ±FAR_PIXELS, smoothed by about a pixel.
 * @param shape u8[height, width], not 0 inside   @param out f32[height, width]
 * Source: Borgefors 1986, doi:10.1016/S0734-189X(86)80047-0, the two-pass chamfer distance with its best real weights for 3 × 3.
 */
export function outlineDistance(shape: Uint8Array, raster: Raster, out: Float32Array, room: Float32Array): void {
  for (let i = 0; i < out.length; i++) out[i] = shape[i] === 0 ? FAR_PIXELS : 0;
  chamfer(out, raster);
  for (let i = 0; i < out.length; i++) room[i] = shape[i] === 0 ? 0 : FAR_PIXELS;
  chamfer(room, raster);
  // The outline runs half a pixel from the centres on both of its sides.
  for (let i = 0; i < out.length; i++) out[i] = out[i]! > 0 ? Math.min(FAR_PIXELS, out[i]! - 0.5) : 0.5 - room[i]!;
  smooth(out, raster, room);
}

function chamfer(field: Float32Array, { width, height }: Raster): void {
  for (let y = 1; y < height; y++)
    for (let x = 1, at = y * width + 1; x < width - 1; x++, at++) {
      const above = at - width;
      let least = field[at]!;
      if (least === 0) continue;
      if (field[at - 1]! + STRAIGHT < least) least = field[at - 1]! + STRAIGHT;
      if (field[above]! + STRAIGHT < least) least = field[above]! + STRAIGHT;
      if (field[above - 1]! + DIAGONAL < least) least = field[above - 1]! + DIAGONAL;
      if (field[above + 1]! + DIAGONAL < least) least = field[above + 1]! + DIAGONAL;
      field[at] = least;
    }
  for (let y = height - 2; y >= 0; y--)
    for (let x = width - 2, at = y * width + x; x > 0; x--, at--) {
      const below = at + width;
      let least = field[at]!;
      if (least === 0) continue;
      if (field[at + 1]! + STRAIGHT < least) least = field[at + 1]! + STRAIGHT;
      if (field[below]! + STRAIGHT < least) least = field[below]! + STRAIGHT;
      if (field[below - 1]! + DIAGONAL < least) least = field[below - 1]! + DIAGONAL;
      if (field[below + 1]! + DIAGONAL < least) least = field[below + 1]! + DIAGONAL;
      field[at] = least;
    }
}
