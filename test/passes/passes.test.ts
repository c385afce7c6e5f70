import t, { type Test } from "tap";
import { scalar, wiring, type FloatGraph, type FloatNode, type Passed, type Tensor } from "../../models/graph/graph.js";
import { inferShapes } from "../../models/graph/shapes.js";
import { mergeAffine } from "../../models/passes/affine.js";
import { conv1dToConv2d } from "../../models/passes/conv1d.js";
import { breakCycles } from "../../models/passes/cycles.js";
import { delaysToSteps } from "../../models/passes/delays.js";
import { settleFlatten } from "../../models/passes/flatten.js";
import { inlineSubgraphs } from "../../models/passes/inline.js";
import { averageToSum } from "../../models/passes/pools.js";
import { completePorts } from "../../models/passes/ports.js";
import { prune } from "../../models/passes/prune.js";
import { foldScales } from "../../models/passes/scales.js";
import { splitSums } from "../../models/passes/sums.js";
import { weighSums } from "../../models/passes/weigh-sums.js";

const tensor = (shape: readonly number[], data: readonly number[]): Tensor => ({ shape, data: Float64Array.from(data) });
const ones = (...shape: readonly number[]): Tensor => tensor(shape, new Array<number>(shape.reduce((a, b) => a * b, 1)).fill(1));
const graph = (nodes: Readonly<Record<string, FloatNode>>, ...paths: readonly string[]): FloatGraph => ({
  nodes: new Map(Object.entries(nodes)),
  edges: paths.flatMap((path) => {
    const names = path.split(" ");
    return names.slice(1).map((to, i) => ({ from: names[i]!, to }));
  }),
});
const input = (...shape: readonly number[]): FloatNode => ({ type: "Input", shape });
const output: FloatNode = { type: "Output", shape: [] };
const IF: FloatNode = { type: "IF", r: scalar(1), vThreshold: scalar(1), vReset: scalar(0) };
const linear = (o: number, i: number): FloatNode => ({ type: "Linear", weight: ones(o, i) });
const conv = (o: number, i: number, k: number): FloatNode => ({
  type: "Conv2d",
  weight: ones(o, i, k, k),
  stride: [1, 1],
  padding: [0, 0],
  dilation: [1, 1],
  groups: 1,
});
const text = ({ edges }: FloatGraph): string[] => edges.map(({ from, to }) => `${from} ${to}`).sort();

/** What a pass made, after checking that a second run finds nothing more to do. */
function once(t: Test, pass: (graph: FloatGraph) => Passed, given: FloatGraph): Passed {
  const first = pass(given);
  const second = pass(first.graph);
  t.strictSame(second.graph, first.graph, "idempotent");
  t.same(second.notes, []);
  return first;
}

t.test("inline: names, ports and dots", (t) => {
  const inner = graph({ input: input(2), "lif.1": IF, output }, "input lif.1 output");
  const middle = graph({ in: input(2), deep: { type: "NIRGraph", graph: inner }, out: output }, "in deep out");
  const { graph: flat } = once(
    t,
    inlineSubgraphs,
    graph({ input: input(2), sub: { type: "NIRGraph", graph: middle }, output }, "input sub output"),
  );
  t.same([...flat.nodes.keys()].sort(), ["input", "output", "sub.deep.lif.1"]);
  t.same(text(flat), ["input sub.deep.lif.1", "sub.deep.lif.1 output"]);
  const two = graph({ a: input(2), b: input(2), output }, "a output", "b output");
  t.throws(() => inlineSubgraphs(graph({ input: input(2), sub: { type: "NIRGraph", graph: two }, output }, "input sub output")), {
    code: "NETWORK_UNSUPPORTED",
    message: /node sub: a subgraph with 2 Input nodes/,
  });
  t.throws(
    () => inlineSubgraphs(graph({ input: input(2), sub: { type: "NIRGraph", graph: inner }, "sub.lif.1": IF, output }, "input sub output")),
    { code: "NETWORK_CORRUPT", message: /two nodes have this name/ },
  );
  t.end();
});

