import { Decay, DType, Fire, Neuron, NeuronField, NONE, Op, Order, Reset, Rounding } from "../../assembly/abi.js";
import { bytesOf } from "../reference/tensor.js";
import type { ProgramBuilder } from "./builder.js";

export interface DecaySpec {
  readonly form: Decay;
  readonly values?: readonly number[];
  readonly bits?: number;
  readonly rounding?: Rounding;
}

/** A neuron op before it has words; arrays have `period` entries (thresholds of Neuron.Thresholds: period · maxCount). */
export interface NeuronSpec {
  readonly kind: Neuron;
  readonly period: number;
  readonly multipliers?: readonly number[] | undefined;
  readonly shift?: number;
  readonly leak?: readonly number[] | undefined;
  readonly thresholds?: readonly number[];
  readonly fire?: Fire;
  readonly maxCount?: number;
  readonly reset?: Reset;
  readonly resetValues?: readonly number[] | undefined;
  readonly resetDelayed?: boolean;
  readonly decay?: DecaySpec;
  readonly order?: Order;
  readonly min?: number;
  readonly max?: number;
  readonly stateDType?: DType.I16 | DType.I32;
  readonly currentDecay?: DecaySpec;
  readonly currentOld?: boolean;
  readonly windowReset?: boolean;
  readonly fractionBits?: number;
}

/** Appends the op, with its state and a tensor for its output. */
export function neuron(builder: ProgramBuilder, a: number, spec: NeuronSpec): number {
  const { h, w, c } = builder.tensors[a]!;
  const stateDType = spec.stateDType ?? DType.I32;
  const spiking = spec.kind !== Neuron.LI && spec.kind !== Neuron.CubaLI;
  const bound = spiking ? spec.maxCount ?? 1 : Math.max(Math.abs(spec.min ?? 0), Math.abs(spec.max ?? 0));
  const out = builder.tensor({ dtype: spiking ? DType.U8 : stateDType, h, w, c, bound });
  builder.op(Op.Neuron, { a, out }, { ...inputWords(builder, spec), ...firingWords(builder, spec),
    ...stateWords(builder, spec, stateDType, h * w * c) });
  return out;
}

function inputWords(builder: ProgramBuilder, spec: NeuronSpec): Record<number, number> {
  return {
    [NeuronField.Kind]: spec.kind,
    [NeuronField.Multipliers]: builder.i32OrNone(spec.multipliers),
    [NeuronField.Shift]: spec.shift ?? 0,
    [NeuronField.Period]: spec.period,
    [NeuronField.Leak]: builder.i32OrNone(spec.leak),
  };
}

function firingWords(builder: ProgramBuilder, spec: NeuronSpec): Record<number, number> {
  return {
    [NeuronField.Thresholds]: builder.i32OrNone(spec.thresholds),
    [NeuronField.Fire]: spec.fire ?? Fire.AtLeast,
    [NeuronField.MaxCount]: spec.maxCount ?? 1,
    [NeuronField.Reset]: spec.reset ?? Reset.None,
    [NeuronField.ResetValues]: builder.i32OrNone(spec.resetValues),
    [NeuronField.ResetDelayed]: spec.resetDelayed ? 1 : 0,
    [NeuronField.FractionBits]: spec.fractionBits ?? 0,
  };
}

function stateWords(builder: ProgramBuilder, spec: NeuronSpec, dtype: DType, elements: number): Record<number, number> {
  const stateful = spec.kind !== Neuron.Counts && spec.kind !== Neuron.Thresholds;
  const cuba = spec.kind === Neuron.CubaLIF || spec.kind === Neuron.CubaLI;
  return {
    [NeuronField.Decay]: spec.decay?.form ?? Decay.None,
    [NeuronField.DecayValues]: builder.i32OrNone(spec.decay?.values),
    [NeuronField.DecayBits]: spec.decay?.bits ?? 0,
    [NeuronField.DecayRounding]: spec.decay?.rounding ?? Rounding.HalfUp,
    [NeuronField.Order]: spec.order ?? Order.DecayFirst,
    [NeuronField.VMin]: (spec.min ?? 0) >>> 0,
    [NeuronField.VMax]: (spec.max ?? 0) >>> 0,
    [NeuronField.State]: stateful ? builder.state(elements * bytesOf(dtype)) : NONE,
    [NeuronField.StateDType]: dtype,
    [NeuronField.Current]: cuba ? builder.state(elements * 4) : NONE,
    [NeuronField.CurrentDecayValues]: builder.i32OrNone(spec.currentDecay?.values),
    [NeuronField.CurrentDecayBits]: spec.currentDecay?.bits ?? 0,
    [NeuronField.CurrentDecayRounding]: spec.currentDecay?.rounding ?? Rounding.HalfUp,
    [NeuronField.CurrentOld]: spec.currentOld ? 1 : 0,
    [NeuronField.WindowReset]: spec.windowReset ? 1 : 0,
  };
}
