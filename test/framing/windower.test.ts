import assert from "node:assert/strict";
import fc from "fast-check";
import t from "tap";
import { GAP_MICROS, Windower } from "../../host/framing/windower.js";
import type { Framing } from "../../host/types.js";
import { seeds } from "../seeds.js";
import { at, batch, plain, type PlainWindow, type TestEvent } from "./events.js";
import { windowsOf } from "./oracle.js";

const rest = { timesteps: 1, frame: "counts", cap: 255, state: "keep" } as const;

function run(framing: Framing, batches: readonly (readonly TestEvent[])[]): { windows: PlainWindow[]; drops: Record<string, number> } {
  const windower = new Windower(framing);
  const windows: PlainWindow[] = [];
  for (const events of batches) for (const window of windower.push(batch(events))) windows.push(plain(window));
  for (const window of windower.end()) windows.push(plain(window));
  return { windows, drops: windower.drops };
}

const spans = (windows: readonly PlainWindow[]): number[][] => windows.map(({ start, end, slices }) => [start, end, slices.flat().length]);
const sliceCounts = (windows: readonly PlainWindow[]): number[][] => windows.map(({ slices }) => slices.map(slice => slice.length));

t.test("time: a grid from the first event, the end exclusive, silence included, the last one whole", async t => {
  const { windows, drops } = run({ kind: "time", windowMicros: 100, ...rest }, [at(1000, 1099, 1100, 1350)]);
  t.same(spans(windows), [[1000, 1100, 2], [1100, 1200, 1], [1200, 1300, 0], [1300, 1400, 1]]);
  t.same(windows.map(window => window.index), [0, 1, 2, 3]);
  t.same(drops, {});
});

t.test("time: slice j starts at start + floor(j·W/T)", async t => {
  const { windows } = run({ kind: "time", windowMicros: 10, ...rest, timesteps: 3 }, [at(0, 2, 3, 5, 6, 9)]);
  t.same(sliceCounts(windows), [[2, 2, 2]], "slices start at 0, 3, 6");
});

t.test("time: in a silence windows end with the one that reaches the bound; the rest is counted, and the grid begins anew", async t => {
  const framing: Framing = { kind: "time", windowMicros: 1_000_000, ...rest };
  const bound = run(framing, [at(5, 5 + GAP_MICROS)]);
  t.equal(bound.windows.length, 11, "a silence of the bound itself is given in full");
  t.same(bound.drops, {});
  const beyond = run(framing, [at(5, 25_000_006)]);
  t.same(spans(beyond.windows).slice(-2), [[GAP_MICROS + 5, GAP_MICROS + 1_000_005, 0], [25_000_006, 26_000_006, 1]]);
  t.equal(beyond.windows.length, 12);
  t.same(beyond.drops, { gap_windows: 14 });
});

t.test("count: N events, slices of equal count, the rest at the end", async t => {
  const { windows } = run({ kind: "count", windowEvents: 5, ...rest, timesteps: 2 }, [at(1, 1, 1, 2, 9, 9, 30)]);
  t.same(spans(windows), [[1, 10, 5], [9, 31, 2]]);
  t.same(sliceCounts(windows), [[2, 3], [1, 1]]);
});

t.test("count: a latency bound closes a slow window", async t => {
  const { windows } = run({ kind: "count", windowEvents: 3, maxLatencyMicros: 50, ...rest }, [at(0, 49, 50, 51, 52, 500)]);
  t.same(spans(windows), [[0, 50, 2], [50, 53, 3], [500, 550, 1]]);
});

t.test("mixed: whichever comes first, no silent windows", async t => {
  const framing: Framing = { kind: "mixed", windowEvents: 3, windowMicros: 100, maxLatencyMicros: 40, ...rest, timesteps: 2 };
  const { windows } = run(framing, [at(0, 10, 20, 21, 60, 61, 1000)]);
  t.same(spans(windows), [[0, 21, 3], [21, 61, 2], [61, 101, 1], [1000, 1040, 1]]);
  t.same(sliceCounts(windows), [[1, 2], [1, 1], [1, 0], [1, 0]]);
});

