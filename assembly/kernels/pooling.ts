// Max, sum and average over windows, and the mean over a whole plane.

import { DType, Op, OpField, PoolField, Rounding } from "../abi";
import { tensorRecord, word } from "../memory/plan";
import { countSaturations } from "../memory/state";
import { channels, data, dtype, height, loadElement, storeElement, width } from "../memory/tensor";
import { scale } from "../numeric/rounding";
import { lowest, saturate } from "../numeric/saturate";
import { poolCounts, poolsCounts } from "./pool-counts";

/**
 * MaxPool, SumPool, AvgPool: [h, w, c] to [oh, ow, c]. Max sees only what lies inside; for sums the padding is zero.
 * AvgPool: saturate(round(sum · Multiplier / 2^Shift)).
 */
export function pool(op: usize): void {
  if (ASC_FEATURE_SIMD) {
    if (poolsCounts(op)) return poolCounts(op);
  }
  const from = tensorRecord(word(op, OpField.A)), to = tensorRecord(word(op, OpField.Out));
  const oh = height(to), ow = width(to), c = channels(to);
  const sy = <i32>word(op, PoolField.StrideY), sx = <i32>word(op, PoolField.StrideX);
  let i = 0;
  for (let oy = 0; oy < oh; oy++) {
    for (let ox = 0; ox < ow; ox++, i += c) {
      const top = oy * sy - <i32>word(op, PoolField.PadTop), left = ox * sx - <i32>word(op, PoolField.PadLeft);
      poolPixel(op, from, to, i, top, left);
    }
  }
}

function poolPixel(op: usize, from: usize, to: usize, out: i32, top: i32, left: i32): void {
  const firstY = max(0, top), pastY = min(height(from), top + <i32>word(op, PoolField.KernelH));
  const firstX = max(0, left), pastX = min(width(from), left + <i32>word(op, PoolField.KernelW));
  const isMax = word(op, OpField.Op) == Op.MaxPool, isAverage = word(op, OpField.Op) == Op.AvgPool;
  const c = channels(to), type = dtype(from), outType = dtype(to);
  let ch = 0;
  if (ASC_FEATURE_SIMD) {
    if (type == DType.U8 && !isMax) {
      const multiplier = isAverage ? <i32>word(op, PoolField.Multiplier) : 1, shift = isAverage ? <i32>word(op, PoolField.Shift) : 0;
      for (; ch + 16 <= c; ch += 16) {
        const sums = sumSixteen(from, ch, firstY, pastY, firstX, pastX);
        for (let k = 0; k < 16; k++) storeScaled(to, out + ch + k, load<i32>(sums + (<usize>k << 2)), multiplier, shift);
      }
    }
  }
  for (; ch < c; ch++) {
    let most = <i32>lowest(type), sum = 0;
    for (let y = firstY; y < pastY; y++) {
      for (let x = firstX; x < pastX; x++) {
        const value = loadElement(data(from), type, (y * width(from) + x) * c + ch);
        most = max(most, value);
        sum += value;
      }
    }
    if (isMax) storeElement(data(to), outType, out + ch, most);
    else storeScaled(to, out + ch, sum, isAverage ? <i32>word(op, PoolField.Multiplier) : 1, isAverage ? <i32>word(op, PoolField.Shift) : 0);
  }
}

/** Sums of channels ch..ch+15 of u8 over a window. @returns address of i32[16] */
function sumSixteen(from: usize, ch: i32, firstY: i32, pastY: i32, firstX: i32, pastX: i32): usize {
  const c = channels(from), w = width(from), sums = memory.data(64, 16);
  let a = i32x4.splat(0), b = a, d = a, e = a;
  for (let y = firstY; y < pastY; y++) {
    // As many bytes as surely fit a u16.
    for (let x = firstX; x < pastX; x += 256) {
      let low = i16x8.splat(0), high = low;
      let at = data(from) + <usize>((y * w + x) * c + ch);
      for (const past = at + <usize>(min(256, pastX - x) * c); at < past; at += c) {
        const v = v128.load(at);
        low = i16x8.add(low, i16x8.extend_low_i8x16_u(v));
        high = i16x8.add(high, i16x8.extend_high_i8x16_u(v));
      }
      a = i32x4.add(a, i32x4.extend_low_i16x8_u(low));
      b = i32x4.add(b, i32x4.extend_high_i16x8_u(low));
      d = i32x4.add(d, i32x4.extend_low_i16x8_u(high));
      e = i32x4.add(e, i32x4.extend_high_i16x8_u(high));
    }
  }
  v128.store(sums, a);
  v128.store(sums, b, 16);
  v128.store(sums, d, 32);
  v128.store(sums, e, 48);
  return sums;
}

/** [h, w, c] to [1, 1, c]: saturate(round(sum · Multiplier / 2^Shift)). */
export function globalMean(op: usize): void {
  const from = tensorRecord(word(op, OpField.A)), to = tensorRecord(word(op, OpField.Out));
  const c = channels(from), pixels = height(from) * width(from), type = dtype(from);
  let ch = 0;
  if (ASC_FEATURE_SIMD) {
    for (; type == DType.U8 && ch + 16 <= c; ch += 16) {
      const sums = sumSixteen(from, ch, 0, height(from), 0, width(from));
      for (let k = 0; k < 16; k++) {
        storeScaled(to, ch + k, load<i32>(sums + (<usize>k << 2)), word(op, PoolField.Multiplier), word(op, PoolField.Shift));
      }
    }
  }
  for (; ch < c; ch++) {
    let sum = 0;
    for (let i = 0; i < pixels; i++) sum += loadElement(data(from), type, i * c + ch);
    storeScaled(to, ch, sum, word(op, PoolField.Multiplier), word(op, PoolField.Shift));
  }
}

function storeScaled(to: usize, i: i32, sum: i32, multiplier: i32, shift: i32): void {
  const exact = scale(sum, multiplier, shift, Rounding.HalfUp);
  const kept = saturate(exact, dtype(to));
  countSaturations(i32(<i64>kept != exact));
  storeElement(data(to), dtype(to), i, kept);
}
