// Convolution from the input's side: each non-zero input adds its weight row to every output pixel that it reaches.
// It looks at each input once, so that at low activity its cost is the spikes' alone.

import { WeightedField } from "../abi";
import { word } from "../memory/plan";
import { channels, data, height, width } from "../memory/tensor";
import { biasRow, input, output, startRow, weights } from "./weighted";

/** Bytes of a table entry: {u32 bytes from the output's row or column 0, u32 bytes from the weights' tap 0}. */
const ENTRY: usize = 8;

/** Output rows that an input row reaches, one entry a kernel row; MAX_KERNEL of them. */
function rowTable(): usize {
  return memory.data(512, 16);
}

function columnTable(): usize {
  return memory.data(512, 16);
}

/** @param op  a Conv2d of one group */
export function scatter<T>(op: usize): void {
  const from = input(op), to = output(op), w = weights(op);
  const columns = channels(to), h = height(from), iw = width(from), ci = channels(from), oh = height(to), ow = width(to);
  const kh = <i32>word(op, WeightedField.KernelH), kw = <i32>word(op, WeightedField.KernelW);
  const dy = <i32>word(op, WeightedField.DilationY), dx = <i32>word(op, WeightedField.DilationX);
  const sy = <i32>word(op, WeightedField.StrideY), sx = <i32>word(op, WeightedField.StrideX);
  const padTop = <i32>word(op, WeightedField.PadTop), padLeft = <i32>word(op, WeightedField.PadLeft);
  const out = data(to), bias = biasRow(op), rowBytes = columns << 2, pixel = <usize>ci * sizeof<T>();
  for (let i = 0, at = out; i < oh * ow; i++, at += rowBytes) startRow(at, bias, columns);

  let at = data(from);
  for (let y = 0; y < h; y++) {
    const rows = reach(rowTable(), y + padTop, kh, dy, sy, oh, ow * rowBytes, kw * ci * columns);
    for (let x = 0; x < iw; x++, at += pixel) {
      if (isSilent(at, pixel)) continue;
      const cells = reach(columnTable(), x + padLeft, kw, dx, sx, ow, rowBytes, ci * columns);
      for (let c = 0; c < ci; c++) {
        const value = <i32>load<T>(at + c * sizeof<T>());
        if (value != 0) addToAll(out, w + <usize>(c * columns), rows, cells, value, columns);
      }
    }
  }
}

/** Whether all bytes of a pixel are zero. */
function isSilent(at: usize, bytes: usize): bool {
  const past = at + bytes;
  if (ASC_FEATURE_SIMD) {
    for (; at + 16 <= past; at += 16) {
      if (v128.any_true(v128.load(at))) return false;
    }
  }
  for (; at + 4 <= past; at += 4) {
    if (load<u32>(at) != 0) return false;
  }
  for (; at < past; at++) {
    if (load<u8>(at) != 0) return false;
  }
  return true;
}

/**
 * Fills a table with the output places that input place `at` (padding added) reaches along one axis.
 * @returns the table's end
 */
function reach(table: usize, at: i32, kernel: i32, dilation: i32, stride: i32, out: i32, outBytes: i32, tapBytes: i32): usize {
  for (let k = 0; k < kernel && at >= 0; k++, at -= dilation) {
    const place = stride == 1 ? at : at / stride;
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
      addRow(at, w + <usize>load<u32>(row, 4) + <usize>load<u32>(cell, 4), value, columns);
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
