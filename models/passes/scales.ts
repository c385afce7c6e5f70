import {
  bypass,
  elements,
  freshName,
  isNeuron,
  isWeighted,
  mapTensor,
  unsupported,
  wiring,
  type Edge,
  type FloatGraph,
  type FloatNode,
  type Note,
  type Passed,
  type Tensor,
} from "../graph/graph.js";
import { broadcast, inferShapes, text, type Shape } from "../graph/shapes.js";
import { diagonal } from "./diagonal.js";

/**
 * Takes every Scale out: into the weights in front of it when nobody else reads them, else into what reads it: weights, the gain of a
 * neuron, a threshold, another Scale; past Flatten, pools and delays to what stands behind them.
 *
 * @throws ModelError NETWORK_UNSUPPORTED for a Scale that nothing can take
 */
export function foldScales(graph: FloatGraph): Passed {
  const notes: Note[] = [];
  let passed = graph;
  for (;;) {
    const found = [...passed.nodes].find(([, node]) => node.type === "Scale");
    if (found === undefined) return { graph: passed, notes };
    passed = fold(passed, found[0], notes);
  }
}

function fold(graph: FloatGraph, name: string, notes: Note[]): FloatGraph {
  const shape = inferShapes(graph).get(name)!;
  const { scale } = graph.nodes.get(name) as { readonly scale: Tensor };
  const values = broadcast(name, "scale", scale, shape);
  const { inputs, readers } = wiring(graph);
  const writer = inputs(name)[0]!;
  const rows = perChannel(values, shape);
  const source = graph.nodes.get(writer)!;
  if (isWeighted(source) && rows !== undefined && readers(writer).length === 1) {
    notes.push({ pass: "scales", node: name, text: `folded into the weights of ${writer}` });
    return bypass({ ...graph, nodes: new Map(graph.nodes).set(writer, scaleRows(source, rows)) }, name);
  }
  let passed = graph;
  for (const reader of readers(name)) passed = into(passed, name, reader, values, shape, notes);
  return bypass(passed, name);
}

/** One value a channel, or undefined when values differ inside a channel. */
function perChannel(values: Float64Array, shape: Shape): Float64Array | undefined {
  const inner = elements(shape) / shape[0]!;
  const rows = Float64Array.from({ length: shape[0]! }, (_, c) => values[c * inner]!);
  return values.every((value, i) => value === rows[Math.floor(i / inner)]) ? rows : undefined;
}

function scaleRows<Node extends FloatNode & { weight: Tensor; bias?: Tensor }>(node: Node, rows: Float64Array): Node {
  const inner = node.weight.data.length / rows.length;
  const weight = mapTensor(node.weight, (value, i) => value * rows[Math.floor(i / inner)]!);
  return { ...node, weight, ...(node.bias && { bias: mapTensor(node.bias, (value, o) => value * rows[o]!) }) };
}

/** The graph in which `reader` itself does what the Scale did for it. */
function into(graph: FloatGraph, name: string, reader: string, values: Float64Array, shape: Shape, notes: Note[]): FloatGraph {
  const node = graph.nodes.get(reader)!;
  const scale: Tensor = { shape, data: values };
  const set = (next: FloatNode): FloatGraph => {
    notes.push({ pass: "scales", node: name, text: `folded into ${reader}` });
    return { ...graph, nodes: new Map(graph.nodes).set(reader, next) };
  };
  const times = (parameter: Tensor, field: string): Tensor => {
    const spread = broadcast(reader, field, parameter, shape);
    return { shape, data: spread.map((value, i) => value * values[i]!) };
  };
  const rows = perChannel(values, shape);
  if (node.type === "Affine" || node.type === "Linear")
    return set({ ...node, weight: mapTensor(node.weight, (w, i) => w * values[i % values.length]!) });
  if (node.type === "Conv2d" && rows !== undefined) return set({ ...node, weight: scaleColumns(node.weight, node.groups, rows) });
  if (node.type === "CubaLI" || node.type === "CubaLIF") return set({ ...node, wIn: times(node.wIn, "w_in") });
  if (isNeuron(node)) return set({ ...node, r: times(node.r, "r") });
  if (node.type === "Scale") return set({ type: "Scale", scale: times(node.scale, "scale") });
  if (node.type === "Threshold" && values.every((value) => value > 0)) {
    const threshold = broadcast(reader, "threshold", node.threshold, shape);
    return set({ type: "Threshold", threshold: { shape, data: threshold.map((value, i) => value / values[i]!) } });
  }
  if (node.type === "StepDelay") return push(graph, reader, scale);
  if (node.type === "Flatten") return push(graph, reader, { shape: [values.length], data: values });
  if (node.type === "SumPool2d" && rows !== undefined) return push(graph, reader, { shape: [rows.length, 1, 1], data: rows });
  if (node.type === "Output" && values.every((value) => value === values[0] && value > 0)) {
    notes.push({ pass: "scales", node: name, text: `left out: it scales every output by ${values[0]}` });
    return graph;
  }
  if (node.type === "Add" && rows !== undefined) return weigh(graph, name, reader, diagonal(name, rows, shape));
  throw unsupported(name, `a Scale of ${text(shape)} in front of ${node.type} ${reader}`, "put its factor into weights before export");
}

/** Weights are [O, I/g, kH, kW]; input channel of column i of output o is i + group(o) · I/g. */
function scaleColumns(weight: Tensor, groups: number, columns: Float64Array): Tensor {
  const [o, perGroup, kh, kw] = weight.shape as [number, number, number, number];
  return mapTensor(weight, (value, at) => {
    const column = Math.floor(at / (kh * kw)) % perGroup;
    const group = Math.floor(at / (kh * kw * perGroup) / (o / groups));
    return value * columns[group * perGroup + column]!;
  });
}

/** `sum` reads weights where it read the Scale. */
function weigh(graph: FloatGraph, scale: string, sum: string, weights: FloatNode): FloatGraph {
  const name = freshName(graph, `${scale}.weights`);
  const edges: Edge[] = graph.edges.map((edge) => (edge.from === scale && edge.to === sum ? { from: name, to: sum } : edge));
  return { nodes: new Map(graph.nodes).set(name, weights), edges: [...edges, { from: wiring(graph).inputs(scale)[0]!, to: name }] };
}

/** A Scale of the same factors behind `node`, which only moves values about. */
function push(graph: FloatGraph, node: string, scale: Tensor): FloatGraph {
  const name = freshName(graph, `${node}.scale`);
  const edges: Edge[] = graph.edges.map((edge) => (edge.from === node ? { from: name, to: edge.to } : edge));
  return { nodes: new Map(graph.nodes).set(name, { type: "Scale", scale }), edges: [...edges, { from: node, to: name }] };
}
