/**
 * What the engine and its callers agree on: numbers only, read by asc and by tsc alike.
 *
 * A plan is a flat run of little-endian u32 words (models/FORMAT.md draws it):
 *
 *   header      PLAN_HEADER_WORDS
 *   tensors     TENSOR_WORDS each
 *   ops         OP_WORDS each, executed in order, once a timestep
 *   outputs     one tensor index each
 *
 * Offsets are bytes: in `constants` for weights and parameters, in the arena for tensors, in a stream's
 * state block for everything that outlives a timestep. NONE marks an absent offset or index.
 */

/** "SACP" as a little-endian word. */
export const PLAN_MAGIC = 0x50434153;
/** "SACS": the first word of a stream's state block. */
export const STATE_MAGIC = 0x53434153;
/** Raised when a plan of the old number would be read wrongly. */
export const ABI_VERSION = 1;

export const NONE = 0xffffffff;
export const PLAN_HEADER_WORDS = 20;
export const TENSOR_WORDS = 8;
export const OP_WORDS = 32;
/** Bytes of a profile record: four u64 counters, in the order of ProfileField. */
export const PROFILE_BYTES = 32;
/** Bytes at the head of a stream's state block, in the order of StateField. */
export const STATE_HEADER_BYTES = 32;
/** Tensors, constants and state fields start at multiples of this. */
export const ALIGN = 16;
/** Readable bytes that must follow the last constant, so that a vector load may run past a row. */
export const CONSTANTS_TAIL = 64;

/** The greatest count that a neuron may emit in one timestep. */
export const MAX_COUNT = 15;
export const MAX_TENSORS = 8192;
export const MAX_OPS = 4096;
export const MAX_OUTPUTS = 64;
export const MAX_TIMESTEPS = 65536;
export const MAX_DIMENSION = 65536;
/** Elements of one tensor. */
export const MAX_ELEMENTS = 16777216;
export const MAX_KERNEL = 64;
/** |potential|, and |input| of a neuron after its multiplier: three of them add up inside an i32 (NUMERICS.md §4). */
export const MAX_POTENTIAL = 1073741823;
export const MAX_NEURON_INPUT = 536870911;
export const MAX_LEAK = 268435455;

export const enum Status {
  Ok = 0,
  BadMagic = 1,
  BadVersion = 2,
  BadLength = 3,
  BadCount = 4,
  BadTensor = 5,
  BadOp = 6,
  BadShape = 7,
  BadOffset = 8,
  BadAlignment = 9,
  BadParameter = 10,
  /** An accumulator, or a neuron's input, could leave its range. */
  BadRange = 11,
  ArenaTooSmall = 12,
  NotLoaded = 13,
  /** The state block belongs to another plan, or is none. */
  BadState = 14,
}

export const enum PlanField {
  Magic = 0,
  Abi = 1,
  PlanBytes = 2,
  Tensors = 3,
  Ops = 4,
  Outputs = 5,
  ConstantsBytes = 6,
  ArenaBytes = 7,
  StateBytes = 8,
  /** T: timesteps in a window. */
  Timesteps = 9,
  /** Index of the tensor that frames are written to. */
  Input = 10,
  /** FrameKind. */
  Frame = 11,
  /** Counts above this saturate in the frame, 1..255. */
  FrameCap = 12,
  /** First word of the package's digest; a state block carries it too. */
  Identity = 13,
  /** Pixels of the sensor, 1..MAX_DIMENSION, for FrameKind.Points; 0 for the others, whose input has the sensor's size. */
  SensorWidth = 14,
  SensorHeight = 15,
  /** Words 16..19 are zero. */
  Reserved = 16,
}

export const enum FrameKind {
  /** The caller writes the input tensor itself. */
  None = 0,
  /** u8[h, w, 2]: events of each polarity, channel 0 OFF, channel 1 ON, saturating at FrameCap. */
  Counts = 1,
  /** i8[h, w, 1]: the last event's polarity, −1 OFF, +1 ON, 0 none. */
  LastPolarity = 2,
  /** i8[1, N, 4]: N points x, y, t, p of −127..127; frames/points.ts. */
  Points = 3,
}

