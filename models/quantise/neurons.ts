import { Fire, MAX_LEAK, MAX_NEURON_INPUT, MAX_POTENTIAL, Order, Reset, Rounding } from "../../assembly/abi.js";
import { ModelError } from "../errors.js";
import type { NeuronFloatNode } from "../graph/graph.js";
import type { DecayForm, NeuronNode } from "../graph/integer.js";
import type { Shape } from "../graph/shapes.js";
import type { Dynamics } from "./dynamics.js";
import { fixedPoint, maximum, overShape, toParameter, type FixedPoint } from "./fixed-point.js";
import type { NeuronReport } from "./report.js";
import type { Rule } from "./rule.js";
import type { Value } from "./values.js";

export interface NeuronResult {
  readonly node: NeuronNode;
  readonly value: Value;
  readonly report: NeuronReport;
}

/** θ is 2^18 steps where its inputs allow it: potentials up to 4095 θ fit, and a rounding is 2^−19 of θ. */
const FINEST_THRESHOLD_BITS = 18;
/** Coarser than this, rounding would be heard: 2^−8 of θ a timestep. */
const COARSEST_THRESHOLD_BITS = 8;
const DECAY_BITS = 30;
/** A potential that does not spike spends this much of its 30 bits on its worst case. */
const POTENTIAL_BITS = 28;

/**
 * A spiking neuron in integers. Each has a unit of its own, in which θ is the same power of two; a lowest potential that is a number and
 * not −θ wants one unit for all, because the engine keeps one limit a layer.
 */
export function quantiseSpiking(name: string, node: NeuronFloatNode, dynamics: Dynamics, input: Value, rule: Rule): NeuronResult {
  const { threshold, reset } = dynamics;
  if (threshold === undefined || reset === undefined) throw new Error(`${name} does not spike`);
  if (threshold.some((theta) => !(theta > 0))) {
    throw new ModelError("NETWORK_UNSUPPORTED", `node ${name}: a threshold of ${Math.min(...threshold)}`, "thresholds must be positive");
  }
  const scales = typeof rule.vMin === "number" ? threshold.map(() => maximum(threshold)) : threshold;
  for (let bits = FINEST_THRESHOLD_BITS; bits >= COARSEST_THRESHOLD_BITS; bits--) {
    const unit = scales.map((theta) => theta / 2 ** bits);
    const drive = driveOf(dynamics, input, unit);
    if (!fits(drive, input, dynamics, bits > COARSEST_THRESHOLD_BITS + 4)) continue;
    const steps = threshold.map((theta, i) => Math.round(theta / unit[i]!));
    const resetSteps = reset.map((value, i) => Math.round(value / unit[i]!));
    const vMin = lowest(name, rule, steps, unit);
    const resets = resetOf(name, rule, resetSteps, vMin);
    const result: NeuronNode = {
      ...shared(name, node, dynamics, input, rule, drive),
      vMin,
      vMax: MAX_POTENTIAL,
      threshold: toParameter(steps, input.shape),
      fire: rule.comparison === "above" ? Fire.Above : Fire.AtLeast,
      maxCount: rule.spikes,
      reset: resets,
      ...(resets === Reset.Value && { resetValue: toParameter(resetSteps, input.shape) }),
      ...(rule.resetTiming === "delayed" && { resetDelayed: true }),
    };
    const report = {
      ...reportOf(name, node, dynamics, input, drive, unit),
      threshold: Math.min(...steps),
      threshold_error: maximum(threshold.map((theta, i) => (steps[i]! * unit[i]! - theta) / theta)),
      clamp_thresholds: Math.floor(MAX_POTENTIAL / Math.max(...steps)),
    };
    return {
      node: result,
      value: { name, shape: input.shape, dtype: "u8", bound: rule.spikes, scale: new Float64Array(input.scale.length).fill(1) },
      report,
    };
  }
  throw new ModelError(
    "NETWORK_RANGE",
    `node ${name}: its inputs can exceed its threshold so far that neither keeps ${COARSEST_THRESHOLD_BITS} bits`,
    "lower --cap, or check weights and thresholds",
  );
}

/**
 * A neuron that does not spike. All channels share one unit, a power of two, so that their potentials can be compared.
 * @param horizon  timesteps over which an integrator's worst case must fit
 */
export function quantiseIntegrating(
  name: string,
  node: NeuronFloatNode,
  dynamics: Dynamics,
  input: Value,
  rule: Rule,
  horizon: number,
): NeuronResult {
  const inputs = overShape(input.scale, input.shape).map((scale, i) => scale * input.bound * dynamics.gain[i]!);
  const biases = input.bias === undefined ? undefined : overShape(input.bias, input.shape);
  const reach =
    maximum(
      inputs.map((most, i) => {
        const current = most / (1 - Math.min(dynamics.currentDecay?.[i] ?? 0, 1 - 1 / horizon));
        const drive = current + Math.abs(dynamics.leak[i]!) + Math.abs((biases?.[i] ?? 0) * dynamics.gain[i]!);
        return drive / (1 - Math.min(dynamics.decay[i]!, 1 - 1 / horizon));
      }),
    ) || 1;
  for (let bits = Math.min(30, Math.floor(POTENTIAL_BITS - Math.log2(reach))); bits >= -64; bits--) {
    const unit = dynamics.gain.map(() => 2 ** -bits);
    const drive = driveOf(dynamics, input, unit);
    if (!fits(drive, input, dynamics, true)) continue;
    const fractionBits = Math.max(0, bits);
    const result: NeuronNode = {
      ...shared(name, node, dynamics, input, rule, drive),
      vMin: -MAX_POTENTIAL,
      vMax: MAX_POTENTIAL,
      fractionBits,
    };
    const scale = new Float64Array(input.scale.length).fill(2 ** -bits);
    return {
      node: result,
      value: { name, shape: input.shape, dtype: "i32", bound: MAX_POTENTIAL, scale },
      report: reportOf(name, node, dynamics, input, drive, unit),
    };
  }
  throw new ModelError("NETWORK_RANGE", `node ${name}: its potentials leave every range`, "check weights and gains");
}

