import { freshName, isWeighted, wiring, type FloatGraph, type FloatNode, type Note, type Passed } from "../graph/graph.js";
import { inferShapes } from "../graph/shapes.js";
import { diagonal } from "./diagonal.js";

/**
 * Makes the branches of a sum alike: where one has weights, the others get weights of one, and weights that something else reads as well
 * are copied. The branches can then share one scale a channel.
 */
export function weighSums(graph: FloatGraph): Passed {
  const notes: Note[] = [];
  let passed = graph;
  for (const [name, node] of graph.nodes) {
    if (node.type !== "Add") continue;
    const writers = wiring(graph).inputs(name);
    if (!writers.some((writer) => isWeighted(graph.nodes.get(writer)!))) continue;
    for (const writer of writers) passed = weigh(passed, writer, name, notes);
  }
  return { graph: passed, notes };
}

function weigh(graph: FloatGraph, writer: string, sum: string, notes: Note[]): FloatGraph {
  const { inputs, readers } = wiring(graph);
  const node = graph.nodes.get(writer)!;
  if (isWeighted(node)) {
    if (readers(writer).length === 1) return graph;
    notes.push({ pass: "sums", node: writer, text: `copied for ${sum}` });
    return insert(graph, writer, sum, node, inputs(writer)[0]!);
  }
  const shape = inferShapes(graph).get(writer)!;
  notes.push({ pass: "sums", node: writer, text: `given weights of one in front of ${sum}` });
  return insert(graph, writer, sum, diagonal(sum, new Float64Array(shape[0]!).fill(1), shape), writer);
}

/** `sum` reads a new node, which reads `source`, where it read `writer`. */
function insert(graph: FloatGraph, writer: string, sum: string, node: FloatNode, source: string): FloatGraph {
  const name = freshName(graph, `${sum}.${writer}`);
  const edges = graph.edges.map((edge) => (edge.from === writer && edge.to === sum ? { from: name, to: sum } : edge));
  return { nodes: new Map(graph.nodes).set(name, node), edges: [...edges, { from: source, to: name }] };
}
