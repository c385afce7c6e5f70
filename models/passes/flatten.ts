import {
  bypass,
  elements,
  freshName,
  replace,
  unsupported,
  wiring,
  type FloatGraph,
  type FloatNode,
  type Note,
  type Passed,
} from "../graph/graph.js";
import { isElementwise, mapParameters } from "../graph/parameters.js";
import { broadcast, inferShapes, type Shape } from "../graph/shapes.js";

/**
 * Leaves Flatten only in front of an Affine or Linear on an image, where it is address arithmetic: drops those that change nothing, moves
 * the others behind the neurons that follow them, and adds those that a file leaves out.
 */
export function settleFlatten(graph: FloatGraph): Passed {
  const notes: Note[] = [];
  let passed = graph;
  for (;;) {
    const next = step(passed, notes);
    if (next === undefined) return { graph: passed, notes };
    passed = next;
  }
}

function step(graph: FloatGraph, notes: Note[]): FloatGraph | undefined {
  const shapes = inferShapes(graph);
  const { inputs, readers } = wiring(graph);
  for (const [name, node] of graph.nodes) {
    const before = shapes.get(inputs(name)[0] ?? "");
    if (before === undefined) continue;
    if ((node.type === "Affine" || node.type === "Linear") && before.length > 1) {
      notes.push({ pass: "flatten", node: name, text: `its input [${before.join(", ")}] is flattened` });
      return between(graph, inputs(name)[0]!, name);
    }
    if (node.type !== "Flatten") continue;
    const after = shapes.get(name)!;
    if (after.length === before.length) return bypass(graph, name);
    if (after.length !== 1 && node.startDim === 1) {
      notes.push({ pass: "flatten", node: name, text: "start_dim 1 counts a batch; all dimensions are flattened" });
      return replace(graph, name, { type: "Flatten", startDim: 0, endDim: -1 });
    }
    if (after.length !== 1) throw unsupported(name, `flattens [${before.join(", ")}] to [${after.join(", ")}]`, "flatten all dimensions");
    const moved = readers(name).find((reader) => movable(graph.nodes.get(reader)!));
    if (moved !== undefined) return sink(graph, name, moved, before);
  }
  return undefined;
}

function movable(node: FloatNode): boolean {
  return isElementwise(node) && node.type !== "Add";
}

function between(graph: FloatGraph, from: string, to: string): FloatGraph {
  const name = freshName(graph, `${to}.flatten`);
  const nodes = new Map(graph.nodes).set(name, { type: "Flatten", startDim: 0, endDim: -1 });
  const edges = graph.edges.filter((edge) => edge.from !== from || edge.to !== to);
  return { nodes, edges: [...edges, { from, to: name }, { from: name, to }] };
}

/** x ▶ Flatten ▶ neuron becomes x ▶ neuron ▶ Flatten, for this one reader. */
function sink(graph: FloatGraph, flatten: string, neuron: string, before: Shape): FloatGraph {
  const { inputs, readers } = wiring(graph);
  const flat = [elements(before)];
  const spread = mapParameters(graph.nodes.get(neuron)!, (parameter, field) => ({
    shape: before,
    data: broadcast(neuron, field, parameter, flat),
  }));
  const behind = freshName(graph, `${neuron}.flatten`);
  const nodes = new Map(graph.nodes).set(neuron, spread).set(behind, { type: "Flatten", startDim: 0, endDim: -1 });
  const edges = graph.edges.filter(({ from, to }) => from !== neuron && !(from === flatten && to === neuron));
  if (readers(flatten).length === 1) {
    nodes.delete(flatten);
    const at = edges.findIndex(({ to }) => to === flatten);
    edges.splice(at, 1);
  }
  return {
    nodes,
    edges: [
      ...edges,
      { from: inputs(flatten)[0]!, to: neuron },
      { from: neuron, to: behind },
      ...readers(neuron).map((to) => ({ from: behind, to })),
    ],
  };
}
