import type { Micros } from "../types.js";

/** First index in from..to−1 whose time is at least `limit`, or `to`; t does not fall. */
export function firstAtOrAfter(t: Float64Array, from: number, to: number, limit: Micros): number {
  let low = from;
  let high = to;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (t[middle]! < limit) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Where slice j of `slices` begins, and slice j − 1 ends: start + floor(j · (end − start) / slices) µs. */
export function sliceStart(j: number, slices: number, start: Micros, end: Micros): Micros {
  return start + Math.floor((j * (end - start)) / slices);
}

/**
 * Slices of equal time, from slice `first` of `slices` on.
 * @param sliceEnds u32[slices − first], out: the index after the last event of each slice; the last is `count`
 */
export function sliceByTime(
  t: Float64Array, count: number, start: Micros, end: Micros, first: number, slices: number, sliceEnds: Uint32Array,
): void {
  let from = 0;
  for (let j = first + 1; j < slices; j++) {
    from = firstAtOrAfter(t, from, count, sliceStart(j, slices, start, end));
    sliceEnds[j - first - 1] = from;
  }
  sliceEnds[slices - first - 1] = count;
}

/** Slices of equal count: slice j starts at event floor(j · count / T). @param sliceEnds u32[T], out */
export function sliceByCount(count: number, sliceEnds: Uint32Array): void {
  const slices = sliceEnds.length;
  for (let j = 1; j <= slices; j++) sliceEnds[j - 1] = Math.floor((j * count) / slices);
}