t.test("time that runs backwards: small falls are moved up and counted, great ones restart", async t => {
  const framing: Framing = { kind: "time", windowMicros: 100, ...rest };
  const small = run(framing, [at(1000, 1050, 1049), at(1001, 1050, 1060)]);
  t.same(spans(small.windows), [[1000, 1100, 6]]);
  t.same(small.windows[0]!.slices.flat().map(event => event.t), [1000, 1050, 1050, 1050, 1050, 1060]);
  t.same(small.drops, { time_backwards: 2 });
  const byCount = run({ kind: "count", windowEvents: 2, ...rest }, [at(100, 90, 80, 70, 60)]);
  t.same(spans(byCount.windows), [[100, 101, 2], [100, 101, 2], [100, 101, 1]]);
  const great = run(framing, [at(GAP_MICROS + 1000, 5, 6)]);
  t.same(spans(great.windows), [[GAP_MICROS + 1000, GAP_MICROS + 1100, 1], [5, 105, 2]]);
  t.same(great.drops, { clock_restarts: 1 });
  t.same(great.windows.map(({ restarts }) => restarts), [0, 1]);
});

t.test("no events, no windows", async t => {
  t.same(run({ kind: "time", windowMicros: 100, ...rest }, [[], []]).windows, []);
});

t.test("a framing without its numbers is refused", async t => {
  const incomplete: readonly Framing[] = [
    { kind: "time", ...rest },
    { kind: "time", windowMicros: 0.5, ...rest },
    { kind: "count", ...rest },
    { kind: "count", windowEvents: 10, maxLatencyMicros: -1, ...rest },
    { kind: "mixed", windowEvents: 10, ...rest },
    { kind: "mixed", windowMicros: 10, ...rest },
    { kind: "time", windowMicros: 10, ...rest, timesteps: 0 },
  ];
  for (const framing of incomplete) t.throws(() => new Windower(framing), { code: "PACKAGE_REFUSED" }, JSON.stringify(framing));
});

interface Case {
  readonly events: readonly TestEvent[];
  readonly framing: Framing;
}

/** Recordings and framings: short steps in short windows, or steps around the gap's bound in long ones. */
function cases(step: fc.Arbitrary<number>, windowMicros: fc.Arbitrary<number>): fc.Arbitrary<Case> {
  const event = fc.record({ step, x: fc.nat(65535), y: fc.nat(65535), p: fc.nat(1) });
  const framing: fc.Arbitrary<Framing> = fc.record({
    kind: fc.constantFrom("time", "count", "mixed"),
    windowMicros,
    windowEvents: fc.integer({ min: 1, max: 9 }),
    maxLatencyMicros: fc.integer({ min: 1, max: 900 }),
    timesteps: fc.integer({ min: 1, max: 7 }),
    frame: fc.constant("counts"),
    cap: fc.constant(255),
    state: fc.constant("keep"),
  });
  return fc.record({ steps: fc.array(event, { maxLength: 60 }), framing }).map(({ steps, framing }) => {
    let now = 0;
    return { framing, events: steps.map(({ step, x, y, p }) => ({ t: (now += step), x, y, p })) };
  });
}
const short = cases(fc.oneof(fc.constant(0), fc.nat(3), fc.nat(400)), fc.integer({ min: 1, max: 500 }));
const long = cases(fc.oneof(fc.nat(400_000), fc.constantFrom(GAP_MICROS, GAP_MICROS + 1)), fc.integer({ min: 300_000, max: 30_000_000 }));

for (const seed of seeds()) {
  t.test(`any cut into batches gives what the rules say, seed ${seed}`, async () => {
    fc.assert(
      fc.property(fc.oneof(short, long), fc.array(fc.nat(12)), ({ events, framing }, cuts) => {
        const batches: TestEvent[][] = [];
        let from = 0;
        for (const cut of cuts) batches.push(events.slice(from, (from += cut)));
        batches.push(events.slice(from));
        assert.deepEqual(run(framing, batches).windows, windowsOf(events, framing, GAP_MICROS));
      }),
      { seed, numRuns: 500 },
    );
  });

  t.test(`any times at all: every event is in a window, seed ${seed}`, async () => {
    const times = fc.array(fc.nat(40_000_000), { maxLength: 60 });
    fc.assert(
      fc.property(times, fc.nat(60), long, (times, cut, { framing }) => {
        const events = at(...times);
        const whole = run(framing, [events]);
        const inWindows = whole.windows.flatMap(window => window.slices.flat()).length;
        assert.equal(inWindows, events.length);
        assert.deepEqual(run(framing, [events.slice(0, cut), events.slice(cut)]), whole);
      }),
      { seed, numRuns: 300 },
    );
  });
}
