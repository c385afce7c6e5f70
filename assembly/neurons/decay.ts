// decay(v) of NUMERICS.md §4: none, by shift, or by a multiplier of DecayBits with a rounding rule of its own.

import { Decay, Rounding } from "../abi";
import { scale, scale4 } from "../numeric/rounding";

/** @param value  shift 1..30 or multiplier 0..2^bits, by `form` */
export function decay(v: i32, form: Decay, value: i32, bits: i32, rule: Rounding): i32 {
  if (form == Decay.None) return v;
  if (form == Decay.Shift) return v - (v >> value);
  return <i32>scale(v, value, bits, rule);
}

/** Four at once; shifts differ from lane to lane, so they are taken apart. */
export function decay4(v: v128, form: Decay, value: v128, bits: i32, rule: Rounding): v128 {
  if (form == Decay.None) return v;
  if (form == Decay.Shift) return i32x4.sub(v, shift4(v, value));
  return scale4(v, value, bits, rule);
}

function shift4(v: v128, by: v128): v128 {
  const first = i32x4.extract_lane(by, 0);
  if (i32x4.all_true(i32x4.eq(by, i32x4.splat(first)))) return i32x4.shr_s(v, first);
  let out = i32x4.splat(i32x4.extract_lane(v, 0) >> first);
  out = i32x4.replace_lane(out, 1, i32x4.extract_lane(v, 1) >> i32x4.extract_lane(by, 1));
  out = i32x4.replace_lane(out, 2, i32x4.extract_lane(v, 2) >> i32x4.extract_lane(by, 2));
  return i32x4.replace_lane(out, 3, i32x4.extract_lane(v, 3) >> i32x4.extract_lane(by, 3));
}
