import type { Polyline } from "./handwriting.js";

/** Ink of a drawing, 0 .. 1, finer than a pixel and smooth, so that it can be looked at from any sub-pixel position. */
export interface Ink {
  /** f32[side, side] */
  readonly values: Float32Array;
  readonly side: number;
  /** Samples of one pixel, along a side. */
  readonly finer: number;
}

/** Pixels along a side of a drawing, and the longer side of what is written in it: MNIST's measures. */
export const DRAWING_PIXELS = 28;
const WRITTEN_PIXELS = 20;
const FINER = 4;

/**
 * Writes with a round pen into a drawing of 28 × 28 pixels: scaled so that the ink's longer side is 20 pixels, its centre of mass in
 * the middle (as MNIST's digits are), seen through a lens.
 * @param penPixels   diameter of the pen
 * @param blurPixels  deviation of the lens' point spread
 */
export function writeInk(lines: readonly Polyline[], penPixels: number, blurPixels: number): Ink {
  const side = DRAWING_PIXELS * FINER;
  const fitted = fit(lines, penPixels);
  const values = new Float32Array(side * side);
  for (const line of fitted) drawLine(values, side, line, penPixels / 2);
  const centred = centre(values, side);
  blur(centred, side, blurPixels * FINER);
  return { values: centred, side, finer: FINER };
}

/** @returns the lines in pixels, their ink in the middle of the drawing. */
function fit(lines: readonly Polyline[], pen: number): Polyline[] {
  const low = [Infinity, Infinity] as [number, number];
  const high = [-Infinity, -Infinity] as [number, number];
  for (const line of lines) {
    line.forEach((value, at) => {
      const axis = (at & 1) as 0 | 1;
      low[axis] = Math.min(low[axis], value);
      high[axis] = Math.max(high[axis], value);
    });
  }
  const scale = (WRITTEN_PIXELS - pen) / Math.max(high[0] - low[0], high[1] - low[1]);
  return lines.map((line) => line.map((value, at) => {
    const axis = (at & 1) as 0 | 1;
    return DRAWING_PIXELS / 2 + scale * (value - (low[axis] + high[axis]) / 2);
  }));
}

/** Ink falls from 1 to 0 over one pixel about the pen's edge; where strokes cross the darker one counts. */
function drawLine(values: Float32Array, side: number, line: Polyline, radius: number): void {
  const reach = radius + 0.5;
  for (let i = 0; i + 3 < line.length; i += 2) {
    const [x0, y0, x1, y1] = [line[i]!, line[i + 1]!, line[i + 2]!, line[i + 3]!];
    const top = Math.max(0, Math.floor((Math.min(y0, y1) - reach) * FINER));
    const bottom = Math.min(side - 1, Math.ceil((Math.max(y0, y1) + reach) * FINER));
    const left = Math.max(0, Math.floor((Math.min(x0, x1) - reach) * FINER));
    const right = Math.min(side - 1, Math.ceil((Math.max(x0, x1) + reach) * FINER));
    for (let row = top; row <= bottom; row++) {
      for (let column = left; column <= right; column++) {
        const distance = distanceTo((column + 0.5) / FINER, (row + 0.5) / FINER, x0, y0, x1, y1);
        const ink = Math.max(0, Math.min(1, reach - distance));
        if (ink > values[row * side + column]!) values[row * side + column] = ink;
      }
    }
  }
}

function distanceTo(x: number, y: number, x0: number, y0: number, x1: number, y1: number): number {
  const [dx, dy] = [x1 - x0, y1 - y0];
  const length = dx * dx + dy * dy;
  const along = length === 0 ? 0 : Math.max(0, Math.min(1, ((x - x0) * dx + (y - y0) * dy) / length));
  return Math.hypot(x - x0 - along * dx, y - y0 - along * dy);
}

function centre(values: Float32Array, side: number): Float32Array {
  let [mass, across, down] = [0, 0, 0];
  values.forEach((ink, at) => {
    mass += ink;
    across += ink * (at % side);
    down += ink * Math.floor(at / side);
  });
  const moveX = Math.round((side - 1) / 2 - across / mass);
  const moveY = Math.round((side - 1) / 2 - down / mass);
  const moved = new Float32Array(side * side);
  for (let row = 0; row < side; row++) {
    for (let column = 0; column < side; column++) {
      const [fromRow, fromColumn] = [row - moveY, column - moveX];
      if (fromRow < 0 || fromRow >= side || fromColumn < 0 || fromColumn >= side) continue;
      moved[row * side + column] = values[fromRow * side + fromColumn]!;
    }
  }
  return moved;
}

/** Gaussian, in place, rows and then columns. */
function blur(values: Float32Array, side: number, deviation: number): void {
  const reach = Math.ceil(3 * deviation);
  const weights = Float64Array.from({ length: 2 * reach + 1 }, (_, at) => Math.exp(-((at - reach) ** 2) / (2 * deviation ** 2)));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const line = new Float64Array(side);
  for (const [along, across] of [[1, side], [side, 1]] as const) {
    for (let other = 0; other < side; other++) {
      for (let at = 0; at < side; at++) {
        let sum = 0;
        for (let k = -reach; k <= reach; k++) {
          const from = at + k;
          if (from >= 0 && from < side) sum += weights[k + reach]! * values[other * across + from * along]!;
        }
        line[at] = sum / total;
      }
      for (let at = 0; at < side; at++) values[other * across + at * along] = line[at]!;
    }
  }
}

/** Ink at a point of the drawing, in pixels from its corner; 0 outside. Bilinear. */
export function inkAt({ values, side, finer }: Ink, x: number, y: number): number {
  const u = x * finer - 0.5;
  const v = y * finer - 0.5;
  const column = Math.floor(u);
  const row = Math.floor(v);
  if (column < 0 || row < 0 || column >= side - 1 || row >= side - 1) return 0;
  const at = row * side + column;
  const right = u - column;
  const upper = values[at]! + right * (values[at + 1]! - values[at]!);
  const lower = values[at + side]! + right * (values[at + side + 1]! - values[at + side]!);
  return upper + (v - row) * (lower - upper);
}
