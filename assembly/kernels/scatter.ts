// Convolution from the input's side: each non-zero input adds its weight row to every output pixel that it reaches.
// It looks at each input once, so that at low activity its cost is the spikes' alone.

import { WeightedField } from "../abi";
import { zeroRow } from "../memory/fill";
import { word } from "../memory/plan";
import { channels, data, height, width } from "../memory/tensor";
import { addNibbles } from "./nibbles";
import { biasRow, input, isInt4, output, rowBytes, startRow, weights } from "./weighted";

/** Bytes of a table entry: {u32 bytes from the output's row or column 0, u32 bytes from the weights' tap 0}. */
const ENTRY: usize = 8;

/** Output rows that an input row reaches, one entry a kernel row; MAX_KERNEL of them. */
function rowTable(): usize {
  return memory.data(512, 16);
}

function columnTable(): usize {
  return memory.data(512, 16);
}

/** Of the op at hand: whether its weights are int4, and the bytes of a row of them. */
let int4: bool = false;
let weightBytes: i32 = 0;

/** @param op  a Conv2d of one group */
export function scatter<T>(op: usize): void {
  const from = input(op), to = output(op), w = weights(op);
  const columns = channels(to), h = height(from), ci = channels(from), ow = width(to);
  const kh = <i32>word(op, WeightedField.KernelH), dy = <i32>word(op, WeightedField.DilationY);
  const sy = <i32>word(op, WeightedField.StrideY), padTop = <i32>word(op, WeightedField.PadTop);
  int4 = isInt4(op);
  weightBytes = rowBytes(op, columns);
  const tapBytes = <i32>word(op, WeightedField.KernelW) * ci * weightBytes, line = <usize>(width(from) * ci) * sizeof<T>();
  startAll(op, to);
  let at = data(from);
  for (let y = 0; y < h; y++, at += line) {
    const rows = reach(rowTable(), y + padTop, kh, dy, sy, height(to), ow * (columns << 2), tapBytes);
    scatterLine<T>(op, at, w, rows, ci, columns);
  }
}

/** Every output pixel begins as the bias. */
function startAll(op: usize, to: usize): void {
  const bias = biasRow(op), columns = channels(to), pixels = height(to) * width(to);
  if (bias == 0) return zeroRow(data(to), pixels * columns);
  for (let i = 0, at = data(to); i < pixels; i++, at += <usize>columns << 2) startRow(at, bias, columns);
}

/** One line of the input; non-zero elements are found sixteen bytes at a time. */
function scatterLine<T>(op: usize, line: usize, w: usize, rows: usize, ci: i32, columns: i32): void {
  const to = output(op), out = data(to), ow = width(to), iw = width(input(op)), n = iw * ci;
  const kw = <i32>word(op, WeightedField.KernelW), dx = <i32>word(op, WeightedField.DilationX);
  const sx = <i32>word(op, WeightedField.StrideX), padLeft = <i32>word(op, WeightedField.PadLeft);
  let reached = -1, cells = columnTable(), i = 0;
  while (i < n) {
    let mask = 1, lanes = 1;
    if (ASC_FEATURE_SIMD) {
      lanes = 16 / sizeof<T>();
      mask = nonZero<T>(line + <usize>i * sizeof<T>(), n - i);
    } else if (n - i >= 8 / <i32>sizeof<T>() && load<u64>(line + <usize>i * sizeof<T>()) == 0) {
      i += 8 / sizeof<T>();
      continue;
    }
    for (; mask != 0; mask &= mask - 1) {
      const element = i + ctz(mask), value = <i32>load<T>(line + <usize>element * sizeof<T>());
      if (value == 0) continue;
      const x = element / ci, c = element - x * ci;
      if (x != reached) cells = reach(columnTable(), x + padLeft, kw, dx, sx, ow, columns << 2, ci * weightBytes);
      reached = x;
      addToAll(out, w + <usize>(c * weightBytes), rows, cells, value, columns);
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

/**
 * Fills a table with the output places that input place `at` (padding added) reaches along one axis.
 * @returns the table's end
 */
function reach(table: usize, at: i32, kernel: i32, dilation: i32, stride: i32, out: i32, outBytes: i32, tapBytes: i32): usize {
  // Strides of two are common, and a division takes as long as a whole entry.
  const shift = ctz(stride), isPower = popcnt(stride) == 1;
  for (let k = 0; k < kernel && at >= 0; k++, at -= dilation) {
    const place = isPower ? at >> shift : at / stride;
    if (place >= out || place * stride != at) continue;
    store<u32>(table, place * outBytes);
    store<u32>(table, k * tapBytes, 4);
    table += ENTRY;
  }
  return table;
}

/** Adds value · the weight rows of one input channel to every row × column of the tables. */
function addToAll(out: usize, w: usize, rowsEnd: usize, columnsEnd: usize, value: i32, columns: i32): void {
  for (let row = rowTable(); row < rowsEnd; row += ENTRY) {
    for (let cell = columnTable(); cell < columnsEnd; cell += ENTRY) {
      const at = out + <usize>load<u32>(row) + <usize>load<u32>(cell);
      const from = w + <usize>load<u32>(row, 4) + <usize>load<u32>(cell, 4);
      if (int4) addNibbles(at, from, 0, value, columns);
      else addRow(at, from, value, columns);
    }
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
  for (; c < n; c++, out += 4) store<i32>(out, load<i32>(out) + value * <i32>load<i8>(w + c));
}
