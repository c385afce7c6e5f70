import fc from "fast-check";
import t from "tap";
import { ACTION_LABELS } from "../../host/simulator/actions.js";
import { bodyIn } from "../../host/simulator/actor/body.js";
import { performed } from "../../host/simulator/actor/motion.js";
import { PERFORMANCES } from "../../host/simulator/actor/performances.js";
import { actorRecording } from "../../host/simulator/actor/recording.js";
import { ACTOR_LABELS, playOf } from "../../host/simulator/actor/sequence.js";
import { type ActorBatch, simulateActor } from "../../host/simulator/actor/stream.js";
import { along } from "../../host/simulator/actor/track.js";
import { bend, length, minus } from "../../host/simulator/actor/vector.js";
import { Random } from "../../host/simulator/random.js";
import { seeds } from "../seeds.js";

const REST = { least: 100_000, most: 300_000 };

t.test("the actor knows at least ten actions, by UTD-MHAD's names", async (t) => {
  t.ok(ACTOR_LABELS.length >= 10, `${ACTOR_LABELS.length}`);
  t.same(ACTOR_LABELS.filter((label) => !ACTION_LABELS.includes(label)), []);
});

t.test("keys of every performance are in order of time, and within it", async (t) => {
  for (const [label, { seconds, limbs }] of Object.entries(PERFORMANCES))
    for (const [limb, keys] of Object.entries(limbs)) {
      const times = [0, ...keys.map(([at]) => at), seconds];
      t.ok(times.every((at, i) => i === 0 || at > times[i - 1]!), `${label}: ${limb} ${times.join(" ")}`);
    }
});

for (const seed of seeds()) {
  t.test(`a way through keys passes each key and overshoots none (seed ${seed})`, async () => {
    const steps = fc.array(fc.tuple(fc.double({ min: 0.05, max: 1, noNaN: true }), fc.double({ min: -1, max: 1, noNaN: true })), { minLength: 2, maxLength: 8 });
    fc.assert(
      fc.property(steps, fc.double({ min: 0, max: 1, noNaN: true }), (list, part) => {
        let now = 0;
        const keys = list.map(([wait, x]) => [(now += wait), x, 0, 0] as const);
        for (const [at, x] of keys) if (Math.abs(along(keys, at)[0] - x) > 1e-9) throw new Error(`misses the key at ${at}`);
        for (let i = 1; i < keys.length; i++) {
          const [before, after] = [keys[i - 1]!, keys[i]!];
          const x = along(keys, before[0] + part * (after[0] - before[0]))[0];
          if (x < Math.min(before[1], after[1]) - 1e-9 || x > Math.max(before[1], after[1]) + 1e-9) throw new Error("overshoots");
        }
      }),
      { seed },
    );
  });

  t.test(`a bent limb has bones of their lengths, whatever it reaches for (seed ${seed})`, async () => {
    const place = fc.tuple(...Array.from({ length: 3 }, () => fc.double({ min: -2, max: 2, noNaN: true }))) as fc.Arbitrary<[number, number, number]>;
    fc.assert(
      fc.property(place, place, (root, target) => {
        fc.pre(length(minus(target, root)) > 1e-3);
        const { joint, end } = bend(root, target, 0.3, 0.25, [0.1, -1, 0.2]);
        const [first, second] = [length(minus(joint, root)), length(minus(end, joint))];
        if (Math.abs(first - 0.3) > 1e-6 || Math.abs(second - 0.25) > 1e-6) throw new Error(`${first}, ${second}`);
      }),
      { seed },
    );
  });

  t.test(`bodies keep together and above the floor in every action (seed ${seed})`, async () => {
    fc.assert(
      fc.property(fc.constantFrom(...ACTOR_LABELS), fc.nat(), fc.double({ min: 0, max: 1, noNaN: true }), (label, chance, part) => {
        const motion = performed(PERFORMANCES[label]!, new Random(chance));
        for (const { from, to } of bodyIn(motion.poseAt(part * motion.seconds), { height: 1.7, stoutness: 1 }))
          for (const [x, y, z] of [from, to])
            if (!(y > -0.05 && y < 2.3 && Math.abs(x) < 1.2 && Math.abs(z) < 1.4)) throw new Error(`${label} at ${part}: ${x}, ${y}, ${z}`);
      }),
      { seed, numRuns: 300 },
    );
  });
}

t.test("acts come in order, with rests; who sits gets up before what is done standing", async (t) => {
  const { acts, micros } = playOf(["wave", "stand_to_sit", "clap", "sit_to_stand"], new Random(4), { restMicros: REST });
  t.same(acts.map(({ label }) => label), ["wave", "stand_to_sit", "sit_to_stand", "clap", "stand_to_sit", "sit_to_stand"]);
  let over = 0;
  for (const { start, end } of acts) {
    t.ok(start - over >= REST.least && start - over <= REST.most && end - start > 1_000_000, `${start} to ${end}`);
    over = end;
  }
  t.ok(micros - over >= REST.least);
});

t.test("a recording is the same from the same seed, and most of its events are of the act", async (t) => {
  const { events, acts, micros } = actorRecording(11, ["throw"], REST);
  const again = actorRecording(11, ["throw"], REST);
  t.equal(again.events.count, events.count);
  t.same(again.events.t.subarray(0, 500), events.t.subarray(0, 500));
  t.not(actorRecording(12, ["throw"], REST).events.count, events.count);
  let sound = true;
  let during = 0;
  for (let i = 0; i < events.count; i++) {
    sound &&= events.t[i]! >= (events.t[i - 1] ?? 0) && events.t[i]! < micros && events.x[i]! < 128 && events.y[i]! < 128;
    during += Number(events.t[i]! >= acts[0]!.start && events.t[i]! < acts[0]!.end);
  }
  t.ok(sound, `${events.count} events`);
  t.ok(during / events.count > 0.9, `${((100 * during) / events.count).toFixed(0)} % during the act`);
});

t.test("an endless stream: batches one after the other, the truth beside them, never the same act twice in a row", async (t) => {
  const seen: Pick<ActorBatch, "until" | "truth">[] = [];
  const labels = ["wave", "clap", "push"];
  for await (const { until, truth, events } of simulateActor({ seed: 2, labels, count: 8 })) {
    const before = seen.at(-1)?.until ?? 0;
    if (until <= before || (events.count > 0 && (events.t[0]! < before || events.t[events.count - 1]! >= until))) t.fail(`batch until ${until}`);
    seen.push({ until, truth });
  }
  const acts = seen.flatMap(({ truth }, i) => (truth !== undefined && truth.start !== seen[i - 1]?.truth?.start ? [truth.label] : []));
  t.equal(acts.length, 8, acts.join(" "));
  t.ok(acts.every((label, i) => labels.includes(label) && label !== acts[i - 1]));
  for (const round of [acts.slice(0, 3), acts.slice(3, 6)]) t.same(new Set(round), new Set(labels), "each once before one comes again");
});
