// acc[oy, ox, o] = bias[o] + Σ x[oy·sy − top + ky·dy, ox·sx − left + kx·dx, i] · w[ky, kx, i, o]

import { WeightedField } from "../abi";
import { word } from "../memory/plan";
import { bound, channels, data, dtype, elements, elementShift, height, width } from "../memory/tensor";
import { scatter } from "./scatter";
import { addRun, begin, beginInt4, end } from "./spike-rows";
import { biasRow, input, isInt4, output, rowBytes, weights } from "./weighted";

/**
 * Convolution of any kernel, stride, padding, dilation and groups.
 *
 * @param op  input u8 | i8 | i16 [h, w, ci], weights i8 or int4 [kh, kw, ci / groups, co], output i32 [oh, ow, co]
 * Range: the gate has proven that no accumulator leaves i32 (NUMERICS.md §3); so every order of addition gives the same.
 * Cost: few spikes are scattered; many are gathered, one vector add for each 16 columns and non-zero input in reach.
 */
export function conv2d(op: usize): void {
  if (word(op, WeightedField.Groups) != 1) convolveTaps(op);
  else if (isInt4(op) || scatterPays(op)) scatter(op);
  else if (word(op, WeightedField.DilationX) == 1) convolveRuns(op);
  else convolveTaps(op);
}

/**
 * A scattered row is added in memory, a gathered one in registers: 2 to 3 times the work a synaptic operation. But to gather, every output
 * pixel looks at all kernel rows: about as long as GLANCE operations each. First measured for 16..64 columns: with vectors on Node 20,
 * without on a Cortex-M3.
 */
const GLANCE: u64 = ASC_FEATURE_SIMD ? 80 : 16;

function scatterPays(op: usize): bool {
  const from = input(op), to = output(op), kh = <u64>word(op, WeightedField.KernelH), kw = <u64>word(op, WeightedField.KernelW);
  const spikes = <u64>countNonZero(data(from), <usize>elements(from) << elementShift(dtype(from)));
  const reached = spikes * kh * kw * <u64>channels(to) / (<u64>word(op, WeightedField.StrideY) * <u64>word(op, WeightedField.StrideX));
  return reached < <u64>(height(to) * width(to)) * (kh + 2) * GLANCE;
}

/** Non-zero bytes among n of a tensor; a pixel of i16 counts for its bytes. */
function countNonZero(at: usize, n: usize): u32 {
  let found: u32 = 0, i: usize = 0;
  if (ASC_FEATURE_SIMD) {
    for (; i + 16 <= n; i += 16) found += popcnt(i8x16.bitmask(i8x16.ne(v128.load(at + i), i8x16.splat(0))));
  } else {
    for (; i + 4 <= n; i += 4) {
      const four = load<u32>(at + i);
      // The high bit of each byte that is not zero, added up in the highest.
      if (four != 0) found += (((four & 0x7f7f7f7f) + 0x7f7f7f7f | four) >> 7 & 0x01010101) * 0x01010101 >> 24;
    }
  }
  for (; i < n; i++) found += u32(load<u8>(at + i) != 0);
  return found;
}

/** One group, undilated along x: the inputs of a kernel row lie in one run, and so do their weight rows. */
function convolveRuns(op: usize): void {
  const from = input(op), to = output(op), w = weights(op), bias = biasRow(op), type = dtype(from), most = bound(from);
  const columns = channels(to), ih = height(from), iw = width(from), ci = channels(from);
  const kh = <i32>word(op, WeightedField.KernelH), kw = <i32>word(op, WeightedField.KernelW), dy = <i32>word(op, WeightedField.DilationY);
  const sy = <i32>word(op, WeightedField.StrideY), sx = <i32>word(op, WeightedField.StrideX);
  const padTop = <i32>word(op, WeightedField.PadTop), padLeft = <i32>word(op, WeightedField.PadLeft);
  const oh = height(to), ow = width(to), shift = elementShift(type), line = <usize>(iw * ci) << shift, kernelRow = <u32>(kw * ci * columns);
  let out = data(to);
  for (let oy = 0, top = -padTop; oy < oh; oy++, top += sy) {
    // Kernel rows firstY..pastY−1 meet the input.
    const firstY = top < 0 ? (dy - 1 - top) / dy : 0, pastY = min(kh, (ih - top + dy - 1) / dy);
    for (let ox = 0, left = -padLeft; ox < ow; ox++, left += sx, out += <usize>columns << 2) {
      begin(w, bias, out, columns, type, most);
      const firstX = max(0, -left), run = (min(kw, iw - left) - firstX) * ci;
      let at = data(from) + <usize>(top + firstY * dy) * line + (<usize>((left + firstX) * ci) << shift);
      let offset = <u32>firstY * kernelRow + <u32>(firstX * ci * columns);
      if (run > 0) {
        for (let ky = firstY; ky < pastY; ky++, at += <usize>dy * line, offset += kernelRow) addRun(at, type, run, offset, columns);
      }
      end();
    }
  }
}

/** Groups or dilation: a run is the group's channels of one pixel. */
function convolveTaps(op: usize): void {
  const from = input(op), to = output(op), w = weights(op), bias = biasRow(op), most = bound(from);
  const columns = channels(to), oh = height(to), ow = width(to);
  const groups = <i32>word(op, WeightedField.Groups), groupColumns = columns / groups, int4 = isInt4(op), bytes = rowBytes(op, columns);
  let out = data(to);
  for (let oy = 0; oy < oh; oy++) {
    for (let ox = 0; ox < ow; ox++, out += <usize>columns << 2) {
      for (let group = 0; group < groups; group++) {
        const first = group * groupColumns, place = <usize>first << 2, start: usize = bias == 0 ? 0 : bias + place;
        if (int4) beginInt4(w, first, start, out + place, groupColumns);
        else begin(w + first, start, out + place, groupColumns, dtype(from), most);
        addTaps(op, from, oy, ox, group, bytes);
        end();
      }
    }
  }
}

function addTaps(op: usize, from: usize, oy: i32, ox: i32, group: i32, rowBytes: u32): void {
  const h = height(from), w = width(from), ci = channels(from), type = dtype(from);
  const kh = <i32>word(op, WeightedField.KernelH), kw = <i32>word(op, WeightedField.KernelW);
  const dy = <i32>word(op, WeightedField.DilationY), dx = <i32>word(op, WeightedField.DilationX);
  const taps = ci / <i32>word(op, WeightedField.Groups);
  const top = oy * <i32>word(op, WeightedField.StrideY) - <i32>word(op, WeightedField.PadTop);
  const left = ox * <i32>word(op, WeightedField.StrideX) - <i32>word(op, WeightedField.PadLeft);
  for (let ky = 0; ky < kh; ky++) {
    const y = top + ky * dy;
    if (<u32>y >= <u32>h) continue;
    for (let kx = 0; kx < kw; kx++) {
      const x = left + kx * dx;
      if (<u32>x >= <u32>w) continue;
      const at = data(from) + (<usize>((y * w + x) * ci + group * taps) << elementShift(type));
      addRun(at, type, taps, <u32>((ky * kw + kx) * taps) * rowBytes, rowBytes);
    }
  }
}
