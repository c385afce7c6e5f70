import { freshName, isSpiking, unsupported, wiring, type FloatGraph, type Note, type Passed } from "../graph/graph.js";
import { delays, topologicalOrder } from "../graph/order.js";

/**
 * Makes every cycle pass through a delay: the spikes of the neuron farthest from the input are read one timestep late by the nodes of
 * its own cycle. NIR leaves the time of a recurrent edge open; one timestep is what its frameworks do.
 */
export function breakCycles(graph: FloatGraph): Passed {
  const notes: Note[] = [];
  let passed = graph;
  for (;;) {
    const knot = cycle(passed);
    if (knot === undefined) return { graph: passed, notes };
    const neuron = farthest(passed, knot);
    if (neuron === undefined) {
      throw unsupported([...knot][0]!, "a cycle without a spiking neuron", "put a Delay node into the cycle, or a neuron that spikes");
    }
    const late = freshName(passed, `${neuron}.delay`);
    const edges = passed.edges.map((edge) => (edge.from === neuron && knot.has(edge.to) ? { from: late, to: edge.to } : edge));
    passed = { nodes: new Map(passed.nodes).set(late, { type: "StepDelay", steps: 1 }), edges: [...edges, { from: neuron, to: late }] };
    notes.push({ pass: "cycles", node: neuron, text: "its recurrent edge is read one timestep late" });
  }
}

/** The nodes of one strongly connected part that no delay opens, or undefined. */
function cycle(graph: FloatGraph): Set<string> | undefined {
  const cut = delays(graph);
  const { cyclic } = topologicalOrder(graph, cut);
  const { inputs, readers } = wiring(graph);
  const inside = new Set(cyclic);
  const reach = (from: string, next: (name: string) => readonly string[], backwards: boolean): Set<string> => {
    const found = new Set<string>();
    const visit = (name: string): void => {
      for (const neighbour of next(name)) {
        const target = backwards ? name : neighbour;
        if (inside.has(neighbour) && !cut.has(target)) found.add(neighbour);
      }
    };
    visit(from);
    for (const name of found) visit(name);
    return found;
  };
  for (const name of cyclic) {
    const ahead = reach(name, readers, false);
    if (!ahead.has(name)) continue;
    const behind = reach(name, inputs, true);
    return new Set([...ahead].filter((other) => behind.has(other)));
  }
  return undefined;
}

function farthest(graph: FloatGraph, knot: ReadonlySet<string>): string | undefined {
  const { readers } = wiring(graph);
  const distance = new Map([...graph.nodes].filter(([, { type }]) => type === "Input").map(([name]) => [name, 0]));
  for (const [name, steps] of distance) {
    for (const reader of readers(name)) if (!distance.has(reader)) distance.set(reader, steps + 1);
  }
  const spiking = [...knot].filter((name) => isSpiking(graph.nodes.get(name)!));
  return spiking.sort((a, b) => (distance.get(b) ?? 0) - (distance.get(a) ?? 0) || (a < b ? -1 : 1))[0];
}
