import { Fire, FrameKind, Order, PlanField, Reset } from "../../assembly/abi.js";
import type { IntegerGraph, IntegerNode, WeightBits } from "../../models/graph/integer.js";
import { lower } from "../../models/package/lower.js";
import { planMemory } from "../../models/package/memory-plan.js";
import { encodePlan } from "../../models/package/plan.js";
import type { Program } from "../../models/package/program.js";
import { planIdentity } from "../../models/package/sections.js";
import { CLASSES, fanIn, INPUT_BOUND, MAX_COUNT, taps, type Layer } from "./layers.js";
import type { Network, NetworkLayer } from "./network.js";
import { FRACTION_BITS, LIF_DECAY_SHIFT, ONE, type NeuronKind } from "./neurons.js";

/** The network as our integer graph: what quantisation of a trained one ends in. */
export function graphOf({ layers, parts, neuron, head, headWeights, weightBits = 8 }: Network): IntegerGraph {
  const [first] = layers as readonly [Layer, ...Layer[]];
  const nodes: IntegerNode[] = [{ type: "Input", name: "frame", shape: [first.h, first.w, first.ci], dtype: "u8", bound: INPUT_BOUND }];
  for (const part of parts) nodes.push(weighted(part, nodes.at(-1)!.name, weightBits), neuronNode(part, neuron));
  const { oh, ow } = layers.at(-1)!;
  if (head)
    nodes.push(
      { type: "SumPool2d", name: "pool", input: nodes.at(-1)!.name, kernel: [oh, ow], stride: [oh, ow], padding: [0, 0] },
      { type: "Linear", name: "logits", input: "pool", weight: transposed(headWeights, CLASSES), weightBits, outFeatures: CLASSES },
    );
  return { nodes, outputs: [nodes.at(-1)!.name] };
}

export function programOf(network: Network): Program {
  const timesteps = network.neuron === "lif" ? network.inputs.length : 1;
  return lower(graphOf(network), { timesteps, frame: FrameKind.None, frameCap: INPUT_BOUND });
}

/** The two sections that an engine loads. */
export function sectionsOf(network: Network): { readonly plan: Uint8Array; readonly constants: Uint8Array } {
  const program = programOf(network);
  const plan = encodePlan(program, planMemory(program), 0);
  new DataView(plan.buffer).setUint32(PlanField.Identity * 4, planIdentity(plan, program.constants), true);
  return { plan, constants: program.constants };
}

function weighted({ layer, weights, drive: { bias } }: NetworkLayer, input: string, weightBits: WeightBits): IntegerNode {
  const { name, kind, co, stride } = layer;
  if (kind === "linear") return { type: "Linear", name, input, weight: transposed(weights, co), weightBits, bias, outFeatures: co };
  const side = Math.sqrt(taps(layer));
  return {
    type: "Conv2d", name, input, weight: torchOrder(layer, weights), weightBits, bias, outChannels: co, kernel: [side, side],
    stride: [stride, stride], padding: [side >> 1, side >> 1], outSize: [layer.oh, layer.ow], dilation: [1, 1], groups: kind === "depthwise" ? co : 1,
  };
}

function neuronNode({ layer, drive: { multiplier, shift } }: NetworkLayer, neuron: NeuronKind): IntegerNode {
  const common = { name: `${layer.name}.neuron`, input: layer.name, multiplier, shift, fractionBits: FRACTION_BITS } as const;
  if (neuron === "counts") return { ...common, type: "Counts", fire: Fire.HalfUp, maxCount: MAX_COUNT };
  return {
    ...common, type: "LIF", decay: { form: "shift", values: LIF_DECAY_SHIFT }, order: Order.DecayFirst, vMin: -32768, vMax: 32767,
    dtype: "i16", threshold: ONE, fire: Fire.AtLeast, maxCount: 1, reset: Reset.Subtract,
  };
}

/** [taps, inputs a group, outputs] to (outputs, inputs a group, taps). */
export function torchOrder(layer: Layer, weights: Int8Array): Int8Array {
  const { co } = layer, n = taps(layer), inputs = fanIn(layer) / n;
  return Int8Array.from({ length: weights.length }, (_, i) => {
    const tap = i % n, input = Math.floor(i / n) % inputs, o = Math.floor(i / (n * inputs));
    return weights[(tap * inputs + input) * co + o]!;
  });
}

/** [inputs, outputs] to (outputs, inputs). */
export function transposed(weights: Int8Array, outputs: number): Int8Array {
  const inputs = weights.length / outputs;
  return Int8Array.from({ length: weights.length }, (_, i) => weights[(i % inputs) * outputs + Math.floor(i / inputs)]!);
}
