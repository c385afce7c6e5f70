import t from "tap";
import { Decay, DType, Fire, Neuron, Op, Reset } from "../../assembly/abi.js";
import { ProgramBuilder } from "../conformance/builder.js";
import { ONE_BY_ONE } from "../conformance/geometry.js";
import { neuron } from "../conformance/neuron-builder.js";
import { Reference } from "./run-program.js";

/** One input, weights 3 and −1, a bias of 1, two IF neurons with θ = 4 whose spikes come back one step later through weights 2. */
function recurrent(): Reference {
  const builder = new ProgramBuilder();
  const input = builder.tensor({ dtype: DType.U8, h: 1, w: 1, c: 1, bound: 15 });
  const { out: before, words } = builder.delayRead({ dtype: DType.U8, h: 1, w: 1, c: 2, bound: 1 }, 1);
  const forward = builder.weighted(Op.Linear, input, 2, ONE_BY_ONE, { values: [3, -1], bias: [1, 1] });
  const back = builder.weighted(Op.Linear, before, 2, ONE_BY_ONE, { values: [2, 0, 0, 2] });
  const sum = builder.add(forward, back);
  const spikes = neuron(builder, sum, {
    kind: Neuron.LIF, period: 1, thresholds: [4], fire: Fire.AtLeast, maxCount: 1, reset: Reset.Subtract,
    decay: { form: Decay.None }, min: -10, max: 10, stateDType: DType.I16,
  });
  builder.delayWrite(spikes, words);
  return new Reference(builder.build(input, [spikes, sum]));
}

t.test("a recurrent network, step by step as by hand", async (t) => {
  const reference = recurrent();
  const step = (x: number): number[] => {
    reference.step(Uint8Array.of(x));
    return [...reference.tensors[reference.program.outputs[1]!]!.data, ...reference.tensors[reference.program.outputs[0]!]!.data];
  };
  t.same(step(1), [4, 0, 1, 0], "4 and 0 arrive: the first fires and keeps 0");
  t.same(step(0), [3, 1, 0, 0], "1 and 1, and 2 for the spike before: 3, 1");
  t.same(step(0), [1, 1, 1, 0], "4, 2: the first fires again");
  t.same(step(4), [15, -3, 1, 0], "15 is clamped to 10, then 4 are taken: 6; 2 − 3 = −1");
  t.equal(reference.saturations, 1);
  t.same(step(15), [48, -14, 1, 0], "46 and 2; −1 − 14 = −15 is clamped to −10");
  t.equal(reference.saturations, 3);
  t.same([...new Int16Array(reference.stateBody.slice(16, 20).buffer)], [6, -10], "potentials, behind the delay's slot");
});

t.test("counters of the profile", async (t) => {
  const reference = recurrent();
  reference.step(Uint8Array.of(3));
  reference.step(Uint8Array.of(0));
  const [read, forward, back] = reference.profile;
  t.same(read, { spikesIn: 0, synapticOperations: 0, macs: 0, saturations: 0 });
  t.same(forward, { spikesIn: 1, synapticOperations: 6, macs: 4, saturations: 0 }, "one input of 3 meets two weights");
  t.same(back, { spikesIn: 1, synapticOperations: 2, macs: 8, saturations: 0 }, "one spike came back");
});

t.test("a window returns readouts to zero and nothing else", async (t) => {
  const builder = new ProgramBuilder();
  const input = builder.tensor({ dtype: DType.I8, h: 1, w: 1, c: 1, bound: 127 });
  const rule = { kind: Neuron.LI, period: 1, min: -1000, max: 1000, stateDType: DType.I32 } as const;
  const kept = neuron(builder, input, rule);
  const begun = neuron(builder, input, { ...rule, windowReset: true });
  const reference = new Reference(builder.build(input, [kept, begun]));
  const step = (x: number): number[] => {
    reference.step(Uint8Array.of(x & 0xff));
    return reference.program.outputs.map((output) => reference.tensors[output]!.data[0]!);
  };
  t.same(step(5), [5, 5]);
  t.same(step(-7), [-2, -2]);
  reference.beginWindow();
  t.same(step(1), [-1, 1]);
  reference.reset();
  t.same(step(9), [9, 9]);
});
