import {
  Decay, DType, Fire, MAX_COUNT, MAX_LEAK, MAX_NEURON_INPUT, MAX_POTENTIAL, Neuron, NeuronField, NONE, Op, Reset, Rounding,
} from "../../../assembly/abi.js";
import type { CountsNode, DecayForm, NeuronNode, Parameter, ThresholdsNode } from "../../graph/integer.js";
import type { ProgramTensor } from "../program.js";
import { corrupt, elements, expanded, outOfRange, periodOf, unsupported, within, type ProgramBuilder, type Value } from "./builder.js";
import { dtypeBytes, dtypeOf, greatest, GREATEST_FRACTION_BITS, GREATEST_I32, GREATEST_SHIFT, scaledBound } from "./ranges.js";

const KINDS: Readonly<Record<NeuronNode["type"], Neuron>> = {
  IF: Neuron.LIF, LIF: Neuron.LIF, CubaLIF: Neuron.CubaLIF, I: Neuron.LI, LI: Neuron.LI, CubaLI: Neuron.CubaLI,
};
const DECAYS: Readonly<Record<DecayForm["form"], Decay>> = { none: Decay.None, shift: Decay.Shift, multiply: Decay.Multiply };
const GREATEST_COUNT_FRACTION_BITS = 28;
const GREATEST_DECAY_SHIFT = 30;
const GREATEST_DECAY_BITS = 30;

type AnyNeuron = CountsNode | ThresholdsNode | NeuronNode;
type Words = Record<number, number>;

/** What the steps of lowering one neuron share. */
interface Site {
  readonly builder: ProgramBuilder;
  readonly name: string;
  readonly input: Value;
  readonly shape: ProgramTensor;
  readonly period: number;
}

export function lowerCounts(builder: ProgramBuilder, node: CountsNode): Value {
  const site = siteOf(builder, node, []);
  if (![Fire.HalfUp, Fire.HalfEven, Fire.AtLeast].includes(node.fire))
    throw unsupported(node.name, "counts by a strict comparison", "use half-up, half-even or at-least");
  return finish(site, countTensor(site, node.maxCount), {
    ...stateless(Neuron.Counts, node.maxCount),
    ...driveWords(site, node),
    [NeuronField.Fire]: node.fire,
    [NeuronField.FractionBits]: within(node.name, "number of fraction bits", node.fractionBits, 0, GREATEST_COUNT_FRACTION_BITS),
  });
}

export function lowerThresholds(builder: ProgramBuilder, node: ThresholdsNode): Value {
  const { name, maxCount, thresholds } = node;
  const counts = within(name, "greatest count", maxCount, 1, MAX_COUNT);
  if (thresholds.length % counts !== 0)
    throw corrupt(name, `has ${thresholds.length} thresholds for counts up to ${counts}`,
      "give each channel as many as the greatest count");
  const rows = Array.from({ length: thresholds.length / counts }, (_, i) => thresholds.subarray(i * counts, (i + 1) * counts));
  const site = siteOf(builder, node, rows.length === 1 ? [] : [new Int32Array(rows.length)]);
  for (const row of rows)
    if (row.some((threshold, k) => k > 0 && threshold < row[k - 1]!))
      throw corrupt(name, `has the thresholds ${row.join(", ")}`, "sort each channel's thresholds, lowest first");
  const all = new Int32Array(site.period * counts);
  for (let i = 0; i < site.period; i++) all.set(rows[i % rows.length]!, i * counts);
  return finish(site, countTensor(site, maxCount), {
    ...stateless(Neuron.Thresholds, maxCount),
    ...driveWords(site, node),
    [NeuronField.Thresholds]: builder.constants.addI32(all),
  });
}

