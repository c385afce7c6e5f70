import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import fc from "fast-check";
import t from "tap";
import { liveWindows } from "../../host/framing/live-windows.js";
import { SensorClock } from "../../host/framing/sensor-clock.js";
import { Windower } from "../../host/framing/windower.js";
import type { Events, Framing, Window } from "../../host/types.js";
import { seeds } from "../seeds.js";
import { at, batch, plain, type PlainWindow, type TestEvent } from "./events.js";

const rest = { timesteps: 1, frame: "counts", cap: 255, state: "keep" } as const;
const GRID: Framing = { kind: "time", windowMicros: 100, ...rest };
const spans = (windows: readonly PlainWindow[]): number[][] => windows.map(({ start, end, slices }) => [start, end, slices.flat().length]);

/** Batches of events, and times that a clock tells between them. */
function run(framing: Framing, inputs: readonly (readonly TestEvent[] | number)[]) {
  const windower = new Windower(framing);
  const windows: PlainWindow[] = [];
  for (const input of inputs)
    for (const window of typeof input === "number" ? windower.tick(input) : windower.push(batch(input))) windows.push(plain(window));
  const { deadline } = windower;
  for (const window of windower.end()) windows.push(plain(window));
  return { windows, drops: windower.drops, deadline };
}

t.test("the clock closes windows that are over, and what comes too late goes into the next", async t => {
  const { windows, drops, deadline } = run(GRID, [at(1000, 1020), 1099, 1100, 1250, at(1150, 1230, 1199)]);
  t.same(spans(windows), [[1000, 1100, 2], [1100, 1200, 0], [1200, 1300, 3]]);
  t.same(windows[2]!.slices.flat().map(event => event.t), [1200, 1230, 1230]);
  t.same(drops, { late: 1, time_backwards: 1 });
  t.equal(deadline, 1300);
  t.equal(run(GRID, []).deadline, Infinity, "nothing is open before the first event");
});

t.test("mixed: the clock holds the bound of latency, and opens nothing", async t => {
  const mixed: Framing = { kind: "mixed", windowEvents: 10, windowMicros: 500, maxLatencyMicros: 40, ...rest };
  const { windows, deadline } = run(mixed, [at(100, 110), 139, 140, 5000, at(6000)]);
  t.same(spans(windows), [[100, 140, 2], [6000, 6040, 1]]);
  t.equal(deadline, 6040);
  t.equal(run({ kind: "count", windowEvents: 10, ...rest }, [at(5), 1e9]).deadline, Infinity, "only events close it");
});

t.test("a long silence: silent windows up to the bound, then none, and the rest is counted", async t => {
  const second: Framing = { kind: "time", windowMicros: 1_000_000, ...rest };
  const { windows, drops } = run(second, [at(5), 60_000_000, at(30_000_005), at(65_500_005)]);
  t.equal(windows.length, 23, "11 from the first event on, 11 from the second, one from the last");
  t.same(spans(windows).at(-1), [65_500_005, 66_500_005, 1]);
  t.same(drops, { gap_windows: 19 + 24 });
});

/** Windows put together from their parts. */
function whole(framing: Framing, inputs: readonly (readonly TestEvent[] | number)[]) {
  const windower = new Windower(framing, true);
  const windows: PlainWindow[] = [];
  let parts = 0;
  let open: PlainWindow | undefined;
  const join = (window: Window): void => {
    const { firstSlice, earlierEvents, last } = window.part ?? { firstSlice: 0, earlierEvents: 0, last: true };
    const { slices, ...rest } = plain(window);
    const before: TestEvent[][] = firstSlice === 0 ? [] : [...open!.slices];
    assert.equal(before.length, firstSlice);
    assert.equal(before.flat().length, earlierEvents);
    open = { ...rest, slices: [...before, ...slices] };
    parts += Number(!last);
    if (last) windows.push(open);
  };
  for (const input of inputs)
    for (const window of typeof input === "number" ? windower.tick(input) : windower.push(batch(input))) join(window);
  for (const window of windower.end()) join(window);
  return { windows, drops: windower.drops, parts };
}

