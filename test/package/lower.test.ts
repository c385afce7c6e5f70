import assert from "node:assert/strict";
import fc from "fast-check";
import t from "tap";
import { CONSTANTS_TAIL, FrameKind, Neuron, NeuronField, NONE, Op, WeightedField } from "../../assembly/abi.js";
import { usableBuilds } from "../../host/engine/instance.js";
import { ModelError } from "../../models/errors.js";
import type { InputNode, IntegerGraph } from "../../models/graph/integer.js";
import { opCost } from "../../models/package/cost.js";
import { lower } from "../../models/package/lower.js";
import { planMemory } from "../../models/package/memory-plan.js";
import type { Program } from "../../models/package/program.js";
import { RunningProgram } from "../conformance/engine-under-test.js";
import { Reference } from "../reference/run-program.js";
import { seeds } from "../seeds.js";
import { SMALL_GRAPH, smallProgram, weights } from "./networks.js";
import { randomGraph, TIMESTEPS } from "./random-graph.js";
import { TorchOrder, toInterleaved, toPlanes } from "./torch-order.js";

const OPTIONS = { timesteps: TIMESTEPS, frame: FrameKind.None, frameCap: 15 };
/** More than a window, so that weights of their own come round. */
const STEPS = TIMESTEPS + 2;
const RUNS = 150;

function framesOf(graph: IntegerGraph): Uint8Array[] {
  const [h, w, c] = (graph.nodes[0] as InputNode).shape;
  return Array.from({ length: STEPS },
    (_, t) => Uint8Array.from({ length: h * w * c }, (_, i) => ((i * 7 + t * 13) % 23 < 9 ? (i + t) % 16 : 0)));
}

/** The lowered graph, or undefined when its sums could leave their range: random weights may. */
function inRange(graph: IntegerGraph): Program | undefined {
  try {
    return lower(graph, OPTIONS);
  } catch (error) {
    if (error instanceof ModelError && error.code === "NETWORK_RANGE") return undefined;
    throw error;
  }
}

for (const seed of seeds())
  t.test(`a lowered graph computes what the graph says, seed ${seed}`, async (t) => {
    const lively = new Set<string>();
    const lowered = new Set<Op>();
    fc.assert(fc.property(randomGraph, (graph) => {
      const [h, w, c] = (graph.nodes[0] as InputNode).shape;
      const program = inRange(graph);
      fc.pre(program !== undefined);
      const oracle = new TorchOrder(graph);
      const reference = new Reference(program);
      const engine = new RunningProgram(usableBuilds().at(-1)!, program, { memory: planMemory(program) });
      for (const frame of framesOf(graph)) {
        const wanted = toInterleaved(oracle.step(toPlanes(frame, h, w, c)).get("readout")!);
        reference.step(frame);
        engine.step(frame);
        assert.deepEqual([...new Int32Array(reference.output(0).slice().buffer)], wanted);
        assert.deepEqual([...new Int32Array(engine.output(0).buffer)], wanted);
        lively.add(wanted.join());
      }
      for (const { op } of program.ops) lowered.add(op);
    }), { seed, numRuns: RUNS });
    t.ok(lively.size > RUNS, `${lively.size} different readouts`);
    t.equal(lowered.size, 14, "all ops but GlobalMean");
  });

t.test("weighted nodes become the narrowest op", async (t) => {
  const conv = { type: "Conv2d", input: "input", stride: [1, 1], padding: [0, 0], dilation: [1, 1] } as const;
  const { ops } = lower({
    nodes: [
      { type: "Input", name: "input", shape: [4, 4, 2], dtype: "u8", bound: 1 },
      { ...conv, name: "point", weight: weights(6), outChannels: 3, kernel: [1, 1], groups: 1 },
      { ...conv, name: "point of stride 2", weight: weights(6), outChannels: 3, kernel: [1, 1], stride: [2, 2], groups: 1 },
      { ...conv, name: "deep", weight: weights(18), outChannels: 2, kernel: [3, 3], groups: 2 },
      { ...conv, name: "grouped", weight: weights(36), outChannels: 4, kernel: [3, 3], groups: 2 },
    ],
    outputs: ["deep"],
  }, OPTIONS);
  t.strictSame(ops.map(({ op }) => op), [Op.Pointwise, Op.Conv2d, Op.Depthwise, Op.Conv2d]);
});

