// acc[oy, ox, o] = bias[o] + Σ x[oy·sy − top + ky·dy, ox·sx − left + kx·dx, i] · w[ky, kx, i, o]

import { DType, WeightedField } from "../abi";
import { word } from "../memory/plan";
import { bound, channels, data, dtype, height, width } from "../memory/tensor";
import { addRun, begin, end } from "./spike-rows";
import { input, output, startRow, weights } from "./weighted";

/**
 * Convolution of any kernel, stride, padding, dilation and groups.
 *
 * @param op  input u8 | i8 | i16 [h, w, ci], weights i8 [kh, kw, ci / groups, co], output i32 [oh, ow, co]
 * Range: the gate has proven that no accumulator leaves i32 (NUMERICS.md §3).
 * Cost: one vector add for each 16 columns and non-zero input in reach of the output pixel.
 */
export function conv2d(op: usize): void {
  switch (dtype(input(op))) {
    case DType.U8: convolve<u8>(op); break;
    case DType.I8: convolve<i8>(op); break;
    default: convolve<i16>(op);
  }
}

function convolve<T>(op: usize): void {
  const from = input(op), to = output(op), w = weights(op);
  const columns = channels(to), groups = <i32>word(op, WeightedField.Groups);
  const oh = height(to), ow = width(to), groupColumns = columns / groups;
  let out = data(to);
  for (let oy = 0; oy < oh; oy++) {
    for (let ox = 0; ox < ow; ox++, out += <usize>columns << 2) {
      startRow(op, out, columns);
      for (let group = 0; group < groups; group++) {
        const first = group * groupColumns;
        begin(w + first, out + (<usize>first << 2), groupColumns, bound(from));
        addPixel<T>(op, from, oy, ox, group, columns);
        end();
      }
    }
  }
}

/** Names the runs that output pixel (oy, ox) sees. One group of undilated columns lies in one run a kernel row. */
function addPixel<T>(op: usize, from: usize, oy: i32, ox: i32, group: i32, rowBytes: u32): void {
  const h = height(from), w = width(from), ci = channels(from);
  const kh = <i32>word(op, WeightedField.KernelH), kw = <i32>word(op, WeightedField.KernelW);
  const dy = <i32>word(op, WeightedField.DilationY), dx = <i32>word(op, WeightedField.DilationX);
  const groups = <i32>word(op, WeightedField.Groups), taps = ci / groups;
  const top = oy * <i32>word(op, WeightedField.StrideY) - <i32>word(op, WeightedField.PadTop);
  const left = ox * <i32>word(op, WeightedField.StrideX) - <i32>word(op, WeightedField.PadLeft);
  const joined = groups == 1 && dx == 1;
  const firstX = max(0, -left), pastX = min(kw, w - left);
  for (let ky = 0; ky < kh; ky++) {
    const y = top + ky * dy;
    if (<u32>y >= <u32>h) continue;
    const line = data(from) + <usize>(y * w * ci) * sizeof<T>();
    if (joined) {
      if (firstX < pastX) {
        const at = line + <usize>((left + firstX) * ci) * sizeof<T>();
        addRun<T>(at, (pastX - firstX) * ci, <u32>((ky * kw + firstX) * ci) * rowBytes, rowBytes);
      }
    } else {
      for (let kx = 0; kx < kw; kx++) {
        const x = left + kx * dx;
        if (<u32>x >= <u32>w) continue;
        addRun<T>(line + <usize>(x * ci + group * taps) * sizeof<T>(), taps, <u32>((ky * kw + kx) * taps) * rowBytes, rowBytes);
      }
    }
  }
}
