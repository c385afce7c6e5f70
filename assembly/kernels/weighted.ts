// What all weighted ops share: their records and the start value of a row of accumulators.

import { NONE, OpField, PlanField, WeightedField } from "../abi";
import { constant, planWord, tensorRecord, word } from "../memory/plan";
import { stepCount } from "../memory/state";

export function input(op: usize): usize {
  return tensorRecord(word(op, OpField.A));
}

export function output(op: usize): usize {
  return tensorRecord(word(op, OpField.Out));
}

/** Address of the weights of this timestep. */
export function weights(op: usize): usize {
  const stride = word(op, WeightedField.TimestepStride);
  const t = stride == 0 ? 0 : stepCount() % planWord(PlanField.Timesteps);
  return constant(word(op, WeightedField.Weights) + t * stride);
}

/** out[0..n−1] = bias, or 0 without one. */
export function startRow(op: usize, out: usize, n: i32): void {
  const bias = word(op, WeightedField.Bias);
  if (bias == NONE) memory.fill(out, 0, <usize>n << 2);
  else memory.copy(out, constant(bias), <usize>n << 2);
}
