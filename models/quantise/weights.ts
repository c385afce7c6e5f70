import type { WeightBits } from "../graph/integer.js";
import type { WeightReport } from "./report.js";

export const MAX_WEIGHT = 127;
/** Greatest |weight| of each width. */
export const GREATEST: Readonly<Record<WeightBits, number>> = { 8: MAX_WEIGHT, 4: 7 };

/** max|w| of each output row; 0 for a row of zeros. */
export function rowMaxima(weight: Float64Array, rows: number): Float64Array {
  const inner = weight.length / rows;
  return Float64Array.from({ length: rows }, (_, o) => {
    let most = 0;
    for (let i = o * inner; i < (o + 1) * inner; i++) most = Math.max(most, Math.abs(weight[i]!));
    return most;
  });
}

/** Weights in steps of their row's scale, half away from zero, within ±127 or ±7. */
export function roundRows(weight: Float64Array, scales: Float64Array, bits: WeightBits): Int8Array {
  const most = GREATEST[bits];
  const inner = weight.length / scales.length;
  const rounded = new Int8Array(weight.length);
  for (let o = 0, i = 0; o < scales.length; o++) {
    const scale = scales[o]!;
    for (const end = i + inner; i < end; i++) {
      const steps = Math.floor(Math.abs(weight[i]!) / scale + 0.5);
      rounded[i] = Math.sign(weight[i]!) * Math.min(most, steps);
    }
  }
  return rounded;
}

/** Candidates of the search: how far a row's greatest weight may saturate. The fewer the steps, the more is won by clipping. */
const SHRINKS: Readonly<Record<WeightBits, readonly number[]>> = {
  8: Array.from({ length: 21 }, (_, i) => 1 - i / 100),
  4: Array.from({ length: 71 }, (_, i) => 1 - i / 100),
};

/** Rows of weights that are added up into the same accumulators, and what one step of their input is worth. */
export interface Summed {
  readonly weight: Float64Array;
  readonly step: number;
  readonly bits: WeightBits;
}

/**
 * For each row the accumulator's scale, at most the one that clips nothing, whose rounding and saturation lose the least over all that is summed.
 * @param full  the scales that clip nothing
 */
export function searchScales(summed: readonly Summed[], full: Float64Array): Float64Array {
  const shrinks = SHRINKS[summed.some(({ bits }) => bits === 4) ? 4 : 8];
  return full.map((most, o) => {
    let best = most;
    let least = Infinity;
    for (const shrink of shrinks) {
      const loss = summed.reduce((sum, one) => sum + squaredError(one, o, full.length, most * shrink), 0);
      if (loss < least) [least, best] = [loss, most * shrink];
    }
    return best;
  });
}

/** Of one row, in the accumulator's reals. */
function squaredError({ weight, step, bits }: Summed, o: number, rows: number, scale: number): number {
  const inner = weight.length / rows;
  const row = weight.subarray(o * inner, (o + 1) * inner);
  const rounded = roundRows(row, Float64Array.of(scale / step), bits);
  return row.reduce((sum, value, i) => sum + (value * step - rounded[i]! * scale) ** 2, 0);
}

/** Σ|w| of each output row, in steps. */
export function rowSums(weight: Int8Array, rows: number): Float64Array {
  const inner = weight.length / rows;
  const sums = new Float64Array(rows);
  for (let o = 0, i = 0; o < rows; o++) for (const end = i + inner; i < end; i++) sums[o]! += Math.abs(weight[i]!);
  return sums;
}

export function weightReport(
  node: string, type: string, weight: Float64Array, rounded: Int8Array, scales: Float64Array, bits: WeightBits,
): WeightReport {
  const inner = weight.length / scales.length;
  let [power, noise, worst, greatest, clipped] = [0, 0, 0, 0, 0];
  for (let o = 0, i = 0; o < scales.length; o++) {
    for (const end = i + inner; i < end; i++) {
      const error = weight[i]! - rounded[i]! * scales[o]!;
      power += weight[i]! * weight[i]!;
      noise += error * error;
      worst = Math.max(worst, Math.abs(error));
      greatest = Math.max(greatest, Math.abs(rounded[i]!));
      if (Math.abs(weight[i]!) / scales[o]! >= GREATEST[bits] + 0.5) clipped++;
    }
  }
  const sqnr = noise === 0 || power === 0 ? null : Number((10 * Math.log10(power / noise)).toFixed(2));
  return { node, type, weights: weight.length, bits, sqnr_db: sqnr, max_error: worst, greatest, clipped };
}
