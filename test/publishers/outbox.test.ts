import t from "tap";
import fc from "fast-check";
import { fullJitter } from "../../host/mqtt/backoff.js";
import { Outbox, type Held } from "../../host/publishers/outbox.js";
import { seldom, type Notice } from "../../host/mqtt/notices.js";
import { events } from "./events.js";
import { seeds } from "../seeds.js";

const [event] = events(1);
const held = (seq: number): Held => ({ event: { ...event!, seq }, since: 0, unacknowledged: 0, refusal: undefined, repeated: false });

t.test("a full outbox lets the oldest go, and never what is under way", async (t) => {
  const outbox = new Outbox(3);
  for (const seq of [0, 1, 2]) t.equal(outbox.put(held(seq)), undefined);
  t.equal(outbox.take()!.event.seq, 0);
  t.equal(outbox.put(held(3))!.event.seq, 1);
  outbox.take();
  outbox.take();
  t.equal(outbox.put(held(4))!.event.seq, 4, "all others are under way: the new one goes");
  outbox.takeBack();
  t.same([outbox.waiting, outbox.underWay], [3, 0]);
  const again = [outbox.take()!, outbox.take()!, outbox.take()!];
  t.same(again.map(({ event: { seq }, repeated }) => [seq, repeated]), [[0, true], [2, true], [3, true]]);
  t.equal(outbox.clear(), 3);
  t.equal(outbox.size, 0);
});

for (const seed of seeds()) {
  t.test(`nothing is lost or reordered but what was reported, whatever happens (seed ${seed})`, async () => {
    const step = fc.constantFrom("put", "take", "settle", "break");
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 8 }), fc.array(step, { maxLength: 200 }), (limit, steps) => {
        const outbox = new Outbox(limit);
        let expected: number[] = [];
        const underWay: Held[] = [];
        let next = 0;
        for (const what of steps) {
          if (what === "put") {
            const dropped = outbox.put(held(next))?.event.seq;
            expected.push(next++);
            expected = expected.filter((seq) => seq !== dropped);
          } else if (what === "take") {
            const taken = outbox.take();
            if (taken !== undefined) underWay.push(taken);
          } else if (what === "settle" && underWay.length > 0) {
            const done = underWay.shift()!;
            outbox.settle(done);
            expected = expected.filter((seq) => seq !== done.event.seq);
          } else if (what === "break") {
            outbox.takeBack();
            underWay.length = 0;
          }
          if (outbox.size !== expected.length || outbox.size > limit) throw new Error(`holds ${outbox.size}, should ${expected.length}`);
        }
        outbox.takeBack();
        const rest = Array.from({ length: outbox.size }, () => outbox.take()!.event.seq);
        if (rest.join() !== expected.join()) throw new Error(`${rest} is not ${expected}`);
      }),
      { seed, numRuns: 500 },
    );
  });
}

t.test("full jitter: from nothing to a bound that doubles up to a minute", async (t) => {
  t.same([0, 1, 2, 6, 7, 50].map((attempt) => fullJitter(attempt, undefined, () => 1)), [500, 1000, 2000, 32_000, 60_000, 60_000]);
  t.equal(fullJitter(5, undefined, () => 0), 0);
});

t.test("the same notice is passed on once a minute", async (t) => {
  let now = 0;
  const heard: Notice[] = [];
  const notify = seldom((notice) => heard.push(notice), () => now);
  const notice: Notice = { code: "BROKER_LOST", message: "gone", remedy: "wait" };
  notify(notice);
  now = 59_000;
  notify(notice);
  notify({ ...notice, message: "gone again" });
  now = 61_000;
  notify(notice);
  t.same(heard.map(({ message }) => message), ["gone", "gone again", "gone"]);
});
