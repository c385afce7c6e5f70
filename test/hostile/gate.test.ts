import t from "tap";
import {
  ConcatField, Decay, DelayField, DType, Fire, FrameKind, Layout, MAX_DIMENSION, MAX_LEAK, MAX_OPS, MAX_OUTPUTS, MAX_POTENTIAL,
  MAX_TENSORS, MAX_TIMESTEPS, Neuron, NeuronField, NONE, Op, OP_WORDS, OpField, Order, PLAN_HEADER_WORDS, PlanField, PoolField, RequantiseField, Reset,
  Rounding, Status, TENSOR_WORDS, TensorField, UpsampleField, WeightedField,
} from "../../assembly/abi.js";
import { planMemory } from "../../models/package/memory-plan.js";
import { encodePlan } from "../../models/package/plan.js";
import type { Program } from "../../models/package/program.js";
import { ProgramBuilder } from "../conformance/builder.js";
import { EngineUnderTest } from "../conformance/engine-under-test.js";
import { ONE_BY_ONE } from "../conformance/geometry.js";
import { neuron } from "../conformance/neuron-builder.js";
import { Random } from "../conformance/random.js";

/** Ops of the network that the table below spoils, by their place in the plan. */
const AT = {
  conv: 0, lif: 1, depthwise: 2, requantise: 3, add: 4, concat: 5, maxPool: 7, sumPool: 8, avgPool: 9, upsample: 10, mean: 11,
  read: 12, write: 13, counts: 14, thresholds: 15, cuba: 16, linear: 17, pointwise: 18, half: 19, int4: 20, int4Timesteps: 21,
} as const;
/** Tensors: the input, the convolution's output. */
const IN = 0;
const SUMS = 1;

function network(): Program {
  const random = new Random("gate");
  const builder = new ProgramBuilder();
  const input = builder.tensor({ dtype: DType.U8, h: 4, w: 4, c: 2, bound: 15 });
  const sums = builder.weighted(Op.Conv2d, input, 4, { kernel: [3, 3], pad: [1, 1] },
    { values: random.integers(72, -127, 127), bias: [1, 2, 3, 4] });
  const limits = { min: -1000, max: 1000, stateDType: DType.I16 } as const;
  const decay = { form: Decay.Multiply, values: [3, 3, 3, 3], bits: 2, rounding: Rounding.HalfUp };
  const multipliers = [1000, 1000, 1000, 1000];
  const spiking = { period: 4, multipliers, shift: 12, leak: [0, 1, 2, 3], thresholds: [100, 200, 300, 400], fire: Fire.AtLeast,
    maxCount: 4 } as const;
  const spikes = neuron(builder, sums, { ...spiking, ...limits, kind: Neuron.LIF, decay, reset: Reset.Value, resetValues: [0, 0, -5, 5] });
  const deep = builder.weighted(Op.Depthwise, spikes, 4, { kernel: [3, 3], pad: [1, 1] }, { values: random.integers(36, -127, 127) });
  const small = builder.requantise(deep, DType.I8,
    { multipliers: [9, 9, 9, 9], shift: 10, rounding: Rounding.HalfUp, offsets: [1, 2, 3, 4] });
  const twice = builder.add(small, small);
  const both = builder.concat([small, twice]);
  const pooled = builder.maxPool(both, { kernel: [2, 2], stride: [2, 2], pad: [1, 1] });
  builder.sumPool(pooled, DType.I16, { kernel: [2, 2] });
  builder.avgPool(pooled, DType.I8, { kernel: [2, 2] }, 1, 2);
  builder.upsample(pooled, 2, 3);
  builder.globalMean(both, DType.I32, 1, 4);
  const { words } = builder.delayRead({ dtype: DType.U8, h: 4, w: 4, c: 4, bound: 4 }, 2);
  builder.delayWrite(spikes, words);
  neuron(builder, sums, { kind: Neuron.Counts, period: 4, multipliers, shift: 12, fire: Fire.HalfUp, fractionBits: 4, maxCount: 8 });
  neuron(builder, sums, { kind: Neuron.Thresholds, period: 1, thresholds: [-5, 0, 7], maxCount: 3 });
  neuron(builder, sums, { ...limits, kind: Neuron.CubaLI, period: 4, multipliers, shift: 12,
    decay: { form: Decay.Shift, values: [1, 2, 3, 4] }, currentDecay: decay });
  const logits = builder.weighted(Op.Linear, spikes, 3, ONE_BY_ONE, { values: random.integers(192, -127, 127) });
  builder.weighted(Op.Pointwise, spikes, 5, ONE_BY_ONE, { values: random.integers(20, -127, 127) });
  neuron(builder, sums, { ...spiking, ...limits, kind: Neuron.CubaLIF, fire: Fire.HalfUp, reset: Reset.Subtract });
  builder.weighted(Op.Pointwise, spikes, 5, ONE_BY_ONE, { values: random.integers(20, -7, 7), bits: 4 });
  const [values, next] = [random.integers(27 * 4, -7, 7), random.integers(27 * 4, -7, 7)];
  builder.weighted(Op.Conv2d, spikes, 3, { kernel: [3, 3] }, { values, later: [next], bits: 4 });
  return builder.build(input, [logits], { timesteps: 2, frame: FrameKind.Counts, frameCap: 15 });
}

