import type { FloatGraph, FloatNode, Passed } from "../graph/graph.js";
import { mapParameters } from "../graph/parameters.js";
import { broadcast, inferShapes, type Shape } from "../graph/shapes.js";

/** Sequences become images of one row: Conv1d is Conv2d with a kernel of height 1, [C, L] is [C, 1, L]. */
export function conv1dToConv2d(graph: FloatGraph): Passed {
  if (![...graph.nodes.values()].some(({ type }) => type === "Conv1d")) return { graph, notes: [] };
  const shapes = inferShapes(graph);
  const inputOf = new Map(graph.edges.map(({ from, to }) => [to, shapes.get(from)!]));
  const nodes = new Map([...graph.nodes].map(([name, node]) => [name, asImage(name, node, shapes.get(name)!, inputOf.get(name))]));
  return { graph: { nodes, edges: graph.edges }, notes: [] };
}

function asImage(name: string, node: FloatNode, shape: Shape, input: Shape | undefined): FloatNode {
  const image = ([c, l]: Shape): number[] => [c!, 1, l!];
  if (node.type === "Conv1d") {
    const [o, i, k] = node.weight.shape as [number, number, number];
    const { weight, stride, padding, dilation, groups, bias } = node;
    return {
      type: "Conv2d", weight: { shape: [o, i, 1, k], data: weight.data }, ...(bias && { bias }), groups,
      stride: [1, stride], dilation: [1, dilation], padding: typeof padding === "number" ? [0, padding] : padding,
    };
  }
  if (node.type === "Flatten" && input?.length === 2) return { type: "Flatten", startDim: 0, endDim: shape.length === 1 ? -1 : 0 };
  if (shape.length !== 2) return node;
  if (node.type === "Input" || node.type === "Output") return { type: node.type, shape: image(shape) };
  return mapParameters(node, (parameter, field) => ({ shape: image(shape), data: broadcast(name, field, parameter, shape) }));
}
