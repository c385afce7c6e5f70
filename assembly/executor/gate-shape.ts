// Ops that move, pool or rescale values: Requantise, Add, Concat, pools, Upsample, GlobalMean, DelayRead, DelayWrite.

import { ConcatField, DelayField, DType, MAX_TIMESTEPS, NONE, Op, OpField, PlanField, PoolField, RequantiseField, Rounding, Status, UpsampleField } from "../abi";
import { constant, opRecord, planWord, tensorRecord, word } from "../memory/plan";
import { bound, channels, dtype, elements, height, width } from "../memory/tensor";
import { highest } from "../numeric/saturate";
import { above, admits, admitsSaturated, arrayInRange, bytesOf, hasOperands, inState, input, isTensor, output, sameShape, scaledBound } from "./gate";
import { checkKernel } from "./gate-weighted";

const MAX_SHIFT: u32 = 62;

export function checkRequantise(op: usize): Status {
  if (!hasOperands(op)) return Status.BadTensor;
  const from = input(op), to = output(op), period = word(op, RequantiseField.Period);
  if (!sameShape(from, to) || period == 0 || <u32>elements(from) % period != 0) return Status.BadShape;
  const shift = word(op, RequantiseField.Shift);
  if (shift > MAX_SHIFT || above(word(op, RequantiseField.Rounding), Rounding.TowardZero)) return Status.BadParameter;
  const multipliers = word(op, RequantiseField.Multipliers), offsets = word(op, RequantiseField.Offsets);
  let status = arrayInRange(multipliers, period, 0, i32.MAX_VALUE, constant(0), false);
  if (status != Status.Ok) return status;
  status = arrayInRange(offsets, period, i32.MIN_VALUE, i32.MAX_VALUE, constant(0), true);
  if (status != Status.Ok) return status;
  const most = scaledBound(bound(from), greatest(multipliers, period), shift) + greatest(offsets, period);
  return admitsSaturated(to, most);
}

/** Greatest |entry| of i32[period], 0 for NONE. */
export function greatest(array: u32, period: u32): u64 {
  let most: u64 = 0;
  if (array == NONE) return most;
  for (let i: usize = 0; i < <usize>period << 2; i += 4) most = max<u64>(most, abs<i64>(<i64>load<i32>(constant(array) + i)));
  return most;
}

export function checkAdd(op: usize): Status {
  if (!hasOperands(op) || !isTensor(word(op, OpField.B))) return Status.BadTensor;
  const a = input(op), b = tensorRecord(word(op, OpField.B)), to = output(op);
  if (dtype(a) != dtype(b) || dtype(a) != dtype(to)) return Status.BadTensor;
  if (!sameShape(a, b) || !sameShape(a, to)) return Status.BadShape;
  return admitsSaturated(to, <u64>bound(a) + <u64>bound(b));
}

export function checkConcat(op: usize): Status {
  if (!hasOperands(op)) return Status.BadTensor;
  const from = input(op), to = output(op);
  if (dtype(from) != dtype(to)) return Status.BadTensor;
  if (height(from) != height(to) || width(from) != width(to)) return Status.BadShape;
  if (<u64>word(op, ConcatField.ChannelOffset) + <u64>channels(from) > <u64>channels(to)) return Status.BadShape;
  return admits(to, bound(from));
}

export function checkPool(op: usize): Status {
  if (!hasOperands(op)) return Status.BadTensor;
  const from = input(op), to = output(op), code = word(op, OpField.Op);
  if (channels(from) != channels(to)) return Status.BadShape;
  const kernel = checkKernel(op);
  if (kernel != Status.Ok) return kernel;
  if (code == Op.MaxPool) {
    if (dtype(from) != dtype(to)) return Status.BadTensor;
    // A window that lies wholly in the padding would have no greatest element.
    return everyWindowTouches(op, from, to) ? admits(to, bound(from)) : Status.BadShape;
  }
  const sum = <u64>bound(from) * <u64>word(op, PoolField.KernelH) * <u64>word(op, PoolField.KernelW);
  if (above(sum, i32.MAX_VALUE)) return Status.BadRange;
  // A sum is kept whole; an average may saturate.
  return code == Op.SumPool ? checkWhole(from, to, sum) : checkScaled(op, to, sum);
}