const PROGRAM = network();
const MEMORY = planMemory(PROGRAM);
const PLAN = encodePlan(PROGRAM, MEMORY, 1);

/** A lie: what is changed, the status that the gate owes, and the record that it must name. */
interface Lie {
  readonly name: string;
  readonly plan: Uint8Array;
  readonly constants: Uint8Array;
  readonly status: Status;
  readonly fault: number;
}

function withWord(at: number, value: number): Uint8Array {
  const plan = PLAN.slice();
  new DataView(plan.buffer).setUint32(at * 4, value >>> 0, true);
  return plan;
}
function opsAt(op: number): number {
  return PLAN_HEADER_WORDS + PROGRAM.tensors.length * TENSOR_WORDS + op * OP_WORDS;
}

function head(name: string, field: PlanField, value: number, status: Status): Lie {
  return { name: `header: ${name}`, plan: withWord(field, value), constants: PROGRAM.constants, status, fault: 0 };
}
function tensor(name: string, index: number, field: TensorField, value: number, status: Status = Status.BadTensor, fault = index): Lie {
  const plan = withWord(PLAN_HEADER_WORDS + index * TENSOR_WORDS + field, value);
  return { name: `tensor: ${name}`, plan, constants: PROGRAM.constants, status, fault };
}
function op(name: string, at: keyof typeof AT, field: number, value: number, status: Status): Lie {
  return { name: `${at}: ${name}`, plan: withWord(opsAt(AT[at]) + field, value), constants: PROGRAM.constants, status, fault: AT[at] };
}
/** Entry `index` of the i32 array that a word of an op points to. */
function entry(name: string, at: keyof typeof AT, field: number, index: number, value: number, status: Status): Lie {
  const constants = PROGRAM.constants.slice();
  new DataView(constants.buffer).setInt32(PROGRAM.ops[AT[at]]!.words[field]! + index * 4, value, true);
  return { name: `${at}: ${name}`, plan: PLAN, constants, status, fault: AT[at] };
}
/** Byte `index` of an op's weights. */
function weight(name: string, at: keyof typeof AT, value: number, status: Status, index = 0): Lie {
  const constants = PROGRAM.constants.slice();
  constants[PROGRAM.ops[AT[at]]!.words[WeightedField.Weights]! + index] = value & 0xff;
  return { name: `${at}: ${name}`, plan: PLAN, constants, status, fault: AT[at] };
}

const FAR = 0xfffffff0;
const INT4_SUMS = PROGRAM.ops[AT.int4]!.out!;

