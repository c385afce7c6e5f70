import { Fire, Order, Reset, Rounding } from "../../assembly/abi.js";
import { ModelError } from "../errors.js";
import { elements, type NeuronFloatNode } from "../graph/graph.js";
import type { DecayForm, NeuronNode } from "../graph/integer.js";
import type { Shape } from "../graph/shapes.js";
import type { Dynamics } from "./dynamics.js";
import { maximum, overShape, toParameter } from "./fixed-point.js";
import type { NeuronReport } from "./report.js";
import type { Rule } from "./rule.js";
import { channelsOf, type Value } from "./values.js";
import { accumulator, biasOf, integerNode, type Branch, type WeightedResult } from "./weighted.js";
import { weightReport } from "./weights.js";

/** Fraction bits of a weight, and bits that weights, biases and thresholds are shifted by on their way to the potential. */
const WEIGHT_BITS = 8;
const POTENTIAL_SHIFT = 6;
const DECAY_BITS = 12;
/** Potentials saturate at ±(2^23 − 1). */
const POTENTIAL_LIMIT = 8388607;

/**
 * Weighted nodes in front of one neuron, in Loihi's integers: w = trunc(weight · gain · 2^8), the neuron's gain folded in. Signs are mixed,
 * so that weights beyond ±127 are even and at most ±254; the accumulator then counts halves. A bias is trunc(bias · gain · 2^8), shifted
 * as weights are.
 */
export function loihiWeights(branches: readonly Branch[], gain: Float64Array): WeightedResult[] {
  const gains = channelGains(branches[0]!, gain);
  const rounded = branches.map(({ node }) => {
    const inner = node.weight.data.length / gains.length;
    return node.weight.data.map((weight, i) => Math.trunc(weight * gains[Math.floor(i / inner)]! * 2 ** WEIGHT_BITS));
  });
  const most = maximum(rounded.flatMap((weights) => [...weights]));
  if (most > 254) {
    throw new ModelError(
      "NETWORK_RANGE",
      `node ${branches[0]!.name}: a weight of ${most} / 256 after the neuron's gain, beyond Loihi's ±254`,
      "give --arithmetic scaled, or scale weights and thresholds down before export",
    );
  }
  const halved = most > 127;
  return branches.map(({ name, node, input, shape }, at) => {
    const stored = Int8Array.from(rounded[at]!, (weight) => (halved ? Math.trunc(weight / 2) : weight));
    const step = halved ? 2 : 1;
    const scale = gains.map((one) => (one === 0 ? 0 : step / (one * 2 ** WEIGHT_BITS)));
    const bias = biasOf(node);
    const value = accumulator(name, shape, stored, input, undefined, scale);
    return {
      node: integerNode(name, node, input, stored, gains.length, undefined),
      value: { ...value, loihi: step << POTENTIAL_SHIFT, ...(bias && { bias }) },
      report: weightReport(
        name,
        node.type,
        node.weight.data,
        stored,
        scale.map((one) => one || 1),
        8,
      ),
    };
  });
}

function channelGains({ name, shape }: Branch, gain: Float64Array): Float64Array {
  const plane = elements(shape) / channelsOf(shape);
  const gains = Float64Array.from({ length: channelsOf(shape) }, (_, c) => gain[c * plane]!);
  if (gain.every((value, i) => value === gains[Math.floor(i / plane)])) return gains;
  throw new ModelError("NETWORK_UNSUPPORTED", `node ${name}: its neurons differ in r or tau inside a channel`, "give --arithmetic scaled");
}

/**
 * The neuron that follows, as Lava's bit-accurate CPU model runs it: decay (v · (4096 − d)) >> 12 towards zero with
 * d = trunc(dt/τ · 4095), one more for a current; θ = (trunc(θ · 131071) >> 9) << 6, spike above it; potentials of 24 bits that saturate.
 */
export function loihiNeuron(
  name: string,
  node: NeuronFloatNode,
  dynamics: Dynamics,
  input: Value,
  rule: Rule,
): { node: NeuronNode; value: Value; report: NeuronReport } {
  const multiplier = input.loihi!;
  const { shape } = input;
  const bias = input.bias === undefined ? undefined : overShape(input.bias, shape);
  const leak = dynamics.leak.map(
    (value, i) => Math.trunc((value + (bias?.[i] ?? 0) * dynamics.gain[i]!) * 2 ** WEIGHT_BITS) * 2 ** POTENTIAL_SHIFT,
  );
  const threshold = dynamics.threshold?.map((theta) => (Math.trunc(theta * 131071) >> 9) * 2 ** POTENTIAL_SHIFT);
  if (threshold?.some((theta) => theta < 1) || maximum(threshold ?? []) > POTENTIAL_LIMIT) {
    throw new ModelError("NETWORK_RANGE", `node ${name}: a threshold outside Loihi's range`, "give --arithmetic scaled");
  }
  const unit = 2 ** -(WEIGHT_BITS + POTENTIAL_SHIFT);
  const result: NeuronNode = {
    name,
    type: node.type,
    input: input.name,
    multiplier,
    shift: 0,
    ...(leak.some((value) => value !== 0) && { leak: toParameter(leak, shape) }),
    decay: decayForm(dynamics.decay, 0, shape),
    order: Order.DecayFirst,
    vMin: -POTENTIAL_LIMIT,
    vMax: POTENTIAL_LIMIT,
    dtype: "i32",
    fractionBits: 0,
    ...(dynamics.currentDecay && { currentDecay: decayForm(dynamics.currentDecay, 1, shape), currentOld: false }),
    ...(threshold && {
      threshold: toParameter(threshold, shape),
      fire: rule.comparison === "above" ? Fire.Above : Fire.AtLeast,
      maxCount: rule.spikes,
      reset: rule.reset === "subtract" ? Reset.Subtract : Reset.Zero,
    }),
  };
  const channels = input.scale.length;
  return {
    node: result,
    value: threshold
      ? { name, shape, dtype: "u8", bound: rule.spikes, scale: new Float64Array(channels).fill(1) }
      : { name, shape, dtype: "i32", bound: POTENTIAL_LIMIT, scale: new Float64Array(channels).fill(unit) },
    report: {
      node: name,
      type: node.type,
      potential_unit: unit,
      gain_error: 0,
      decay_error: maximum(dynamics.decay.map((alpha) => decayMultiplier(alpha, 0) / 2 ** DECAY_BITS - alpha)),
      headroom_bits: Number(Math.log2(POTENTIAL_LIMIT / Math.max(1, input.bound * multiplier)).toFixed(1)),
      ...(threshold && {
        threshold: Math.min(...threshold),
        threshold_error: maximum(threshold.map((theta, i) => (theta * unit) / dynamics.threshold![i]! - 1)),
        clamp_thresholds: Math.floor(POTENTIAL_LIMIT / Math.max(...threshold)),
      }),
    },
  };
}

/** 4096 − d with d = trunc((1 − α) · 4095) + offset; α = 1 does not decay. */
function decayMultiplier(alpha: number, offset: number): number {
  if (alpha === 1) return 2 ** DECAY_BITS;
  return Math.max(0, 2 ** DECAY_BITS - Math.trunc((1 - alpha) * 4095) - offset);
}

function decayForm(decay: Float64Array, offset: number, shape: Shape): DecayForm {
  if (decay.every((alpha) => alpha === 1)) return { form: "none" };
  return {
    form: "multiply",
    values: toParameter(
      decay.map((alpha) => decayMultiplier(alpha, offset)),
      shape,
    ),
    bits: DECAY_BITS,
    rounding: Rounding.TowardZero,
  };
}
