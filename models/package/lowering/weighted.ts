import { ALIGN, DType, MAX_DIMENSION, MAX_KERNEL, NONE, Op, WeightedField } from "../../../assembly/abi.js";
import type { WeightedConv, WeightedLinear } from "../../graph/integer.js";
import type { ProgramTensor } from "../program.js";
import { corrupt, elements, outOfRange, unsupported, within, type ProgramBuilder, type Value } from "./builder.js";
import { alignUp } from "./constant-pool.js";
import { GREATEST_I32, GREATEST_STEP } from "./ranges.js";
import { accumulatorBound, convWeights, GREATEST_WEIGHT, linearWeights, packRows } from "./weights.js";

const DEFAULT_BITS = 8;

/** Conv2d to the narrowest op that computes it: Pointwise, Depthwise or Conv2d. */
export function lowerConv(builder: ProgramBuilder, node: WeightedConv): Value {
  const input = imageOf(builder, node);
  const shape = builder.tensor(input);
  const { name, kernel, stride, padding, dilation, groups, outChannels } = node;
  checkGeometry(node);
  if (shape.c % groups !== 0 || outChannels % groups !== 0)
    throw corrupt(name, `has ${groups} groups for ${shape.c} input and ${outChannels} output channels`, "use a divisor of both");
  const inPerGroup = shape.c / groups;
  checkWeights(builder, node, outChannels, inPerGroup * kernel[0] * kernel[1]);
  const [h, w] = node.outSize ?? [0, 1].map((axis) => convOut(shape, node, axis as 0 | 1)) as [number, number];
  const out = builder.addTensor({ ...accumulators(builder, input, node, outChannels), h, w });
  const unit = [...kernel, ...stride].every((n) => n === 1) && padding[0] === 0 && padding[1] === 0 && h === shape.h && w === shape.w;
  const op = unit && groups === 1 ? Op.Pointwise : groups === shape.c && groups === outChannels ? Op.Depthwise : Op.Conv2d;
  builder.addOp({
    op, name, a: input.tensor, out,
    words: {
      ...weightWords(builder, node, outChannels, (weight) => convWeights(weight, outChannels, inPerGroup, kernel)),
      [WeightedField.KernelH]: kernel[0],
      [WeightedField.KernelW]: kernel[1],
      [WeightedField.StrideY]: stride[0],
      [WeightedField.StrideX]: stride[1],
      [WeightedField.PadTop]: padding[0],
      [WeightedField.PadLeft]: padding[1],
      [WeightedField.DilationY]: dilation[0],
      [WeightedField.DilationX]: dilation[1],
      [WeightedField.Groups]: groups,
    },
  });
  return { tensor: out, flat: false };
}

export function lowerLinear(builder: ProgramBuilder, node: WeightedLinear): Value {
  const { name, outFeatures } = node;
  const input = builder.value(name, node.input);
  const { h, w, c } = builder.tensor(input);
  if (!input.flat && h * w > 1) throw corrupt(name, `reads an image of ${h} × ${w} × ${c}`, "put a Flatten before it");
  checkWeights(builder, node, outFeatures, h * w * c);
  const out = builder.addTensor({ ...accumulators(builder, input, node, outFeatures), h: 1, w: 1 });
  builder.addOp({
    op: Op.Linear, name, a: input.tensor, out,
    words: {
      ...weightWords(builder, node, outFeatures, (weight) => linearWeights(weight, outFeatures, h, w, c)),
      [WeightedField.KernelH]: 1,
      [WeightedField.KernelW]: 1,
      [WeightedField.StrideY]: 1,
      [WeightedField.StrideX]: 1,
      [WeightedField.PadTop]: 0,
      [WeightedField.PadLeft]: 0,
      [WeightedField.DilationY]: 1,
      [WeightedField.DilationX]: 1,
      [WeightedField.Groups]: 1,
    },
  });
  return { tensor: out, flat: false };
}