const LIES: readonly Lie[] = [
  head("magic", PlanField.Magic, 0, Status.BadMagic),
  head("ABI", PlanField.Abi, 99, Status.BadVersion),
  head("length", PlanField.PlanBytes, PLAN.length + 4, Status.BadLength),
  head("no tensors", PlanField.Tensors, 0, Status.BadCount),
  head("too many tensors", PlanField.Tensors, MAX_TENSORS + 1, Status.BadCount),
  head("one tensor more", PlanField.Tensors, PROGRAM.tensors.length + 1, Status.BadLength),
  head("too many ops", PlanField.Ops, MAX_OPS + 1, Status.BadCount),
  head("one op less", PlanField.Ops, PROGRAM.ops.length - 1, Status.BadLength),
  head("no outputs", PlanField.Outputs, 0, Status.BadCount),
  head("too many outputs", PlanField.Outputs, MAX_OUTPUTS + 1, Status.BadCount),
  head("constants' length", PlanField.ConstantsBytes, PROGRAM.constants.length + 16, Status.BadLength),
  head("arena", PlanField.ArenaBytes, MEMORY.arenaBytes + 16, Status.ArenaTooSmall),
  head("no state", PlanField.StateBytes, 0, Status.BadCount),
  head("state of 4 GiB", PlanField.StateBytes, FAR, Status.BadCount),
  head("state's alignment", PlanField.StateBytes, PROGRAM.stateBytes + 4, Status.BadCount),
  head("no timesteps", PlanField.Timesteps, 0, Status.BadCount),
  head("too many timesteps", PlanField.Timesteps, MAX_TIMESTEPS + 1, Status.BadCount),
  head("reserved word", PlanField.Reserved, 1, Status.BadVersion),
  { ...head("input", PlanField.Input, PROGRAM.tensors.length, Status.BadTensor), fault: PROGRAM.tensors.length - 1 },
  { ...head("kind of frame", PlanField.Frame, 3, Status.BadParameter), fault: PROGRAM.tensors.length - 1 },
  { ...head("frame of another shape", PlanField.Frame, FrameKind.LastPolarity, Status.BadShape), fault: PROGRAM.tensors.length - 1 },
  { ...head("a sensor beside a frame of its size", PlanField.SensorWidth, 4, Status.BadParameter), fault: PROGRAM.tensors.length - 1 },
  { ...head("cap of 0", PlanField.FrameCap, 0, Status.BadParameter), fault: PROGRAM.tensors.length - 1 },
  { ...head("cap above the bound", PlanField.FrameCap, 16, Status.BadParameter), fault: PROGRAM.tensors.length - 1 },
  { name: "output", plan: withWord(opsAt(PROGRAM.ops.length), NONE), constants: PROGRAM.constants, status: Status.BadTensor,
    fault: PROGRAM.tensors.length - 1 },

  tensor("dtype", SUMS, TensorField.DType, 4),
  tensor("layout", SUMS, TensorField.Layout, Layout.Sparse),
  tensor("fraction bits", SUMS, TensorField.FractionBits, 32),
  tensor("offset beyond the arena", SUMS, TensorField.Offset, FAR),
  tensor("offset that is not aligned", SUMS, TensorField.Offset, 8),
  tensor("empty", SUMS, TensorField.H, 0),
  tensor("too wide", SUMS, TensorField.W, MAX_DIMENSION + 1),
  tensor("larger than the arena", SUMS, TensorField.C, MAX_DIMENSION),
  tensor("bound beyond the dtype", IN, TensorField.Bound, 256),
  tensor("bound that a sum leaves", SUMS, TensorField.Bound, 100, Status.BadRange, AT.conv),
  tensor("bound that makes sums too great", IN, TensorField.Bound, 255, Status.BadRange, AT.conv),

  op("code", "conv", OpField.Op, 99, Status.BadOp),
  op("no input", "conv", OpField.A, NONE, Status.BadTensor),
  op("no output", "conv", OpField.Out, PROGRAM.tensors.length, Status.BadTensor),
  op("i32 input", "conv", OpField.A, SUMS, Status.BadTensor),
  op("weights beyond the constants", "conv", WeightedField.Weights, FAR, Status.BadOffset),
  op("weights that are not aligned", "conv", WeightedField.Weights, 4, Status.BadAlignment),
  op("weights into the tail", "conv", WeightedField.Weights, PROGRAM.constants.length - 80, Status.BadOffset),
  op("bias beyond the constants", "conv", WeightedField.Bias, FAR, Status.BadOffset),
  ...[0, 1, 3, 5, 16, FAR].map((bits) => op(`weights of ${bits} bits`, "conv", WeightedField.WeightBits, bits, Status.BadParameter)),
  op("kernel of 0", "conv", WeightedField.KernelH, 0, Status.BadParameter),
  op("kernel too wide", "conv", WeightedField.KernelW, 65, Status.BadParameter),
  op("stride of 0", "conv", WeightedField.StrideX, 0, Status.BadParameter),
  op("dilation of 0", "conv", WeightedField.DilationY, 0, Status.BadParameter),
  op("padding too great", "conv", WeightedField.PadTop, MAX_DIMENSION + 1, Status.BadParameter),
  op("no groups", "conv", WeightedField.Groups, 0, Status.BadShape),
  op("groups that do not divide", "conv", WeightedField.Groups, 3, Status.BadShape),
  op("larger kernel than its weights' sums allow", "conv", WeightedField.KernelW, 64, Status.BadOffset),
  op("weights a timestep, too close", "conv", WeightedField.TimestepStride, 16, Status.BadParameter),
  op("weights a timestep, not aligned", "conv", WeightedField.TimestepStride, 100, Status.BadParameter),
  op("weights a timestep, beyond the constants", "conv", WeightedField.TimestepStride, FAR, Status.BadOffset),
  weight("weight of −128", "conv", -128, Status.BadParameter),
  // Rows of five int4 weights take three bytes, the last nibble 0; of three, two.
  weight("int4 weight of −8, low", "int4", 0x08, Status.BadParameter),
  weight("int4 weight of −8, high", "int4", 0x80, Status.BadParameter, 4),
  weight("weight of −8 behind the first timestep", "int4Timesteps", 0x08, Status.BadParameter, 64),
  weight("spare nibble that is not 0", "int4", 0x10, Status.BadParameter, 2),
  weight("spare nibble of the last row", "int4", 0xf0, Status.BadParameter, 11),
  op("int4 weights into the tail", "int4", WeightedField.Weights, PROGRAM.constants.length - 64, Status.BadOffset),
  op("int4 weights said to be int8", "int4Timesteps", WeightedField.WeightBits, 8, Status.BadParameter),
  op("int4 weights a timestep, too close", "int4Timesteps", WeightedField.TimestepStride, 64, Status.BadParameter),
  op("int4 weights with a larger kernel", "int4Timesteps", WeightedField.KernelH, 64, Status.BadParameter),
  tensor("bound that a sum of int4 weights leaves", INT4_SUMS, TensorField.Bound, 3, Status.BadRange, AT.int4),
  entry("bias that takes the sum out of its bound", "conv", WeightedField.Bias, 0, 2147483647, Status.BadRange),
  op("other channels", "depthwise", OpField.Out, 0, Status.BadTensor),
  op("outputs that are no row", "linear", OpField.Out, SUMS, Status.BadShape),
  op("another size", "pointwise", OpField.Out, PROGRAM.ops[AT.linear]!.out!, Status.BadShape),

  op("rule", "requantise", RequantiseField.Rounding, 4, Status.BadParameter),
  op("shift", "requantise", RequantiseField.Shift, 63, Status.BadParameter),
  op("period of 0", "requantise", RequantiseField.Period, 0, Status.BadShape),
  op("period that does not divide", "requantise", RequantiseField.Period, 3, Status.BadShape),
  op("no multipliers", "requantise", RequantiseField.Multipliers, NONE, Status.BadOffset),
  op("offsets beyond the constants", "requantise", RequantiseField.Offsets, FAR, Status.BadOffset),
  entry("negative multiplier", "requantise", RequantiseField.Multipliers, 3, -1, Status.BadParameter),
  op("no second input", "add", OpField.B, NONE, Status.BadTensor),
  op("inputs of two dtypes", "add", OpField.B, SUMS, Status.BadTensor),
  op("channels beyond the output's", "concat", ConcatField.ChannelOffset, 5, Status.BadShape),
  op("channels that wrap", "concat", ConcatField.ChannelOffset, NONE, Status.BadShape),
  op("window in the padding alone", "maxPool", PoolField.PadTop, 2, Status.BadShape),
  op("window behind the image", "maxPool", PoolField.StrideX, 4096, Status.BadShape),
  op("kernel of 0", "sumPool", PoolField.KernelH, 0, Status.BadParameter),
  op("sum beyond its dtype", "sumPool", PoolField.KernelH, 64, Status.BadRange),
  op("negative multiplier", "avgPool", PoolField.Multiplier, -1, Status.BadParameter),
  op("shift", "avgPool", PoolField.Shift, 63, Status.BadParameter),
  op("factor of 0", "upsample", UpsampleField.FactorY, 0, Status.BadShape),
  op("factor that wraps", "upsample", UpsampleField.FactorX, 0x80000001, Status.BadShape),
  op("shift", "mean", PoolField.Shift, 63, Status.BadParameter),
  op("no steps", "read", DelayField.Steps, 0, Status.BadParameter),
  op("too many steps", "read", DelayField.Steps, MAX_TIMESTEPS + 1, Status.BadParameter),
  op("steps beyond the state", "read", DelayField.Steps, 4096, Status.BadOffset),
  op("other bytes", "read", DelayField.Bytes, 4, Status.BadParameter),
  op("state in its head", "read", DelayField.State, 16, Status.BadOffset),
  op("state that is not aligned", "write", DelayField.State, 36, Status.BadAlignment),
  { ...op("no input, found at the reader", "write", OpField.A, NONE, Status.BadParameter), fault: AT.read },

  op("kind", "lif", NeuronField.Kind, 7, Status.BadParameter),
  op("period of 0", "lif", NeuronField.Period, 0, Status.BadShape),
  op("shift", "lif", NeuronField.Shift, 63, Status.BadParameter),
  entry("input too great", "lif", NeuronField.Multipliers, 0, 2147483647, Status.BadRange),
  op("multipliers beyond the constants", "lif", NeuronField.Multipliers, FAR, Status.BadOffset),
  op("no thresholds", "lif", NeuronField.Thresholds, NONE, Status.BadOffset),
  op("comparison", "lif", NeuronField.Fire, 4, Status.BadParameter),
  op("no spikes", "lif", NeuronField.MaxCount, 0, Status.BadParameter),
  op("too many spikes", "lif", NeuronField.MaxCount, 16, Status.BadParameter),
  op("more spikes than the output's bound", "lif", NeuronField.MaxCount, 15, Status.BadRange),
  op("reset", "lif", NeuronField.Reset, 4, Status.BadParameter),
  op("no reset values", "lif", NeuronField.ResetValues, NONE, Status.BadOffset),
  op("delay of the reset", "lif", NeuronField.ResetDelayed, 2, Status.BadParameter),
  op("decay", "lif", NeuronField.Decay, 3, Status.BadParameter),
  op("no decay values", "lif", NeuronField.DecayValues, NONE, Status.BadOffset),
  op("decay bits", "lif", NeuronField.DecayBits, 31, Status.BadParameter),
  op("multiplier above one", "lif", NeuronField.DecayBits, 1, Status.BadParameter),
  op("rounding", "lif", NeuronField.DecayRounding, 4, Status.BadParameter),
  op("order", "lif", NeuronField.Order, Order.InputFirst + 1, Status.BadParameter),
  op("lower limit above zero", "lif", NeuronField.VMin, 1, Status.BadParameter),
  op("upper limit below zero", "lif", NeuronField.VMax, -1, Status.BadParameter),
  op("limit beyond i16", "lif", NeuronField.VMax, 32768, Status.BadParameter),
  op("state's dtype", "lif", NeuronField.StateDType, DType.I8, Status.BadParameter),
  op("state beyond its block", "lif", NeuronField.State, PROGRAM.stateBytes, Status.BadOffset),
  op("state far beyond", "lif", NeuronField.State, FAR, Status.BadOffset),
  op("state that is not aligned", "lif", NeuronField.State, 40, Status.BadAlignment),
  op("window reset", "lif", NeuronField.WindowReset, 2, Status.BadParameter),
  entry("threshold of 0", "lif", NeuronField.Thresholds, 2, 0, Status.BadParameter),
  entry("threshold beyond potentials", "lif", NeuronField.Thresholds, 0, MAX_POTENTIAL + 1, Status.BadParameter),
  entry("leak too great", "lif", NeuronField.Leak, 1, -MAX_LEAK - 1, Status.BadParameter),
  entry("reset beyond the limits", "lif", NeuronField.ResetValues, 0, 1001, Status.BadParameter),
  entry("negative decay", "lif", NeuronField.DecayValues, 0, -1, Status.BadParameter),
  op("comparison without a rule", "counts", NeuronField.Fire, Fire.Above, Status.BadParameter),
  op("fraction bits", "counts", NeuronField.FractionBits, 29, Status.BadParameter),
  entry("falling thresholds", "thresholds", NeuronField.Thresholds, 2, -1, Status.BadParameter),
  entry("shift of 0", "cuba", NeuronField.DecayValues, 0, 0, Status.BadParameter),
  entry("shift of 31", "cuba", NeuronField.DecayValues, 3, 31, Status.BadParameter),
  entry("current that grows", "cuba", NeuronField.CurrentDecayValues, 0, 5, Status.BadParameter),
  op("current beyond the state", "cuba", NeuronField.Current, FAR, Status.BadOffset),
  op("old or new current", "cuba", NeuronField.CurrentOld, 2, Status.BadParameter),
  op("output of another dtype than the state", "cuba", NeuronField.StateDType, DType.I32, Status.BadTensor),
  entry("odd threshold under half-up", "half", NeuronField.Thresholds, 0, 101, Status.BadParameter),
  entry("half a threshold below the limit", "half", NeuronField.Thresholds, 0, 2002, Status.BadParameter),
];

