import type { SensorSize } from "../types.js";
import { DIGIT_GLYPHS } from "./glyphs.js";
import { writeGlyph } from "./handwriting.js";
import { DRAWING_PIXELS, inkAt, writeInk } from "./ink.js";
import type { Random } from "./random.js";
import { saccadePath } from "./saccades.js";
import type { Scene } from "./scene.js";

/** N-MNIST's sensor window. */
export const NMNIST_SIZE: SensorSize = { width: 34, height: 34 };

/** Light of full ink beside bare paper: e^−1.6. In N-MNIST's files ON is where ink leaves: its digits are dark on a bright field. */
const INK_LIGHT = 0.2;
const LENS_PIXELS = 0.55;
const PEN_PIXELS = { least: 1.5, most: 3.6 } as const;
/** Where the path's middle lies beside the field's middle, pixels: as the recordings' mean position. */
const OFF_CENTRE = { x: 0.4, y: 1.65 } as const;

/** A handwritten digit on paper, before a camera that makes three saccades in 300 ms and then again. */
export function digitScene(digit: number, random: Random, { width, height }: SensorSize = NMNIST_SIZE): Scene {
  const glyphs = DIGIT_GLYPHS[digit];
  if (glyphs === undefined) throw new RangeError(`no digit: ${digit}`);
  const ink = writeInk(writeGlyph(random.pick(glyphs), random), random.between(PEN_PIXELS.least, PEN_PIXELS.most), LENS_PIXELS);
  const path = saccadePath();
  const left = (width - DRAWING_PIXELS) / 2 + OFF_CENTRE.x;
  const top = (height - DRAWING_PIXELS) / 2 + OFF_CENTRE.y;
  return {
    width,
    height,
    render(t, light) {
      const x0 = 0.5 - left - path.x(t);
      const y0 = 0.5 - top - path.y(t);
      for (let y = 0; y < height; y++) {
        for (let x = 0; x < width; x++) light[y * width + x] = 1 - (1 - INK_LIGHT) * inkAt(ink, x + x0, y + y0);
      }
    },
  };
}