export const enum DType { U8 = 0, I8 = 1, I16 = 2, I32 = 3 }

/** Dense is h × w × c with c fastest. Sparse (rows with coordinates, h = cap) and Tokens (h = 1, w = tokens) are reserved. */
export const enum Layout { Dense = 0, Sparse = 1, Tokens = 2 }

export const enum TensorField {
  DType = 0,
  Layout = 1,
  /** Byte offset in the arena. */
  Offset = 2,
  H = 3,
  W = 4,
  C = 5,
  /** The greatest |value| that it can hold; the gate proves it. */
  Bound = 6,
  /** f of Q(f), for potentials and scaled values; 0 for counts. */
  FractionBits = 7,
}

export const enum Op {
  /** i32 = weights ⊛ (u8 | i8 | i16) + bias. Weights i8 [kh, kw, ci / groups, co], here and below, or int4: WeightedField.WeightBits. */
  Conv2d = 1,
  /** Weights i8 [kh, kw, c]. */
  Depthwise = 2,
  /** A 1×1 convolution of stride 1: weights i8 [ci, co]. */
  Pointwise = 3,
  /** Weights i8 [h·w·ci, co]: one row for each input element. */
  Linear = 4,
  /** Any integer dtype to any other through multiplier, shift, offset; saturates. */
  Requantise = 5,
  /** Same dtype and shape; saturates. */
  Add = 6,
  /** Copies input A to the channels from ChannelOffset on of the output. */
  Concat = 7,
  MaxPool = 8,
  /** Padding counts as zero. */
  SumPool = 9,
  /** Sum, then multiplier and shift; padding counts as zero and in the divisor. */
  AvgPool = 10,
  /** Nearest. */
  Upsample = 11,
  /** Sum over h and w, then multiplier and shift. */
  GlobalMean = 12,
  /** Copies state slot (step mod Steps) to the output: what was written Steps timesteps ago, zero before that. */
  DelayRead = 13,
  /** Copies the input to state slot (step mod Steps). */
  DelayWrite = 14,
  /** A neuron; NeuronField.Kind says which. */
  Neuron = 15,
}

export const enum Neuron {
  /** Stateless: count = clamp(round(x / 2^f), 0, D). I-LIF and NI-LIF at T = 1, binary at D = 1. */
  Counts = 1,
  /** Stateless: count = how many of D rising thresholds x has reached. NIR Threshold at D = 1. */
  Thresholds = 2,
  /** Stateful, spiking: IF and LIF by their decay. */
  LIF = 3,
  /** LIF behind a synaptic current with a decay of its own. */
  CubaLIF = 4,
  /** Stateful, not spiking: I, LI and the readout; the output is the potential. */
  LI = 5,
  CubaLI = 6,
}

/** Words of an op record that all ops share. */
export const enum OpField { Op = 0, A = 1, B = 2, Out = 3 }

/** Conv2d, Depthwise, Pointwise, Linear. */
export const enum WeightedField {
  Weights = 4,
  /** i32[co] in accumulator units, or NONE. */
  Bias = 5,
  KernelH = 6,
  KernelW = 7,
  StrideY = 8,
  StrideX = 9,
  PadTop = 10,
  PadLeft = 11,
  DilationY = 12,
  DilationX = 13,
  Groups = 14,
  /** 8, or 4: −7..7, two a byte, the even output channel in the low nibble, rows padded to whole bytes. (Codebooks are reserved.) */
  WeightBits = 15,
  /** Bytes from one timestep's weights to the next's; 0 when all share them. */
  TimestepStride = 16,
}

/** MaxPool, SumPool, AvgPool share the kernel words of WeightedField; AvgPool and GlobalMean have a multiplier. */
export const enum PoolField { Multiplier = 4, Shift = 5, KernelH = 6, KernelW = 7, StrideY = 8, StrideX = 9, PadTop = 10, PadLeft = 11 }

export const enum RequantiseField {
  /** i32[period], ≥ 0. */
  Multipliers = 4,
  /** 0..62. */
  Shift = 5,
  Period = 6,
  Rounding = 7,
  /** i32[period], added after the shift, or NONE. */
  Offsets = 8,
}