t.test("parts: slices come as they end, by events or by the clock", async t => {
  const framing: Framing = { kind: "time", windowMicros: 100, ...rest, timesteps: 4 };
  const windower = new Windower(framing, true);
  const given = (windows: Iterable<Window>): unknown[] =>
    Array.from(windows, ({ index, events, sliceEnds, part }) => [index, events.count, [...sliceEnds], part]);
  t.same(given(windower.push(batch(at(1000, 1010, 1030)))), [[0, 2, [2], { firstSlice: 0, earlierEvents: 0, last: false }]]);
  t.equal(windower.deadline, 1050);
  t.same(given(windower.tick(1049)), []);
  t.same(given(windower.tick(1080)), [[0, 1, [1], { firstSlice: 1, earlierEvents: 2, last: false }], [0, 0, [0], { firstSlice: 2, earlierEvents: 3, last: false }]]);
  t.same(given(windower.push(batch(at(1070, 1105)))), [[0, 1, [1], { firstSlice: 3, earlierEvents: 3, last: true }]]);
  t.same(windower.drops, { late: 1 });
  t.same(given(windower.push(batch(at(1300)))), [[1, 1, [1, 1, 1, 1], undefined], [2, 0, [0, 0, 0, 0], undefined]]);
});

for (const seed of seeds()) {
  t.test(`parts make the same windows, seed ${seed}`, async () => {
    const inputs = fc.array(fc.array(fc.nat(400), { maxLength: 8 }), { maxLength: 20 });
    const kind = fc.constantFrom("time", "count", "mixed");
    fc.assert(
      fc.property(inputs, kind, fc.integer({ min: 1, max: 900 }), fc.integer({ min: 1, max: 7 }), (inputs, kind, windowMicros, timesteps) => {
        const framing: Framing = { kind, windowMicros, windowEvents: 6, ...rest, timesteps };
        let now = 0;
        const batches = inputs.map(steps => at(...steps.map(step => (now += step - 20))));
        const { parts: _parts, ...joined } = whole(framing, batches);
        const { deadline: _deadline, ...plainly } = run(framing, batches);
        assert.deepEqual(joined, plainly);
      }),
      { seed, numRuns: 300 },
    );
  });

  t.test(`a clock that is never ahead changes nothing, seed ${seed}`, async () => {
    // In µs, and in twentieths of a second: then silences are long.
    const unit = fc.constantFrom(1, 50_000);
    const steps = fc.array(fc.record({ step: fc.nat(400), tick: fc.double({ min: 0, max: 1, noNaN: true }) }), { maxLength: 60 });
    const kind = fc.constantFrom("time", "count", "mixed");
    fc.assert(
      fc.property(steps, unit, kind, fc.integer({ min: 1, max: 500 }), fc.integer({ min: 1, max: 9 }), (steps, unit, kind, width, windowEvents) => {
        const framing: Framing = { kind, windowMicros: width * unit, windowEvents, maxLatencyMicros: 900 * unit, ...rest, timesteps: 3 };
        let now = 0;
        const inputs = steps.flatMap(({ step, tick }): (TestEvent[] | number)[] => {
          const told = now + Math.floor(tick * step * unit);
          now += step * unit;
          return [told, at(now)];
        });
        const { deadline: _told, ...live } = run(framing, inputs);
        const { deadline: _untold, ...replayed } = run(framing, inputs.filter(input => typeof input !== "number"));
        assert.deepEqual(live, replayed);
        if (unit === 1) assert.deepEqual(live.drops, {});
      }),
      { seed, numRuns: 300 },
    );
  });

  t.test(`whatever the clock and the events say, each event is in one window, in time, seed ${seed}`, async () => {
    const inputs = fc.array(fc.oneof(fc.nat(30_000_000), fc.array(fc.nat(30_000_000), { maxLength: 5 })), { maxLength: 30 });
    fc.assert(
      fc.property(inputs, fc.integer({ min: 100_000, max: 5_000_000 }), (inputs, windowMicros) => {
        const { windows } = run({ kind: "time", windowMicros, ...rest }, inputs.map(input => (typeof input === "number" ? input : at(...input))));
        assert.equal(windows.flatMap(window => window.slices.flat()).length, inputs.flat().length - inputs.filter(input => typeof input === "number").length);
        for (const { start, end, slices } of windows) for (const { t } of slices.flat()) assert.ok(t >= start && t < end, `${t} in ${start}..${end}`);
      }),
      { seed, numRuns: 300 },
    );
  });
}

