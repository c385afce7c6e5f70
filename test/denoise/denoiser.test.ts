import assert from "node:assert/strict";
import fc from "fast-check";
import t from "tap";
import { createDenoiser, type DenoiseOptions } from "../../host/denoise/denoiser.js";
import { MOST_MICROS } from "../../host/denoise/filter.js";
import { MOST_RATE } from "../../host/denoise/hot-pixels.js";
import { openRecording } from "../../host/recording.js";
import { needs, sharedData } from "../data.js";
import { denoise, type TimedEvent } from "../reference/denoise.js";
import { seeds } from "../seeds.js";
import { batchOf, denoised, listOf } from "./events.js";

const ALL: DenoiseOptions = { backgroundActivityMicros: 5000, refractoryMicros: 1000, hotPixelRate: 50 };
const SIZE = { width: 8, height: 8 };
const at = (time: number, x: number, y: number, p = 1): TimedEvent => ({ t: time, x, y, p });
const times = (events: readonly TimedEvent[]): number[] => events.map(({ t: time }) => time);

t.test("background activity: a neighbour's event, no more than so far back, not its own", async (t) => {
  const run = (...events: TimedEvent[]): number[] => times(denoised(events, { backgroundActivityMicros: 100 }, SIZE).kept);
  t.same(run(at(0, 3, 3), at(100, 4, 4)), [100], "the last µs counts");
  t.same(run(at(0, 3, 3), at(101, 4, 4)), []);
  t.same(run(at(0, 3, 3), at(1, 3, 3)), [], "its own pixel says nothing");
  t.same(run(at(0, 3, 3), at(1, 5, 3)), [], "two pixels away");
  t.same(run(at(7, 3, 3), at(7, 4, 3)), [7], "at the same time, in order");
  for (const [dx, dy] of [[-1, -1], [0, -1], [1, -1], [-1, 0], [1, 0], [-1, 1], [0, 1], [1, 1]] as const)
    t.same(run(at(0, 3, 3), at(9, 3 + dx, 3 + dy)), [9], `${dx} ${dy}`);
  t.same(run(at(0, 7, 3), at(9, 0, 4)), [], "rows have no way round their ends");
  t.same(run(at(0, 0, 0), at(9, 7, 7)), []);
});

t.test("refractory: counted from the last event that was kept", async (t) => {
  const run = (...events: TimedEvent[]): number[] => times(denoised(events, { refractoryMicros: 100 }, SIZE).kept);
  t.same(run(at(0, 1, 1), at(60, 1, 1), at(99, 1, 1, 0), at(100, 1, 1), at(160, 1, 1)), [0, 100]);
  t.same(run(at(0, 1, 1), at(1, 2, 1)), [0, 1], "each pixel for itself");
});

/** Events of one pixel at an even rate, from one second to another. */
const even = (rate: number, from: number, to: number): TimedEvent[] =>
  Array.from({ length: Math.round((to - from) * rate) }, (_, i) => at(Math.round((from + i / rate) * 1e6), 2, 2));

t.test("hot pixels: muted when they go on, not for a burst; free again when they rest", async (t) => {
  const run = (events: readonly TimedEvent[]): { kept: readonly TimedEvent[]; muted: number } => denoised(events, { hotPixelRate: 100 }, SIZE);
  t.equal(run(even(100, 0, 60)).kept.length, 6000, "at the rate for a minute");
  t.equal(run(Array.from({ length: 100 }, () => at(5, 2, 2))).kept.length, 100, "a second's worth at once");
  t.equal(run(Array.from({ length: 150 }, () => at(5, 2, 2))).kept.length, 100, "and no more");
  const twice = run(even(200, 0, 10));
  t.same([twice.kept.length, twice.muted], [199, 1], "twice the rate: a second, then nothing");
  t.equal(run(even(1000, 0, 10)).kept.length, 111, "ten times: a ninth of a second");
  const rested = run([...even(1000, 0, 1), at(1_400_000, 2, 2), at(1_520_000, 2, 2)]);
  t.same([times(rested.kept).at(-1), rested.muted], [1_520_000, 0], "half a second's rest, and the event between");
  const slower = [...even(1000, 0, 1), ...even(50, 1, 4)];
  t.equal(run(slower).kept.length, 111 + 50 * 2 + 1, "at half the rate it is free after a second");
});

t.test("a time that falls begins anew, and costs no pass over all pixels", async (t) => {
  const before = Array.from({ length: 20 }, () => at(1e9, 2, 2));
  const { kept } = denoised([...before, at(5, 2, 2), at(6, 3, 3), at(1e12, 3, 3)], { ...ALL, hotPixelRate: 10, backgroundActivityMicros: undefined }, SIZE);
  t.same(times(kept), [1e9, 5, 6, 1e12]);
  const large = createDenoiser(ALL, { width: 1280, height: 720 });
  const falling = batchOf(Array.from({ length: 20_000 }, (_, i) => at(1e12 - 2e7 * i, 700, 300)));
  const began = performance.now();
  large.filter(falling);
  t.ok(performance.now() - began < 1000, `${Math.round(performance.now() - began)} ms for 20,000 falls`);
});