export const enum ConcatField { ChannelOffset = 4 }
export const enum UpsampleField { FactorY = 4, FactorX = 5 }
export const enum DelayField { State = 4, Steps = 5, Bytes = 6 }

/** Parameter arrays are i32[Period]; element i of a tensor uses entry i mod Period (c for per channel, h·w·c for per neuron). */
export const enum NeuronField {
  Kind = 4,
  /** x = (input · multiplier + half) >> Shift; NONE: x = input. */
  Multipliers = 5,
  Shift = 6,
  Period = 7,
  /** Added to x every timestep, |leak| ≤ MAX_LEAK, or NONE. */
  Leak = 8,
  /** θ > 0, potential units. Thresholds: i32[Period, D], rising. */
  Thresholds = 9,
  Fire = 10,
  /** D, 1..MAX_COUNT. */
  MaxCount = 11,
  Reset = 12,
  /** i32[Period], for Reset.Value. */
  ResetValues = 13,
  /** 1: the reset of a spike is applied at the next timestep (snnTorch). */
  ResetDelayed = 14,
  Decay = 15,
  /** i32[Period]: shifts 1..30, or multipliers 0..2^DecayBits. */
  DecayValues = 16,
  DecayBits = 17,
  DecayRounding = 18,
  Order = 19,
  /** The potential is clamped to VMin..VMax after its update; each clamp that changes it is counted. */
  VMin = 20,
  VMax = 21,
  /** Offset of the potential in the state block: i16 or i32 by StateDType. */
  State = 22,
  StateDType = 23,
  /** Offset of the synaptic current, always i32. */
  Current = 24,
  CurrentDecayValues = 25,
  CurrentDecayBits = 26,
  CurrentDecayRounding = 27,
  /** 1: the potential integrates the current as it was before this timestep (NIR's Euler reference). */
  CurrentOld = 28,
  /** 1: state returns to zero when a window begins (readouts). */
  WindowReset = 29,
  /** f of Counts. */
  FractionBits = 30,
}

/** How a quotient by a power of two is made whole. */
export const enum Rounding {
  /** Half towards +∞: (v + half) >> s. The engine's own rule. */
  HalfUp = 0,
  HalfEven = 1,
  /** Towards −∞: v >> s. */
  Floor = 2,
  /** Truncation, as Lava does. */
  TowardZero = 3,
}

/** The k-th spike of a timestep (k = 1..D) is emitted when … */
export const enum Fire {
  /** v ≥ k·θ */
  AtLeast = 0,
  /** v > k·θ */
  Above = 1,
  /** v ≥ (k − ½)·θ; θ is even. */
  HalfUp = 2,
  /** v > (k − ½)·θ for odd k, ≥ for even k: round half to even; θ is even. */
  HalfEven = 3,
}

export const enum Reset {
  None = 0,
  /** v −= s·θ */
  Subtract = 1,
  Zero = 2,
  /** v = ResetValues */
  Value = 3,
}

export const enum Decay {
  None = 0,
  /** v −= v >> k */
  Shift = 1,
  /** v = round(v · a / 2^DecayBits) */
  Multiply = 2,
}

export const enum Order {
  /** v = decay(v) + x + leak */
  DecayFirst = 0,
  /** v = decay(v + x + leak) */
  InputFirst = 1,
}

/** Words of a state block's head. */
export const enum StateField {
  Magic = 0,
  Identity = 1,
  Bytes = 2,
  /** Timesteps since reset, wraps at 2^32. */
  Step = 3,
  /** Timesteps since the window began. */
  WindowStep = 4,
  /** Values that saturated since reset: potentials, currents, sums, rescaled values. The counter stops at its end. */
  Saturations = 5,
}

/** u64 counters of a profile record. */
export const enum ProfileField {
  /** Non-zero input elements. */
  SpikesIn = 0,
  /** Accumulates that the spikes caused: one for each weight that a non-zero input meets, times its count. */
  SynapticOperations = 1,
  /** Multiply-accumulates of the dense form. */
  Macs = 2,
  Saturations = 3,
}