/** IF, LIF, CubaLIF, I, LI, CubaLI. */
export function lowerNeuron(builder: ProgramBuilder, node: NeuronNode): Value {
  const { name, dtype: dtypeWord } = node;
  const kind = KINDS[node.type];
  const cuba = kind === Neuron.CubaLIF || kind === Neuron.CubaLI;
  const spiking = kind === Neuron.LIF || kind === Neuron.CubaLIF;
  if ((node.type === "IF" || node.type === "I") && node.decay.form !== "none")
    throw corrupt(name, `is an ${node.type} with a decay`, `make it ${node.type === "IF" ? "an LIF" : "an LI"}`);
  const current: DecayForm = (cuba ? node.currentDecay : undefined) ?? { form: "none" };
  if (current.form === "shift") throw unsupported(name, "lets its current decay by a shift", "give the current's decay as a multiplier");
  const firing = spiking ? [node.threshold, node.reset === Reset.Value ? node.resetValue : undefined] : [];
  const site = siteOf(builder, node, [node.decay.values, current.values, ...firing]);
  const dtype = dtypeOf(dtypeWord);
  const limit = dtype === DType.I16 ? { low: -32768, high: 32767 } : { low: -MAX_POTENTIAL, high: MAX_POTENTIAL };
  const vMin = within(name, "lowest potential", node.vMin, limit.low, 0);
  const vMax = within(name, "highest potential", node.vMax, 0, limit.high);
  const count = elements(site.shape);
  const out = spiking
    ? countTensor(site, required(name, "greatest count", node.maxCount))
    : outTensor(site, dtype, Math.max(-vMin, vMax), node.fractionBits);
  return finish(site, out, {
    ...driveWords(site, node),
    ...(spiking ? firingWords(site, node) : notFiring),
    ...decayWords(site, node.decay),
    ...currentWords(site, current),
    [NeuronField.Kind]: kind,
    [NeuronField.Order]: node.order,
    [NeuronField.VMin]: vMin,
    [NeuronField.VMax]: vMax,
    [NeuronField.StateDType]: dtype,
    [NeuronField.State]: builder.addState(name, count * dtypeBytes(dtype)),
    [NeuronField.Current]: cuba ? builder.addState(name, count * dtypeBytes(DType.I32)) : NONE,
    [NeuronField.CurrentOld]: cuba && node.currentOld === true ? 1 : 0,
    [NeuronField.WindowReset]: node.windowReset === true ? 1 : 0,
    [NeuronField.FractionBits]: 0,
  });
}

function siteOf(builder: ProgramBuilder, node: AnyNeuron, own: readonly (Parameter | undefined)[]): Site {
  const input = builder.value(node.name, node.input);
  const shape = builder.tensor(input);
  const period = periodOf(node.name, shape, [node.multiplier, node.leak, ...own]);
  return { builder, name: node.name, input, shape, period };
}

function finish(site: Site, out: ProgramTensor, words: Words): Value {
  const tensor = site.builder.addTensor(out);
  site.builder.addOp({
    op: Op.Neuron, name: site.name, a: site.input.tensor, out: tensor, words: { ...words, [NeuronField.Period]: site.period },
  });
  return { tensor, flat: site.input.flat };
}

function outTensor(site: Site, dtype: DType, bound: number, fractionBits: number): ProgramTensor {
  const { h, w, c } = site.shape;
  within(site.name, "number of fraction bits", fractionBits, 0, GREATEST_FRACTION_BITS);
  return { name: site.name, dtype, h, w, c, bound, fractionBits };
}

function countTensor(site: Site, maxCount: number): ProgramTensor {
  return outTensor(site, DType.U8, within(site.name, "greatest count", maxCount, 1, MAX_COUNT), 0);
}

function stateless(kind: Neuron, maxCount: number): Words {
  return {
    ...notFiring,
    [NeuronField.Kind]: kind,
    [NeuronField.MaxCount]: maxCount,
    [NeuronField.Decay]: Decay.None,
    [NeuronField.DecayValues]: NONE,
    [NeuronField.CurrentDecayValues]: NONE,
    [NeuronField.State]: NONE,
    [NeuronField.Current]: NONE,
  };
}

const notFiring: Words = { [NeuronField.Thresholds]: NONE, [NeuronField.ResetValues]: NONE, [NeuronField.MaxCount]: 0 };