interface Drive {
  readonly factors: Float64Array;
  readonly fixed: FixedPoint | undefined;
  readonly leak: Float64Array;
}

/** Factors from the input's steps to the potential's, and what is added every timestep. The bias of a current goes through the input. */
function driveOf(dynamics: Dynamics, input: Value, unit: Float64Array): Drive {
  const scale = overShape(input.scale, input.shape);
  const bias = input.bias === undefined ? undefined : overShape(input.bias, input.shape);
  const factors = scale.map((step, i) => (step * dynamics.gain[i]!) / unit[i]!);
  const leak = dynamics.leak.map((value, i) => Math.round((value + (bias?.[i] ?? 0) * dynamics.gain[i]!) / unit[i]!));
  return { factors, fixed: fixedPoint(factors), leak };
}

/** Whether input, leak and, where `steady` asks for it, a current at its steady worst case stay inside NUMERICS.md §4. */
function fits({ fixed, leak }: Drive, input: Value, { currentDecay }: Dynamics, steady: boolean): boolean {
  if (fixed === undefined) return true;
  const most = Number((BigInt(input.bound) * BigInt(maximum(fixed.multiplier))) >> BigInt(fixed.shift)) + 1;
  const slowest = Math.min(maximum(currentDecay ?? []), 1 - 2 ** -10);
  return most <= MAX_NEURON_INPUT && maximum(leak) <= MAX_LEAK && (!steady || most / (1 - slowest) <= MAX_NEURON_INPUT);
}

function shared(
  name: string,
  node: NeuronFloatNode,
  dynamics: Dynamics,
  input: Value,
  rule: Rule,
  { fixed, leak }: Drive,
): Omit<NeuronNode, "vMin" | "vMax"> {
  if (fixed === undefined) {
    throw new ModelError("NETWORK_UNSUPPORTED", `node ${name}: a negative gain (r or w_in)`, "put the sign into the weights before export");
  }
  const multiplier = toParameter(fixed.multiplier, input.shape);
  const one = multiplier === 1 && fixed.shift === 0;
  return {
    name,
    type: node.type,
    input: input.name,
    ...(!one && { multiplier, shift: fixed.shift }),
    ...(leak.some((value) => value !== 0) && { leak: toParameter(leak, input.shape) }),
    decay: decayForm(dynamics.decay, input.shape),
    order: rule.order === "decay-first" ? Order.DecayFirst : Order.InputFirst,
    dtype: "i32",
    fractionBits: 0,
    ...(dynamics.currentDecay && { currentDecay: decayForm(dynamics.currentDecay, input.shape), currentOld: rule.cuba === "old" }),
  };
}

function decayForm(decay: Float64Array, shape: Shape): DecayForm {
  if (decay.every((alpha) => alpha === 1)) return { form: "none" };
  const values = toParameter(
    decay.map((alpha) => Math.round(alpha * 2 ** DECAY_BITS)),
    shape,
  );
  return { form: "multiply", values, bits: DECAY_BITS, rounding: Rounding.HalfUp };
}

function resetOf(name: string, rule: Rule, steps: Float64Array, vMin: number): Reset {
  if (rule.reset === "subtract") return Reset.Subtract;
  if (rule.reset === "zero" || steps.every((value) => value === 0)) return Reset.Zero;
  if (steps.every((value) => value >= vMin && value <= MAX_POTENTIAL)) return Reset.Value;
  throw new ModelError("NETWORK_RANGE", `node ${name}: v_reset lies outside the potential's range`, "check v_reset, or give --reset zero");
}

function lowest(name: string, { vMin }: Rule, threshold: Float64Array, unit: Float64Array): number {
  if (vMin === "none") return -MAX_POTENTIAL;
  const steps = vMin === "-theta" ? -threshold[0]! : Math.round(vMin / unit[0]!);
  if (steps >= -MAX_POTENTIAL && steps <= 0) return steps;
  throw new ModelError("NETWORK_RANGE", `node ${name}: a lowest potential of ${vMin}`, "give one between −1000 θ and 0");
}

function reportOf(
  name: string,
  node: NeuronFloatNode,
  dynamics: Dynamics,
  input: Value,
  { factors, fixed }: Drive,
  unit: Float64Array,
): NeuronReport {
  const made = factors.map((_, i) => (fixed === undefined ? 0 : fixed.multiplier[i]! / 2 ** fixed.shift));
  const most = Math.max(1, maximum(made) * input.bound);
  const decays = [dynamics.decay, dynamics.currentDecay ?? new Float64Array(0)];
  return {
    node: name,
    type: node.type,
    potential_unit: maximum(unit),
    decay_error: Math.max(
      ...decays.map((all) => maximum(all.map((alpha) => Math.round(alpha * 2 ** DECAY_BITS) / 2 ** DECAY_BITS - alpha))),
    ),
    gain_error: maximum(made.map((value, i) => (factors[i] === 0 ? 0 : value / factors[i]! - 1))),
    headroom_bits: Number(Math.log2(MAX_NEURON_INPUT / most).toFixed(1)),
  };
}
