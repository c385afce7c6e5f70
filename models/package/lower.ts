import { DType, FrameKind, MAX_DIMENSION, MAX_OUTPUTS, MAX_TIMESTEPS } from "../../assembly/abi.js";
import { ModelError } from "../errors.js";
import type { InputNode, IntegerGraph, IntegerNode } from "../graph/integer.js";
import { corrupt, ProgramBuilder, within, type Value } from "./lowering/builder.js";
import { Delays, lowerAdd, lowerConcat, lowerRequantise } from "./lowering/elementwise.js";
import { lowerCounts, lowerNeuron, lowerThresholds } from "./lowering/neurons.js";
import { lowerGlobalMean, lowerPool, lowerUpsample } from "./lowering/pooling.js";
import { dtypeOf, greatestBound } from "./lowering/ranges.js";
import { lowerConv, lowerLinear } from "./lowering/weighted.js";
import type { Program } from "./program.js";

export interface LowerOptions {
  /** T: timesteps of a window. */
  readonly timesteps: number;
  readonly frame: FrameKind;
  /** Counts above this saturate in a frame, 1..255. */
  readonly frameCap: number;
  /** The sensor's pixels, for frames of points alone. */
  readonly sensor?: { readonly width: number; readonly height: number };
}

/**
 * Turns an integer graph into the engine's ops: one way, no decision left open but the tensors' places.
 * Bounds are those of NUMERICS.md §3 and §4; state offsets follow the order of the nodes.
 * @throws ModelError NETWORK_CORRUPT (the graph contradicts itself), NETWORK_RANGE (a number could leave its range), NETWORK_UNSUPPORTED
 */
export function lower(graph: IntegerGraph, options: LowerOptions): Program {
  const { timesteps, frame, frameCap, sensor } = options;
  checkOption("number of timesteps", timesteps, MAX_TIMESTEPS);
  checkOption("frame cap", frameCap, 255);
  if (frame === FrameKind.Points) for (const side of ["width", "height"] as const) checkOption(`sensor's ${side}`, sensor?.[side] ?? 0, MAX_DIMENSION);
  const builder = new ProgramBuilder(timesteps);
  const delays = new Delays(builder);
  let input: number | undefined;
  for (const node of graph.nodes) {
    if (builder.values.has(node.name)) throw corrupt(node.name, "stands twice in the graph", "give every node its own name");
    if (node.type === "Input" && input !== undefined) throw corrupt(node.name, "is a second Input", "give the network one input");
    const value = lowerNode(builder, delays, node);
    builder.values.set(node.name, value);
    if (node.type === "Input") input = checkFrame(node, options, value.tensor);
    delays.written(node.name);
  }
  delays.end();
  if (input === undefined) throw new ModelError("NETWORK_CORRUPT", "the graph has no Input", "begin it with an Input node");
  return {
    tensors: builder.tensors,
    ops: builder.ops,
    input,
    outputs: outputsOf(builder, graph),
    timesteps,
    frame,
    frameCap,
    ...(frame === FrameKind.Points && sensor !== undefined ? { sensor } : {}),
    constants: builder.constants.finish(),
    stateBytes: builder.stateBytes,
  };
}

function lowerNode(builder: ProgramBuilder, delays: Delays, node: IntegerNode): Value {
  switch (node.type) {
    case "Input": return lowerInput(builder, node);
    case "Conv2d": return lowerConv(builder, node);
    case "Linear": return lowerLinear(builder, node);
    case "Requantise": return lowerRequantise(builder, node);
    case "Add": return lowerAdd(builder, node);
    case "Concat": return lowerConcat(builder, node);
    case "MaxPool2d": case "SumPool2d": case "AvgPool2d": return lowerPool(builder, node);
    case "Upsample": return lowerUpsample(builder, node);
    case "GlobalMean": return lowerGlobalMean(builder, node);
    case "Flatten": return { ...builder.value(node.name, node.input), flat: true };
    case "Delay": return delays.lower(node);
    case "Counts": return lowerCounts(builder, node);
    case "Threshold": return lowerThresholds(builder, node);
    case "IF": case "LIF": case "CubaLIF": case "I": case "LI": case "CubaLI": return lowerNeuron(builder, node);
  }
}

function lowerInput(builder: ProgramBuilder, { name, shape: [h, w, c], dtype: word, bound }: InputNode): Value {
  const dtype = dtypeOf(word);
  within(name, "bound", bound, 1, Math.min(greatestBound(dtype), dtype === DType.I8 ? 127 : 255));
  return { tensor: builder.addTensor({ name, dtype, h, w, c, bound, fractionBits: 0 }), flat: false };
}

/** Whether frames of this kind fit the input. @returns the input's tensor */
function checkFrame({ name, shape, dtype, bound }: InputNode, { frame, frameCap }: LowerOptions, tensor: number): number {
  const [h, w, c] = shape;
  if (frame === FrameKind.Counts && (dtype !== "u8" || c !== 2))
    throw corrupt(name, `is ${dtype} with ${c} channels and takes frames of counts`, "make it u8 with 2 channels, OFF and ON");
  if (frame === FrameKind.Counts && bound < frameCap)
    throw corrupt(name, `holds counts up to ${bound} and takes frames with counts up to ${frameCap}`, "use one and the same cap");
  if (frame === FrameKind.LastPolarity && (dtype !== "i8" || c !== 1))
    throw corrupt(name, `is ${dtype} with ${c} channels and takes frames of last polarities`, "make it i8 with 1 channel");
  if (frame === FrameKind.Points && (dtype !== "i8" || h !== 1 || w % 2 !== 0 || c !== 4 || bound < 127))
    throw corrupt(name, `is ${dtype} [${shape.join(", ")}] and takes frames of points`, "make it i8 [1, N, 4], N even, of values up to 127");
  return tensor;
}

function outputsOf(builder: ProgramBuilder, { outputs }: IntegerGraph): number[] {
  if (outputs.length < 1 || outputs.length > MAX_OUTPUTS)
    throw new ModelError("NETWORK_CORRUPT", `the graph has ${outputs.length} outputs`, `name 1 to ${MAX_OUTPUTS} nodes as outputs`);
  return outputs.map((name) => {
    const value = builder.values.get(name);
    if (value === undefined)
      throw new ModelError("NETWORK_CORRUPT", `the graph's output ${name} is no node of it`, "name nodes as outputs");
    return value.tensor;
  });
}

function checkOption(what: string, value: number, most: number): void {
  if (!Number.isInteger(value) || value < 1 || value > most)
    throw new ModelError("NETWORK_RANGE", `the ${what} is ${value}`, `choose a whole number within 1..${most}`);
}
