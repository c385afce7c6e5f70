import t from "tap";
import { Fire, FrameKind, Order, Reset, Rounding } from "../../assembly/abi.js";
import { ModelError, type ModelErrorCode } from "../../models/errors.js";
import type { IntegerNode, NeuronNode, WeightedConv } from "../../models/graph/integer.js";
import { lower } from "../../models/package/lower.js";
import { weights } from "./networks.js";

const INPUT: IntegerNode = { type: "Input", name: "input", shape: [4, 4, 2], dtype: "u8", bound: 15 };
const CONV: WeightedConv = {
  type: "Conv2d", name: "conv", input: "input", weight: weights(8), outChannels: 4, kernel: [1, 1], stride: [1, 1], padding: [0, 0],
  dilation: [1, 1],
  groups: 1,
};
const LIF: NeuronNode = {
  type: "LIF", name: "lif", input: "input", decay: { form: "shift", values: 2 }, order: Order.DecayFirst, vMin: -100, vMax: 100,
  dtype: "i16",
  fractionBits: 0, threshold: 10, fire: Fire.AtLeast, maxCount: 1, reset: Reset.Zero,
};
const ADD: IntegerNode = { type: "Add", name: "add", inputs: ["input", "conv"] };
const POOL: IntegerNode = { type: "MaxPool2d", name: "pool", input: "input", kernel: [2, 2], stride: [2, 2], padding: [0, 0] };
const DELAY: IntegerNode = { type: "Delay", name: "delay", input: "input", steps: 1, shape: [4, 4, 2], dtype: "u8", bound: 15 };

