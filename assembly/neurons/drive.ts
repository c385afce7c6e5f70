// A neuron's drive: x = round(input · M / 2^Shift, half up), plus leak (NUMERICS.md §4). Vector forms do four elements.

import { DType, NONE, NeuronField, OpField, Rounding } from "../abi";
import { constant, tensorRecord, word } from "../memory/plan";
import { data, dtype, loadElement } from "../memory/tensor";
import { scale, scale4 } from "../numeric/rounding";

/** Entry j of the parameter array at constant offset `array`, or `absent` when there is none. */
export function parameter(array: u32, j: i32, absent: i32): i32 {
  return array == NONE ? absent : load<i32>(constant(array) + (<usize>j << 2));
}

/** Entries j..j+3. */
export function parameter4(array: u32, j: i32, absent: i32): v128 {
  return array == NONE ? i32x4.splat(absent) : v128.load(constant(array) + (<usize>j << 2));
}

/** x of element i, whose parameters are at j. */
export function input(op: usize, i: i32, j: i32): i32 {
  const from = tensorRecord(word(op, OpField.A));
  const value = loadElement(data(from), dtype(from), i);
  const multipliers = word(op, NeuronField.Multipliers);
  if (multipliers == NONE) return value;
  return <i32>scale(value, parameter(multipliers, j, 1), word(op, NeuronField.Shift), Rounding.HalfUp);
}

/** x of elements i..i+3. */
export function input4(op: usize, i: i32, j: i32): v128 {
  const from = tensorRecord(word(op, OpField.A));
  const value = load4(data(from), dtype(from), i);
  const multipliers = word(op, NeuronField.Multipliers);
  if (multipliers == NONE) return value;
  return scale4(value, parameter4(multipliers, j, 1), word(op, NeuronField.Shift), Rounding.HalfUp);
}

export function leak(op: usize, j: i32): i32 {
  return parameter(word(op, NeuronField.Leak), j, 0);
}

export function leak4(op: usize, j: i32): v128 {
  return parameter4(word(op, NeuronField.Leak), j, 0);
}

/** Elements i..i+3 of a tensor of any dtype, widened to i32. */
export function load4(at: usize, type: DType, i: i32): v128 {
  switch (type) {
    case DType.U8: return i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load32_zero(at + i)));
    case DType.I8: return i32x4.extend_low_i16x8_s(i16x8.extend_low_i8x16_s(v128.load32_zero(at + i)));
    case DType.I16: return v128.load16x4_s(at + (<usize>i << 1));
    default: return v128.load(at + (<usize>i << 2));
  }
}

/** Stores four i32 that fit as i16 or i32. */
export function store4(at: usize, type: DType, i: i32, v: v128): void {
  if (type == DType.I16) v128.store64_lane(at + (<usize>i << 1), i16x8.narrow_i32x4_s(v, v), 0);
  else v128.store(at + (<usize>i << 2), v);
}

/** Stores four counts as u8. */
export function storeCounts4(at: usize, i: i32, counts: v128): void {
  const words = i16x8.narrow_i32x4_s(counts, counts);
  v128.store32_lane(at + i, i8x16.narrow_i16x8_u(words, words), 0);
}