t.test("int4 weights lie two a byte, the even output channel in the low nibble, odd rows padded with zero", async (t) => {
  const conv = { type: "Conv2d", input: "input", stride: [1, 1], padding: [0, 0], dilation: [1, 1], kernel: [1, 1], groups: 1 } as const;
  const program = (outChannels: number, values: readonly number[], weightBits: 4 | 8): Program => lower({
    nodes: [{ type: "Input", name: "input", shape: [1, 1, 2], dtype: "u8", bound: 1 },
      { ...conv, name: "conv", weight: Int8Array.from(values), outChannels, weightBits }],
    outputs: ["conv"],
  }, OPTIONS);
  // torch's (O, I): three outputs of two inputs each; the engine's rows are the inputs.
  const odd = program(3, [1, -1, -7, 7, 3, -4], 4);
  t.equal(odd.ops[0]!.words[WeightedField.WeightBits], 4);
  t.same([...odd.constants.subarray(0, 16)], [0x91, 0x03, 0x7f, 0x0c, ...new Array<number>(12).fill(0)]);
  const values = Array.from({ length: 128 }, (_, i) => (i % 15) - 7);
  const [int4, int8] = [program(64, values, 4), program(64, values, 8)];
  t.equal(int4.constants.length - CONSTANTS_TAIL, (int8.constants.length - CONSTANTS_TAIL) / 2);
  t.same([int4, int8].map((one) => opCost(one, one.ops[0]!).bytes), [64, 128]);
  t.equal(opCost(odd, odd.ops[0]!).bytes, 4);
  t.same([int4, int8].map((one) => opCost(one, one.ops[0]!).parameters), [128, 128]);
});

t.test("weights of their own for each timestep lie one set behind the other, at a whole stride", async (t) => {
  const linear = { type: "Linear", name: "linear", input: "input", outFeatures: 3 } as const;
  const program = (weight: Int8Array, timesteps?: number): Program => lower({
    nodes: [{ type: "Input", name: "input", shape: [1, 1, 2], dtype: "u8", bound: 2 },
      { ...linear, weight, bias: Int32Array.of(1, -2, 3), ...(timesteps && { timesteps }) }],
    outputs: ["linear"],
  }, OPTIONS);
  const sets = [[1, 2, 3, 4, 5, 6], [7, 8, 9, 10, 11, 12], [0, 0, 0, 0, 0, 0], [-100, -27, 1, 1, 1, 1]];
  const own = program(Int8Array.from(sets.flat()), TIMESTEPS);
  const [op] = own.ops;
  t.equal(op!.words[WeightedField.TimestepStride], 16);
  const held = sets.map((_, i) => [...new Int8Array(own.constants.buffer, op!.words[WeightedField.Weights]! + 16 * i, 6)]);
  t.same(held, [[1, 3, 5, 2, 4, 6], [7, 9, 11, 8, 10, 12], [0, 0, 0, 0, 0, 0], [-100, 1, 1, -27, 1, 1]]);
  t.equal(own.tensors[op!.out!]!.bound, 2 * 127 + 1, "of the timestep whose weights are greatest");
  t.same(opCost(own, op!), { parameters: 4 * 6 + 3, bytes: 4 * 6 + 12, macs: 6 });
  t.equal(program(weights(6)).ops[0]!.words[WeightedField.TimestepStride], 0);
});

t.test("words of the small network", async (t) => {
  const program = smallProgram();
  const [conv, lif, pool, linear, readout] = program.ops;
  t.strictSame(program.ops.map(({ op }) => op), [Op.Conv2d, Op.Neuron, Op.SumPool, Op.Linear, Op.Neuron]);
  t.equal(lif!.words[NeuronField.Kind], Neuron.LIF);
  t.equal(lif!.words[NeuronField.Period], 4);
  t.equal(readout!.words[NeuronField.Multipliers], NONE);
  t.equal(readout!.words[NeuronField.WindowReset], 1);
  t.equal(pool!.a, lif!.out);
  t.equal(linear!.a, pool!.out, "a Flatten is no op");
  const [first] = SMALL_GRAPH.nodes.slice(1);
  const { weight } = first as { weight: Int8Array };
  const held = new Int8Array(program.constants.buffer, conv!.words[WeightedField.Weights]!, weight.length);
  t.equal(held[((2 * 3 + 1) * 2 + 1) * 4 + 3], weight[((3 * 2 + 1) * 3 + 2) * 3 + 1], "[kh 2, kw 1, ci 1, co 3]");
  const sums = [0, 1, 2, 3].map((o) => weight.slice(o * 18, (o + 1) * 18).reduce((sum, value) => sum + Math.abs(value), 0));
  t.equal(program.tensors[conv!.out!]!.bound, Math.max(...sums.map((sum, o) => sum * 15 + [5, 6, 7, 8][o]!)));
});

t.test("equal parameter arrays are held once, all offsets are aligned, zeros follow", async (t) => {
  const program = smallProgram();
  const twice = lower({
    nodes: [...SMALL_GRAPH.nodes, { ...SMALL_GRAPH.nodes[2]!, name: "again" }],
    outputs: SMALL_GRAPH.outputs,
  } as IntegerGraph, { timesteps: 5, frame: FrameKind.Counts, frameCap: 15 });
  t.equal(twice.constants.length, program.constants.length);
  t.equal(twice.stateBytes, program.stateBytes + 6 * 8 * 4 * 2);
  t.ok(program.constants.subarray(-64).every((byte) => byte === 0));
});
