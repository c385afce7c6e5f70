import type { WeightReport } from "./report.js";

export const MAX_WEIGHT = 127;

/** max|w| of each output row; 0 for a row of zeros. */
export function rowMaxima(weight: Float64Array, rows: number): Float64Array {
  const inner = weight.length / rows;
  return Float64Array.from({ length: rows }, (_, o) => {
    let most = 0;
    for (let i = o * inner; i < (o + 1) * inner; i++) most = Math.max(most, Math.abs(weight[i]!));
    return most;
  });
}

/** Weights in steps of their row's scale, half away from zero, within ±127. */
export function roundRows(weight: Float64Array, scales: Float64Array): Int8Array {
  const inner = weight.length / scales.length;
  const rounded = new Int8Array(weight.length);
  for (let o = 0, i = 0; o < scales.length; o++) {
    const scale = scales[o]!;
    for (const end = i + inner; i < end; i++) {
      const steps = Math.floor(Math.abs(weight[i]!) / scale + 0.5);
      rounded[i] = Math.sign(weight[i]!) * Math.min(MAX_WEIGHT, steps);
    }
  }
  return rounded;
}

/** Candidates of the search: the row's greatest weight may saturate by up to a fifth. */
const SHRINKS = Array.from({ length: 21 }, (_, i) => 1 - i / 100);

/** For each row the scale, at most max/127, whose rounding and saturation lose the least. */
export function searchScales(weight: Float64Array, greatest: Float64Array): Float64Array {
  const inner = weight.length / greatest.length;
  return greatest.map((most, o) => {
    const row = weight.subarray(o * inner, (o + 1) * inner);
    let best = most / MAX_WEIGHT;
    let least = Infinity;
    for (const shrink of SHRINKS) {
      const scale = (most * shrink) / MAX_WEIGHT;
      const loss = squaredError(row, roundRows(row, Float64Array.of(scale)), scale);
      if (loss < least) [least, best] = [loss, scale];
    }
    return best;
  });
}

function squaredError(row: Float64Array, rounded: Int8Array, scale: number): number {
  return row.reduce((sum, value, i) => sum + (value - rounded[i]! * scale) ** 2, 0);
}

/** Σ|w| of each output row, in steps. */
export function rowSums(weight: Int8Array, rows: number): Float64Array {
  const inner = weight.length / rows;
  const sums = new Float64Array(rows);
  for (let o = 0, i = 0; o < rows; o++) for (const end = i + inner; i < end; i++) sums[o]! += Math.abs(weight[i]!);
  return sums;
}

export function weightReport(node: string, type: string, weight: Float64Array, rounded: Int8Array, scales: Float64Array): WeightReport {
  const inner = weight.length / scales.length;
  let [power, noise, worst, greatest] = [0, 0, 0, 0];
  for (let o = 0, i = 0; o < scales.length; o++) {
    for (const end = i + inner; i < end; i++) {
      const error = weight[i]! - rounded[i]! * scales[o]!;
      power += weight[i]! * weight[i]!;
      noise += error * error;
      worst = Math.max(worst, Math.abs(error));
      greatest = Math.max(greatest, Math.abs(rounded[i]!));
    }
  }
  const sqnr = noise === 0 || power === 0 ? null : Number((10 * Math.log10(power / noise)).toFixed(2));
  return { node, type, weights: weight.length, sqnr_db: sqnr, max_error: worst, greatest };
}
