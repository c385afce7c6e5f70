import t from "tap";
import { FrameKind } from "../../assembly/abi.js";
import { Engine } from "../../host/engine/engine.js";
import { decide, frame, infer } from "../../host/pipeline.js";
import { Tally } from "../../host/tally.js";
import type { Card, Decision, Events } from "../../host/types.js";
import { lower } from "../../models/package/lower.js";
import { planOf } from "../../models/package/writer.js";
import { Random } from "../conformance/random.js";
import { levelGraph } from "../package/level-graph.js";
import { inPieces } from "./pieces.js";

const SIDE = 32, TIMESTEPS = 2, EVENTS = 4000, SPAN_MICROS = 1_430_000;
const LABELS = ["a", "b", "c", "d", "e"];
const card: Card = {
  name: "levels", version: "0.0.1", task: "classification", labels: LABELS, sensor: { kind: "dvs", width: SIDE, height: SIDE },
  framing: { kind: "time", windowMicros: 100_000, timesteps: TIMESTEPS, frame: "counts", cap: 15, state: "keep" },
  vote: { wins: 2, of: 3 }, licence: "Apache-2.0", provenance: { made: "test/end-to-end/levels.test.ts" }, scores: [],
};
const program = lower(levelGraph(TIMESTEPS, "end to end"), { timesteps: TIMESTEPS, frame: FrameKind.Counts, frameCap: 15 });
const plan = planOf(program);
const random = new Random("events");
/** A bar that moves to and fro, so that logits change; with pauses of more than a window. */
const times = random.integers(EVENTS, 0, SPAN_MICROS).filter((t) => t % 400_000 > 130_000).sort((a, b) => a - b);
const pixels = times.map((t) => ({ x: (Math.floor(t / 20_000) + random.integer(0, 6)) % SIDE, y: random.integer(4, 27), p: random.integer(0, 1) }));
const events: Events = {
  count: times.length, t: Float64Array.from(times), x: Uint16Array.from(pixels, ({ x }) => x), y: Uint16Array.from(pixels, ({ y }) => y),
  p: Uint8Array.from(pixels, ({ p }) => p),
};

t.test("a stream of level states gives the same in one go, event by event, and in any pieces", async (t) => {
  const wanted = await run(() => times.length);
  t.ok(wanted.decisions.length > 4, `${wanted.decisions.length} decisions`);
  t.ok(new Set(wanted.logits).size > 5, "logits change");
  const pieces = new Random("pieces");
  for (const [what, size] of [["event by event", () => 1], ["seven at a time", () => 7], ["in any pieces", () => pieces.integer(1, 300)]] as const)
    t.same(await run(size), wanted, what);
});

t.test("what a step needs does not grow with how long a stream has run", async (t) => {
  const engine = new Engine(plan, program.constants);
  const stream = engine.stream(), began = stream.save().length;
  for (let step = 0; step < 400; step++) {
    if (step % TIMESTEPS === 0) stream.beginWindow();
    stream.step();
  }
  t.equal(stream.save().length, began);
  t.equal(began, program.stateBytes);
});

/** Logits of all windows, and decisions without their timing. */
async function run(size: () => number): Promise<{ logits: string[]; decisions: Omit<Decision, "inferMicros">[] }> {
  const engine = new Engine(plan, program.constants), tally = new Tally();
  const pkg = { card, graph: {}, plan, constants: program.constants, selfTest: { frames: new Uint8Array(), timesteps: 0, digest: "" }, digest: "" };
  const logits: string[] = [], decisions: Omit<Decision, "inferMicros">[] = [];
  async function* inferences() {
    for await (const inference of infer(frame(inPieces(events, { width: SIDE, height: SIDE }, size), card, tally), { pkg, engine, stream: engine.stream() }, tally)) {
      logits.push(inference.logits.join());
      yield inference;
    }
  }
  for await (const { inferMicros: _, ...decision } of decide(inferences(), pkg)) decisions.push(decision);
  return { logits, decisions };
}