/** What stands in the graph behind the input, the code that it must give, and words of the message. */
const CASES: readonly (readonly [what: string, code: ModelErrorCode, says: RegExp, nodes: readonly IntegerNode[]])[] = [
  ["an unknown input", "NETWORK_CORRUPT", /conv reads nobody/, [{ ...CONV, input: "nobody" }]],
  ["a later input", "NETWORK_CORRUPT", /add reads conv/, [ADD, CONV]],
  ["a name twice", "NETWORK_CORRUPT", /conv stands twice/, [CONV, CONV]],
  ["a second input", "NETWORK_CORRUPT", /second Input/, [{ ...INPUT, name: "other" } as IntegerNode]],
  ["too few weights", "NETWORK_CORRUPT", /7 weights and needs 4 × 2/, [{ ...CONV, weight: weights(7) }]],
  ["too many biases", "NETWORK_CORRUPT", /5 biases/, [{ ...CONV, bias: new Int32Array(5) }]],
  ["a weight of -128", "NETWORK_RANGE", /−128/, [{ ...CONV, weight: new Int8Array(8).fill(-128) }]],
  ["an int4 weight of 8", "NETWORK_RANGE", /weight of 8/, [{ ...CONV, weight: new Int8Array(8).fill(8), weightBits: 4 }]],
  ["an int4 weight of -8", "NETWORK_RANGE", /weight of −8/, [{ ...CONV, weight: new Int8Array(8).fill(-8), weightBits: 4 }]],
  ["weights for other timesteps", "NETWORK_CORRUPT", /for 2 timesteps, and a window has 1/, [{ ...CONV, weight: weights(16), timesteps: 2 }]],
  ["too few weights for the timesteps", "NETWORK_CORRUPT", /9 weights and needs 1 × 4 × 2/, [{ ...CONV, weight: weights(9), timesteps: 1 }]],
  ["groups that do not divide", "NETWORK_CORRUPT", /3 groups/, [{ ...CONV, groups: 3 }]],
  ["a kernel above 64", "NETWORK_RANGE", /kernel size 65/, [{ ...CONV, kernel: [65, 1] }]],
  ["a stride of zero", "NETWORK_RANGE", /stride 0/, [{ ...CONV, stride: [0, 1] }]],
  ["a kernel larger than the image", "NETWORK_RANGE", /shape 0 × 4/, [{ ...CONV, kernel: [5, 1], weight: weights(40) }]],
  ["an accumulator out of range", "NETWORK_RANGE", /conv could sum up to 21474/, [{ ...CONV, bias: Int32Array.of(0, 0, 0, 2147483647) }]],
  ["weights on i32", "NETWORK_UNSUPPORTED", /again reads i32/, [CONV, { ...CONV, name: "again", input: "conv", weight: weights(16) }]],
  ["a linear on an image", "NETWORK_CORRUPT", /Flatten before/,
    [{ type: "Linear", name: "linear", input: "input", weight: weights(64), outFeatures: 2 }]],
  ["a pool behind a Flatten", "NETWORK_CORRUPT", /behind a Flatten/, [
    { type: "Flatten", name: "flat", input: "input" }, { ...POOL, input: "flat" } as IntegerNode]],
  ["windows of padding alone", "NETWORK_CORRUPT", /padding alone/, [{ ...POOL, padding: [2, 2] } as IntegerNode]],
  ["an average without multiplier", "NETWORK_CORRUPT", /multiplier and shift/, [{ ...POOL, type: "AvgPool2d" } as IntegerNode]],
  ["an Add of other shapes", "NETWORK_CORRUPT", /4 × 4 × 2 with 4 × 4 × 4/, [CONV, ADD]],
  ["an Add of nothing", "NETWORK_CORRUPT", /Add of nothing/, [{ ...ADD, inputs: [] } as IntegerNode]],
  ["an Add of other fractions", "NETWORK_CORRUPT", /0 and 4 fraction bits/, [
    { type: "Requantise", name: "q", input: "input", multiplier: 1, shift: 0, rounding: Rounding.Floor, dtype: "i16", fractionBits: 4 },
    { ...ADD, inputs: ["input", "q"] } as IntegerNode]],
  ["a parameter of odd length", "NETWORK_CORRUPT", /3 entries/, [{ ...LIF, threshold: Int32Array.of(1, 2, 3) }]],
  ["a threshold of zero", "NETWORK_RANGE", /threshold 0/, [{ ...LIF, threshold: 0 }]],
  ["an odd threshold halved", "NETWORK_RANGE", /odd threshold/, [{ ...LIF, threshold: 11, fire: Fire.HalfUp }]],
  ["a reset below the lowest potential", "NETWORK_RANGE", /-101/, [{ ...LIF, threshold: 202, fire: Fire.HalfEven }]],
  ["no threshold", "NETWORK_CORRUPT", /no threshold/, [without(LIF, "threshold")]],
  ["no reset value", "NETWORK_CORRUPT", /no reset value/, [{ ...LIF, reset: Reset.Value }]],
  ["a reset value out of range", "NETWORK_RANGE", /reset value 101/, [{ ...LIF, reset: Reset.Value, resetValue: 101 }]],
  ["a decay by 31", "NETWORK_RANGE", /decay shift 31/, [{ ...LIF, decay: { form: "shift", values: 31 } }]],
  ["a decay above one", "NETWORK_RANGE", /decay multiplier 17/,
    [{ ...LIF, decay: { form: "multiply", values: 17, bits: 4, rounding: Rounding.Floor } }]],
  ["an IF that decays", "NETWORK_CORRUPT", /make it an LIF|IF with a decay/, [{ ...LIF, type: "IF" }]],
  ["a current that decays by a shift", "NETWORK_UNSUPPORTED", /current/,
    [{ ...LIF, type: "CubaLIF", currentDecay: { form: "shift", values: 1 } }]],
  ["a potential beyond i16", "NETWORK_RANGE", /32768/, [{ ...LIF, vMax: 32768 }]],
  ["a lowest potential above zero", "NETWORK_RANGE", /lowest potential 1/, [{ ...LIF, vMin: 1 }]],
  ["an input out of range", "NETWORK_RANGE", /fewer fraction bits/, [{ ...LIF, multiplier: 2 ** 26 }]],
  ["a leak out of range", "NETWORK_RANGE", /leak/, [{ ...LIF, leak: 2 ** 28 }]],
  ["counts of 16", "NETWORK_RANGE", /greatest count 16/, [{ ...LIF, maxCount: 16 }]],
  ["counts by a strict comparison", "NETWORK_UNSUPPORTED", /strict/, [
    { type: "Counts", name: "counts", input: "input", fractionBits: 1, fire: Fire.Above as Fire.AtLeast, maxCount: 1 }]],
  ["falling thresholds", "NETWORK_CORRUPT", /sort|3, 2/, [
    { type: "Threshold", name: "steps", input: "input", thresholds: Int32Array.of(3, 2), maxCount: 2 }]],
  ["a torn threshold table", "NETWORK_CORRUPT", /3 thresholds/, [
    { type: "Threshold", name: "steps", input: "input", thresholds: Int32Array.of(1, 2, 3), maxCount: 2 }]],
  ["a delay of another shape", "NETWORK_CORRUPT", /declared u8 4 × 4 × 1/, [{ ...DELAY, shape: [4, 4, 1] } as IntegerNode]],
  ["a delay of a smaller bound", "NETWORK_CORRUPT", /up to 14/, [{ ...DELAY, bound: 14 } as IntegerNode]],
  ["a delay of nobody", "NETWORK_CORRUPT", /nobody is delayed/, [{ ...DELAY, input: "nobody" } as IntegerNode]],
  ["a state too large", "NETWORK_RANGE", /state/,
    [{ ...DELAY, steps: 65536 }, { ...DELAY, name: "more", steps: 65536, shape: [4, 4, 2] }].flatMap(
    (node, i) => Array.from({ length: 80 }, (_, k) => ({ ...node, name: `delay ${i} ${k}` }) as IntegerNode))],
];

