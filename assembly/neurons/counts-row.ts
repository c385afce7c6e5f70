// Stateless neurons on a row of i16 accumulators: one Q15 product where it is proven to give the same counts, or as many spikes
// as thresholds are reached, without a multiplication. executor/prepare-neuron.ts makes the tables.

import { NeuronField } from "../abi";
import { word } from "../memory/plan";
import { isPrepared, prepared, PreparedNeuron } from "../memory/workspace";

/**
 * Counts u8[n] of a row i16[n] that holds whole periods.
 * @returns false when nothing is prepared for this op
 */
export function countsRow(op: usize, row: usize, out: usize, n: i32): bool {
  if (!isPrepared()) return false;
  const record = prepared(op), table = load<usize>(record + (PreparedNeuron.Thresholds << 2));
  if (table == 0) return false;
  const wrap = <usize>word(op, NeuronField.Period) << 1, most = <i32>word(op, NeuronField.MaxCount);
  if (load<usize>(record + (PreparedNeuron.Factors << 2)) != 0) scaledCounts(record, row, out, n, wrap, most);
  else if (most <= 4) fewCounts(row, out, n, table, wrap, most);
  else manyCounts(row, out, n, table, wrap, most);
  return true;
}

/**
 * count = clamp(((((x << gain) · m + 2^14) >> 15) + half) >> f, 0, D): sixteen channels, or eight, are followed through the row's
 * pixels with their multipliers in registers.
 */
function scaledCounts(record: usize, row: usize, out: usize, n: i32, wrap: usize, most: i32): void {
  const q15 = load<usize>(record + (PreparedNeuron.Factors << 2)), f = load<i32>(record + (PreparedNeuron.FractionBits << 2));
  const gain = load<i32>(record + (PreparedNeuron.Gain << 2)), limit = i8x16.splat(<i8>most);
  const half = i16x8.splat(f == 0 ? <i16>0 : <i16>1 << <i16>(f - 1)), past = row + (<usize>n << 1);
  let c: usize = 0;
  for (; c + 32 <= wrap; c += 32) {
    const m = v128.load(q15 + c), k = v128.load(q15 + c, 16);
    let to = out + (c >> 1);
    for (let at = row + c; at < past; at += wrap, to += wrap >> 1) {
      const x = scaled(v128.load(at), m, gain, half, f), y = scaled(v128.load(at, 16), k, gain, half, f);
      v128.store(to, i8x16.min_u(i8x16.narrow_i16x8_u(x, y), limit));
    }
  }
  if (c == wrap) return;
  const m = v128.load(q15 + c);
  let to = out + (c >> 1);
  for (let at = row + c; at < past; at += wrap, to += wrap >> 1) {
    const x = scaled(v128.load(at), m, gain, half, f);
    v128.store64_lane(to, i8x16.min_u(i8x16.narrow_i16x8_u(x, x), limit), 0);
  }
}

@inline
function scaled(x: v128, m: v128, gain: i32, half: v128, f: i32): v128 {
  return i16x8.shr_s(i16x8.add_sat_s(i16x8.q15mulr_sat_s(i16x8.shl(x, gain), m), half), f);
}

/** Up to four thresholds stay in registers while eight channels are followed through the row's pixels. */
function fewCounts(row: usize, out: usize, n: i32, table: usize, wrap: usize, most: i32): void {
  const never = i16x8.splat(i16.MAX_VALUE), one = i16x8.splat(1), past = row + (<usize>n << 1);
  for (let c: usize = 0; c < wrap; c += 16) {
    // x ≥ θ is x > θ − 1, which machines have; no accumulator is below the least θ.
    const a = i16x8.sub_sat_s(v128.load(table + c), one);
    const b = most > 1 ? i16x8.sub_sat_s(v128.load(table + wrap + c), one) : never;
    const d = most > 2 ? i16x8.sub_sat_s(v128.load(table + 2 * wrap + c), one) : never;
    const e = most > 3 ? i16x8.sub_sat_s(v128.load(table + 3 * wrap + c), one) : never;
    let to = out + (c >> 1);
    for (let at = row + c; at < past; at += wrap, to += wrap >> 1) {
      const x = v128.load(at);
      const low = i16x8.add(i16x8.gt_s(x, a), i16x8.gt_s(x, b)), high = i16x8.add(i16x8.gt_s(x, d), i16x8.gt_s(x, e));
      const count = i16x8.neg(i16x8.add(low, high));
      v128.store64_lane(to, i8x16.narrow_i16x8_u(count, count), 0);
    }
  }
}

/** count = how many of the thresholds i16 [D, period] x has reached */
function manyCounts(row: usize, out: usize, n: i32, table: usize, wrap: usize, most: i32): void {
  let entry: usize = 0;
  for (let k = 0; k < n; k += 8) {
    const x = v128.load(row + (<usize>k << 1));
    let count = i16x8.splat(0);
    for (let s = 0, at = table + entry; s < most; s++, at += wrap) count = i16x8.sub(count, i16x8.ge_s(x, v128.load(at)));
    v128.store64_lane(out + k, i8x16.narrow_i16x8_u(count, count), 0);
    entry += 16;
    if (entry == wrap) entry = 0;
  }
}
