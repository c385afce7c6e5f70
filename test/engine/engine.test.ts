import t from "tap";
import { DType, Fire, FrameKind, Neuron, Op, Reset } from "../../assembly/abi.js";
import { Engine, loadEngine } from "../../host/engine/engine.js";
import { STAGED_EVENTS, STAGED_SLICES } from "../../host/engine/layout.js";
import type { Events, LoadedPackage } from "../../host/types.js";
import { planMemory } from "../../models/package/memory-plan.js";
import { encodePlan } from "../../models/package/plan.js";
import type { Program } from "../../models/package/program.js";
import { ProgramBuilder } from "../conformance/builder.js";
import { cloudProgram } from "../conformance/cloud.js";
import { usableBuilds } from "../../host/engine/instance.js";
import { neuron } from "../conformance/neuron-builder.js";
import { Random } from "../conformance/random.js";
import { frame, points } from "../reference/frames.js";
import { Reference } from "../reference/run-program.js";
import { toBytes } from "../reference/tensor.js";

const SIZE = { h: 12, w: 10 };
const CAP = 15;

/** Frames of a small sensor, a spiking convolution, a readout that a window resets. */
function network(seed: string): Program {
  const random = new Random(seed);
  const builder = new ProgramBuilder();
  const input = builder.tensor({ dtype: DType.U8, ...SIZE, c: 2, bound: CAP });
  const sums = builder.weighted(Op.Conv2d, input, 16, { kernel: [3, 3], stride: [2, 2], pad: [1, 1] },
    { values: random.integers(288, -127, 127) });
  const spikes = neuron(builder, sums, {
    kind: Neuron.LIF, period: 16, thresholds: random.integers(16, 200, 900), fire: Fire.AtLeast, maxCount: 4, reset: Reset.Subtract,
    min: -32768, max: 32767, stateDType: DType.I16,
  });
  const logits = builder.weighted(Op.Linear, spikes, 10, { kernel: [1, 1] }, { values: random.integers(6 * 5 * 16 * 10, -127, 127) });
  const readout = neuron(builder, logits, { kind: Neuron.LI, period: 1, min: -(2 ** 29), max: 2 ** 29, stateDType: DType.I32,
    windowReset: true });
  return builder.build(input, [readout], { timesteps: 2, frame: FrameKind.Counts, frameCap: CAP });
}

const PROGRAM = network("engine");

function sections(program: Program, identity = 1): readonly [plan: Uint8Array, constants: Uint8Array] {
  return [encodePlan(program, planMemory(program), identity), program.constants];
}

function drawEvents(count: number, random: Random): Events {
  return {
    count, t: Float64Array.from({ length: count }, (_, i) => i), x: Uint16Array.from(random.integers(count, 0, SIZE.w)),
    y: Uint16Array.from(random.integers(count, 0, SIZE.h - 1)), p: Uint8Array.from(random.integers(count, 0, 1)),
  };
}

function framesOf(events: Events): { readonly bytes: Uint8Array; readonly outside: number } {
  const list = Array.from({ length: events.count }, (_, i) => ({ x: events.x[i]!, y: events.y[i]!, p: events.p[i]! }));
  const { tensor, outside } = frame(list, FrameKind.Counts, CAP, SIZE.h, SIZE.w);
  return { bytes: toBytes(tensor), outside };
}

for (const build of usableBuilds()) {
  t.test(`${build}: events in, the oracle's logits out`, async (t) => {
    const engine = new Engine(...sections(PROGRAM), { build, profile: true });
    const reference = new Reference(PROGRAM);
    const random = new Random(build);
    // More events than one call takes, and none at all.
    for (const [step, count] of [300, STAGED_EVENTS, STAGED_EVENTS * 2 + 17, 0, 40, 200].entries()) {
      const events = drawEvents(count, random);
      const wanted = framesOf(events);
      if (step % engine.timesteps === 0) {
        engine.stream().beginWindow();
        reference.beginWindow();
      }
      t.equal(engine.stream().frame(events, 0, events.count), wanted.outside, "events outside the sensor are counted");
      t.same([...engine.input], [...wanted.bytes]);
      engine.stream().step();
      reference.step(wanted.bytes);
      t.same([...engine.logits], reference.tensors[PROGRAM.outputs[0]!]!.data);
    }
    t.equal(engine.stream().saturations, reference.saturations);
    t.same(engine.profile().map(({ index: _index, op: _op, ...counters }) => counters), reference.profile);
    t.ok(engine.frameSaturations > 0, "pixels at their cap are counted");
  });

  t.test(`${build}: slices in one call are frames and timesteps one by one`, async (t) => {
    const random = new Random(`slices ${build}`);
    // More slices, and more events in one of them, than one call takes; and none.
    const many = Array.from({ length: STAGED_SLICES + 3 }, () => 40);
    for (const counts of [[300, 0, 20], [0], [], many, [17, STAGED_EVENTS + 1, 5, STAGED_EVENTS - 5, 6]]) {
      const sliceEnds = Uint32Array.from(counts, (_, k) => counts.slice(0, k + 1).reduce((sum, n) => sum + n, 0));
      const events = drawEvents(sliceEnds.at(-1) ?? 0, random);
      const engines = [0, 1].map(() => new Engine(...sections(PROGRAM), { build }));
      const [whole, apart] = engines as [Engine, Engine];
      const outside = whole.stream().run(events, sliceEnds);
      let wanted = 0;
      sliceEnds.forEach((to, k) => {
        wanted += apart.stream().frame(events, sliceEnds[k - 1] ?? 0, to);
        apart.stream().step();
      });
      t.equal(outside, wanted);
      t.same([...whole.logits], [...apart.logits]);
      t.same(whole.stream().save(), apart.stream().save());
      t.equal(whole.frameSaturations, apart.frameSaturations);
    }
  });

  t.test(`${build}: streams take turns, and one continues from what another saved`, async (t) => {
    const engine = new Engine(...sections(PROGRAM), { build, streams: 2 });
    const references = [new Reference(PROGRAM), new Reference(PROGRAM)];
    const random = new Random("turns");
    const stepBoth = (stream: number): void => {
      const events = drawEvents(120, random);
      engine.stream(stream).frame(events, 0, events.count);
      engine.stream(stream).step();
      references[stream]!.step(framesOf(events).bytes);
      t.same([...engine.logits], references[stream]!.tensors[PROGRAM.outputs[0]!]!.data);
    };
    for (const stream of [0, 1, 1, 0, 1]) stepBoth(stream);
    const saved = engine.stream(0).save();
    stepBoth(0);
    engine.stream(0).restore(saved);
    references[0]!.state.set(saved);
    stepBoth(0);
    engine.stream(1).reset();
    references[1]!.reset();
    stepBoth(1);
  });
}

