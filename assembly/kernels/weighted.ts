// What all weighted ops share: their records and the start value of a row of accumulators.

import { NONE, OpField, PlanField, WeightedField } from "../abi";
import { copyRow, zeroRow } from "../memory/fill";
import { constant, planWord, tensorRecord, word } from "../memory/plan";
import { windowStep } from "../memory/state";

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
