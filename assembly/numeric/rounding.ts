// NUMERICS.md §2: quotients by powers of two, made whole.

import { Rounding } from "../abi";

/**
 * round(v / 2^s).
 * @param v  |v| < 2^62    @param s  0 .. 62
 */
export function round(v: i64, s: i32, rule: Rounding): i64 {
  if (s == 0) return v;
  return (v + roundingTerm(v, s, rule)) >> s;
}

/** What to add to v before the floor of v >> s, s ≥ 1. */
function roundingTerm(v: i64, s: i32, rule: Rounding): i64 {
  const half = <i64>1 << (s - 1);
  switch (rule) {
    case Rounding.HalfUp: return half;
    case Rounding.HalfEven: return half - 1 + ((v >> s) & 1);
    case Rounding.TowardZero: return (v >> 63) & ((<i64>1 << s) - 1);
    default: return 0;
  }
}

/** round(x · m / 2^s): |x| < 2^31, 0 ≤ m < 2^31. */
export function scale(x: i32, m: i32, s: i32, rule: Rounding): i64 {
  return round(<i64>x * <i64>m, s, rule);
}

/** Four times `scale`, for results that fit an i32. */
export function scale4(x: v128, m: v128, s: i32, rule: Rounding): v128 {
  const low = round2(i64x2.extmul_low_i32x4_s(x, m), s, rule);
  const high = round2(i64x2.extmul_high_i32x4_s(x, m), s, rule);
  return i8x16.shuffle(low, high, 0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27);
}

function round2(v: v128, s: i32, rule: Rounding): v128 {
  if (s == 0) return v;
  const half = <i64>1 << (s - 1);
  if (rule == Rounding.HalfUp) {
    v = i64x2.add(v, i64x2.splat(half));
    // Only the low word is kept, and up to 32 it is the same for the logical shift, which machines have.
    if (s <= 32) return i64x2.shr_u(v, s);
  } else if (rule == Rounding.HalfEven) {
    v = i64x2.add(v, i64x2.add(i64x2.splat(half - 1), v128.and(i64x2.shr_s(v, s), i64x2.splat(1))));
  } else if (rule == Rounding.TowardZero) {
    v = i64x2.add(v, v128.and(i64x2.shr_s(v, 63), i64x2.splat((<i64>1 << s) - 1)));
  }
  return i64x2.shr_s(v, s);
}
