import { corrupt, freshName, unsupported, wiring, type FloatGraph, type Note, type Passed } from "../graph/graph.js";

/**
 * Gives the network its one Input and its Outputs: adds those that the file leaves out, drops the batch or time axis that older files
 * wrote into the Input's shape, and lets `inputShape` overrule the file.
 */
export function completePorts(graph: FloatGraph, inputShape: readonly number[] | undefined): Passed {
  const notes: Note[] = [];
  const withPorts = addOutput(addInput(graph, inputShape, notes), notes);
  const inputs = [...withPorts.nodes].filter(([, { type }]) => type === "Input").map(([name]) => name);
  if (inputs.length !== 1)
    throw unsupported(inputs.join(", "), `${inputs.length} Input nodes`, "a network has one input; join them before export");
  const name = inputs[0]!;
  const before = withPorts.nodes.get(name)! as { readonly shape: readonly number[] };
  const shape = inputShape ?? withoutBatch(withPorts, name, before.shape);
  if (shape.join() === before.shape.join()) return { graph: withPorts, notes };
  notes.push({
    pass: "ports",
    node: name,
    text: `shape [${before.shape.join(", ")}] read as [${shape.join(", ")}]${inputShape ? " (given)" : ": the leading axis is a batch"}`,
  });
  return { graph: { nodes: new Map(withPorts.nodes).set(name, { type: "Input", shape }), edges: withPorts.edges }, notes };
}

function addInput(graph: FloatGraph, inputShape: readonly number[] | undefined, notes: Note[]): FloatGraph {
  if ([...graph.nodes.values()].some(({ type }) => type === "Input")) return graph;
  const { inputs } = wiring(graph);
  const sources = [...graph.nodes].filter(([name]) => inputs(name).length === 0);
  if (sources.length !== 1) throw corrupt("(graph)", `has no Input, and ${sources.length} nodes that nothing feeds`);
  const [first, node] = sources[0]!;
  const shape = inputShape ?? (node.type === "Affine" || node.type === "Linear" ? [node.weight.shape[1]!] : undefined);
  if (shape === undefined)
    throw unsupported(first, "the network has no Input and the shape cannot be told from its first node", "give --input SHAPE");
  const name = freshName(graph, "input");
  notes.push({ pass: "ports", node: name, text: `the file has no Input; added in front of ${first}` });
  return { nodes: new Map(graph.nodes).set(name, { type: "Input", shape }), edges: [...graph.edges, { from: name, to: first }] };
}

function addOutput(graph: FloatGraph, notes: Note[]): FloatGraph {
  if ([...graph.nodes.values()].some(({ type }) => type === "Output")) return graph;
  const { readers } = wiring(graph);
  const sinks = [...graph.nodes.keys()].filter((name) => readers(name).length === 0);
  if (sinks.length !== 1) throw corrupt("(graph)", `has no Output, and ${sinks.length} nodes that nothing reads`);
  const name = freshName(graph, "output");
  notes.push({ pass: "ports", node: name, text: `the file has no Output; added behind ${sinks[0]!}` });
  return { nodes: new Map(graph.nodes).set(name, { type: "Output", shape: [] }), edges: [...graph.edges, { from: sinks[0]!, to: name }] };
}

/** [B, C, H, W], [B, C, L] before a Conv1d, [B, N] before an Affine of N inputs or a batch of one. */
function withoutBatch(graph: FloatGraph, name: string, shape: readonly number[]): readonly number[] {
  const first = wiring(graph)
    .readers(name)
    .map((reader) => graph.nodes.get(reader)!);
  const conv1d = first.some(({ type }) => type === "Conv1d");
  const features = first.flatMap((node) => (node.type === "Affine" || node.type === "Linear" ? [node.weight.shape[1]!] : []));
  if (shape.length === 4 || (shape.length === 3 && conv1d)) return shape.slice(1);
  if (shape.length === 2 && !conv1d && (features.includes(shape[1]!) || shape[0] === 1)) return shape.slice(1);
  return shape;
}
