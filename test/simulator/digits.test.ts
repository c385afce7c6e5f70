import { createHash } from "node:crypto";
import t from "tap";
import { DIGIT_LABELS, digitRecording, simulateDigits, type DigitStreamOptions } from "../../host/simulator/digits.js";
import type { Events, Interval } from "../../host/types.js";

function digest({ count, t, x, y, p }: Events): string {
  const hash = createHash("sha256");
  for (let i = 0; i < count; i++) hash.update(`${t[i]} ${x[i]} ${y[i]} ${p[i]}\n`);
  return hash.digest("hex").slice(0, 16);
}

t.test("a recording: 300 ms of events in order of time, the same from the same seed", async (t) => {
  for (let digit = 0; digit < 10; digit++) {
    const { events, label } = digitRecording(7, digit);
    t.equal(label, DIGIT_LABELS[digit]);
    const { count, t: times, x, y, p } = events;
    t.ok(count > 900 && count < 9000, `${count} events of a ${digit}`);
    let sound = true;
    for (let i = 0; i < count; i++) {
      sound &&= times[i]! >= (times[i - 1] ?? 0) && times[i]! < 300_000 && x[i]! < 34 && y[i]! < 34 && p[i]! <= 1;
    }
    t.ok(sound);
    t.equal(digest(digitRecording(7, digit).events), digest(events));
    t.not(digest(digitRecording(8, digit).events), digest(events));
  }
  t.throws(() => digitRecording(1, 10), RangeError);
});

interface Seen {
  readonly truths: Interval[];
  readonly times: number[];
  inGaps: number;
}

async function watch(options: DigitStreamOptions): Promise<Seen> {
  const seen: Seen = { truths: [], times: [], inGaps: 0 };
  let until = 0;
  for await (const { events, truth, until: next } of simulateDigits(options)) {
    if (truth !== undefined && seen.truths.at(-1) !== truth) seen.truths.push(truth);
    if (truth === undefined) seen.inGaps += events.count;
    for (let i = 0; i < events.count; i++) {
      if (events.t[i]! < until || events.t[i]! >= next) throw new Error(`an event at ${events.t[i]} in the batch ${until} to ${next}`);
      seen.times.push(events.t[i]!);
    }
    until = next;
  }
  return seen;
}

t.test("a stream of digits, with the truth beside it", async (t) => {
  const { truths, times, inGaps } = await watch({ seed: 3, count: 4 });
  const spans = [[0, 600_000], [800_000, 1_400_000], [1_600_000, 2_200_000], [2_400_000, 3_000_000]];
  t.same(truths.map(({ start, end }) => [start, end]), spans);
  t.ok(truths.every(({ label }, index) => label !== truths[index - 1]?.label), "never one digit twice in a row");
  t.ok(times.length > 4 * 2 * 1500 && times.length < 4 * 2 * 8000);
  t.ok(inGaps < 800, "only noise between digits");
  const again = async (seed: number): Promise<string> => (await watch({ seed, count: 4 })).times.join();
  t.ok((await again(3)) === times.join(), "the same seed gives the same stream");
  t.ok((await again(4)) !== times.join());
  t.same((await watch({ seed: 3, count: 1, cycles: 1, gapMicros: 0 })).truths.map(({ end }) => end), [300_000]);
});

t.test("the real pace: no batch before its time, and a signal ends it", async (t) => {
  const stop = new AbortController();
  const begun = performance.now();
  let until = 0;
  for await (const batch of simulateDigits({ seed: 1, pace: "real", signal: stop.signal })) {
    until = batch.until;
    if (performance.now() - begun < until / 1000 - 2) t.fail("a batch came early");
    if (until >= 200_000) setTimeout(() => stop.abort(), 1);
  }
  t.ok(until >= 200_000);
});

t.test("other sizes of sensor", async (t) => {
  for await (const { events } of simulateDigits({ seed: 1, size: { width: 64, height: 48 }, count: 1 })) {
    for (let i = 0; i < events.count; i++) if (events.x[i]! >= 64 || events.y[i]! >= 48) t.fail("outside");
  }
});
