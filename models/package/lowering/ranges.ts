import { DType } from "../../../assembly/abi.js";

export const GREATEST_I32 = 2147483647;
export const GREATEST_SHIFT = 62;
/** Of a tensor. */
export const GREATEST_FRACTION_BITS = 30;
/** Of strides and dilations. */
export const GREATEST_STEP = 4096;

const MAGNITUDES: Readonly<Record<DType, number>> = { [DType.U8]: 255, [DType.I8]: 128, [DType.I16]: 32768, [DType.I32]: GREATEST_I32 };

const BYTES: Readonly<Record<DType, number>> = { [DType.U8]: 1, [DType.I8]: 1, [DType.I16]: 2, [DType.I32]: 4 };

const NAMES: Readonly<Record<DType, "u8" | "i8" | "i16" | "i32">> = {
  [DType.U8]: "u8", [DType.I8]: "i8", [DType.I16]: "i16", [DType.I32]: "i32",
};

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
  return MAGNITUDES[dtype];
}

/** |round(x · multiplier / 2^shift)| ≤ this for |x| ≤ bound, under every rounding rule; the engine's gate adds up the same. */
export function scaledBound(bound: number, multiplier: number, shift: number): number {
  return Number((BigInt(bound) * BigInt(multiplier)) >> BigInt(shift)) + 1;
}

/** The greatest |entry|, 0 for none. */
export function greatest(values: Int32Array | undefined): number {
  return (values ?? new Int32Array(0)).reduce((most, value) => Math.max(most, Math.abs(value)), 0);
}
