import { MAX_POTENTIAL, Order } from "../../assembly/abi.js";
import type { NeuronNode } from "../graph/integer.js";
import { fixedPoint, maximum, toParameter } from "./fixed-point.js";
import type { NeuronReport } from "./report.js";
import { uniformScale, type Value } from "./values.js";

/** What an output adds up in one window must stay inside the potential, in its worst case. */
const SUM_BITS = 29;

/**
 * The logits: an I that adds an output's values over a window, in one unit for all classes, and starts from zero at the next.
 * Spikes are counted as they are.
 */
export function readout(value: Value, timesteps: number): { node: NeuronNode; report: NeuronReport } {
  const name = `${value.name}.readout`;
  const counts = uniformScale(value) !== undefined && value.bias === undefined && value.bound * timesteps < 2 ** SUM_BITS;
  const real = value.scale.map((step, c) => step * value.bound + Math.abs(value.bias?.[c] ?? 0));
  const unit = counts ? value.scale[0]! : 2 ** Math.ceil(Math.log2((maximum(real) || 1) * timesteps) - SUM_BITS);
  const fixed = counts ? undefined : fixedPoint(value.scale.map((step) => step / unit))!;
  const channels = [value.scale.length];
  const node: NeuronNode = {
    type: "I", name, input: value.name, decay: { form: "none" }, order: Order.DecayFirst, vMin: -MAX_POTENTIAL, vMax: MAX_POTENTIAL,
    dtype: "i32", fractionBits: 0, windowReset: true,
    ...(fixed && { multiplier: toParameter(fixed.multiplier, channels), shift: fixed.shift }),
    ...(value.bias && { leak: toParameter(value.bias.map((bias) => Math.round(bias / unit)), channels) }),
  };
  const headroom = Number(Math.log2(MAX_POTENTIAL / ((maximum(real) || 1) / unit)).toFixed(1));
  return { node, report: { node: name, type: "I", potential_unit: unit, decay_error: 0, gain_error: 0, headroom_bits: headroom } };
}
