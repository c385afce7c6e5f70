import { fanIn, taps, type Layer } from "./layers.js";

/** Accumulators of a layer and how many weights its non-zero inputs met. */
export interface Sums {
  /** i32[oh, ow, co], without bias. */
  readonly sums: Int32Array;
  /** Synaptic operations: one for each weight that a non-zero input meets, whatever its count. */
  readonly operations: number;
}

/**
 * The layer's sums in plain numbers: what biases are calibrated on and what every engine must agree with.
 * @param weights  i8[k, k, ci, co], or [k, k, c] of a depthwise layer    @param input  counts [h, w, ci]
 */
export function weigh(layer: Layer, weights: Int8Array, input: ArrayLike<number>): Sums {
  const { h, w, ci, oh, ow, co, stride, kind } = layer;
  const side = Math.sqrt(taps(layer)), pad = side >> 1, depthwise = kind === "depthwise";
  const sums = new Int32Array(oh * ow * co);
  let operations = 0;
  for (let i = 0; i < h * w * ci; i++) {
    const value = input[i]!;
    if (value === 0) continue;
    const c = i % ci, x = Math.floor(i / ci) % w, y = Math.floor(i / (ci * w));
    for (let tap = 0; tap < side * side; tap++) {
      const top = y + pad - Math.floor(tap / side), left = x + pad - (tap % side);
      if (top % stride !== 0 || left % stride !== 0) continue;
      const oy = top / stride, ox = left / stride;
      if (oy < 0 || ox < 0 || oy >= oh || ox >= ow) continue;
      const out = (oy * ow + ox) * co;
      if (depthwise) {
        sums[out + c]! += value * weights[tap * ci + c]!;
        operations++;
      } else {
        const row = (tap * ci + c) * co;
        for (let o = 0; o < co; o++) sums[out + o]! += value * weights[row + o]!;
        operations += co;
      }
    }
  }
  return { sums, operations };
}

/** The greatest |sum| that inputs up to `bound` can give. */
export function sumBound(layer: Layer, weights: Int8Array, bound: number): number {
  const totals = new Array<number>(layer.co).fill(0);
  for (let i = 0; i < fanIn(layer) * layer.co; i++) totals[i % layer.co]! += Math.abs(weights[i]!);
  return bound * Math.max(...totals);
}