t.test("what the sensor does not have passes; a batch without filters is given back; no batch makes it grow but a longer one", async (t) => {
  const outside = [at(0, 8, 0), at(1, 0, 8), at(2, 65535, 65535), at(3, 7, 8)];
  const { kept, drops } = denoised(outside, { ...ALL, hotPixelRate: 1 }, SIZE);
  t.same([kept, drops], [outside, {}]);
  const batch = batchOf(outside);
  t.equal(createDenoiser({}, SIZE).filter(batch), batch);
  const denoiser = createDenoiser(ALL, SIZE), given = denoiser.filter(batch);
  t.equal(denoiser.filter(batchOf(outside.slice(2))), given, "the same columns again");
  t.same(listOf(batch), outside, "the batch itself is not touched");
});

t.test("numbers out of their range are refused", async (t) => {
  for (const value of [0, -1, 1.5, NaN, MOST_MICROS + 1]) {
    t.throws(() => createDenoiser({ backgroundActivityMicros: value }, SIZE), { code: "CONFIG_INVALID" });
    t.throws(() => createDenoiser({ refractoryMicros: value }, SIZE), { code: "CONFIG_INVALID" });
  }
  for (const value of [0, 0.5, MOST_RATE + 1]) t.throws(() => createDenoiser({ hotPixelRate: value }, SIZE), { code: "CONFIG_INVALID" });
});

const step = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 0, max: 300 }) },
  { weight: 3, arbitrary: fc.constantFrom(999, 1000, 1001, 4999, 5000, 5001, 500_000, 999_999, 1_000_000, 1_000_001) },
  { weight: 1, arbitrary: fc.constantFrom(-1, -20, -5e9, MOST_MICROS, MOST_MICROS + 1, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 40) },
);
const side = fc.integer({ min: 1, max: 5 });
const move = fc.tuple(step, fc.integer({ min: 0, max: 5 }), fc.integer({ min: 0, max: 5 }), fc.integer({ min: 0, max: 1 }));
const micros = fc.option(fc.constantFrom(1, 100, 1000, 5000, MOST_MICROS), { nil: undefined });
const settings = fc.record({
  backgroundActivityMicros: micros,
  refractoryMicros: micros,
  hotPixelRate: fc.option(fc.constantFrom(1, 2, 3, 7, 30, MOST_RATE), { nil: undefined }),
});

for (const seed of seeds())
  t.test(`random events: as the slow rules say, however they are cut, seed ${seed}`, async (t) => {
    fc.assert(
      fc.property(fc.array(move, { maxLength: 200 }), side, side, settings, fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 3 }),
        (moves, width, height, options, cuts) => {
          let time = 1e10;
          const events = moves.map(([by, x, y, p]) => at((time = Math.max(0, time + by)), x, y, p)), size = { width, height };
          const { kept, drops } = denoised(events, options, size, cuts), wanted = denoise(events, options, size);
          assert.deepEqual({ kept, drops }, { kept: wanted.kept, drops: wanted.drops });
        }),
      { seed, numRuns: 400 },
    );
    t.pass("equal");
  });

t.test("long streams, in which the filters' clocks begin again many times", async (t) => {
  const hash = (k: number): number => Math.imul(k + 1, 2654435761) >>> 0;
  for (const [options, stride] of [[{ backgroundActivityMicros: MOST_MICROS, refractoryMicros: MOST_MICROS }, 9e6], [{ hotPixelRate: 2 }, 400_000]] as const) {
    let time = 0;
    const events = Array.from({ length: 30_000 }, (_, k) => {
      const place = (hash(k) >>> 5) % 50;
      return at((time += hash(k) % stride), place < 25 ? 0 : place % 5, place < 25 ? 0 : (hash(k) >>> 9) % 5);
    });
    const { kept, drops } = denoised(events, options, SIZE, [4096]), wanted = denoise(events, options, SIZE);
    t.same(drops, wanted.drops);
    t.ok(Object.values(drops).every((count) => count > 100) && kept.length > 100, `${kept.length} kept, ${JSON.stringify(drops)}`);
    t.strictSame(times(kept), times(wanted.kept));
  }
});

const RECORDINGS = ["dvs/dvs128-actions/alex_walking_again.aedat", "dvs/formats/davis346-room.aedat4", "dvs/formats/evt2.raw"];
for (const path of RECORDINGS)
  t.test(`${path}: as the slow rules say`, needs(path), async (t) => {
    const recording = await openRecording(sharedData(path)!), events: TimedEvent[] = [];
    for await (const batch of recording.decode()) {
      events.push(...listOf(batch));
      if (events.length >= 40_000) break;
    }
    const size = recording.size!, options = { ...ALL, backgroundActivityMicros: 2000, hotPixelRate: 20 };
    const { kept, drops } = denoised(events, options, size, [1000, 17, 4096]), wanted = denoise(events, options, size);
    t.same(drops, wanted.drops, JSON.stringify(drops));
    assert.deepEqual(kept, wanted.kept);
    t.ok(kept.length > 0 && kept.length < events.length, `${kept.length} of ${events.length} kept`);
  });
