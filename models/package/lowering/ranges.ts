import { DType, Rounding } from "../../../assembly/abi.js";

/** What a tensor's words say a value may be: 0..bound for u8, −bound..bound else. */
export interface Range {
  readonly low: bigint;
  readonly high: bigint;
}

const LIMITS: Readonly<Record<DType, Range>> = {
  [DType.U8]: { low: 0n, high: 255n },
  [DType.I8]: { low: -128n, high: 127n },
  [DType.I16]: { low: -32768n, high: 32767n },
  [DType.I32]: { low: -2147483648n, high: 2147483647n },
};

const BYTES: Readonly<Record<DType, number>> = { [DType.U8]: 1, [DType.I8]: 1, [DType.I16]: 2, [DType.I32]: 4 };

const NAMES: Readonly<Record<DType, "u8" | "i8" | "i16" | "i32">> = {
  [DType.U8]: "u8", [DType.I8]: "i8", [DType.I16]: "i16", [DType.I32]: "i32",
};

export const GREATEST_I32 = 2147483647;

export function dtypeBytes(dtype: DType): number {
  return BYTES[dtype];
}

export function dtypeName(dtype: DType): "u8" | "i8" | "i16" | "i32" {
  return NAMES[dtype];
}

export function dtypeOf(name: "u8" | "i8" | "i16" | "i32"): DType {
  return { u8: DType.U8, i8: DType.I8, i16: DType.I16, i32: DType.I32 }[name];
}

/** The greatest |value| of a dtype that `Bound` can name: 255, 128, 32768, 2^31 − 1. */
export function greatestBound(dtype: DType): number {
  return Math.min(magnitude(LIMITS[dtype]), GREATEST_I32);
}

export function rangeOf(dtype: DType, bound: number): Range {
  return { low: dtype === DType.U8 ? 0n : -BigInt(bound), high: BigInt(bound) };
}

/** NUMERICS.md §2, on integers without end. */
export function round(v: bigint, shift: number, rule: Rounding): bigint {
  if (shift === 0) return v;
  const s = BigInt(shift);
  switch (rule) {
    case Rounding.HalfUp: return (v + (1n << (s - 1n))) >> s;
    case Rounding.Floor: return v >> s;
    case Rounding.TowardZero: return v < 0n ? -(-v >> s) : v >> s;
    case Rounding.HalfEven: return (v + (1n << (s - 1n)) - 1n + ((v >> s) & 1n)) >> s;
  }
}

export function saturate(v: bigint, dtype: DType): bigint {
  const { low, high } = LIMITS[dtype];
  return v < low ? low : v > high ? high : v;
}

/** The greatest |value| in a range. */
export function magnitude({ low, high }: Range): number {
  return Number(-low > high ? -low : high);
}
