// Conv2d, Depthwise, Pointwise, Linear: shapes, weights inside the constants, accumulators that cannot overflow.

import { DType, MAX_DIMENSION, MAX_KERNEL, NONE, Op, OpField, PlanField, Status, WeightedField } from "../abi";
import { nibble } from "../kernels/nibbles";
import { isInt4, rowBytes, rowsOf } from "../kernels/weighted";
import { constant, planWord, word } from "../memory/plan";
import { bound, channels, dtype, height, width } from "../memory/tensor";
import { above, hasOperands, inConstants, input, output } from "./gate";

const MAX_STEP: u32 = 4096;

export function checkWeighted(op: usize): Status {
  if (!hasOperands(op)) return Status.BadTensor;
  const from = input(op), to = output(op);
  if (dtype(from) == DType.I32 || dtype(to) != DType.I32) return Status.BadTensor;
  if (word(op, WeightedField.WeightBits) != 8 && !isInt4(op)) return Status.BadParameter;
  const shape = checkShape(op, from, to);
  return shape != Status.Ok ? shape : checkWeights(op, from, to);
}

function checkShape(op: usize, from: usize, to: usize): Status {
  const code = word(op, OpField.Op);
  if (code == Op.Linear) return height(to) == 1 && width(to) == 1 ? Status.Ok : Status.BadShape;
  if (code == Op.Pointwise) return height(to) == height(from) && width(to) == width(from) ? Status.Ok : Status.BadShape;
  const kernel = checkKernel(op);
  if (kernel != Status.Ok) return kernel;
  for (let field = <i32>WeightedField.DilationY; field <= WeightedField.DilationX; field++) {
    if (word(op, field) == 0 || word(op, field) > MAX_STEP) return Status.BadParameter;
  }
  if (code == Op.Depthwise) return channels(to) == channels(from) ? Status.Ok : Status.BadShape;
  const groups = word(op, WeightedField.Groups);
  if (groups == 0 || <u32>channels(from) % groups != 0 || <u32>channels(to) % groups != 0) return Status.BadShape;
  return Status.Ok;
}

/** Kernel, stride and padding words; pools have them at the same places. */
export function checkKernel(op: usize): Status {
  for (let field = <i32>WeightedField.KernelH; field <= WeightedField.KernelW; field++) {
    if (word(op, field) == 0 || above(word(op, field), MAX_KERNEL)) return Status.BadParameter;
  }
  for (let field = <i32>WeightedField.StrideY; field <= WeightedField.StrideX; field++) {
    if (word(op, field) == 0 || word(op, field) > MAX_STEP) return Status.BadParameter;
  }
  for (let field = <i32>WeightedField.PadTop; field <= WeightedField.PadLeft; field++) {
    if (above(word(op, field), MAX_DIMENSION)) return Status.BadParameter;
  }
  return Status.Ok;
}

function checkWeights(op: usize, from: usize, to: usize): Status {
  const columns = <u64>channels(to), count = rowsOf(op, from), stride = <u64>word(op, WeightedField.TimestepStride);
  const bytes = count * <u64>rowBytes(op, channels(to));
  if (stride != 0 && ((stride & 15) != 0 || stride < bytes)) return Status.BadParameter;
  const variants: u64 = stride == 0 ? 1 : planWord(PlanField.Timesteps);
  const offset = word(op, WeightedField.Weights), bias = word(op, WeightedField.Bias);
  const place = inConstants(offset, 1, stride * (variants - 1) + bytes);
  if (place != Status.Ok) return place;
  if (bias != NONE) {
    const biasPlace = inConstants(bias, columns, 4);
    if (biasPlace != Status.Ok) return biasPlace;
  }
  for (let t: u64 = 0; t < variants; t++) {
    const at = constant(offset) + <usize>(t * stride);
    const sums = isInt4(op) ? checkNibbles(at, bias, <i32>count, <i32>columns, bound(from), bound(to))
      : checkSums(at, bias, <i32>count, <i32>columns, bound(from), bound(to));
    if (sums != Status.Ok) return sums;
  }
  return Status.Ok;
}

/** NUMERICS.md §3, channel by channel: X · Σ|w| + |b| ≤ the output's Bound. */
function checkSums(weights: usize, bias: u32, count: i32, columns: i32, most: u32, limit: u32): Status {
  for (let c = 0; c < columns; c++) {
    let sum: u64 = 0;
    for (let r = 0, at = weights + c; r < count; r++, at += columns) {
      const weight = <i32>load<i8>(at);
      if (weight == -128) return Status.BadParameter;
      sum += <u64>abs(weight);
    }
    if (!holds(most, sum, bias, c, limit)) return Status.BadRange;
  }
  return Status.Ok;
}

/** The same for int4; the spare nibble of rows of odd length is 0. */
function checkNibbles(weights: usize, bias: u32, count: i32, columns: i32, most: u32, limit: u32): Status {
  const bytes = <usize>((columns + 1) >> 1);
  for (let c = 0; c < columns; c++) {
    let sum: u64 = 0;
    for (let r = 0, row = weights; r < count; r++, row += bytes) {
      const weight = nibble(row, c);
      if (weight == -8) return Status.BadParameter;
      sum += <u64>abs(weight);
    }
    if (!holds(most, sum, bias, c, limit)) return Status.BadRange;
  }
  for (let r = 0, row = weights; r < count && (columns & 1) != 0; r++, row += bytes) {
    if (nibble(row, columns) != 0) return Status.BadParameter;
  }
  return Status.Ok;
}

function holds(most: u32, sum: u64, bias: u32, c: i32, limit: u32): bool {
  const start: u64 = bias == NONE ? 0 : abs<i64>(<i64>load<i32>(constant(bias) + (<usize>c << 2)));
  return <u64>most * sum + start <= <u64>limit;
}
