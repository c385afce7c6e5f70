import { ModelError } from "../errors.js";
import type { Pair } from "./integer.js";

/** Row-major numbers; shape [] is a scalar. */
export interface Tensor {
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

/** Both sides alike, or torch's words: 'valid' pads nothing, 'same' keeps the size (stride 1), the odd element below and right. */
export type Padding = Pair | "same" | "valid";

/**
 * The float graph: NIR's nodes as read, before quantisation. Shapes are NIR's: [C, H, W], [C, L] or [N], no batch. Times are seconds.
 * Add and a Delay in steps are ours: NIR sums a node's incoming edges, and delays in seconds.
 */
export type FloatNode =
  | { readonly type: "Input" | "Output"; readonly shape: readonly number[] }
  | { readonly type: "Affine"; readonly weight: Tensor; readonly bias: Tensor }
  | { readonly type: "Linear"; readonly weight: Tensor }
  | { readonly type: "Scale"; readonly scale: Tensor }
  | Conv1dNode
  | Conv2dNode
  | PoolNode
  | FlattenNode
  | { readonly type: "Delay"; readonly delay: Tensor }
  | { readonly type: "StepDelay"; readonly steps: number }
  | { readonly type: "Threshold"; readonly threshold: Tensor }
  | { readonly type: "I"; readonly r: Tensor }
  | { readonly type: "LI"; readonly tau: Tensor; readonly r: Tensor; readonly vLeak: Tensor }
  | { readonly type: "IF"; readonly r: Tensor; readonly vThreshold: Tensor; readonly vReset: Tensor }
  | LIFNode
  | CubaNode
  | { readonly type: "Add" }
  | { readonly type: "NIRGraph"; readonly graph: FloatGraph };

export interface Conv1dNode {
  readonly type: "Conv1d";
  /** [O, I/g, K] */
  readonly weight: Tensor;
  readonly bias?: Tensor;
  readonly stride: number;
  readonly padding: number | "same" | "valid";
  readonly dilation: number;
  readonly groups: number;
}
export interface Conv2dNode {
  readonly type: "Conv2d";
  /** [O, I/g, kH, kW] */
  readonly weight: Tensor;
  readonly bias?: Tensor;
  readonly stride: Pair;
  readonly padding: Padding;
  readonly dilation: Pair;
  readonly groups: number;
}
export interface PoolNode {
  readonly type: "SumPool2d" | "AvgPool2d";
  readonly kernel: Pair;
  readonly stride: Pair;
  readonly padding: Pair;
}
export interface FlattenNode {
  readonly type: "Flatten";
  readonly startDim: number;
  readonly endDim: number;
  /** Length of the shape that the dims count in, when the file says it: one more than ours when it held a batch. */
  readonly rank?: number;
}
export interface LIFNode {
  readonly type: "LIF";
  readonly tau: Tensor;
  readonly r: Tensor;
  readonly vLeak: Tensor;
  readonly vThreshold: Tensor;
  readonly vReset: Tensor;
}
/** CubaLI has no threshold and no reset. */
export interface CubaNode {
  readonly type: "CubaLI" | "CubaLIF";
  readonly tauSyn: Tensor;
  readonly tauMem: Tensor;
  readonly r: Tensor;
  readonly vLeak: Tensor;
  readonly wIn: Tensor;
  readonly vThreshold?: Tensor;
  readonly vReset?: Tensor;
}

export type NeuronFloatNode = Extract<FloatNode, { readonly type: "I" | "LI" | "IF" | "LIF" | "CubaLI" | "CubaLIF" }>;
export type WeightedFloatNode = Extract<FloatNode, { readonly type: "Affine" | "Linear" | "Conv2d" }>;

export interface Edge {
  readonly from: string;
  readonly to: string;
}
export interface FloatGraph {
  readonly nodes: ReadonlyMap<string, FloatNode>;
  readonly edges: readonly Edge[];
}

/** Something done to a network on its way in: what, to which node, in words for the import report. */
export interface Note {
  readonly pass: string;
  readonly node: string;
  readonly text: string;
}
/** What a pass gives back: the new graph, and what it did. A pass that finds nothing to do returns its input. */
export interface Passed {
  readonly graph: FloatGraph;
  readonly notes: readonly Note[];
}

export function isNeuron(node: FloatNode): node is NeuronFloatNode {
  return (
    node.type === "I" ||
    node.type === "LI" ||
    node.type === "IF" ||
    node.type === "LIF" ||
    node.type === "CubaLI" ||
    node.type === "CubaLIF"
  );
}
export function isSpiking(node: FloatNode): boolean {
  return node.type === "IF" || node.type === "LIF" || node.type === "CubaLIF" || node.type === "Threshold";
}
export function isWeighted(node: FloatNode): node is WeightedFloatNode {
  return node.type === "Affine" || node.type === "Linear" || node.type === "Conv2d";
}

export function scalar(value: number): Tensor {
  return { shape: [], data: Float64Array.of(value) };
}
export function elements(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}
export function mapTensor({ shape, data }: Tensor, of: (value: number, i: number) => number): Tensor {
  return { shape, data: data.map(of) };
}

/** Names of each node's writers and readers, in the edges' order. */
export interface Wiring {
  readonly inputs: (name: string) => readonly string[];
  readonly readers: (name: string) => readonly string[];
}
export function wiring({ edges }: FloatGraph): Wiring {
  const inputs = new Map<string, string[]>();
  const readers = new Map<string, string[]>();
  for (const { from, to } of edges) {
    append(inputs, to, from);
    append(readers, from, to);
  }
  return { inputs: (name) => inputs.get(name) ?? [], readers: (name) => readers.get(name) ?? [] };
}

function append(lists: Map<string, string[]>, key: string, value: string): void {
  const known = lists.get(key);
  if (known === undefined) lists.set(key, [value]);
  else known.push(value);
}

/** The graph without `name`, whose readers now read its writers. */
export function bypass(graph: FloatGraph, name: string): FloatGraph {
  const { inputs, readers } = wiring(graph);
  const nodes = new Map(graph.nodes);
  nodes.delete(name);
  const kept = graph.edges.filter(({ from, to }) => from !== name && to !== name);
  const bridged = inputs(name).flatMap((from) => readers(name).map((to) => ({ from, to })));
  return { nodes, edges: [...kept, ...bridged] };
}

/** The graph with one node replaced, edges as they were. */
export function replace(graph: FloatGraph, name: string, node: FloatNode): FloatGraph {
  return { nodes: new Map(graph.nodes).set(name, node), edges: graph.edges };
}

/** A name that no node has. */
export function freshName(graph: FloatGraph, wish: string): string {
  let name = wish;
  for (let i = 2; graph.nodes.has(name); i++) name = `${wish}.${i}`;
  return name;
}

export function corrupt(node: string, what: string): ModelError {
  return new ModelError("NETWORK_CORRUPT", `node ${node}: ${what}`, "export the network again, or correct the node");
}
export function unsupported(node: string, what: string, remedy: string): ModelError {
  return new ModelError("NETWORK_UNSUPPORTED", `node ${node}: ${what}`, remedy);
}