/** A sum leaves as it is: the output's dtype must hold it, with its sign. */
function checkWhole(from: usize, to: usize, sum: u64): Status {
  if (dtype(to) == DType.U8 && dtype(from) != DType.U8) return Status.BadTensor;
  return above(sum, highest(dtype(to))) ? Status.BadRange : admits(to, sum);
}

function everyWindowTouches(op: usize, from: usize, to: usize): bool {
  const pastY = <i64>(height(to) - 1) * <i64>word(op, PoolField.StrideY) - <i64>word(op, PoolField.PadTop);
  const pastX = <i64>(width(to) - 1) * <i64>word(op, PoolField.StrideX) - <i64>word(op, PoolField.PadLeft);
  return word(op, PoolField.PadTop) < word(op, PoolField.KernelH) && pastY < <i64>height(from)
    && word(op, PoolField.PadLeft) < word(op, PoolField.KernelW) && pastX < <i64>width(from);
}

export function checkGlobalMean(op: usize): Status {
  if (!hasOperands(op)) return Status.BadTensor;
  const from = input(op), to = output(op);
  if (height(to) != 1 || width(to) != 1 || channels(to) != channels(from)) return Status.BadShape;
  const sum = <u64>bound(from) * <u64>height(from) * <u64>width(from);
  return above(sum, i32.MAX_VALUE) ? Status.BadRange : checkScaled(op, to, sum);
}

function checkScaled(op: usize, to: usize, sum: u64): Status {
  const multiplier = word(op, PoolField.Multiplier), shift = word(op, PoolField.Shift);
  if (above(multiplier, i32.MAX_VALUE) || shift > MAX_SHIFT) return Status.BadParameter;
  return admitsSaturated(to, scaledBound(sum, multiplier, shift));
}

export function checkUpsample(op: usize): Status {
  if (!hasOperands(op)) return Status.BadTensor;
  const from = input(op), to = output(op);
  if (dtype(from) != dtype(to)) return Status.BadTensor;
  const tall = <u64>height(from) * <u64>word(op, UpsampleField.FactorY), wide = <u64>width(from) * <u64>word(op, UpsampleField.FactorX);
  if (tall != <u64>height(to) || wide != <u64>width(to) || channels(from) != channels(to)) return Status.BadShape;
  return admits(to, bound(from));
}

/** DelayRead has its tensor in Out, DelayWrite in A. What is written must be what the reader's tensor may hold. */
export function checkDelay(op: usize): Status {
  const index = word(op, word(op, OpField.Op) == Op.DelayRead ? <i32>OpField.Out : <i32>OpField.A);
  if (!isTensor(index)) return Status.BadTensor;
  const bytes = bytesOf(tensorRecord(index)), steps = word(op, DelayField.Steps);
  if (steps == 0 || above(steps, MAX_TIMESTEPS) || <u64>word(op, DelayField.Bytes) != bytes) return Status.BadParameter;
  const place = inState(word(op, DelayField.State), bytes * <u64>steps);
  if (place != Status.Ok || word(op, OpField.Op) == Op.DelayWrite) return place;
  for (let i: u32 = 0; i < planWord(PlanField.Ops); i++) {
    const writer = opRecord(i);
    if (word(writer, OpField.Op) != Op.DelayWrite || word(writer, DelayField.State) != word(op, DelayField.State)) continue;
    if (!isTensor(word(writer, OpField.A)) || word(writer, DelayField.Steps) != steps) return Status.BadParameter;
    const from = tensorRecord(word(writer, OpField.A)), to = tensorRecord(index);
    if (dtype(from) != dtype(to) || bound(from) > bound(to)) return Status.BadRange;
  }
  return Status.Ok;
}
