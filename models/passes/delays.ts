import { bypass, replace, unsupported, type FloatGraph, type Note, type Passed } from "../graph/graph.js";

/** Delays in seconds become whole timesteps of `dt` seconds; one of less than half a timestep is none. */
export function delaysToSteps(graph: FloatGraph, dt: number): Passed {
  const notes: Note[] = [];
  let passed = graph;
  for (const [name, node] of graph.nodes) {
    if (node.type !== "Delay") continue;
    const seconds = node.delay.data[0]!;
    if (node.delay.data.some((other) => Math.round(other / dt) !== Math.round(seconds / dt))) {
      throw unsupported(name, "delays that differ between channels", "split the channels into delays of their own before export");
    }
    const steps = Math.round(seconds / dt);
    if (steps > MAX_STEPS)
      throw unsupported(name, `a delay of ${seconds} s is ${steps} timesteps`, `raise --dt: at most ${MAX_STEPS} timesteps are kept`);
    notes.push({
      pass: "delays",
      node: name,
      text: `${seconds} s is ${steps} timesteps${steps * dt === seconds ? "" : `, rounded from ${seconds / dt}`}`,
    });
    passed = steps === 0 ? bypass(passed, name) : replace(passed, name, { type: "StepDelay", steps });
  }
  return { graph: passed, notes };
}

/** Each step keeps a copy of the layer in the stream's state. */
const MAX_STEPS = 4096;
