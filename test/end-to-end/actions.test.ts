import t from "tap";
import { openNetwork } from "../../host/network.js";
import { runPipeline } from "../../host/pipeline.js";
import { createAuthor } from "../../host/publishers/author.js";
import { recordingClock } from "../../host/publishers/clock.js";
import type { EventMessage } from "../../host/publishers/messages.js";
import type { Publisher } from "../../host/publishers/publisher.js";
import { actorRecording } from "../../host/simulator/actor/recording.js";
import { ACTOR_SIZE } from "../../host/simulator/actor/scene.js";
import { Tally } from "../../host/tally.js";
import type { Events } from "../../host/types.js";
import { endRuns, saccade } from "../cli/run.js";
import { Random } from "../conformance/random.js";
import { inPieces } from "./pieces.js";

t.teardown(endRuns);
const MINUTE_MICROS = 60e6;

t.test("a stream of actions gives the same messages in one go, event by event, and in any pieces", async t => {
  const { events } = actorRecording(5, ["swipe_left", "jog", "squat"], { least: 500_000, most: 700_000 });
  const wanted = await messages(events, () => events.count);
  t.ok(wanted.length > 6, `${wanted.length} messages`);
  const pieces = new Random("pieces of a stream");
  for (const [what, size] of [["event by event", () => 1], ["in any pieces", () => pieces.integer(1, 3000)]] as const)
    t.same(await messages(events, size), wanted, what);
});

interface Shown {
  readonly shown: string;
  readonly start: number;
  readonly correct: boolean;
}

for (const seed of [1, 2, 3])
  t.test(`a minute of person ${seed} in the demo: at least eight different actions are recognised, and four of five`, async t => {
    const { code, stdout } = await saccade("demo", "--speed", "max", "--seed", String(seed), "--json");
    t.equal(code, 0);
    const lines = stdout.trimEnd().split("\n").slice(0, -1).map(line => JSON.parse(line) as Shown);
    const minute = lines.filter(({ start }) => start < MINUTE_MICROS);
    const right = minute.filter(({ correct }) => correct);
    t.ok(new Set(right.map(({ shown }) => shown)).size >= 8, right.map(({ shown }) => shown).join(" "));
    t.ok(right.length >= 0.8 * minute.length, `${right.length} of ${minute.length}`);
  });

/** What goes out for these events, with ids that a recording always has, without what the machine's speed decides. */
async function messages(events: Events, size: () => number): Promise<Omit<EventMessage, "latency_us">[]> {
  const network = await openNetwork("actions-trev");
  const model = { name: network.pkg.card.name, version: network.pkg.card.version, sha256: network.pkg.digest };
  const random = (bytes: Uint8Array): void => void bytes.fill(7);
  const author = createAuthor({ gateway: "g", source: "s", boot: 1, model, clock: recordingClock(), random });
  const told: Omit<EventMessage, "latency_us">[] = [];
  const keep: Publisher = {
    publish: async ({ latency_us: _, ...message }) => void told.push(message), sourceStatus: async () => undefined, stats: () => undefined,
    close: async () => undefined, drops: {},
  };
  await runPipeline({ ...network, source: inPieces(events, ACTOR_SIZE, size), speed: "max", author, publishers: [keep] }, new Tally());
  return told;
}
