import { Decay, DType, Neuron, NeuronField, NONE, Reset, Rounding, type Fire, type Order } from "../../assembly/abi.js";
import type { ProgramOp } from "../../models/package/program.js";
import { i32Array, word } from "./constants.js";
import { counts } from "./counts.js";
import { currentStep } from "./current.js";
import { li } from "./li.js";
import { lif } from "./lif.js";
import type { DecayRule } from "./potential.js";
import { round } from "./rounding.js";
import { read, write, type Tensor } from "./tensor.js";
import { reached } from "./thresholds.js";

export interface NeuronResult {
  readonly data: number[];
  readonly saturations: number;
}

/** One timestep of a Neuron op over all elements of `input`; potentials and currents are kept in `state`. NUMERICS.md §4. */
export function neuron(op: ProgramOp, constants: Uint8Array, state: DataView, input: Tensor): NeuronResult {
  let saturations = 0;
  const data = input.data.map((value, i) => {
    const element = new Element(op, constants, state, i);
    const spikes = element.step(value);
    saturations += element.saturations;
    return spikes;
  });
  return { data, saturations };
}

/** Zeroes the state of a neuron that has WindowReset. */
export function beginWindow(op: ProgramOp, state: DataView, elements: number): void {
  if (word(op, NeuronField.WindowReset) !== 1) return;
  for (let i = 0; i < elements; i++) {
    if (keepsPotential(op)) write(state, potentialAt(op, i), word(op, NeuronField.StateDType), 0);
    if (keepsCurrent(op)) write(state, currentAt(op, i), DType.I32, 0);
  }
}

/** One neuron: element i of the op, with its parameters at i mod Period. */
class Element {
  saturations = 0;

  constructor(
    private readonly op: ProgramOp, private readonly constants: Uint8Array, private readonly state: DataView, private readonly i: number,
  ) {}

  step(input: number): number {
    const x = this.scaled(input);
    if (!keepsCurrent(this.op)) return this.emit(x + this.leak);
    const before = read(this.state, currentAt(this.op, this.i), DType.I32);
    const { current, saturations } = currentStep(before, x, this.currentDecay);
    this.saturations += saturations;
    write(this.state, currentAt(this.op, this.i), DType.I32, current);
    return this.emit((this.word(NeuronField.CurrentOld) === 1 ? before : current) + this.leak);
  }

  private scaled(input: number): number {
    const multiplier = this.parameter(NeuronField.Multipliers);
    if (multiplier === undefined) return input;
    return Number(round(BigInt(input) * BigInt(multiplier), this.word(NeuronField.Shift), Rounding.HalfUp));
  }

  private emit(drive: number): number {
    const maxCount = this.word(NeuronField.MaxCount);
    switch (this.word(NeuronField.Kind) as Neuron) {
      case Neuron.Counts: return counts(drive, this.word(NeuronField.FractionBits), maxCount, this.word(NeuronField.Fire));
      case Neuron.Thresholds: return reached(drive, this.thresholds(maxCount));
      case Neuron.LIF:
      case Neuron.CubaLIF: return this.spiking(drive, maxCount);
      case Neuron.LI:
      case Neuron.CubaLI: return this.integrating(drive);
    }
  }

  private spiking(drive: number, maxCount: number): number {
    const step = lif(this.potential, drive, {
      decay: this.decay,
      order: this.order,
      limits: this.limits,
      threshold: this.required(NeuronField.Thresholds),
      fire: this.word(NeuronField.Fire) as Fire,
      maxCount,
      reset: this.word(NeuronField.Reset) as Reset,
      resetValue: this.word(NeuronField.Reset) === Reset.Value ? this.required(NeuronField.ResetValues) : 0,
      resetDelayed: this.word(NeuronField.ResetDelayed) === 1,
    });
    this.keep(step.v, step.saturations);
    return step.spikes;
  }

  private integrating(drive: number): number {
    const step = li(this.potential, drive, { decay: this.decay, order: this.order, limits: this.limits });
    this.keep(step.v, step.saturations);
    return step.v;
  }

  private get potential(): number {
    return read(this.state, potentialAt(this.op, this.i), this.word(NeuronField.StateDType));
  }
  private keep(v: number, saturations: number): void {
    this.saturations += saturations;
    write(this.state, potentialAt(this.op, this.i), this.word(NeuronField.StateDType), v);
  }
  private get leak(): number {
    return this.parameter(NeuronField.Leak) ?? 0;
  }
  private get order(): Order {
    return this.word(NeuronField.Order);
  }
  private get limits(): { min: number; max: number } {
    return { min: this.word(NeuronField.VMin) | 0, max: this.word(NeuronField.VMax) | 0 };
  }
  private get decay(): DecayRule {
    return this.decayRule(NeuronField.Decay, NeuronField.DecayValues, NeuronField.DecayBits, NeuronField.DecayRounding);
  }
  /** A current's decay is none, or a multiplier. */
  private get currentDecay(): DecayRule {
    const value = this.parameter(NeuronField.CurrentDecayValues);
    return {
      form: value === undefined ? Decay.None : Decay.Multiply,
      value: value ?? 0,
      bits: this.word(NeuronField.CurrentDecayBits),
      rounding: this.word(NeuronField.CurrentDecayRounding),
    };
  }
  private decayRule(form: NeuronField, values: NeuronField, bits: NeuronField, rounding: NeuronField): DecayRule {
    return { form: this.word(form), value: this.parameter(values) ?? 0, bits: this.word(bits), rounding: this.word(rounding) };
  }

  private thresholds(maxCount: number): number[] {
    const row = this.i % this.word(NeuronField.Period);
    return i32Array(this.constants, this.word(NeuronField.Thresholds) + row * maxCount * 4, maxCount)!;
  }
  private required(field: NeuronField): number {
    const value = this.parameter(field);
    if (value === undefined) throw new RangeError(`${this.op.name} lacks word ${field}`);
    return value;
  }
  private parameter(field: NeuronField): number | undefined {
    const period = this.word(NeuronField.Period);
    const offset = this.word(field);
    if (offset === NONE) return undefined;
    return i32Array(this.constants, offset + (this.i % period) * 4, 1)![0];
  }
  private word(field: NeuronField): number {
    return word(this.op, field);
  }
}

function keepsPotential(op: ProgramOp): boolean {
  const kind = word(op, NeuronField.Kind);
  return kind !== Neuron.Counts && kind !== Neuron.Thresholds;
}

function keepsCurrent(op: ProgramOp): boolean {
  const kind = word(op, NeuronField.Kind);
  return kind === Neuron.CubaLIF || kind === Neuron.CubaLI;
}

function potentialAt(op: ProgramOp, i: number): number {
  return word(op, NeuronField.State) + i * (word(op, NeuronField.StateDType) === DType.I16 ? 2 : 4);
}

function currentAt(op: ProgramOp, i: number): number {
  return word(op, NeuronField.Current) + i * 4;
}
