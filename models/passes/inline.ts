import { bypass, corrupt, unsupported, type Edge, type FloatGraph, type FloatNode, type Note, type Passed } from "../graph/graph.js";

/**
 * Puts the nodes of nested graphs into their parent, named `parent.child`. The inner Input and Output become plain wires; so do an
 * Input that is written to and an Output that is read, as older exporters left them when they flattened subgraphs themselves.
 */
export function inlineSubgraphs(graph: FloatGraph): Passed {
  const notes: Note[] = [];
  const flat = flatten("", graph, notes);
  return { graph: withoutInnerPorts(flat), notes };
}

function flatten(prefix: string, graph: FloatGraph, notes: Note[]): FloatGraph {
  const nodes = new Map<string, FloatNode>();
  const ports = new Map<string, { input: string | undefined; output: string | undefined }>();
  const edges: Edge[] = [];
  for (const [name, node] of graph.nodes) {
    const path = prefix + name;
    if (node.type !== "NIRGraph") {
      put(nodes, path, node);
      continue;
    }
    const inner = flatten(`${path}.`, node.graph, notes);
    for (const [child, childNode] of inner.nodes) put(nodes, child, childNode);
    edges.push(...inner.edges);
    ports.set(name, { input: port(path, node.graph, "Input"), output: port(path, node.graph, "Output") });
    notes.push({ pass: "inline", node: path, text: `subgraph of ${node.graph.nodes.size} nodes put into its parent` });
  }
  const end = (name: string, side: "input" | "output"): string => {
    const inner = ports.get(name);
    if (inner === undefined) return prefix + name;
    if (inner[side] === undefined)
      throw corrupt(prefix + name, `an edge ends at this subgraph, but it has no ${side === "input" ? "Input" : "Output"}`);
    return inner[side];
  };
  edges.push(...graph.edges.map(({ from, to }) => ({ from: end(from, "output"), to: end(to, "input") })));
  return { nodes, edges };
}

function put(nodes: Map<string, FloatNode>, path: string, node: FloatNode): void {
  if (nodes.has(path)) throw corrupt(path, "two nodes have this name once subgraphs are inlined");
  nodes.set(path, node);
}

function port(path: string, graph: FloatGraph, type: "Input" | "Output"): string | undefined {
  const found = [...graph.nodes].filter(([, node]) => node.type === type);
  if (found.length > 1)
    throw unsupported(
      path,
      `a subgraph with ${found.length} ${type} nodes`,
      "edges cannot say which one they mean; inline it before export",
    );
  return found[0] && `${path}.${found[0][0]}`;
}

function withoutInnerPorts(graph: FloatGraph): FloatGraph {
  let passed = graph;
  for (const [name, node] of graph.nodes) {
    const inner =
      node.type === "Input"
        ? graph.edges.some(({ to }) => to === name)
        : node.type === "Output" && graph.edges.some(({ from }) => from === name);
    if (inner) passed = bypass(passed, name);
  }
  return passed;
}
