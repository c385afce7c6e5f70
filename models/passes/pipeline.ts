import { corrupt, type FloatGraph, type Note, type Passed } from "../graph/graph.js";
import { inferShapes, type Shape } from "../graph/shapes.js";
import { mergeAffine } from "./affine.js";
import { conv1dToConv2d } from "./conv1d.js";
import { breakCycles } from "./cycles.js";
import { delaysToSteps } from "./delays.js";
import { settleFlatten } from "./flatten.js";
import { inlineSubgraphs } from "./inline.js";
import { averageToSum } from "./pools.js";
import { completePorts } from "./ports.js";
import { prune } from "./prune.js";
import { foldScales } from "./scales.js";
import { splitSums } from "./sums.js";
import { weighSums } from "./weigh-sums.js";

export interface PassOptions {
  /** Seconds of a timestep. */
  readonly dt: number;
  readonly inputShape?: readonly number[] | undefined;
}

export interface Prepared {
  readonly graph: FloatGraph;
  readonly shapes: ReadonlyMap<string, Shape>;
  readonly notes: readonly Note[];
}

/**
 * From a graph as read to one that can be quantised: flat, one Input, at most one edge into every node but Add, no cycle without a
 * StepDelay, and only Input, Output, Affine, Linear, Conv2d, SumPool2d, Flatten, StepDelay, Threshold, neurons and Add left.
 */
export function prepare(graph: FloatGraph, { dt, inputShape }: PassOptions): Prepared {
  const passes: readonly ((graph: FloatGraph) => Passed)[] = [
    inlineSubgraphs,
    (g) => completePorts(g, inputShape),
    prune,
    (g) => delaysToSteps(g, dt),
    splitSums,
    breakCycles,
    conv1dToConv2d,
    averageToSum,
    foldScales,
    settleFlatten,
    mergeAffine,
    weighSums,
  ];
  const notes: Note[] = [];
  let passed = graph;
  for (const pass of passes) {
    const result = pass(passed);
    passed = result.graph;
    notes.push(...result.notes);
  }
  for (const { from } of passed.edges)
    if (passed.nodes.get(from)!.type === "Output") throw corrupt(from, "an Output is read by another node");
  return { graph: passed, shapes: inferShapes(passed), notes };
}