t.test("a state of another package, or of another length, is refused and changes nothing", async (t) => {
  const engine = new Engine(...sections(PROGRAM));
  const other = new Engine(...sections(PROGRAM, 2));
  const before = engine.stream().save();
  t.throws(() => engine.stream().restore(other.stream().save()), { code: "STATE_REFUSED" });
  t.throws(() => engine.stream().restore(before.subarray(1)), { code: "STATE_REFUSED" });
  t.same(engine.stream().save(), before);
  t.throws(() => engine.stream(1), RangeError);
});

t.test("a plan that the gate refuses is told with its record", async (t) => {
  const [plan, constants] = sections(PROGRAM);
  t.throws(() => new Engine(plan.subarray(0, 40), constants), { code: "PACKAGE_REFUSED" });
  t.throws(() => new Engine(plan, constants.subarray(16)), { code: "PACKAGE_REFUSED", message: /lengths/ });
  const huge = plan.slice();
  new DataView(huge.buffer).setUint32(8 * 4, 0xfffffff0, true);
  t.throws(() => new Engine(huge, constants), { code: "PACKAGE_REFUSED", message: /memory/ }, "state of 4 GiB");
});

t.test("load runs the package's own test", async (t) => {
  const [plan, constants] = sections(PROGRAM);
  const random = new Random("self-test");
  const frames = Uint8Array.from(random.integers(3 * SIZE.h * SIZE.w * 2, 0, CAP));
  const digest = new Engine(plan, constants, { build: "scalar" }).digest(frames, 3);
  const pkg = { card: { name: "small" }, graph: null, plan, constants, digest: "",
    selfTest: { frames, timesteps: 3, digest } } as unknown as LoadedPackage;
  for (const build of usableBuilds()) t.equal((await loadEngine(pkg, { build })).build, build);
  const lying = { ...pkg, selfTest: { ...pkg.selfTest, digest: digest.replace(/^./, (c) => (c === "0" ? "1" : "0")) } };
  await t.rejects(loadEngine(lying), { code: "SELF_TEST_FAILED" });
  await t.rejects(loadEngine({ ...pkg, selfTest: { ...pkg.selfTest, timesteps: 4 } }), { code: "PACKAGE_REFUSED" });
});

for (const build of usableBuilds())
  t.test(`${build}: clouds of points take their times from their first to their last event`, async (t) => {
    const program = cloudProgram(64, { width: SIZE.w, height: SIZE.h });
    const engine = new Engine(...sections(program), { build });
    const reference = new Reference(program);
    const random = new Random(`cloud ${build}`);
    // More events than one call takes, one, and none.
    const counts = [90, STAGED_EVENTS * 2 + 17, 1, 0, 64];
    const sliceEnds = Uint32Array.from(counts, (_, k) => counts.slice(0, k + 1).reduce((sum, n) => sum + n, 0));
    const events = { ...drawEvents(sliceEnds.at(-1)!, random), t: Float64Array.from({ length: sliceEnds.at(-1)! }, (_, i) => 1e15 + i * i) };
    let from = 0;
    for (const to of sliceEnds) {
      const span = Math.max(1, events.t[to - 1]! - events.t[from]!);
      const list = Array.from({ length: to - from }, (_, i) => ({
        x: events.x[from + i]!, y: events.y[from + i]!, p: events.p[from + i]!, t: Math.floor(((events.t[from + i]! - events.t[from]!) * 65535) / span),
      }));
      const wanted = points(list, 64, { width: SIZE.w, height: SIZE.h });
      t.equal(engine.stream().run({ ...events, x: events.x.subarray(from), y: events.y.subarray(from), t: events.t.subarray(from),
        p: events.p.subarray(from) }, Uint32Array.of(to - from)), wanted.outside);
      t.same([...engine.input], [...toBytes(wanted.tensor)]);
      reference.step(toBytes(wanted.tensor));
      t.same([...engine.logits], reference.tensors[program.outputs[0]!]!.data);
      from = to;
    }
    const whole = new Engine(...sections(program), { build });
    whole.stream().run(events, sliceEnds);
    t.same([...whole.logits], [...engine.logits], "slices in one call, and one by one");
  });