t.test("the sensor's clock: waits for the slowest event, follows a clock that stood still", async t => {
  let wall = 1000;
  const clock = new SensorClock(() => wall);
  t.equal(clock.settled(), -Infinity);
  t.equal(clock.millisUntil(5), Infinity);
  clock.hear(batch([]));
  t.equal(clock.settled(), -Infinity);
  clock.hear(batch(at(0, 4000)));
  // The last event came at once, the first 4 ms late; 5 ms are added.
  t.equal(clock.settled(), 4000 - 4000 - 5000);
  t.equal(clock.millisUntil(4000), 9);
  wall += 9;
  t.equal(clock.settled(), 4000);
  // The sensor's clock stands still for 18 s: after two memories the old offset is forgotten.
  for (let i = 1; i <= 3; i++) {
    wall += 6000;
    clock.hear(batch(at(5000 + i)));
  }
  t.equal(clock.settled(), 5003 - 50_000 + 5_999_999, "of two deliveries 6 s apart the quicker one counts, with the longest grace");
});

/** Batches at given times after the start, ms. */
async function* paced(batches: readonly (readonly [atMillis: number, times: readonly number[]])[]): AsyncGenerator<Events> {
  const began = performance.now();
  for (const [atMillis, times] of batches) {
    await sleep(Math.max(0, began + atMillis - performance.now()));
    yield batch(at(...times));
  }
}

async function collect(framing: Framing, batches: AsyncIterable<Events>): Promise<{ windows: PlainWindow[]; heardAt: number[] }> {
  const windows: PlainWindow[] = [];
  const heardAt: number[] = [];
  for await (const window of liveWindows(batches, new Windower(framing))) {
    windows.push(plain(window));
    heardAt.push(performance.now());
  }
  return { windows, heardAt };
}

t.test("a live source that falls silent: its windows come all the same, before it ends", async t => {
  let ended = Infinity;
  async function* silent(): AsyncGenerator<Events> {
    yield* paced([[0, [0, 5000]]]);
    await sleep(400);
    ended = performance.now();
  }
  const { windows, heardAt } = await collect({ kind: "time", windowMicros: 20_000, ...rest }, silent());
  t.same(spans(windows)[0], [0, 20_000, 2]);
  t.ok(windows.length > 3, `${windows.length} windows`);
  t.ok(heardAt[0]! < ended, "the first is not held until the end");
});

t.test("a live source in full flow gives the windows of its recording", async t => {
  const batches = Array.from({ length: 20 }, (_, i) => [i * 5, [i * 5000, i * 5000 + 2000, i * 5000 + 4999]] as const);
  const framing: Framing = { kind: "mixed", windowMicros: 12_000, windowEvents: 100, ...rest };
  const { windows } = await collect(framing, paced(batches));
  t.equal(windows.flatMap(window => window.slices.flat()).length, 60);
});

t.test("an error of the source comes through, and one who leaves early ends the source", async t => {
  async function* failing(): AsyncGenerator<Events> {
    yield batch(at(1));
    throw new Error("unplugged");
  }
  await t.rejects(collect(GRID, failing()), { message: "unplugged" });
  let left = false;
  async function* endless(): AsyncGenerator<Events> {
    try {
      for (let i = 0; ; i++) yield batch(at(i * 60));
    } finally {
      left = true;
    }
  }
  for await (const window of liveWindows(endless(), new Windower(GRID))) if (window.index === 2) break;
  t.ok(left);
});
