import {
  bypass,
  isWeighted,
  replace,
  wiring,
  type FloatGraph,
  type FloatNode,
  type Note,
  type Passed,
  type Tensor,
} from "../graph/graph.js";

/** Two matrices in a row are one, where that does not cost more weights than they have; nothing stands between them that could tell. */
export function mergeAffine(graph: FloatGraph): Passed {
  const notes: Note[] = [];
  let passed = graph;
  for (;;) {
    const pair = findPair(passed);
    if (pair === undefined) return { graph: passed, notes };
    const [first, second] = pair;
    const merged = multiply(passed.nodes.get(first)! as Matrix, passed.nodes.get(second)! as Matrix);
    passed = bypass(replace(passed, second, merged), first);
    notes.push({ pass: "affine", node: second, text: `${first} merged into it` });
  }
}

type Matrix = Extract<FloatNode, { readonly type: "Affine" | "Linear" }>;

function isMatrix(node: FloatNode): node is Matrix {
  return isWeighted(node) && node.type !== "Conv2d";
}

function findPair(graph: FloatGraph): readonly [string, string] | undefined {
  const { readers } = wiring(graph);
  for (const [name, node] of graph.nodes) {
    const only = readers(name).length === 1 ? readers(name)[0]! : undefined;
    const reader = only === undefined ? undefined : graph.nodes.get(only);
    if (only === undefined || only === name || reader === undefined || !isMatrix(node) || !isMatrix(reader)) continue;
    if (reader.weight.shape[0]! * node.weight.shape[1]! <= node.weight.data.length + reader.weight.data.length) return [name, only];
  }
  return undefined;
}

/** W = W₂·W₁, b = W₂·b₁ + b₂. */
function multiply(first: Matrix, second: Matrix): FloatNode {
  const [hidden, inputs] = first.weight.shape as [number, number];
  const outputs = second.weight.shape[0]!;
  const data = new Float64Array(outputs * inputs);
  const bias = second.type === "Affine" ? second.bias.data.slice() : new Float64Array(outputs);
  for (let o = 0; o < outputs; o++) {
    for (let h = 0; h < hidden; h++) {
      const factor = second.weight.data[o * hidden + h]!;
      for (let i = 0; i < inputs; i++) data[o * inputs + i]! += factor * first.weight.data[h * inputs + i]!;
      if (first.type === "Affine") bias[o]! += factor * first.bias.data[h]!;
    }
  }
  const weight: Tensor = { shape: [outputs, inputs], data };
  return first.type === "Linear" && second.type === "Linear"
    ? { type: "Linear", weight }
    : { type: "Affine", weight, bias: { shape: [outputs], data: bias } };
}