/** Words of weights and bias; `turned` brings one timestep's weights to the engine's order. */
function weightWords(
  builder: ProgramBuilder, node: WeightedConv | WeightedLinear, outputs: number, turned: (weight: Int8Array) => Int8Array,
): Readonly<Record<number, number>> {
  const { weightBits = DEFAULT_BITS, bias } = node;
  const sets = weightSets(node).map((weight) => packRows(turned(weight), outputs, weightBits));
  const stride = alignUp(sets[0]!.length, ALIGN);
  const bytes = new Uint8Array((sets.length - 1) * stride + sets[0]!.length);
  sets.forEach((set, t) => bytes.set(new Uint8Array(set.buffer, set.byteOffset, set.byteLength), t * stride));
  return {
    [WeightedField.Weights]: builder.constants.addBytes(bytes),
    [WeightedField.Bias]: bias === undefined ? NONE : builder.constants.addI32(bias),
    [WeightedField.WeightBits]: weightBits,
    [WeightedField.TimestepStride]: sets.length === 1 ? 0 : stride,
  };
}

/** The weights of each timestep, one entry where all share them. */
function weightSets({ weight, timesteps = 1 }: WeightedConv | WeightedLinear): Int8Array[] {
  const each = weight.length / timesteps;
  return Array.from({ length: timesteps }, (_, t) => weight.subarray(t * each, (t + 1) * each));
}

/** The value that a node which needs rows and columns reads. */
export function imageOf(builder: ProgramBuilder, node: { readonly name: string; readonly input: string; readonly type: string }): Value {
  const input = builder.value(node.name, node.input);
  if (input.flat && elements(builder.tensor(input)) > builder.tensor(input).c)
    throw corrupt(node.name, `is a ${node.type} behind a Flatten`, "move the Flatten behind it");
  return input;
}

function checkGeometry({ name, kernel, stride, padding, dilation, groups, outChannels }: WeightedConv): void {
  for (const axis of [0, 1] as const) {
    within(name, "kernel size", kernel[axis], 1, MAX_KERNEL);
    within(name, "stride", stride[axis], 1, GREATEST_STEP);
    within(name, "dilation", dilation[axis], 1, GREATEST_STEP);
    within(name, "padding", padding[axis], 0, MAX_DIMENSION);
  }
  within(name, "number of groups", groups, 1, MAX_DIMENSION);
  within(name, "number of output channels", outChannels, 1, MAX_DIMENSION);
}

function convOut(shape: ProgramTensor, { kernel, stride, padding, dilation }: WeightedConv, axis: 0 | 1): number {
  const size = axis === 0 ? shape.h : shape.w;
  return Math.floor((size + 2 * padding[axis] - dilation[axis] * (kernel[axis] - 1) - 1) / stride[axis]) + 1;
}

function checkWeights(builder: ProgramBuilder, node: WeightedConv | WeightedLinear, outputs: number, row: number): void {
  const { name, weight, bias, weightBits = DEFAULT_BITS, timesteps } = node;
  if (timesteps !== undefined && timesteps !== builder.timesteps)
    throw corrupt(name, `has weights for ${timesteps} timesteps, and a window has ${builder.timesteps}`, "give each timestep its weights, or all the same");
  if (weight.length !== (timesteps ?? 1) * outputs * row) {
    const wanted = `${timesteps === undefined ? "" : `${timesteps} × `}${outputs} × ${row}`;
    throw corrupt(name, `has ${weight.length} weights and needs ${wanted}`, "export the network again");
  }
  if (bias !== undefined && bias.length !== outputs)
    throw corrupt(name, `has ${bias.length} biases for ${outputs} outputs`, "export the network again");
  const most = GREATEST_WEIGHT[weightBits];
  const beyond = weight.find((value) => Math.abs(value) > most);
  if (beyond !== undefined)
    throw outOfRange(name, `has a weight of ${beyond < 0 ? "−" : ""}${Math.abs(beyond)}`, `quantise weights symmetrically, to −${most}..${most}`);
}

/** Name, dtype and bound of a weighted node's output. */
function accumulators(
  builder: ProgramBuilder, input: Value, node: WeightedConv | WeightedLinear, outputs: number,
): Omit<ProgramTensor, "h" | "w"> {
  const { dtype, bound: inputBound } = builder.tensor(input);
  if (dtype === DType.I32)
    throw unsupported(node.name, "reads i32 values, and weights meet u8, i8 or i16", "put a neuron or a Requantise to i16 before it");
  const bound = weightSets(node).reduce((most, weight) => Math.max(most, accumulatorBound(weight, node.bias, outputs, inputBound)), 0);
  if (bound > GREATEST_I32)
    throw outOfRange(node.name, `could sum up to ${bound}, beyond ${GREATEST_I32}`,
      `use fewer inputs, smaller weights, or an input bound below ${inputBound}`);
  return { name: node.name, dtype: DType.I32, c: outputs, bound, fractionBits: 0 };
}
