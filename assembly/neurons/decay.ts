// decay(v) of NUMERICS.md §4: none, by shift, or by a multiplier of DecayBits with a rounding rule of its own.

import { Decay, Rounding } from "../abi";
import { scale, scale4 } from "../numeric/rounding";

/** @param value  shift 1..30 or multiplier 0..2^bits, by `form` */
export function decay(v: i32, form: Decay, value: i32, bits: i32, rule: Rounding): i32 {
  if (form == Decay.None) return v;
  if (form == Decay.Shift) return v - (v >> value);
  return <i32>scale(v, value, bits, rule);
}

/** Four at once. `shift` is the shift of all lanes, or NO_SHIFT where lanes differ. */
@inline
export function decay4(v: v128, form: Decay, value: v128, shift: i32, bits: i32, rule: Rounding): v128 {
  if (form == Decay.None) return v;
  if (form == Decay.Multiply) return scale4(v, value, bits, rule);
  return i32x4.sub(v, shift == NO_SHIFT ? shiftEach(v, value) : i32x4.shr_s(v, shift));
}

export const NO_SHIFT: i32 = -1;

/** The shift that i32[n] at `values` have in common, or NO_SHIFT. */
export function commonShift(form: Decay, values: usize, n: i32): i32 {
  if (form != Decay.Shift) return NO_SHIFT;
  const first = load<i32>(values);
  for (let i = 1; i < n; i++) {
    if (load<i32>(values + (<usize>i << 2)) != first) return NO_SHIFT;
  }
  return first;
}

function shiftEach(v: v128, by: v128): v128 {
  let out = i32x4.splat(i32x4.extract_lane(v, 0) >> i32x4.extract_lane(by, 0));
  out = i32x4.replace_lane(out, 1, i32x4.extract_lane(v, 1) >> i32x4.extract_lane(by, 1));
  out = i32x4.replace_lane(out, 2, i32x4.extract_lane(v, 2) >> i32x4.extract_lane(by, 2));
  return i32x4.replace_lane(out, 3, i32x4.extract_lane(v, 3) >> i32x4.extract_lane(by, 3));
}
