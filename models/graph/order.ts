import { wiring, type FloatGraph } from "./graph.js";

/**
 * Names in an order in which writers stand before readers; ties in the order of the node table, so that equal graphs give equal orders.
 * Edges into the nodes in `cut` do not count: delays that are read before they are written.
 *
 * @returns the order, and the names on or behind a cycle (empty when there is none)
 */
export function topologicalOrder({ nodes, edges }: FloatGraph, cut: ReadonlySet<string>): { order: string[]; cyclic: string[] } {
  const waiting = new Map<string, number>([...nodes.keys()].map((name) => [name, 0]));
  const readers = new Map<string, string[]>();
  for (const { from, to } of edges) {
    if (cut.has(to)) continue;
    waiting.set(to, waiting.get(to)! + 1);
    const known = readers.get(from);
    if (known === undefined) readers.set(from, [to]);
    else known.push(to);
  }
  const order: string[] = [];
  const ready = [...nodes.keys()].filter((name) => waiting.get(name) === 0);
  for (let at = 0; at < ready.length; at++) {
    const name = ready[at]!;
    order.push(name);
    for (const reader of readers.get(name) ?? []) {
      const left = waiting.get(reader)! - 1;
      waiting.set(reader, left);
      if (left === 0) ready.push(reader);
    }
  }
  const placed = new Set(order);
  return { order, cyclic: [...nodes.keys()].filter((name) => !placed.has(name)) };
}

/** Every delay in timesteps. */
export function delays({ nodes }: FloatGraph): Set<string> {
  return new Set([...nodes].filter(([, node]) => node.type === "StepDelay").map(([name]) => name));
}

/** Delays on a cycle: they are read before they are written. */
export function recurrentDelays(graph: FloatGraph): Set<string> {
  const { readers } = wiring(graph);
  return new Set([...delays(graph)].filter((delay) => {
    const found = new Set(readers(delay));
    for (const name of found) for (const next of readers(name)) found.add(next);
    return found.has(delay);
  }));
}
