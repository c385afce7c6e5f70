import { ModelError } from "../errors.js";
import type { Note } from "../graph/graph.js";
import type {
  CountsNode, IntegerGraph, IntegerNode, NeuronNode, RequantiseNode, ThresholdsNode, WeightedConv, WeightedLinear,
} from "../graph/integer.js";
import { accumulatorBound } from "../package/lowering/weights.js";
import { fixedPoint, narrowFixedPoint } from "./fixed-point.js";
import type { WeightReport } from "./report.js";
import { bitsOf, mustName, type WeightChoice } from "./weight-choice.js";
import { GREATEST, roundRows, rowMaxima, searchScales, weightReport } from "./weights.js";

type Weighted = WeightedConv | WeightedLinear;
/** Nodes with a multiplier, which takes up another scale. */
type Scaling = RequantiseNode | CountsNode | ThresholdsNode | NeuronNode;

export interface Narrowed {
  readonly graph: IntegerGraph;
  /** Errors are in steps of the int8 weights. */
  readonly weights: readonly WeightReport[];
  readonly notes: readonly Note[];
}

/**
 * A graph that is in integers already with int4 weights where they are chosen: each channel of int8 weights is scaled and clipped to lose
 * the least, its bias with it, and the multipliers of its readers make up for it. Where a reader has none, weights stay as they are, and a
 * note says so. int4 weights that shall be int8 are so without loss.
 */
export function narrowWeights(graph: IntegerGraph, choice: WeightChoice): Narrowed {
  const weighted = graph.nodes.filter(isWeighted);
  mustName(choice, weighted.map(({ name }) => name));
  const weights: WeightReport[] = [];
  const notes: Note[] = [];
  const replaced = new Map<string, IntegerNode>();
  for (const node of weighted) {
    const bits = bitsOf(choice, node.name);
    if (bits === (node.weightBits ?? 8)) continue;
    if (bits === 8) {
      const { weightBits: _, ...widened } = node;
      replaced.set(node.name, widened as Weighted);
      continue;
    }
    const readers = readersOf(graph, node.name);
    if (readers === undefined) {
      notes.push({ pass: "int4", node: node.name, text: "stays int8, for its sums go where no multiplier could take up their scale" });
      continue;
    }
    const { node: narrowed, scales, report } = narrow(node);
    replaced.set(node.name, narrowed);
    weights.push(report);
    const most = inputBound(graph, node.input);
    const sums = most && accumulatorBound(narrowed.weight, narrowed.bias, outputsOf(node), most);
    for (const reader of readers) replaced.set(reader.name, rescaled(reader, scales, sums));
  }
  return { graph: { ...graph, nodes: graph.nodes.map((node) => replaced.get(node.name) ?? node) }, weights, notes };
}

function isWeighted(node: IntegerNode): node is Weighted {
  return node.type === "Conv2d" || node.type === "Linear";
}

/** All readers of a node, if each of them scales what it reads, and the network does not end in it. */
function readersOf({ nodes, outputs }: IntegerGraph, name: string): Scaling[] | undefined {
  const readers = nodes.filter((node) => ("inputs" in node ? node.inputs.includes(name) : "input" in node && node.input === name));
  return !outputs.includes(name) && readers.length > 0 && readers.every(isScaling) ? readers : undefined;
}

function isScaling(node: IntegerNode): node is Scaling {
  switch (node.type) {
    case "Requantise": case "Counts": case "Threshold": case "IF": case "LIF": case "CubaLIF": case "I": case "LI": case "CubaLI": return true;
    default: return false;
  }
}

/** @returns with it what a step of the new weights is worth in steps of the old, a channel */
function narrow(node: Weighted): { readonly node: Weighted; readonly scales: Float64Array; readonly report: WeightReport } {
  const rows = outputsOf(node), weight = Float64Array.from(node.weight);
  const full = rowMaxima(weight, rows).map((most) => (most || 1) / GREATEST[4]);
  const scales = searchScales([{ weight, step: 1, bits: 4 }], full);
  const rounded = roundRows(weight, scales, 4);
  const bias = node.bias && { bias: node.bias.map((value, o) => Math.round(value / scales[o]!)) };
  return {
    node: { ...node, weight: rounded, weightBits: 4, ...bias },
    scales,
    report: weightReport(node.name, node.type, weight, rounded, scales, 4),
  };
}

/**
 * The reader with multipliers that give what it had before, of sums that count in other steps.
 * @param most  the greatest |sum|, where it is known
 */
function rescaled(reader: Scaling, scales: Float64Array, most: number | undefined): IntegerNode {
  const { multiplier: given = 1, shift = 0 } = reader;
  const length = typeof given === "number" ? scales.length : Math.max(scales.length, given.length);
  const real = Float64Array.from({ length }, (_, i) =>
    ((typeof given === "number" ? given : given[i % given.length]!) * scales[i % scales.length]!) / 2 ** shift);
  const fixed = (most === undefined ? undefined : narrowFixedPoint(real, most)) ?? fixedPoint(real);
  if (fixed === undefined)
    throw new ModelError("NETWORK_RANGE", `node ${reader.name}: no multiplier takes up the scale of int4 weights`, "leave them int8");
  return { ...reader, ...fixed };
}

/** The greatest |value| of a node that weights read; undefined where that is not said in few words. */
function inputBound({ nodes }: IntegerGraph, name: string): number | undefined {
  const node = nodes.find((one) => one.name === name);
  switch (node?.type) {
    case "Input": case "Delay": return node.bound;
    case "Counts": case "Threshold": case "IF": case "LIF": case "CubaLIF": return node.maxCount;
    case "Flatten": case "MaxPool2d": case "Upsample": return inputBound({ nodes, outputs: [] }, node.input);
    default: return undefined;
  }
}

function outputsOf(node: Weighted): number {
  return node.type === "Conv2d" ? node.outChannels : node.outFeatures;
}
