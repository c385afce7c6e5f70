import { freshName, scalar, type Edge, type FloatGraph, type FloatNode, type Note, type Passed } from "../graph/graph.js";

/** An average is a sum and a Scale by 1 / (kH · kW), padding in the divisor as NIR has it. The scale then folds into its neighbours. */
export function averageToSum(graph: FloatGraph): Passed {
  const nodes = new Map<string, FloatNode>();
  const notes: Note[] = [];
  const renamed = new Map<string, string>();
  for (const [name, node] of graph.nodes) {
    if (node.type !== "AvgPool2d") {
      nodes.set(name, node);
      continue;
    }
    const divisor = node.kernel[0] * node.kernel[1];
    const scale = freshName(graph, `${name}.scale`);
    nodes.set(name, { ...node, type: "SumPool2d" }).set(scale, { type: "Scale", scale: scalar(1 / divisor) });
    renamed.set(name, scale);
    notes.push({ pass: "pools", node: name, text: `average read as sum, divisor ${divisor} folded into its reader` });
  }
  if (notes.length === 0) return { graph, notes };
  const edges: Edge[] = graph.edges.map(({ from, to }) => ({ from: renamed.get(from) ?? from, to }));
  for (const [from, to] of renamed) edges.push({ from, to });
  return { graph: { nodes, edges }, notes };
}