t.test("ports: added, without batch, overruled", (t) => {
  const pass = (g: FloatGraph): Passed => completePorts(g, undefined);
  const added = once(t, pass, graph({ fc: linear(3, 4), n: IF }, "fc n")).graph;
  t.same(added.nodes.get("input"), { type: "Input", shape: [4] });
  t.same(text(added), ["fc n", "input fc", "n output"]);
  t.same(once(t, pass, graph({ input: input(256, 4), fc: linear(3, 4), output }, "input fc output")).graph.nodes.get("input"), {
    type: "Input",
    shape: [4],
  });
  t.same(once(t, pass, graph({ input: input(1, 2, 8, 8), c: conv(1, 2, 3), output }, "input c output")).graph.nodes.get("input"), {
    type: "Input",
    shape: [2, 8, 8],
  });
  t.same(completePorts(graph({ input: input(9), n: IF, output }, "input n output"), [2, 3, 3]).graph.nodes.get("input"), {
    type: "Input",
    shape: [2, 3, 3],
  });
  t.throws(() => pass(graph({ a: input(1), b: input(1), n: IF, output }, "a n output", "b n")), { code: "NETWORK_UNSUPPORTED" });
  t.throws(() => pass(graph({ c: conv(1, 2, 3), output }, "c output")), { code: "NETWORK_UNSUPPORTED", remedy: /--input/ });
  t.end();
});

t.test("prune: dead ends and nodes without an input", (t) => {
  const given = graph({ input: input(2), n: IF, dead: IF, orphan: linear(2, 2), output }, "input n output", "n dead", "orphan n");
  const { graph: pruned, notes } = once(t, prune, given);
  t.same([...pruned.nodes.keys()], ["input", "n", "output"]);
  t.same(notes.map(({ node }) => node).sort(), ["dead", "orphan"]);
  t.throws(() => prune(graph({ input: input(2), n: IF, m: IF, output }, "input n", "m output")), {
    code: "NETWORK_CORRUPT",
    message: /no path/,
  });
  t.end();
});

t.test("sums, and cycles through them", (t) => {
  const given = graph({ input: input(2), a: linear(2, 2), n: IF, w: linear(2, 2), output }, "input a n output", "n w n");
  const summed = once(t, splitSums, given).graph;
  t.same(wiring(summed).inputs("n.sum"), ["a", "w"]);
  const { graph: open, notes } = once(t, breakCycles, summed);
  t.same(open.nodes.get("n.delay"), { type: "StepDelay", steps: 1 });
  t.same(wiring(open).inputs("w"), ["n.delay"]);
  t.match(notes, [{ node: "n", text: /one timestep late/ }]);
  t.same(inferShapes(open).get("n"), [2]);
  const silent = graph({ input: input(2), a: linear(2, 2), output }, "input a a output");
  t.throws(() => breakCycles(splitSums(silent).graph), { code: "NETWORK_UNSUPPORTED", message: /cycle without a spiking neuron/ });
  t.end();
});

t.test("cycles: a delay of the file's own is enough; two neurons want one", (t) => {
  const own = graph(
    { input: input(2), a: linear(2, 2), s: { type: "Add" }, n: IF, d: { type: "StepDelay", steps: 3 }, output },
    "input a s n output",
    "n d s",
  );
  t.equal(once(t, breakCycles, own).graph, own);
  const pair = graph({ input: input(2), s: { type: "Add" }, a: IF, b: IF, output }, "input s a b output", "b s");
  const { graph: open } = once(t, breakCycles, pair);
  t.same(
    [...open.nodes].filter(([, { type }]) => type === "StepDelay").map(([name]) => name),
    ["b.delay"],
  );
  t.end();
});

t.test("delays in steps", (t) => {
  const given = (seconds: readonly number[]): FloatGraph =>
    graph({ input: input(2), d: { type: "Delay", delay: tensor([seconds.length], seconds) }, output }, "input d output");
  const { graph: stepped, notes } = once(t, (g) => delaysToSteps(g, 1e-3), given([2.4e-3, 1.6e-3]));
  t.same(stepped.nodes.get("d"), { type: "StepDelay", steps: 2 });
  t.match(notes, [{ text: /rounded from/ }]);
  t.notOk(once(t, (g) => delaysToSteps(g, 1e-3), given([4e-4])).graph.nodes.has("d"));
  t.throws(() => delaysToSteps(given([1e-3, 3e-3]), 1e-3), { code: "NETWORK_UNSUPPORTED", message: /differ between channels/ });
  t.end();
});

