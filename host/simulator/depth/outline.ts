import { smooth, type Raster } from "./raster.js";

/** Beyond this many pixels a distance is not told further. */
export const FAR_PIXELS = 10;

const STRAIGHT = 0.95509;
const DIAGONAL = 1.3693;

/**
 * How far each pixel is from the outline of a shape, pixels, negative inside, cut at ±FAR_PIXELS, smoothed by about a pixel.
 * @param cover f32[height, width], 0..1, how much of each pixel the shape covers; 0 in the outermost pixels   @param out f32[height, width]
 * Source: Borgefors 1986, doi:10.1016/S0734-189X(86)80047-0, the two-pass chamfer distance with its best real weights for 3 × 3; that a
 * pixel covered by half has the outline at its centre, one by all of it half a pixel beyond, is ours.
 */
export function outlineDistance(cover: Float32Array, raster: Raster, out: Float32Array, room: Float32Array): void {
  for (let i = 0; i < out.length; i++) {
    const covered = cover[i]!;
    out[i] = covered === 0 ? FAR_PIXELS : 0.5 - covered;
    room[i] = covered === 1 ? FAR_PIXELS : covered - 0.5;
  }
  chamfer(out, raster);
  chamfer(room, raster);
  for (let i = 0; i < out.length; i++) if (cover[i] === 1) out[i] = -room[i]!;
  smooth(out, raster, room);
}

/** The least of each pixel's value and its neighbours' with the way from there. */
function chamfer(field: Float32Array, { width, height }: Raster): void {
  for (let y = 1; y < height - 1; y++)
    for (let x = 1, at = y * width + 1; x < width - 1; x++, at++) {
      const above = at - width;
      let least = field[at]!;
      if (least <= 0.5) continue;
      const before = Math.min(field[at - 1]!, field[above]!) + STRAIGHT;
      const slanted = Math.min(field[above - 1]!, field[above + 1]!) + DIAGONAL;
      if (before < least) least = before;
      field[at] = slanted < least ? slanted : least;
    }
  for (let y = height - 2; y > 0; y--)
    for (let x = width - 2, at = y * width + x; x > 0; x--, at--) {
      const below = at + width;
      let least = field[at]!;
      if (least <= 0.5) continue;
      const before = Math.min(field[at + 1]!, field[below]!) + STRAIGHT;
      const slanted = Math.min(field[below - 1]!, field[below + 1]!) + DIAGONAL;
      if (before < least) least = before;
      field[at] = slanted < least ? slanted : least;
    }
}
