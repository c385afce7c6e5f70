// Convolution from the input's side: each non-zero input adds its weight row to every output pixel that it reaches.
// It looks at each input once, so that at low activity its cost is the spikes' alone.

import { WeightedField } from "../abi";
import { zeroRow } from "../memory/fill";
import { word } from "../memory/plan";
import { channels, data, dtype, elementShift, height, loadElement, width } from "../memory/tensor";
import { addNibbles } from "./nibbles";
import { biasRow, input, isInt4, output, rowBytes, startRow, weights } from "./weighted";

/** Of the op at hand: whether its weights are int4, and the bytes of a row of them. */
let int4: bool = false;
let weightBytes: i32 = 0;

/** What `reach` found along one axis: the first output place and the kernel tap that meets it, and how many such pairs there are. */
let firstPlace: i32 = 0, firstTap: i32 = 0, found: i32 = 0;

/** @param op  a Conv2d of one group */
export function scatter(op: usize): void {
  const from = input(op), to = output(op), w = weights(op), columns = channels(to), h = height(from), ci = channels(from);
  const kh = <i32>word(op, WeightedField.KernelH), dy = <i32>word(op, WeightedField.DilationY);
  const sy = <i32>word(op, WeightedField.StrideY), padTop = <i32>word(op, WeightedField.PadTop);
  int4 = isInt4(op);
  weightBytes = rowBytes(op, columns);
  const kernelRow = <i32>word(op, WeightedField.KernelW) * ci * weightBytes, line = <usize>(width(from) * ci) << elementShift(dtype(from));
  const outRow = width(to) * columns << 2, taps = tapStep(dy, sy), places = taps * dy / sy;
  startAll(op, to);
  let at = data(from);
  for (let y = 0; y < h; y++, at += line) {
    reach(y + padTop, kh, dy, sy, height(to), taps, places);
    if (found != 0) scatterLine(op, at, data(to) + firstPlace * outRow, w + firstTap * kernelRow, found, places * outRow, taps * kernelRow);
  }
}

/** Every output pixel begins as the bias. */
function startAll(op: usize, to: usize): void {
  const bias = biasRow(op), columns = channels(to), pixels = height(to) * width(to);
  if (bias == 0) return zeroRow(data(to), pixels * columns);
  for (let i = 0, at = data(to); i < pixels; i++, at += <usize>columns << 2) startRow(at, bias, columns);
}

/**
 * One line of the input, of which `rows` output rows take the values: the first at `out`, with the kernel row at `w`; each next one lies
 * `outStep` bytes before, with a kernel row `rowStep` bytes further.
 */
function scatterLine(op: usize, line: usize, out: usize, w: usize, rows: i32, outStep: i32, rowStep: i32): void {
  const to = output(op), ow = width(to), iw = width(input(op)), ci = channels(input(op)), columns = channels(to), n = iw * ci;
  const type = dtype(input(op)), shift = elementShift(type);
  const kw = <i32>word(op, WeightedField.KernelW), dx = <i32>word(op, WeightedField.DilationX);
  const sx = <i32>word(op, WeightedField.StrideX), padLeft = <i32>word(op, WeightedField.PadLeft);
  const taps = tapStep(dx, sx), places = taps * dx / sx, cellStep = places * columns << 2, tap = ci * weightBytes, tapStride = taps * tap;
  let reached = -1, i = 0;
  while (i < n) {
    let mask = 1, lanes = 1;
    if (ASC_FEATURE_SIMD) {
      lanes = 16 >> shift;
      mask = shift == 0 ? nonZero<i8>(line + <usize>i, n - i) : nonZero<i16>(line + (<usize>i << 1), n - i);
    } else {
      const at = line + (<usize>i << shift);
      if ((at & 3) == 0 && n - i >= 4 >> shift && load<u32>(at) == 0) {
        i += 4 >> shift;
        continue;
      }
    }
    for (; mask != 0; mask &= mask - 1) {
      const element = i + ctz(mask), value = loadElement(line, type, element);
      if (value == 0) continue;
      const x = element / ci, c = element - x * ci;
      if (x != reached) reach(x + padLeft, kw, dx, sx, ow, taps, places);
      reached = x;
      let toRow = out + (<usize>(firstPlace * columns) << 2), fromRow = w + <usize>(firstTap * tap + c * weightBytes);
      for (let row = 0; row < rows; row++, toRow -= outStep, fromRow += rowStep) {
        for (let cell = 0, at = toRow, weight = fromRow; cell < found; cell++, at -= cellStep, weight += tapStride) {
          if (int4) addNibbles(at, weight, 0, value, columns);
          else addRow(at, weight, value, columns);
        }
      }
    }
    i += lanes;
  }
}

