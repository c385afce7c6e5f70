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
  const record = prepared(op), q15 = load<usize>(record + (PreparedNeuron.Q15 << 2));
  const table = load<usize>(record + (PreparedNeuron.Thresholds << 2));
  if (table == 0) return false;
  const wrap = <usize>word(op, NeuronField.Period) << 1, most = <i32>word(op, NeuronField.MaxCount);
  if (q15 != 0) scaledCounts(row, out, n, q15, wrap, load<i32>(record + (PreparedNeuron.FractionBits << 2)), most);
  else reachedCounts(row, out, n, table, wrap, most);
  return true;
}

/** count = clamp((((x · m + 2^14) >> 15) + half) >> f, 0, D) */
function scaledCounts(row: usize, out: usize, n: i32, q15: usize, wrap: usize, f: i32, most: i32): void {
  const limit = i8x16.splat(<i8>most), half = i16x8.splat(f == 0 ? <i16>0 : <i16>1 << <i16>(f - 1));
  let entry: usize = 0, k: usize = 0;
  if ((wrap & 31) == 0) {
    for (; k < <usize>n; k += 16) {
      const x = scaled(row + (k << 1), q15 + entry, half, f), y = scaled(row + (k << 1) + 16, q15 + entry + 16, half, f);
      v128.store(out + k, i8x16.min_u(i8x16.narrow_i16x8_u(x, y), limit));
      entry += 32;
      if (entry == wrap) entry = 0;
    }
  }
  for (; k < <usize>n; k += 8) {
    const x = scaled(row + (k << 1), q15 + entry, half, f);
    v128.store64_lane(out + k, i8x16.min_u(i8x16.narrow_i16x8_u(x, x), limit), 0);
    entry += 16;
    if (entry == wrap) entry = 0;
  }
}

@inline
function scaled(at: usize, q15: usize, half: v128, f: i32): v128 {
  return i16x8.shr_s(i16x8.add_sat_s(i16x8.q15mulr_sat_s(v128.load(at), v128.load(q15)), half), f);
}

/** count = how many of the thresholds i16 [D, period] x has reached */
function reachedCounts(row: usize, out: usize, n: i32, table: usize, wrap: usize, most: i32): void {
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
