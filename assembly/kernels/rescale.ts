// Requantise to i16, which residual streams are, eight elements at a time: of a tensor or of a row of accumulators, and with the Add
// behind it in the same pass.

import { DType, NONE, OpField, RequantiseField, Rounding } from "../abi";
import { constant, tensorRecord, word } from "../memory/plan";
import { countSaturations } from "../memory/state";
import { bound, dtype } from "../memory/tensor";
import { fitProducts, greatestOf } from "../numeric/products";
import { scale4 } from "../numeric/rounding";

const LANES: i32 = 8;
/** Vectors after which a lane's count of saturations may be at its end. */
const MOST_ROUNDS: i32 = u16.MAX_VALUE;

/** Whether the Requantise at `op` is one of these: lanes meet its parameters, and no value leaves an i32 before it saturates. */
export function rescales(op: usize): bool {
  const from = tensorRecord(word(op, OpField.A)), period = word(op, RequantiseField.Period);
  if (dtype(tensorRecord(word(op, OpField.Out))) != DType.I16 || (period != 1 && period % LANES != 0)) return false;
  const bytes = <usize>period << 2, shift = word(op, RequantiseField.Shift);
  let offset: u64 = 0;
  for (let k: usize = 0, at = offsets(op); at != 0 && k < bytes; k += 4) offset = max<u64>(offset, abs<i64>(<i64>load<i32>(at + k)));
  const scaled = <u64>bound(from) * <u64>greatestOf(multipliers(op), bytes) >> shift;
  return scaled + 1 + offset <= <u64>i32.MAX_VALUE;
}

function multipliers(op: usize): usize {
  return constant(word(op, RequantiseField.Multipliers));
}

/** 0 without any. */
function offsets(op: usize): usize {
  const at = word(op, RequantiseField.Offsets);
  return at == NONE ? 0 : constant(at);
}

/**
 * out = saturate(round(x · M / 2^s) + offset), or with `other` saturate(that + other).
 * @param x  n elements of `type` that begin a period   @param other  i16[n], or 0   @param out  i16[n]
 * @returns elements done: n without what fills no vector
 */
export function rescale(op: usize, x: usize, type: DType, other: usize, out: usize, n: i32): i32 {
  switch (type) {
    case DType.U8: return other == 0 ? follow<u8, bool>(op, x, 0, out, n) : follow<u8, i16>(op, x, other, out, n);
    case DType.I8: return other == 0 ? follow<i8, bool>(op, x, 0, out, n) : follow<i8, i16>(op, x, other, out, n);
    case DType.I16: return other == 0 ? follow<i16, bool>(op, x, 0, out, n) : follow<i16, i16>(op, x, other, out, n);
    default: return other == 0 ? follow<i32, bool>(op, x, 0, out, n) : follow<i32, i16>(op, x, other, out, n);
  }
}

/** O is the type of `other`, bool where there is none. */
function follow<X, O>(op: usize, x: usize, other: usize, out: usize, n: i32): i32 {
  const shift = <i32>word(op, RequantiseField.Shift), rule: Rounding = word(op, RequantiseField.Rounding);
  const single = word(op, RequantiseField.Period) == 1, wrap = single ? <usize>LANES << 2 : <usize>word(op, RequantiseField.Period) << 2;
  const m = single ? spread(multipliers(op), 0) : multipliers(op);
  const given = offsets(op), o = single && given != 0 ? spread(given, 32) : given;
  const most = bound(tensorRecord(word(op, OpField.A))), short = rule == Rounding.HalfUp && fitProducts(m, wrap, shift, most);
  const half = i32x4.splat(short && shift != 0 ? 1 << (shift - 1) : 0), whole = n & ~(LANES - 1);
  let saturated = 0, entry: usize = 0;
  for (let k = 0; k < whole; ) {
    let clamps = i16x8.splat(0), sums = clamps;
    for (const stop = min(whole, k + LANES * MOST_ROUNDS); k < stop; k += LANES) {
      const at = x + <usize>k * sizeof<X>(), to = <usize>k << 1;
      let left = lower<X>(at), right = upper<X>(at);
      if (short) {
        left = i32x4.shr_s(i32x4.add(i32x4.mul(left, v128.load(m + entry)), half), shift);
        right = i32x4.shr_s(i32x4.add(i32x4.mul(right, v128.load(m + entry, 16)), half), shift);
      } else {
        left = scale4(left, v128.load(m + entry), shift, rule);
        right = scale4(right, v128.load(m + entry, 16), shift, rule);
      }
      if (o != 0) {
        left = i32x4.add(left, v128.load(o + entry));
        right = i32x4.add(right, v128.load(o + entry, 16));
      }
      const v = i16x8.narrow_i32x4_s(left, right);
      const farLeft = i32x4.ne(left, i32x4.extend_low_i16x8_s(v)), farRight = i32x4.ne(right, i32x4.extend_high_i16x8_s(v));
      clamps = i16x8.sub(clamps, i16x8.narrow_i32x4_s(farLeft, farRight));
      if (isBoolean<O>()) {
        v128.store(out + to, v);
      } else {
        const y = v128.load(other + to), sum = i16x8.add_sat_s(v, y);
        // Unequal to the wrapped sum: the true sum lay outside.
        sums = i16x8.sub(sums, i16x8.ne(sum, i16x8.add(v, y)));
        v128.store(out + to, sum);
      }
      entry += <usize>LANES << 2;
      if (entry == wrap) entry = 0;
    }
    saturated += lanesOf(clamps) + lanesOf(sums);
  }
  countSaturations(saturated);
  return whole;
}

@inline
function lower<X>(at: usize): v128 {
  if (sizeof<X>() == 4) return v128.load(at);
  if (sizeof<X>() == 2) return v128.load16x4_s(at);
  const bytes = v128.load32_zero(at);
  if (isSigned<X>()) return i32x4.extend_low_i16x8_s(i16x8.extend_low_i8x16_s(bytes));
  return i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(bytes));
}

@inline
function upper<X>(at: usize): v128 {
  return lower<X>(at + 4 * sizeof<X>());
}

/** One parameter for all lanes, i32[8] at `place` of a scratch. */
function spread(parameter: usize, place: usize): usize {
  const at = memory.data(64, 16) + place, value = i32x4.splat(load<i32>(parameter));
  v128.store(at, value);
  v128.store(at, value, 16);
  return at;
}

/** Σ of eight u16 lanes. */
export function lanesOf(v: v128): i32 {
  const sums = i32x4.extadd_pairwise_i16x8_u(v);
  return i32x4.extract_lane(sums, 0) + i32x4.extract_lane(sums, 1) + i32x4.extract_lane(sums, 2) + i32x4.extract_lane(sums, 3);
}
