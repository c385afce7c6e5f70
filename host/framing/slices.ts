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

/**
 * Slices of equal time: slice j starts at start + floor(j · (end − start) / T) µs.
 * @param sliceEnds u32[T], out: the index after the last event of each slice; the last is `count`
 */
export function sliceByTime(t: Float64Array, count: number, start: Micros, end: Micros, sliceEnds: Uint32Array): void {
  const slices = sliceEnds.length;
  let from = 0;
  for (let j = 1; j < slices; j++) {
    from = firstAtOrAfter(t, from, count, start + Math.floor((j * (end - start)) / slices));
    sliceEnds[j - 1] = from;
  }
  sliceEnds[slices - 1] = count;
}

/** Slices of equal count: slice j starts at event floor(j · count / T). @param sliceEnds u32[T], out */
export function sliceByCount(count: number, sliceEnds: Uint32Array): void {
  const slices = sliceEnds.length;
  for (let j = 1; j <= slices; j++) sliceEnds[j - 1] = Math.floor((j * count) / slices);
}