t.test("Conv1d is Conv2d of one row", (t) => {
  const given = graph(
    {
      input: input(2, 9),
      c: { type: "Conv1d", weight: ones(3, 2, 4), stride: 2, padding: 1, dilation: 1, groups: 1 },
      n: { type: "IF", r: scalar(1), vThreshold: tensor([3, 1], [1, 2, 3]), vReset: scalar(0) },
      f: { type: "Flatten", startDim: 0, endDim: -1 },
      output,
    },
    "input c n f output",
  );
  const { graph: image } = once(t, conv1dToConv2d, given);
  t.match(image.nodes.get("c"), { type: "Conv2d", weight: { shape: [3, 2, 1, 4] }, stride: [1, 2], padding: [0, 1], dilation: [1, 1] });
  t.same(
    [...inferShapes(image)],
    [
      ["input", [2, 1, 9]],
      ["c", [3, 1, 4]],
      ["n", [3, 1, 4]],
      ["f", [12]],
      ["output", [12]],
    ],
  );
  t.same((image.nodes.get("n") as { vThreshold: Tensor }).vThreshold, tensor([3, 1, 4], [1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3]));
  t.end();
});

t.test("averages become sums, and their divisor goes into the weights behind them", (t) => {
  const given = graph(
    {
      input: input(1, 4, 4),
      p: { type: "AvgPool2d", kernel: [2, 2], stride: [2, 2], padding: [0, 0] },
      f: { type: "Flatten", startDim: 0, endDim: -1 },
      fc: linear(1, 4),
      output,
    },
    "input p f fc output",
  );
  const { graph: summed } = once(t, averageToSum, given);
  const { graph: folded } = once(t, foldScales, summed);
  t.match(folded.nodes.get("p"), { type: "SumPool2d" });
  t.same(folded.nodes.get("fc"), { type: "Linear", weight: tensor([1, 4], [0.25, 0.25, 0.25, 0.25]) });
  t.same(text(folded), ["f fc", "fc output", "input p", "p f"]);
  t.end();
});

t.test("scales fold into weights before, weights behind, gains, thresholds", (t) => {
  const scale = (...data: readonly number[]): FloatNode => ({ type: "Scale", scale: tensor([data.length], data) });
  const rows = once(
    t,
    foldScales,
    graph({ input: input(2), fc: { type: "Affine", weight: ones(2, 2), bias: ones(2) }, s: scale(2, 3), output }, "input fc s output"),
  ).graph;
  t.same(rows.nodes.get("fc"), { type: "Affine", weight: tensor([2, 2], [2, 2, 3, 3]), bias: tensor([2], [2, 3]) });
  const readers = once(
    t,
    foldScales,
    graph(
      {
        input: input(2),
        s: scale(2, 4),
        n: IF,
        th: { type: "Threshold", threshold: scalar(1) },
        fc: linear(1, 2),
        out1: output,
        out2: output,
        out3: output,
      },
      "input s n out1",
      "s th out2",
      "s fc out3",
    ),
  ).graph;
  t.same((readers.nodes.get("n") as { r: Tensor }).r, tensor([2], [2, 4]));
  t.same(readers.nodes.get("th"), { type: "Threshold", threshold: tensor([2], [0.5, 0.25]) });
  t.same(readers.nodes.get("fc"), { type: "Linear", weight: tensor([1, 2], [2, 4]) });
  const groups = once(
    t,
    foldScales,
    graph(
      {
        input: input(4, 3, 3),
        s: { type: "Scale", scale: tensor([4, 1, 1], [1, 2, 3, 4]) },
        c: { ...conv(2, 2, 1), groups: 2 } as FloatNode,
        output,
      },
      "input s c output",
    ),
  ).graph;
  t.same((groups.nodes.get("c") as { weight: Tensor }).weight, tensor([2, 2, 1, 1], [1, 2, 3, 4]));
  t.throws(() => foldScales(graph({ input: input(2), s: scale(1, 2), output }, "input s output")), {
    code: "NETWORK_UNSUPPORTED",
    message: /node s: a Scale/,
  });
  t.end();
});