/** A bit for each non-zero element of the next sixteen bytes, of `left` that are still to come. */
@inline
function nonZero<T>(at: usize, left: i32): i32 {
  const v = v128.load(at), lanes: i32 = 16 / sizeof<T>();
  const mask = sizeof<T>() == 1 ? i8x16.bitmask(i8x16.ne(v, i8x16.splat(0))) : i16x8.bitmask(i16x8.ne(v, i16x8.splat(0)));
  return left < lanes ? mask & ((1 << left) - 1) : mask;
}

/** Every how many taps of a kernel an input place lies on an output place again. */
function tapStep(dilation: i32, stride: i32): i32 {
  let a = stride, b = dilation;
  while (b != 0) {
    const rest = a % b;
    a = b;
    b = rest;
  }
  return stride / a;
}

/** Finds what input place `at` (padding added) reaches along one axis: pairs `places` before and `taps` behind each other. */
function reach(at: i32, kernel: i32, dilation: i32, stride: i32, out: i32, taps: i32, places: i32): void {
  // Strides of two are common, and a division takes as long as a whole row.
  const shift = ctz(stride), isPower = popcnt(stride) == 1;
  found = 0;
  for (let k = 0; k < kernel && at >= 0; k++, at -= dilation) {
    const place = isPower ? at >> shift : at / stride;
    if (place >= out || place * stride != at) continue;
    firstPlace = place;
    firstTap = k;
    found = min((kernel - 1 - k) / taps, place / places) + 1;
    return;
  }
}

/** out[c] += value · w[c], i32[n] and i8[n]. */
function addRow(out: usize, w: usize, value: i32, n: i32): void {
  let c = 0;
  if (ASC_FEATURE_SIMD) {
    const x = i16x8.splat(<i16>value);
    for (; c + 16 <= n; c += 16, out += 64) {
      const v = v128.load(w + c), low = i16x8.extend_low_i8x16_s(v), high = i16x8.extend_high_i8x16_s(v);
      v128.store(out, i32x4.add(v128.load(out), i32x4.extmul_low_i16x8_s(low, x)));
      v128.store(out, i32x4.add(v128.load(out, 16), i32x4.extmul_high_i16x8_s(low, x)), 16);
      v128.store(out, i32x4.add(v128.load(out, 32), i32x4.extmul_low_i16x8_s(high, x)), 32);
      v128.store(out, i32x4.add(v128.load(out, 48), i32x4.extmul_high_i16x8_s(high, x)), 48);
    }
    for (; c + 4 <= n; c += 4, out += 16) {
      const v = i16x8.extend_low_i8x16_s(v128.load32_zero(w + c));
      v128.store(out, i32x4.add(v128.load(out), i32x4.extmul_low_i16x8_s(v, x)));
    }
  }
  if (!ASC_FEATURE_SIMD) {
    // Four weights a word, two sums a double word.
    for (const whole = ((<i32>w | n) & 3) == 0 ? n : 0; c < whole; c += 4, out += 16) {
      const four = load<i32>(w + c), low = load<u64>(out), high = load<u64>(out, 8);
      store<u64>(out, both(<i32>low + value * (four << 24 >> 24), <i32>(low >> 32) + value * (four << 16 >> 24)));
      store<u64>(out, both(<i32>high + value * (four << 8 >> 24), <i32>(high >> 32) + value * (four >> 24)), 8);
    }
  }
  for (; c < n; c++, out += 4) store<i32>(out, load<i32>(out) + value * <i32>load<i8>(w + c));
}

@inline
function both(low: i32, high: i32): u64 {
  return <u64><u32>low | <u64><u32>high << 32;
}
