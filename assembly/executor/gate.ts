// What every check of the gate needs: sizes that offsets are held against, and the shape of an op's operands.
// All arithmetic on words from the plan is in 64 bits.

import { ALIGN, CONSTANTS_TAIL, DType, NONE, OpField, PlanField, Status, STATE_HEADER_BYTES } from "../abi";
import { planWord, tensorRecord, word } from "../memory/plan";
import { bound, channels, dtype, elementShift, elements, height, width } from "../memory/tensor";

/** v > limit, unsigned; constants of abi.ts are signed to asc. */
export function above(v: u64, limit: u64): bool {
  return v > limit;
}

/** Greatest magnitude of a dtype: −2^(bits−1) for signed ones, but i32 stops at 2^31 − 1. */
export function magnitude(type: DType): u32 {
  switch (type) {
    case DType.U8: return 255;
    case DType.I8: return 128;
    case DType.I16: return 32768;
    default: return 0x7fffffff;
  }
}

export function isTensor(index: u32): bool {
  return index < planWord(PlanField.Tensors);
}

/** Whether words A and Out name tensors. */
export function hasOperands(op: usize): bool {
  return isTensor(word(op, OpField.A)) && isTensor(word(op, OpField.Out));
}

export function input(op: usize): usize {
  return tensorRecord(word(op, OpField.A));
}

export function output(op: usize): usize {
  return tensorRecord(word(op, OpField.Out));
}

export function sameShape(a: usize, b: usize): bool {
  return height(a) == height(b) && width(a) == width(b) && channels(a) == channels(b);
}

export function bytesOf(tensor: usize): u64 {
  return <u64>elements(tensor) << elementShift(dtype(tensor));
}

/** `count` constants of `size` bytes from `offset` on, with the tail that vector loads may read. */
export function inConstants(offset: u32, count: u64, size: u64): Status {
  if ((offset & (ALIGN - 1)) != 0) return Status.BadAlignment;
  const end = <u64>offset + count * size + CONSTANTS_TAIL;
  return end <= <u64>planWord(PlanField.ConstantsBytes) ? Status.Ok : Status.BadOffset;
}

/** An array i32[period] of which every entry lies in low..high; NONE passes when `optional`. */
export function arrayInRange(offset: u32, period: u32, low: i64, high: i64, constants: usize, optional: bool): Status {
  if (offset == NONE) return optional ? Status.Ok : Status.BadOffset;
  const place = inConstants(offset, period, 4);
  if (place != Status.Ok) return place;
  for (let i: usize = 0; i < <usize>period << 2; i += 4) {
    const value = <i64>load<i32>(constants + <usize>offset + i);
    if (value < low || value > high) return Status.BadParameter;
  }
  return Status.Ok;
}

/** `bytes` of a stream's state from `offset` on. */
export function inState(offset: u32, bytes: u64): Status {
  if ((offset & (ALIGN - 1)) != 0) return Status.BadAlignment;
  if (above(STATE_HEADER_BYTES, offset) || <u64>offset + bytes > <u64>planWord(PlanField.StateBytes)) return Status.BadOffset;
  return Status.Ok;
}

/** Whether the output's Bound admits results up to `most`. */
export function admits(tensor: usize, most: u64): Status {
  return most <= <u64>bound(tensor) ? Status.Ok : Status.BadRange;
}

/** The same for a result that saturates at the dtype. */
export function admitsSaturated(tensor: usize, most: u64): Status {
  return admits(tensor, min<u64>(most, magnitude(dtype(tensor))));
}

/** |round(x · m / 2^s)| ≤ this, for |x| ≤ most. Both factors stay below 2^31. */
export function scaledBound(most: u64, multiplier: u64, shift: u32): u64 {
  return ((most * multiplier) >> shift) + 1;
}
