import { corrupt, wiring, type FloatGraph, type Passed } from "../graph/graph.js";

/** Drops nodes that no input reaches or no output reads: they cannot change an answer. */
export function prune(graph: FloatGraph): Passed {
  const { inputs, readers } = wiring(graph);
  const ends = (type: "Input" | "Output"): string[] => [...graph.nodes].filter(([, node]) => node.type === type).map(([name]) => name);
  const fed = reach(ends("Input"), readers);
  const read = reach(ends("Output"), inputs);
  const lost = [...graph.nodes.keys()].filter((name) => !fed.has(name) || !read.has(name));
  if (lost.length === 0) return { graph, notes: [] };
  if (!ends("Output").some((name) => fed.has(name))) throw corrupt("(graph)", "no path leads from the Input to an Output");
  const dead = new Set(lost);
  return {
    graph: {
      nodes: new Map([...graph.nodes].filter(([name]) => !dead.has(name))),
      edges: graph.edges.filter(({ from, to }) => !dead.has(from) && !dead.has(to)),
    },
    notes: lost.map((node) => ({ pass: "prune", node, text: "is on no path from the Input to an Output; left out" })),
  };
}

function reach(from: readonly string[], next: (name: string) => readonly string[]): Set<string> {
  const found = new Set(from);
  for (const name of found) for (const neighbour of next(name)) found.add(neighbour);
  return found;
}