function without(node: NeuronNode, member: keyof NeuronNode): NeuronNode {
  return Object.fromEntries(Object.entries(node).filter(([key]) => key !== member)) as unknown as NeuronNode;
}

for (const [what, code, says, nodes] of CASES)
  t.test(what, async (t) => {
    try {
      lower({ nodes: [INPUT, ...nodes], outputs: ["input"] }, { timesteps: 1, frame: FrameKind.None, frameCap: 1 });
      t.fail("was lowered");
    } catch (error) {
      t.ok(error instanceof ModelError, String(error));
      const { code: found, line } = error as ModelError;
      t.equal(found, code, line);
      t.match(line, says);
    }
  });

t.test("frames must fit the input", async (t) => {
  const take = (input: Partial<IntegerNode>, frame: FrameKind, frameCap: number) => () =>
    lower({ nodes: [{ ...INPUT, ...input } as IntegerNode], outputs: ["input"] }, { timesteps: 1, frame, frameCap });
  t.throws(take({ dtype: "i8" }, FrameKind.Counts, 1), { code: "NETWORK_CORRUPT" });
  t.throws(take({}, FrameKind.Counts, 16), { code: "NETWORK_CORRUPT" });
  t.throws(take({}, FrameKind.LastPolarity, 1), { code: "NETWORK_CORRUPT" });
  t.throws(take({}, FrameKind.Counts, 256), { code: "NETWORK_RANGE" });
  t.throws(take({ shape: [1, 1, 65537] }, FrameKind.None, 1), { code: "NETWORK_RANGE" });
  t.throws(take({ bound: 256 }, FrameKind.None, 1), { code: "NETWORK_RANGE" });
  t.doesNotThrow(take({ dtype: "i8", shape: [2, 2, 1], bound: 1 }, FrameKind.LastPolarity, 1));
  const cloud = { dtype: "i8", shape: [1, 6, 4], bound: 127 } as const;
  const takePoints = (input: Partial<IntegerNode>, sensor?: { width: number; height: number }) => () =>
    lower({ nodes: [{ ...INPUT, ...cloud, ...input } as IntegerNode], outputs: ["input"] },
      { timesteps: 1, frame: FrameKind.Points, frameCap: 1, ...(sensor === undefined ? {} : { sensor }) });
  t.doesNotThrow(takePoints({}, { width: 640, height: 480 }));
  t.throws(takePoints({}), { code: "NETWORK_RANGE", message: /width is 0/ });
  t.throws(takePoints({}, { width: 640, height: 65537 }), { code: "NETWORK_RANGE", message: /height/ });
  for (const wrong of [{ dtype: "u8" }, { shape: [2, 6, 4] }, { shape: [1, 5, 4] }, { shape: [1, 6, 3] }, { bound: 100 }] as Partial<IntegerNode>[])
    t.throws(takePoints(wrong, { width: 640, height: 480 }), { code: "NETWORK_CORRUPT", message: /points/ });
});

t.test("a graph has an input and known outputs", async (t) => {
  const options = { timesteps: 1, frame: FrameKind.None, frameCap: 1 };
  t.throws(() => lower({ nodes: [], outputs: ["x"] }, options), { code: "NETWORK_CORRUPT" });
  t.throws(() => lower({ nodes: [INPUT], outputs: [] }, options), { code: "NETWORK_CORRUPT" });
  t.throws(() => lower({ nodes: [INPUT], outputs: ["x"] }, options), { code: "NETWORK_CORRUPT" });
  t.throws(() => lower({ nodes: [INPUT], outputs: ["input"] }, { ...options, timesteps: 0 }), { code: "NETWORK_RANGE" });
});
