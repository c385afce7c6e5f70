import { Rounding } from "../../assembly/abi.js";

/** v / 2^s made whole by `rule`, from quotient and remainder; s = 0 changes nothing. NUMERICS.md §2. */
export function round(v: bigint, s: number, rule: Rounding): bigint {
  const unit = 1n << BigInt(s);
  const rest = ((v % unit) + unit) % unit;
  const floor = (v - rest) / unit;
  switch (rule) {
    case Rounding.HalfUp: return rest * 2n >= unit && s > 0 ? floor + 1n : floor;
    case Rounding.HalfEven: return rest * 2n > unit || (rest * 2n === unit && floor % 2n !== 0n) ? floor + 1n : floor;
    case Rounding.Floor: return floor;
    case Rounding.TowardZero: return v / unit;
  }
}

/** `round(x · multiplier, shift, rule) + offset`, before saturation. */
export function rescale(x: number, multiplier: number, shift: number, rule: Rounding, offset = 0): bigint {
  return round(BigInt(x) * BigInt(multiplier), shift, rule) + BigInt(offset);
}
