import { Neuron, NeuronField, NONE, Op, RequantiseField, WeightedField } from "../../assembly/abi.js";
import { elements } from "./lowering/builder.js";
import { rowBytes } from "./lowering/weights.js";
import type { Program, ProgramOp } from "./program.js";

/** What one op takes. */
export interface OpCost {
  /** Weights and biases. */
  readonly parameters: number;
  /** Of the constants section that the op reads; arrays that several ops share count for each. */
  readonly bytes: number;
  /** Multiply-accumulates of the dense form, one timestep. */
  readonly macs: number;
}

const NOTHING: OpCost = { parameters: 0, bytes: 0, macs: 0 };
const I32_BYTES = 4;
const NEURON_ARRAYS = [
  NeuronField.Multipliers, NeuronField.Leak, NeuronField.ResetValues, NeuronField.DecayValues, NeuronField.CurrentDecayValues,
] as const;

/** Cost of an op of a program whose tensors are known; words that only the engine's gate judges are taken as they stand. */
export function opCost(program: Pick<Program, "tensors" | "timesteps">, op: ProgramOp): OpCost {
  const word = (field: number) => op.words[field] ?? 0;
  const held = (field: number) => word(field) !== NONE;
  if (isWeighted(op.op)) return weightedCost(program, op);
  if (op.op === Op.Requantise) {
    const arrays = held(RequantiseField.Offsets) ? 2 : 1;
    return { ...NOTHING, bytes: arrays * word(RequantiseField.Period) * I32_BYTES };
  }
  if (op.op !== Op.Neuron) return NOTHING;
  const arrays = NEURON_ARRAYS.filter((field) => held(field)).length;
  const rows = !held(NeuronField.Thresholds) ? 0 : word(NeuronField.Kind) === Neuron.Thresholds ? word(NeuronField.MaxCount) : 1;
  return { ...NOTHING, bytes: (arrays + rows) * word(NeuronField.Period) * I32_BYTES };
}

function weightedCost({ tensors, timesteps }: Pick<Program, "tensors" | "timesteps">, op: ProgramOp): OpCost {
  const word = (field: WeightedField) => op.words[field] ?? 0;
  const from = op.a === undefined ? undefined : tensors[op.a];
  const to = op.out === undefined ? undefined : tensors[op.out];
  if (from === undefined || to === undefined) return NOTHING;
  const taps = word(WeightedField.KernelH) * word(WeightedField.KernelW);
  const perOutput = {
    [Op.Linear]: elements(from),
    [Op.Pointwise]: from.c,
    [Op.Depthwise]: taps,
    [Op.Conv2d]: Math.floor((taps * from.c) / Math.max(1, word(WeightedField.Groups))),
  }[op.op as WeightedOp];
  const variants = word(WeightedField.TimestepStride) === 0 ? 1 : timesteps;
  const rows = perOutput * variants, weights = rows * to.c;
  const biases = word(WeightedField.Bias) === NONE ? 0 : to.c;
  return { parameters: weights + biases, bytes: rows * rowBytes(to.c, word(WeightedField.WeightBits)) + biases * I32_BYTES, macs: perOutput * elements(to) };
}

type WeightedOp = Op.Conv2d | Op.Depthwise | Op.Pointwise | Op.Linear;

function isWeighted(op: Op): op is WeightedOp {
  return op === Op.Conv2d || op === Op.Depthwise || op === Op.Pointwise || op === Op.Linear;
}
