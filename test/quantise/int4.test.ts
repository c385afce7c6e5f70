import fc from "fast-check";
import t from "tap";
import { Fire, FrameKind, Order, Reset } from "../../assembly/abi.js";
import type { IntegerGraph, IntegerNode, WeightBits, WeightedConv, WeightedLinear } from "../../models/graph/integer.js";
import { stopHdf5 } from "../../models/importers/hdf5.js";
import { importNetwork } from "../../models/importers/network.js";
import { lower } from "../../models/package/lower.js";
import { narrowWeights } from "../../models/quantise/narrow.js";
import type { WeightChoice } from "../../models/quantise/weight-choice.js";
import { roundRows, searchScales, weightReport } from "../../models/quantise/weights.js";
import { Random } from "../conformance/random.js";
import { nirFile, randomNumbers } from "../importers/nir-file.js";
import { Reference } from "../reference/run-program.js";
import { seeds } from "../seeds.js";

t.teardown(stopHdf5);

const INT4: WeightChoice = { all: 4, nodes: new Map() };

for (const seed of seeds())
  t.test(`a channel is clipped where that loses the least, seed ${seed}`, async () => {
    fc.assert(fc.property(fc.nat(), fc.integer({ min: 1, max: 40 }), fc.constantFrom<WeightBits>(8, 4), (draw, inner, bits) => {
      const random = new Random(draw), rows = 3, most = bits === 4 ? 7 : 127;
      const weight = Float64Array.from({ length: rows * inner }, () => (random.fraction() - 0.5) ** 3);
      const full = Float64Array.from({ length: rows }, (_, o) => Math.max(...weight.subarray(o * inner, (o + 1) * inner).map(Math.abs)) / most);
      const scales = searchScales([{ weight, step: 1, bits }], full);
      const error = (of: Float64Array, o: number): number => {
        const rounded = roundRows(weight, of, bits);
        if (rounded.some((value) => Math.abs(value) > most)) throw new RangeError("a weight beyond the greatest");
        return weight.subarray(o * inner, (o + 1) * inner).reduce((sum, value, i) => sum + (value - rounded[o * inner + i]! * of[o]!) ** 2, 0);
      };
      const shares = Array.from({ length: bits === 4 ? 71 : 21 }, (_, i) => 1 - i / 100);
      for (let o = 0; o < rows; o++) {
        const least = Math.min(...shares.map((share) => error(full.map((value) => value * share), o)));
        if (error(scales, o) > least || scales[o]! > full[o]!) throw new RangeError(`row ${o}: ${error(scales, o)}, and ${least} is possible`);
      }
    }), { seed, numRuns: 60 });
  });

t.test("what a report says of a layer", async (t) => {
  const report = weightReport("fc", "Linear", Float64Array.of(10, -20, 3, 0.4), Int8Array.of(5, -7, 2, 0), Float64Array.of(2), 4);
  t.match(report, { weights: 4, bits: 4, max_error: 6, greatest: 7, clipped: 1 });
  t.equal(report.sqnr_db, Number((10 * Math.log10((100 + 400 + 9 + 0.16) / (36 + 1 + 0.16))).toFixed(2)));
});

/** input ▶ conv ▶ IF ▶ flat ▶ fc ▶ IF ▶ output, and fc beside fc2 where `two`. */
async function network(two: boolean): Promise<Uint8Array> {
  const random = randomNumbers(3);
  const drawn = (shape: readonly number[]): { shape: readonly number[]; data: number[] } =>
    ({ shape, data: Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => (random() - 0.5) ** 3) });
  const conv = { type: "Conv2d", weight: drawn([5, 2, 3, 3]), bias: drawn([5]), stride: [1, 1], padding: [1, 1], dilation: [1, 1], groups: [1] };
  const edges: (readonly [string, string])[] = [["input", "conv"], ["conv", "if"], ["if", "flat"], ["flat", "fc"], ["fc", "last"], ["last", "output"]];
  return nirFile({
    nodes: {
      input: { type: "Input", shape: [2, 6, 6] }, conv, if: { type: "IF", r: 1, v_threshold: 0.1 },
      flat: { type: "Flatten", start_dim: [0], end_dim: [-1] }, fc: { type: "Linear", weight: drawn([7, 180]) },
      ...(two && { fc2: { type: "Linear", weight: drawn([7, 180]) } }), last: { type: "IF", r: 1, v_threshold: 0.1 },
      output: { type: "Output", shape: [7] },
    },
    edges: two ? [...edges, ["flat", "fc2"], ["fc2", "last"]] : edges,
  });
}

function weighted(graph: IntegerGraph): (WeightedConv | WeightedLinear)[] {
  return graph.nodes.filter((node) => node.type === "Conv2d" || node.type === "Linear");
}

t.test("a network is imported with int4 weights, all or by node", async (t) => {
  const bytes = await network(true), options = { name: "net.nir", rule: { dt: 1e-3 } };
  const bitsOf = async (weights: WeightChoice): Promise<Record<string, number>> => {
    const { graph, report } = await importNetwork(bytes, { ...options, weights });
    for (const node of weighted(graph)) t.ok(node.weight.every((value) => Math.abs(value) <= (node.weightBits === 4 ? 7 : 127)));
    return Object.fromEntries(report.weights.map(({ node, bits }) => [node, bits]));
  };
  t.same(await bitsOf({ all: 8, nodes: new Map() }), { conv: 8, fc: 8, fc2: 8 });
  t.same(await bitsOf(INT4), { conv: 4, fc: 4, fc2: 4 });
  t.same(await bitsOf({ all: 4, nodes: new Map([["conv", 8]]) }), { conv: 8, fc: 4, fc2: 4 });
  t.same(await bitsOf({ all: 8, nodes: new Map([["fc", 4]]) }), { conv: 8, fc: 4, fc2: 8 }, "branches of one sum may differ");
  const stranger: WeightChoice = { all: 8, nodes: new Map([["fc9", 4]]) };
  await t.rejects(importNetwork(bytes, { ...options, weights: stranger }), { code: "NETWORK_UNSUPPORTED", message: /fc9/, remedy: /conv, fc, fc2/ });
  await t.rejects(importNetwork(bytes, { ...options, rule: { dt: 1e-3, arithmetic: "loihi" }, weights: INT4 }),
    { code: "NETWORK_UNSUPPORTED", message: /Loihi/ });
});

