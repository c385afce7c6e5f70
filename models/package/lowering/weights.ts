import type { Pair, WeightBits } from "../../graph/integer.js";

/** Greatest |weight| of each width. */
export const GREATEST_WEIGHT: Readonly<Record<WeightBits, number>> = { 8: 127, 4: 7 };

/** Bytes of one row of weights: int4 ones lie two a byte, and rows begin with a byte of their own. */
export function rowBytes(outputs: number, bits: number): number {
  return bits === 4 ? Math.ceil(outputs / 2) : outputs;
}

/** Rows of i8[outputs] as they lie in a package: as they are, or two a byte, the even output in the low nibble, an odd row's last nibble 0. */
export function packRows(rows: Int8Array, outputs: number, bits: WeightBits): Int8Array | Uint8Array {
  if (bits === 8) return rows;
  const bytes = rowBytes(outputs, bits);
  const packed = new Uint8Array((rows.length / outputs) * bytes);
  rows.forEach((weight, i) => {
    const column = i % outputs;
    packed[Math.floor(i / outputs) * bytes + (column >> 1)]! |= (weight & 15) << (4 * (column & 1));
  });
  return packed;
}

/** i8[O, I/g, kH, kW] (torch) to i8[kH, kW, I/g, O] (the engine: output channels contiguous). */
export function convWeights(weight: Int8Array, outChannels: number, inPerGroup: number, [kh, kw]: Pair): Int8Array {
  const turned = new Int8Array(weight.length);
  const taps = kh * kw;
  for (let o = 0, from = 0; o < outChannels; o++)
    for (let i = 0; i < inPerGroup; i++)
      for (let tap = 0; tap < taps; tap++, from++) turned[(tap * inPerGroup + i) * outChannels + o] = weight[from]!;
  return turned;
}

/** i8[O, I] with I in (c, h, w) order to i8[h·w·c, O] with rows in (h, w, c) order. */
export function linearWeights(weight: Int8Array, outFeatures: number, h: number, w: number, c: number): Int8Array {
  const turned = new Int8Array(weight.length);
  const pixels = h * w;
  for (let o = 0, from = 0; o < outFeatures; o++)
    for (let channel = 0; channel < c; channel++)
      for (let pixel = 0; pixel < pixels; pixel++, from++) turned[(pixel * c + channel) * outFeatures + o] = weight[from]!;
  return turned;
}

/** The output channel c with the greatest Σ|W_c| · X + |b_c|, NUMERICS.md §3. Exact: every sum stays below 2^53. */
export function accumulatorBound(weight: Int8Array, bias: Int32Array | undefined, outputs: number, inputBound: number): number {
  const row = weight.length / outputs;
  let bound = 0;
  for (let o = 0; o < outputs; o++) {
    let sum = 0;
    for (let i = o * row; i < (o + 1) * row; i++) sum += Math.abs(weight[i]!);
    bound = Math.max(bound, sum * inputBound + Math.abs(bias?.[o] ?? 0));
  }
  return bound;
}
