import type { Fire, Order, Reset, Rounding } from "../../assembly/abi.js";

/**
 * The integer graph: what quantisation and our training checkpoints end in, and lowering starts from.
 * Node types are NIR's words. Shapes are [h, w, c]; weights keep torch's order (O, I/g, kH, kW) and (O, I) with I in
 * torch's flatten order (c, h, w): lowering turns them to the engine's.
 */
export interface IntegerGraph {
  /** In an order in which every input but a Delay's stands before its reader. */
  readonly nodes: readonly IntegerNode[];
  /** Names of the nodes whose values leave the network; the first is the logits. */
  readonly outputs: readonly string[];
}

export type IntegerNode =
  | InputNode | WeightedConv | WeightedLinear | RequantiseNode | AddNode | ConcatNode | PoolNode | UpsampleNode
  | GlobalMeanNode | FlattenNode | DelayNode | CountsNode | ThresholdsNode | NeuronNode;

/** Bits of a weight: 8 is −127..127, 4 is −7..7, kept two a byte. */
export type WeightBits = 8 | 4;
export type Pair = readonly [y: number, x: number];
/** One value for all, one per channel, or one per element in the order (h, w, c). */
export type Parameter = number | Int32Array;

interface Named {
  readonly name: string;
}
interface Unary extends Named {
  readonly input: string;
}

export interface InputNode extends Named {
  readonly type: "Input";
  readonly shape: readonly [h: number, w: number, c: number];
  /** u8 counts 0..bound, or i8 −bound..bound. */
  readonly dtype: "u8" | "i8";
  readonly bound: number;
}
export interface WeightedConv extends Unary {
  readonly type: "Conv2d";
  /** i8[O, I/g, kH, kW], or one such array behind the other for each of `timesteps`. */
  readonly weight: Int8Array;
  /** 8 when left out. */
  readonly weightBits?: WeightBits;
  /** T of the window, where each of its timesteps has weights of its own; left out: one set for all. Bias and scale are shared. */
  readonly timesteps?: number;
  readonly outChannels: number;
  readonly kernel: Pair;
  readonly bias?: Int32Array;
  readonly stride: Pair;
  /** Rows above, columns left; below and right follow from `outSize`. */
  readonly padding: Pair;
  /** Given, or floor((in + 2·padding − dilation·(kernel−1) − 1) / stride) + 1. */
  readonly outSize?: Pair;
  readonly dilation: Pair;
  readonly groups: number;
}
export interface WeightedLinear extends Unary {
  readonly type: "Linear";
  /** i8[O, I], or one such array behind the other for each of `timesteps`. */
  readonly weight: Int8Array;
  /** 8 when left out. */
  readonly weightBits?: WeightBits;
  /** As for WeightedConv. */
  readonly timesteps?: number;
  readonly outFeatures: number;
  readonly bias?: Int32Array;
}
export interface RequantiseNode extends Unary {
  readonly type: "Requantise";
  readonly multiplier: Parameter;
  readonly shift: number;
  readonly rounding: Rounding;
  readonly offset?: Parameter;
  readonly dtype: "u8" | "i8" | "i16" | "i32";
  readonly fractionBits: number;
}
export interface AddNode extends Named {
  readonly type: "Add";
  readonly inputs: readonly string[];
}
/** Along channels. */
export interface ConcatNode extends Named {
  readonly type: "Concat";
  readonly inputs: readonly string[];
}
export interface PoolNode extends Unary {
  readonly type: "MaxPool2d" | "SumPool2d" | "AvgPool2d";
  readonly kernel: Pair;
  readonly stride: Pair;
  readonly padding: Pair;
  /** AvgPool2d: the output is round(sum · multiplier / 2^shift), i16 with these fraction bits. */
  readonly multiplier?: number;
  readonly shift?: number;
  readonly fractionBits?: number;
}
export interface UpsampleNode extends Unary {
  readonly type: "Upsample";
  readonly factor: Pair;
}
/** Sum over h and w, then round(sum · multiplier / 2^shift); i32. */
export interface GlobalMeanNode extends Unary {
  readonly type: "GlobalMean";
  readonly multiplier: number;
  readonly shift: number;
  readonly fractionBits: number;
}
/** Address arithmetic; later linear weights are in (c, h, w) order of the shape before it. */
export interface FlattenNode extends Unary {
  readonly type: "Flatten";
}
/** `steps` ≥ 1; the input may stand later in the order (a recurrent edge); its shape and dtype are given, for that case. */
export interface DelayNode extends Unary {
  readonly type: "Delay";
  readonly steps: number;
  readonly shape: readonly [h: number, w: number, c: number];
  readonly dtype: "u8" | "i8" | "i16" | "i32";
  readonly bound: number;
}

interface Scaled extends Unary {
  /** x = round(input · multiplier / 2^shift, half up); absent: x = input. */
  readonly multiplier?: Parameter;
  readonly shift?: number;
  /** Added each timestep, potential units. */
  readonly leak?: Parameter;
}
export interface CountsNode extends Scaled {
  readonly type: "Counts";
  readonly fractionBits: number;
  readonly fire: Fire.HalfUp | Fire.HalfEven | Fire.AtLeast;
  readonly maxCount: number;
}
export interface ThresholdsNode extends Scaled {
  readonly type: "Threshold";
  /** i32[period, maxCount], rising: count = how many drive ≥ threshold. */
  readonly thresholds: Int32Array;
  readonly maxCount: number;
}
export interface DecayForm {
  readonly form: "none" | "shift" | "multiply";
  /** shift: 1..30; multiply: 0..2^bits */
  readonly values?: Parameter;
  readonly bits?: number;
  readonly rounding?: Rounding;
}
/** IF is LIF with decay none; I is LI with decay none. */
export interface NeuronNode extends Scaled {
  readonly type: "IF" | "LIF" | "CubaLIF" | "I" | "LI" | "CubaLI";
  readonly decay: DecayForm;
  readonly order: Order;
  readonly vMin: number;
  readonly vMax: number;
  /** dtype of the potential, and of the output of I, LI and CubaLI. */
  readonly dtype: "i16" | "i32";
  readonly fractionBits: number;
  /** Spiking kinds. */
  readonly threshold?: Parameter;
  readonly fire?: Fire;
  readonly maxCount?: number;
  readonly reset?: Reset;
  readonly resetValue?: Parameter;
  readonly resetDelayed?: boolean;
  /** Cuba kinds. */
  readonly currentDecay?: DecayForm;
  readonly currentOld?: boolean;
  /** The potential returns to zero when a window begins. */
  readonly windowReset?: boolean;
}
