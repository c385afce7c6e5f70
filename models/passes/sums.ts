import { freshName, wiring, type Edge, type FloatGraph, type FloatNode, type Note, type Passed } from "../graph/graph.js";

/** NIR sums the edges that meet in a node: here the sum becomes an Add of its own, and every other node has one input. */
export function splitSums(graph: FloatGraph): Passed {
  const { inputs } = wiring(graph);
  const nodes = new Map<string, FloatNode>(graph.nodes);
  const edges: Edge[] = [];
  const notes: Note[] = [];
  for (const [name, node] of graph.nodes) {
    const writers = [...inputs(name)].sort();
    if (writers.length < 2 || node.type === "Add") {
      edges.push(...writers.map((from) => ({ from, to: name })));
      continue;
    }
    const sum = freshName({ nodes, edges }, `${name}.sum`);
    nodes.set(sum, { type: "Add" });
    edges.push(...writers.map((from) => ({ from, to: sum })), { from: sum, to: name });
    notes.push({ pass: "sums", node: name, text: `sums ${writers.join(" and ")}` });
  }
  return notes.length === 0 ? { graph, notes } : { graph: { nodes, edges }, notes };
}
