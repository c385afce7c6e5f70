import { NONE, Op, WeightedField } from "../../assembly/abi.js";
import type { ProgramOp } from "../../models/package/program.js";
import { i32Array, i8Array, int4Array, word } from "./constants.js";
import { conv2d, type Conv2dShape } from "./conv2d.js";
import { depthwise } from "./depthwise.js";
import { linear } from "./linear.js";
import { pointwise } from "./pointwise.js";
import type { Tensor } from "./tensor.js";

interface OutSize {
  readonly h: number;
  readonly w: number;
  readonly c: number;
}

export type WeightedOp = Op.Conv2d | Op.Depthwise | Op.Pointwise | Op.Linear;

export function isWeighted(op: Op): op is WeightedOp {
  return op === Op.Conv2d || op === Op.Depthwise || op === Op.Pointwise || op === Op.Linear;
}

/** Conv2d, Depthwise, Pointwise or Linear with the weights of timestep `windowStep` of a window. */
export function weighted(op: ProgramOp, constants: Uint8Array, input: Tensor, out: OutSize, windowStep: number): Tensor {
  const offset = word(op, WeightedField.Weights) + windowStep * word(op, WeightedField.TimestepStride);
  const count = weightCount(op, input, out), int4 = word(op, WeightedField.WeightBits) === 4;
  const weights = int4 ? int4Array(constants, offset, count, out.c) : i8Array(constants, offset, count);
  const bias = i32Array(constants, op.words[WeightedField.Bias] ?? NONE, out.c);
  return apply(op, input, weights, bias, out);
}

/** For the profile: how many accumulates the input causes (each non-zero element times its count, for each weight it meets). */
export function synapticOperations(op: ProgramOp, input: Tensor, out: OutSize): number {
  const magnitudes = { ...input, data: input.data.map(Math.abs) };
  const ones = new Array<number>(weightCount(op, input, out)).fill(1);
  return apply(op, magnitudes, ones, undefined, out).data.reduce((sum, value) => sum + value, 0);
}

/** For the profile: outputs times the weights of each, padding included. */
export function macs(op: ProgramOp, input: Tensor, out: OutSize): number {
  const weights = weightCount(op, input, out);
  return op.op === Op.Linear ? weights : out.h * out.w * weights;
}

function apply(op: ProgramOp, input: Tensor, weights: readonly number[], bias: readonly number[] | undefined, out: OutSize): Tensor {
  switch (op.op as WeightedOp) {
    case Op.Conv2d: return conv2d(input, weights, bias, shapeOf(op), out.h, out.w, out.c);
    case Op.Depthwise: return depthwise(input, weights, bias, shapeOf(op), out.h, out.w);
    case Op.Pointwise: return pointwise(input, weights, bias, out.c);
    case Op.Linear: return linear(input, weights, bias, out.c);
  }
}

function weightCount(op: ProgramOp, input: Tensor, out: OutSize): number {
  const { kernelH, kernelW, groups } = shapeOf(op);
  switch (op.op as WeightedOp) {
    case Op.Conv2d: return kernelH * kernelW * (input.c / groups) * out.c;
    case Op.Depthwise: return kernelH * kernelW * input.c;
    case Op.Pointwise: return input.c * out.c;
    case Op.Linear: return input.data.length * out.c;
  }
}

export function shapeOf(op: ProgramOp): Conv2dShape {
  return {
    kernelH: word(op, WeightedField.KernelH), kernelW: word(op, WeightedField.KernelW),
    strideY: word(op, WeightedField.StrideY), strideX: word(op, WeightedField.StrideX),
    padTop: word(op, WeightedField.PadTop), padLeft: word(op, WeightedField.PadLeft),
    dilationY: word(op, WeightedField.DilationY), dilationX: word(op, WeightedField.DilationX),
    groups: word(op, WeightedField.Groups),
  };
}
