import { Fire, FrameKind, Order, Reset } from "../../assembly/abi.js";
import type { Kernels } from "../../host/engine/engine.js";
import { Random } from "../../host/simulator/random.js";
import type { Events } from "../../host/types.js";
import { Evt2Writer } from "../../host/writers/evt2.js";
import { Evt3Writer } from "../../host/writers/evt3.js";
import type { RecordingWriter } from "../../host/writers/recording-writer.js";
import type { IntegerNode, WeightBits } from "../../models/graph/integer.js";
import { lower } from "../../models/package/lower.js";
import { planMemory } from "../../models/package/memory-plan.js";
import { encodePlan } from "../../models/package/plan.js";
import { INPUT_BOUND, layerOf, MAX_COUNT, type Layer } from "../networks/layers.js";
import { makeNetwork } from "../networks/network.js";
import { FRACTION_BITS, LIF_DECAY_SHIFT, ONE } from "../networks/neurons.js";
import { sectionsOf } from "../networks/program.js";
import { TIMES, WARM } from "./times.js";

/** A hot path, how much it does in one run, and what it runs on. */
export interface Case {
  readonly unit: "MAC" | "synaptic operation" | "neuron" | "event";
  readonly units: number;
  readonly work: Work;
}

/** One timestep of a network on a frame, or the next part of a recording. */
export type Work =
  | {
    readonly kind: "step";
    readonly plan: Uint8Array;
    readonly constants: Uint8Array;
    readonly frame: Uint8Array;
    readonly kernels: Kernels;
  }
  | { readonly kind: "decode"; readonly format: string; readonly bytes: Uint8Array };

const LAYERS = {
  conv: layerOf("conv", "conv", 1, { h: 16, w: 16, c: 32 }, 64),
  depthwise: layerOf("depthwise", "depthwise", 1, { h: 32, w: 32, c: 64 }, 64),
  pointwise: layerOf("pointwise", "pointwise", 1, { h: 16, w: 16, c: 64 }, 128),
  linear: layerOf("linear", "linear", 1, { h: 1, w: 1, c: 1024 }, 1024),
} as const;
const SPIKES = 0.1;
const NEURONS = { h: 32, w: 32, c: 16 };
const EVENTS_A_RUN = 4096, EVENTS = EVENTS_A_RUN * (WARM + TIMES);
const SIZE = { width: 640, height: 480 };

/** Every case by its name. A layer runs with its neuron, as in a network. */
export const CASES: Readonly<Record<string, () => Case>> = {
  "dense conv": () => layerCase(LAYERS.conv, "dense"),
  "dense depthwise": () => layerCase(LAYERS.depthwise, "dense"),
  "dense pointwise": () => layerCase(LAYERS.pointwise, "dense"),
  "dense linear": () => layerCase(LAYERS.linear, "dense"),
  "spike conv": () => layerCase(LAYERS.conv, "spikes"),
  "spike pointwise": () => layerCase(LAYERS.pointwise, "spikes"),
  "spike linear": () => layerCase(LAYERS.linear, "spikes"),
  "spike conv, int4": () => layerCase(LAYERS.conv, "spikes", 4),
  "spike linear, int4": () => layerCase(LAYERS.linear, "spikes", 4),
  "neuron counts": () => neuronCase({
    type: "Counts", name: "neuron", input: "frame", multiplier: 77, shift: 2, fractionBits: FRACTION_BITS, fire: Fire.HalfUp,
    maxCount: MAX_COUNT,
  }),
  "neuron LIF": () => neuronCase({
    type: "LIF", name: "neuron", input: "frame", multiplier: 77, shift: 2, decay: { form: "shift", values: LIF_DECAY_SHIFT },
    order: Order.DecayFirst, vMin: -32768, vMax: 32767, dtype: "i16", fractionBits: FRACTION_BITS, threshold: ONE, fire: Fire.AtLeast,
    maxCount: 1, reset: Reset.Subtract,
  }),
  "EVT2 decode": () => decodeCase("evt2", new Evt2Writer({ size: SIZE })),
  "EVT3 decode": () => decodeCase("evt3", new Evt3Writer({ size: SIZE })),
};

function layerCase(layer: Layer, kernels: Kernels, weightBits: WeightBits = 8): Case {
  const network = makeNetwork({ layers: [layer], neuron: "counts", density: SPIKES, head: false, frames: 1, seed: 1, weightBits });
  const dense = kernels === "dense";
  return {
    unit: dense ? "MAC" : "synaptic operation",
    units: dense ? network.macs : network.operations,
    work: { kind: "step", ...sectionsOf(network), frame: network.inputs[0]!, kernels },
  };
}

function neuronCase(node: IntegerNode): Case {
  const { h, w, c } = NEURONS;
  const input: IntegerNode = { type: "Input", name: "frame", shape: [h, w, c], dtype: "u8", bound: INPUT_BOUND };
  const options = { timesteps: 1, frame: FrameKind.None, frameCap: INPUT_BOUND } as const;
  const program = lower({ nodes: [input, node], outputs: ["neuron"] }, options);
  const random = new Random(1);
  const frame = Uint8Array.from({ length: h * w * c }, () => random.below(INPUT_BOUND + 1));
  const plan = encodePlan(program, planMemory(program), 0);
  return { unit: "neuron", units: h * w * c, work: { kind: "step", plan, constants: program.constants, frame, kernels: "auto" } };
}

function decodeCase(format: string, writer: RecordingWriter): Case {
  const bytes = Buffer.concat([writer.begin(), ...copies(writer.write(drawEvents())), ...copies(writer.end())]);
  return { unit: "event", units: EVENTS_A_RUN, work: { kind: "decode", format, bytes } };
}

function copies(parts: Iterable<Uint8Array>): Buffer[] {
  return Array.from(parts, part => Buffer.from(part));
}

/** Clusters of a few neighbours, a few a µs: about what an edge leaves. */
function drawEvents(): Events {
  const random = new Random(1);
  const [x16, y16] = [new Uint16Array(EVENTS), new Uint16Array(EVENTS)];
  const events = { count: EVENTS, t: new Float64Array(EVENTS), x: x16, y: y16, p: new Uint8Array(EVENTS) };
  let t = 0, x = 0, y = 0, p = 0;
  for (let i = 0; i < EVENTS; i++) {
    if (random.uniform() < 0.25) [x, y, p] = [random.below(SIZE.width - 8), random.below(SIZE.height), random.below(2)];
    else x = Math.min(SIZE.width - 1, x + 1 + random.below(2));
    t += Number(random.uniform() < 0.3);
    [events.t[i], events.x[i], events.y[i], events.p[i]] = [t, x, y, p];
  }
  return events;
}
