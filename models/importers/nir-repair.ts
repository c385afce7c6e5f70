import { corrupt, type Edge, type FloatGraph, type Note } from "../graph/graph.js";

/**
 * Edges made into a set of known names. Three slips of older exporters have only one reading, and are put right with a note:
 * an edge given twice; an edge to subgraph `x` whose ports were flattened to `x.input` and `x.output` (one from `x` to itself
 * repeats what is inside it); one unknown name where exactly one node has no edge.
 *
 * @throws ModelError NETWORK_CORRUPT for any other unknown name
 */
export function repairEdges(prefix: string, graph: FloatGraph, notes: Note[]): FloatGraph {
  const note = (node: string, text: string): void => void notes.push({ pass: "repair", node: prefix + node, text });
  const flattened = graph.edges.flatMap((edge) => toPorts(graph, edge, note));
  const renamed = renameLost(graph, flattened, note);
  const unique = new Map<string, Edge>();
  for (const edge of renamed) {
    const key = JSON.stringify([edge.from, edge.to]);
    if (unique.has(key)) note(edge.to, `the edge from ${edge.from} stands twice; it counts once`);
    unique.set(key, edge);
  }
  for (const { from, to } of unique.values()) {
    for (const name of [from, to]) if (!graph.nodes.has(name)) throw corrupt(prefix + name, "an edge names it, but there is no such node");
  }
  return { nodes: graph.nodes, edges: [...unique.values()].sort((a, b) => compare(a.to, b.to) || compare(a.from, b.from)) };
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function toPorts({ nodes }: FloatGraph, { from, to }: Edge, note: (node: string, text: string) => void): Edge[] {
  const port = (name: string, side: "input" | "output"): string =>
    !nodes.has(name) && nodes.has(`${name}.${side}`) ? `${name}.${side}` : name;
  const mended = { from: port(from, "output"), to: port(to, "input") };
  if (from === to && mended.from !== from && mended.to !== to) {
    note(from, "an edge from the flattened subgraph to itself repeats its own recurrence; it is left out");
    return [];
  }
  if (mended.from !== from) note(from, `names a flattened subgraph; read as ${mended.from}`);
  if (mended.to !== to) note(to, `names a flattened subgraph; read as ${mended.to}`);
  return [mended];
}

function renameLost({ nodes }: FloatGraph, edges: readonly Edge[], note: (node: string, text: string) => void): readonly Edge[] {
  const named = new Set(edges.flatMap(({ from, to }) => [from, to]));
  const unknown = [...named].filter((name) => !nodes.has(name));
  const lost = [...nodes].filter(([name, { type }]) => !named.has(name) && type !== "Input" && type !== "Output").map(([name]) => name);
  if (unknown.length !== 1 || lost.length !== 1) return edges;
  note(lost[0]!, `edges call it '${unknown[0]}'`);
  const rename = (name: string): string => (name === unknown[0] ? lost[0]! : name);
  return edges.map(({ from, to }) => ({ from: rename(from), to: rename(to) }));
}