t.test("flatten: behind neurons, before matrices, nowhere else", (t) => {
  const given = graph(
    { input: input(2, 3, 3), f: { type: "Flatten", startDim: 0, endDim: -1 }, n: IF, fc: linear(4, 18), output },
    "input f n fc output",
  );
  const { graph: sunk } = once(t, settleFlatten, given);
  t.same(text(sunk), ["fc output", "input n", "n n.flatten", "n.flatten fc"]);
  const missing = once(t, settleFlatten, graph({ input: input(2, 3, 3), n: IF, fc: linear(4, 18), output }, "input n fc output"));
  t.match(missing.notes, [{ node: "fc", text: /is flattened/ }]);
  t.equal(wiring(missing.graph).inputs("fc")[0], "fc.flatten");
  const idle = once(
    t,
    settleFlatten,
    graph({ input: input(4), f: { type: "Flatten", startDim: 0, endDim: -1 }, n: IF, output }, "input f n output"),
  ).graph;
  t.notOk(idle.nodes.has("f"));
  const batch = graph(
    { input: input(2, 3, 3), f: { type: "Flatten", startDim: 1, endDim: -1 }, fc: linear(4, 18), output },
    "input f fc output",
  );
  t.match(once(t, settleFlatten, batch).notes, [{ text: /start_dim 1 counts a batch/ }]);
  t.end();
});

t.test("matrices merge where that is not dearer", (t) => {
  const first: FloatNode = { type: "Affine", weight: tensor([2, 2], [1, 2, 3, 4]), bias: tensor([2], [1, -1]) };
  const second: FloatNode = { type: "Affine", weight: tensor([2, 2], [0, 1, 2, 0]), bias: tensor([2], [10, 20]) };
  const { graph: merged } = once(t, mergeAffine, graph({ input: input(2), a: first, b: second, output }, "input a b output"));
  t.same(merged.nodes.get("b"), { type: "Affine", weight: tensor([2, 2], [3, 4, 2, 4]), bias: tensor([2], [9, 22]) });
  t.same(text(merged), ["b output", "input b"]);
  const thin = graph({ input: input(100), a: linear(1, 100), b: linear(100, 1), output }, "input a b output");
  t.equal(once(t, mergeAffine, thin).graph, thin);
  t.end();
});

t.test("branches of a sum all have weights of their own", (t) => {
  const given = graph(
    { input: input(2), a: linear(2, 2), s: { type: "Add" }, m: IF, n: IF, out: output, out2: output },
    "input a s n out",
    "input s",
    "a m out2",
  );
  const { graph: weighed } = once(t, weighSums, given);
  t.same([...wiring(weighed).inputs("s")].sort(), ["s.a", "s.input"]);
  t.same(weighed.nodes.get("s.input"), { type: "Linear", weight: tensor([2, 2], [1, 0, 0, 1]) });
  t.same(weighed.nodes.get("s.a"), weighed.nodes.get("a"));
  t.end();
});

t.test("shapes that disagree name their node", (t) => {
  const wrong: readonly (readonly [FloatGraph, RegExp])[] = [
    [graph({ input: input(3), fc: linear(2, 4), output }, "input fc output"), /node fc: Linear wants 4 inputs, its input is \[3\]/],
    [graph({ input: input(2, 2, 2), c: conv(1, 2, 3), output }, "input c output"), /node c: a kernel of 3 .* does not fit an input of 2/],
    [graph({ input: input(3, 5, 5), c: conv(1, 2, 3), output }, "input c output"), /node c: Conv2d wants 2 channels/],
    [graph({ input: input(5), c: conv(1, 2, 3), output }, "input c output"), /node c: Conv2d wants \[C, H, W\]/],
    [graph({ input: input(0), n: IF, output }, "input n output"), /node input: shape \[0\] is empty/],
  ];
  for (const [given, message] of wrong) t.throws(() => inferShapes(given), { code: "NETWORK_CORRUPT", message });
  t.end();
});
