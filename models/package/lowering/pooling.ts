import { DType, MAX_DIMENSION, MAX_KERNEL, Op, PoolField, UpsampleField } from "../../../assembly/abi.js";
import type { GlobalMeanNode, PoolNode, UpsampleNode } from "../../graph/integer.js";
import { corrupt, outOfRange, within, type ProgramBuilder, type Value } from "./builder.js";
import { greatestBound, GREATEST_I32, GREATEST_SHIFT, GREATEST_STEP, scaledBound } from "./ranges.js";
import { imageOf } from "./weighted.js";

const OPS = { MaxPool2d: Op.MaxPool, SumPool2d: Op.SumPool, AvgPool2d: Op.AvgPool } as const;

/**
 * MaxPool2d keeps the dtype; SumPool2d takes the narrowest of the input's dtype, i16 and i32 that holds every sum; AvgPool2d gives i16.
 */
export function lowerPool(builder: ProgramBuilder, node: PoolNode): Value {
  const { name, type, kernel, stride, padding } = node;
  const input = imageOf(builder, node);
  const shape = builder.tensor(input);
  for (const axis of [0, 1] as const) {
    within(name, "kernel size", kernel[axis], 1, MAX_KERNEL);
    within(name, "stride", stride[axis], 1, GREATEST_STEP);
    within(name, "padding", padding[axis], 0, MAX_DIMENSION);
    if (padding[axis] >= kernel[axis]) throw corrupt(name, "has windows of padding alone", "use a padding below the kernel's size");
  }
  const h = Math.floor((shape.h + 2 * padding[0] - kernel[0]) / stride[0]) + 1;
  const w = Math.floor((shape.w + 2 * padding[1] - kernel[1]) / stride[1]) + 1;
  const sum = sumBound(name, shape.bound, kernel[0] * kernel[1]);
  const scale = type === "AvgPool2d" ? scaleOf(node) : { multiplier: 0, shift: 0 };
  const { dtype, bound, fractionBits } =
    type === "MaxPool2d" ? shape
    : type === "SumPool2d" ? { dtype: dtypeHolding(shape.dtype, sum), bound: sum, fractionBits: shape.fractionBits }
    : { dtype: DType.I16, bound: averageBound(sum, scale, DType.I16), fractionBits: node.fractionBits ?? 0 };
  const out = builder.addTensor({ name, dtype, h, w, c: shape.c, bound, fractionBits });
  builder.addOp({
    op: OPS[type], name, a: input.tensor, out,
    words: {
      [PoolField.Multiplier]: scale.multiplier,
      [PoolField.Shift]: scale.shift,
      [PoolField.KernelH]: kernel[0],
      [PoolField.KernelW]: kernel[1],
      [PoolField.StrideY]: stride[0],
      [PoolField.StrideX]: stride[1],
      [PoolField.PadTop]: padding[0],
      [PoolField.PadLeft]: padding[1],
    },
  });
  return { tensor: out, flat: false };
}

export function lowerGlobalMean(builder: ProgramBuilder, node: GlobalMeanNode): Value {
  const { name, fractionBits } = node;
  const input = imageOf(builder, node);
  const shape = builder.tensor(input);
  const scale = scaleOf(node);
  const bound = averageBound(sumBound(name, shape.bound, shape.h * shape.w), scale, DType.I32);
  const out = builder.addTensor({ name, dtype: DType.I32, h: 1, w: 1, c: shape.c, bound, fractionBits });
  builder.addOp({
    op: Op.GlobalMean, name, a: input.tensor, out,
    words: { [PoolField.Multiplier]: scale.multiplier, [PoolField.Shift]: scale.shift },
  });
  return { tensor: out, flat: false };
}

export function lowerUpsample(builder: ProgramBuilder, node: UpsampleNode): Value {
  const { name, factor } = node;
  const input = imageOf(builder, node);
  const shape = builder.tensor(input);
  for (const axis of [0, 1] as const) within(name, "factor", factor[axis], 1, MAX_DIMENSION);
  const out = builder.addTensor({ ...shape, name, h: shape.h * factor[0], w: shape.w * factor[1] });
  builder.addOp({
    op: Op.Upsample, name, a: input.tensor, out, words: { [UpsampleField.FactorY]: factor[0], [UpsampleField.FactorX]: factor[1] },
  });
  return { tensor: out, flat: false };
}

interface Scale {
  readonly multiplier: number;
  readonly shift: number;
}

function scaleOf({ name, multiplier, shift }: PoolNode | GlobalMeanNode): Scale {
  if (multiplier === undefined || shift === undefined) throw corrupt(name, "has no multiplier and shift", "give both");
  return { multiplier: within(name, "multiplier", multiplier, 0, GREATEST_I32), shift: within(name, "shift", shift, 0, GREATEST_SHIFT) };
}

function sumBound(name: string, bound: number, terms: number): number {
  if (bound * terms <= GREATEST_I32) return bound * terms;
  throw outOfRange(name, `could sum up to ${bound * terms}, beyond ${GREATEST_I32}`,
    "pool a smaller window, or bound what comes before it");
}

function averageBound(sum: number, { multiplier, shift }: Scale, dtype: DType): number {
  return Math.min(scaledBound(sum, multiplier, shift), greatestBound(dtype));
}

/** Sums may be negative or positive: both ends must fit. */
const GREATEST_SUM: Readonly<Record<DType, number>> = {
  [DType.U8]: 255, [DType.I8]: 127, [DType.I16]: 32767, [DType.I32]: GREATEST_I32,
};

function dtypeHolding(input: DType, bound: number): DType {
  return [input, DType.I16, DType.I32].find((dtype) => bound <= GREATEST_SUM[dtype]) ?? DType.I32;
}