t.test("clipping is the default for int4, and loses less", async (t) => {
  const bytes = await network(false), options = { name: "net.nir", rule: { dt: 1e-3 }, weights: INT4 };
  const [searched, again, full] = await Promise.all([undefined, true, false].map(async (searchScales) =>
    (await importNetwork(bytes, { ...options, searchScales })).report.weights));
  t.same(searched, again);
  for (const [i, { node, sqnr_db, clipped }] of searched!.entries()) {
    t.ok(sqnr_db! > full![i]!.sqnr_db!, `${node}: ${sqnr_db} dB instead of ${full![i]!.sqnr_db}`);
    t.ok(clipped > 0 && full![i]!.clipped === 0);
  }
});

/** Of int8 weights that are int4 ones times a number a channel. */
function lossless(random: Random): IntegerGraph {
  const channels = 5, factors = random.integers(channels, 1, 18);
  const times = (weights: readonly number[], rows: number): Int8Array =>
    Int8Array.from(weights, (value, i) => value * factors[Math.floor((i * rows) / weights.length)]!);
  const drawn = (rows: number, inner: number): number[] =>
    Array.from({ length: rows * inner }, (_, i) => (i % inner === 0 ? 7 : random.integer(-7, 7)));
  const conv = { type: "Conv2d", kernel: [3, 3], stride: [1, 1], padding: [1, 1], dilation: [1, 1], groups: 1, outChannels: channels } as const;
  const multiplier = random.pick([300, Int32Array.from(random.integers(channels, 200, 900)), Int32Array.from(random.integers(channels * 16, 200, 900))]);
  const nodes: IntegerNode[] = [
    { type: "Input", name: "in", shape: [4, 4, 2], dtype: "u8", bound: 3 },
    { ...conv, name: "conv", input: "in", weight: times(drawn(channels, 18), channels),
      bias: Int32Array.from({ length: channels }, (_, o) => factors[o]! * random.integer(-20, 20)) },
    { type: "LIF", name: "lif", input: "conv", multiplier, shift: 8, decay: { form: "shift", values: 2 }, order: Order.DecayFirst, vMin: -32768,
      vMax: 32767, dtype: "i16", fractionBits: 0, threshold: 400, fire: Fire.AtLeast, maxCount: 3, reset: Reset.Subtract },
    { type: "Flatten", name: "flat", input: "lif" },
    { type: "Linear", name: "fc", input: "flat", weight: times(drawn(channels, channels * 16), channels), outFeatures: channels },
    { type: "I", name: "out", input: "fc", decay: { form: "none" }, order: Order.DecayFirst, vMin: -1073741823, vMax: 1073741823, dtype: "i32",
      fractionBits: 0, windowReset: true },
  ];
  return { nodes, outputs: ["out"] };
}

function outputsOf(graph: IntegerGraph, frames: readonly Uint8Array[]): string[] {
  const reference = new Reference(lower(graph, { timesteps: 4, frame: FrameKind.None, frameCap: 3 }), false);
  return frames.map((frame) => {
    reference.step(frame);
    return new Int32Array(reference.output(0).slice().buffer).join();
  });
}

for (const seed of seeds())
  t.test(`integers that int4 holds without loss compute the same, seed ${seed}`, async () => {
    fc.assert(fc.property(fc.nat(), (draw) => {
      const random = new Random(draw), graph = lossless(random);
      const { graph: narrowed, weights, notes } = narrowWeights(graph, INT4);
      if (weights.some(({ sqnr_db }) => sqnr_db !== null) || notes.length > 0) throw new RangeError(JSON.stringify({ weights, notes }));
      if (weighted(narrowed).some(({ weightBits }) => weightBits !== 4)) throw new RangeError("not narrowed");
      const frames = Array.from({ length: 8 }, () => Uint8Array.from(random.integers(32, 0, 3)));
      const before = outputsOf(graph, frames);
      const widened = narrowWeights(narrowed, { all: 8, nodes: new Map() });
      for (const other of [narrowed, widened.graph])
        if (outputsOf(other, frames).join(" ") !== before.join(" ")) throw new RangeError(`${before.join(" ")} becomes another`);
    }), { seed, numRuns: 60 });
  });

t.test("sums that nobody rescales stay int8, and a note says so", async (t) => {
  const graph = lossless(new Random(1));
  const headless = { nodes: graph.nodes.slice(0, 2), outputs: ["conv"] };
  const { graph: same, weights, notes } = narrowWeights(headless, INT4);
  t.same(same, headless);
  t.same(weights, []);
  t.match(notes, [{ pass: "int4", node: "conv", text: /stays int8/ }]);
  const summed: IntegerGraph = { nodes: [...headless.nodes, { type: "Add", name: "twice", inputs: ["conv", "conv"] }], outputs: ["twice"] };
  t.equal(narrowWeights(summed, INT4).notes.length, 1);
  t.throws(() => narrowWeights(graph, { all: 4, nodes: new Map([["lif", 8]]) }), { code: "NETWORK_UNSUPPORTED" });
});