/** Multipliers, shift and leak, and the proof that |x| stays in range. */
function driveWords(site: Site, node: AnyNeuron): Words {
  const { builder, name, shape, period } = site;
  const multipliers = node.multiplier === undefined ? undefined : expanded(name, "multiplier", node.multiplier, period, 0, GREATEST_I32);
  const shift = multipliers === undefined ? 0 : within(name, "shift", node.shift ?? 0, 0, GREATEST_SHIFT);
  const most = multipliers === undefined ? shape.bound : scaledBound(shape.bound, greatest(multipliers), shift);
  if (most > MAX_NEURON_INPUT)
    throw outOfRange(name, `could take an input of ${most}, beyond ${MAX_NEURON_INPUT}`,
      "use fewer fraction bits (a smaller multiplier or a greater shift), or bound what comes before it");
  const leak = node.leak === undefined ? undefined : expanded(name, "leak", node.leak, period, -MAX_LEAK, MAX_LEAK);
  return {
    [NeuronField.Multipliers]: multipliers === undefined ? NONE : builder.constants.addI32(multipliers),
    [NeuronField.Shift]: shift,
    [NeuronField.Leak]: leak === undefined ? NONE : builder.constants.addI32(leak),
  };
}

function firingWords(site: Site, node: NeuronNode): Words {
  const { builder, name, period } = site;
  const maxCount = required(name, "greatest count", node.maxCount);
  const fire = required(name, "comparison (fire)", node.fire);
  const reset = required(name, "reset", node.reset);
  const threshold = required(name, "threshold", node.threshold);
  const halves = fire === Fire.HalfUp || fire === Fire.HalfEven;
  const thresholds = expanded(name, "threshold", threshold, period, 1, halves ? MAX_LEAK : MAX_POTENTIAL);
  if (halves) {
    if (thresholds.some((theta) => theta % 2 !== 0))
      throw outOfRange(name, "halves an odd threshold", "use even thresholds with half-up and half-even");
    const lowest = -greatest(thresholds) / 2;
    if (lowest < node.vMin)
      throw outOfRange(name, `can be reset to ${lowest}, below its lowest potential ${node.vMin}`,
        `set the lowest potential to ${lowest} or below`);
  }
  const values = reset !== Reset.Value
    ? NONE
    : builder.constants.addI32(expanded(name, "reset value", required(name, "reset value", node.resetValue), period, node.vMin, node.vMax));
  return {
    [NeuronField.Thresholds]: builder.constants.addI32(thresholds),
    [NeuronField.Fire]: fire,
    [NeuronField.MaxCount]: maxCount,
    [NeuronField.Reset]: reset,
    [NeuronField.ResetValues]: values,
    [NeuronField.ResetDelayed]: node.resetDelayed === true ? 1 : 0,
  };
}

function decayWords(site: Site, decay: DecayForm): Words {
  const form = DECAYS[decay.form];
  const { values, bits, rounding } = decayParts(site, decay);
  return {
    [NeuronField.Decay]: form,
    [NeuronField.DecayValues]: values,
    [NeuronField.DecayBits]: bits,
    [NeuronField.DecayRounding]: rounding,
  };
}

function currentWords(site: Site, decay: DecayForm): Words {
  const { values, bits, rounding } = decayParts(site, decay);
  return {
    [NeuronField.CurrentDecayValues]: values,
    [NeuronField.CurrentDecayBits]: bits,
    [NeuronField.CurrentDecayRounding]: rounding,
  };
}

function decayParts({ builder, name, period }: Site, decay: DecayForm): { values: number; bits: number; rounding: Rounding } {
  if (decay.form === "none") return { values: NONE, bits: 0, rounding: Rounding.HalfUp };
  const given = required(name, "decay's values", decay.values);
  if (decay.form === "shift") {
    const shifts = expanded(name, "decay shift", given, period, 1, GREATEST_DECAY_SHIFT);
    return { values: builder.constants.addI32(shifts), bits: 0, rounding: Rounding.Floor };
  }
  const bits = within(name, "number of decay bits", required(name, "decay's bits", decay.bits), 1, GREATEST_DECAY_BITS);
  const multipliers = expanded(name, "decay multiplier", given, period, 0, 2 ** bits);
  return { values: builder.constants.addI32(multipliers), bits, rounding: required(name, "decay's rounding", decay.rounding) };
}

function required<T>(name: string, what: string, value: T | undefined): T {
  if (value === undefined) throw corrupt(name, `has no ${what}`, `give its ${what}`);
  return value;
}