function load(plan: Uint8Array, constants: Uint8Array): EngineUnderTest {
  return new EngineUnderTest("scalar", {
    plan, constants, arenaBytes: MEMORY.arenaBytes, stateBytes: PROGRAM.stateBytes, streams: 1, profiledOps: 0, events: 0,
  });
}

t.test("the network itself is let through", async (t) => {
  t.equal(load(PLAN, PROGRAM.constants).status, Status.Ok);
});

t.test("each lie is refused with its own status, and the record named", async (t) => {
  for (const { name, plan, constants, status, fault } of LIES) {
    const engine = load(plan, constants);
    t.same({ status: engine.status, fault: engine.exports.fault() }, { status, fault }, name);
  }
});

t.test("a refused plan takes the loaded one with it", async (t) => {
  const engine = load(PLAN, PROGRAM.constants);
  t.equal(engine.exports.load(0, 0, 0, 0, 0, 0), Status.BadLength);
  t.equal(engine.exports.step(engine.states[0]!), Status.NotLoaded);
});

t.test("clouds of points must fit the input", async (t) => {
  const statusOf = (shape: { readonly dtype: DType; readonly h: number; readonly w: number; readonly c: number; readonly bound: number },
    sensor: { readonly width: number; readonly height: number }): Status => {
    const builder = new ProgramBuilder();
    const input = builder.tensor(shape);
    const program = builder.build(input, [input], { frame: FrameKind.Points, sensor });
    const memory = planMemory(program);
    const regions = { constants: program.constants, arenaBytes: memory.arenaBytes + 16, stateBytes: program.stateBytes, streams: 1, profiledOps: 0, events: 1 };
    return new EngineUnderTest("scalar", { ...regions, plan: encodePlan(program, memory, 1) }).status;
  };
  const cloud = { dtype: DType.I8, h: 1, w: 6, c: 4, bound: 127 };
  const sensor = { width: 65536, height: 1 };
  t.equal(statusOf(cloud, sensor), Status.Ok);
  for (const wrong of [{ dtype: DType.U8 }, { h: 2 }, { w: 5 }, { c: 3 }]) t.equal(statusOf({ ...cloud, ...wrong }, sensor), Status.BadShape, JSON.stringify(wrong));
  t.equal(statusOf({ ...cloud, bound: 126 }, sensor), Status.BadParameter);
  for (const wrong of [{ width: 0, height: 4 }, { width: 4, height: 0 }, { width: 65537, height: 4 }, { width: 4, height: 0xffffffff }])
    t.equal(statusOf(cloud, wrong), Status.BadParameter, JSON.stringify(wrong));
});
