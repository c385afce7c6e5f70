// What all weighted ops share: their records and the start value of a row of accumulators.

import { NONE, Op, OpField, PlanField, WeightedField } from "../abi";
import { copyRow, zeroRow } from "../memory/fill";
import { constant, planWord, tensorRecord, word } from "../memory/plan";
import { windowStep } from "../memory/state";
import { channels, elements } from "../memory/tensor";

/** Whether an op is one of these: Conv2d, Depthwise, Pointwise, Linear. */
export function isWeighted(op: usize): bool {
  return <i32>word(op, OpField.Op) <= Op.Linear;
}

export function input(op: usize): usize {
  return tensorRecord(word(op, OpField.A));
}

export function output(op: usize): usize {
  return tensorRecord(word(op, OpField.Out));
}

/** Address of the weights of this timestep. */
export function weights(op: usize): usize {
  const stride = word(op, WeightedField.TimestepStride);
  const t = stride == 0 ? 0 : windowStep() % planWord(PlanField.Timesteps);
  return constant(word(op, WeightedField.Weights) + t * stride);
}

/** Whether the weights are int4, two a byte. */
export function isInt4(op: usize): bool {
  return word(op, WeightedField.WeightBits) == 4;
}

/** Bytes from one row of weights to the next, for `columns` output channels. */
export function rowBytes(op: usize, columns: u32): u32 {
  return isInt4(op) ? (columns + 1) >> 1 : columns;
}

/** Address of the bias, 0 without one. */
export function biasRow(op: usize): usize {
  const bias = word(op, WeightedField.Bias);
  return bias == NONE ? 0 : constant(bias);
}

/** out[0..n−1] = the bias at `from`, or 0. */
export function startRow(out: usize, from: usize, n: i32): void {
  if (from == 0) zeroRow(out, n);
  else copyRow(out, from, n);
}

/** Weights that one output element sums over, in the dense form. */
export function rowsOf(op: usize, from: usize): u64 {
  const taps = <u64>word(op, WeightedField.KernelH) * <u64>word(op, WeightedField.KernelW);
  switch (word(op, OpField.Op)) {
    case Op.Linear: return elements(from);
    case Op.Pointwise: return channels(from);
    case Op.Depthwise: return taps;
    default: return taps * <u64>(<u32>channels(from) / word(op, WeightedField.Groups));
  }
}
