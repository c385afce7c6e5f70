import t from "tap";
import { loadEngine } from "../../host/engine/engine.js";
import { EnginePool } from "../../host/engine/pool.js";
import { openNetwork } from "../../host/network.js";
import { decide, frame, infer, inferInPool } from "../../host/pipeline.js";
import { actorRecording } from "../../host/simulator/actor/recording.js";
import { ACTOR_SIZE } from "../../host/simulator/actor/scene.js";
import { Tally } from "../../host/tally.js";
import type { Decision, Events, Window } from "../../host/types.js";
import { inPieces } from "./pieces.js";

const REST = { least: 300_000, most: 400_000 };
const LATER_MICROS = 60e6;

const network = await openNetwork("actions-trev");
const first = later(actorRecording(1, ["jog"], REST).events), second = actorRecording(2, ["swipe_left"], REST).events;

t.test("a sensor whose clock begins anew is as one that has just been plugged in", async t => {
  const wanted = [...(await told([first])), ...(await told([second]))];
  t.ok(wanted.length > 4, `${wanted.length} decisions`);
  t.same(await told([first, second]), wanted, "in line");
  const pool = await EnginePool.start(network.pkg, await loadEngine(network.pkg), { workers: 1 });
  t.teardown(() => pool.close());
  const inPool = (windows: AsyncIterable<Window>, tally: Tally) => inferInPool(windows, pool.open({ state: "keep" }), tally);
  t.same(await told([first, second], inPool), wanted, "in a thread");
});

/** What is decided of recordings one after the other, but for the windows' numbers and the engine's time. */
async function told(
  recordings: readonly Events[], run = (windows: AsyncIterable<Window>, tally: Tally) => infer(windows, network, tally),
): Promise<Pick<Decision, "kind" | "label" | "score" | "start" | "end">[]> {
  async function* decode(): AsyncGenerator<Events> {
    for (const events of recordings) yield* inPieces(events, ACTOR_SIZE, () => 1000).decode();
  }
  const tally = new Tally(), decisions = [];
  const windows = frame({ size: ACTOR_SIZE, drops: {}, decode }, network.pkg.card, tally);
  for await (const { kind, label, score, start, end } of decide(run(windows, tally), network.pkg)) decisions.push({ kind, label, score, start, end });
  return decisions;
}

function later(events: Events): Events {
  return { ...events, t: events.t.map(micros => micros + LATER_MICROS) };
}
