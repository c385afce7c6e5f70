import t from "tap";
import { EventColumns } from "../../host/simulator/columns.js";
import { DvsSensor, type DvsOptions } from "../../host/simulator/dvs.js";
import { Random } from "../../host/simulator/random.js";
import { blankScene, laterScene, type Scene } from "../../host/simulator/scene.js";

const IDEAL: DvsOptions = {
  thresholdOn: 0.25, thresholdOff: 0.2, mismatch: 0, thresholdNoise: 0, refractoryMicros: 0, receptorMicros: 0, noiseHertz: 0, noiseOn: 0.7,
  hotPixels: 0, hotHertz: 0,
};
const SIZE = { width: 3, height: 2 };

/** Log light that rises by `slope` a ms on one pixel. */
function ramp(slope: number): Scene {
  return {
    ...SIZE,
    render(at, light) {
      light.fill(1);
      light[4] = Math.exp((slope * at) / 1000);
    },
  };
}

function watch(scene: Scene, options: Partial<DvsOptions>, looks: readonly number[]): EventColumns {
  const sensor = new DvsSensor(scene, { ...IDEAL, ...options }, new Random(1));
  const events = new EventColumns();
  for (const at of looks) sensor.expose(at, events);
  return events;
}

const column = (events: EventColumns, name: "t" | "x" | "y" | "p"): number[] => Array.from(events[name].subarray(0, events.count));
const everyMilli = (millis: number): number[] => Array.from({ length: millis }, (_, index) => 1000 * (index + 1));
const gaps = (times: readonly number[]): number[] => times.slice(1).map((time, index) => time - times[index]!);

t.test("light that rises in the log gives ON events at even times, on its pixel alone", async (t) => {
  const events = watch(ramp(0.1), {}, everyMilli(100));
  t.ok(events.count === 39 || events.count === 40, "10 in the log, a quarter each, begun anywhere within half of one");
  t.ok(column(events, "p").every((p) => p === 1));
  t.ok(column(events, "x").every((x) => x === 1) && column(events, "y").every((y) => y === 1));
  t.ok(gaps(column(events, "t")).every((gap) => Math.abs(gap - 2500) <= 1), "the times are those of the crossings, to a µs");
});

t.test("the times do not depend on how often the scene is looked at", async (t) => {
  const often = column(watch(ramp(-0.1), {}, everyMilli(40)), "t");
  const once = column(watch(ramp(-0.1), {}, [40_000]), "t");
  t.equal(often.length, once.length);
  t.ok(often.every((time, index) => Math.abs(time - once[index]!) <= 1));
});

t.test("falling light gives OFF events by their own threshold", async (t) => {
  const events = watch(ramp(-0.1), {}, everyMilli(100));
  t.ok(column(events, "p").every((p) => p === 0));
  t.ok(gaps(column(events, "t")).every((gap) => Math.abs(gap - 2000) <= 1));
});

t.test("a pixel is blind in its refractory period, and forgets what changed meanwhile", async (t) => {
  const events = watch(ramp(0.1), { refractoryMicros: 1500 }, everyMilli(100));
  t.ok(gaps(column(events, "t")).every((gap) => Math.abs(gap - 4000) <= 1));
});

t.test("the receptor's time constant delays and spreads a step", async (t) => {
  const step: Scene = { ...SIZE, render: (at, light) => void light.fill(at > 0 ? Math.E : 1) };
  const looks = everyMilli(60);
  const quick = watch(step, {}, looks);
  const slow = watch(step, { receptorMicros: 5000 }, looks);
  t.ok(Math.max(...column(quick, "t")) <= 1000);
  t.ok(Math.max(...column(slow, "t")) > 3000);
  t.ok(Math.abs(quick.count - slow.count) <= 6, "as many events, give or take one a pixel");
});

t.test("noise comes at its rate, more of it ON, and hot pixels burn", async (t) => {
  const size = { width: 40, height: 40 };
  const quiet = watch(blankScene(size), { noiseHertz: 2 }, [5_000_000]);
  t.ok(Math.abs(quiet.count - 16_000) < 500, `${quiet.count} of 16,000`);
  const on = column(quiet, "p").reduce((sum, p) => sum + p, 0) / quiet.count;
  t.ok(Math.abs(on - 0.7) < 0.02);
  const hot = watch(blankScene(size), { hotPixels: 0.01, hotHertz: 100 }, [1_000_000]);
  const pixels = new Set(column(hot, "x").map((x, index) => 40 * hot.y[index]! + x));
  t.ok(pixels.size >= 4 && pixels.size <= 40, `${pixels.size} hot pixels`);
  t.ok(Math.abs(hot.count / pixels.size - 100) < 20);
  t.equal(watch(blankScene(size), {}, everyMilli(50)).count, 0, "an ideal sensor before an even field is silent");
});

t.test("mismatch: pixels have thresholds of their own, and keep them", async (t) => {
  const all: Scene = { width: 30, height: 30, render: (at, light) => void light.fill(Math.exp(at / 20_000)) };
  const events = watch(all, { mismatch: 0.1 }, [100_000]);
  const counts = new Map<number, number>();
  for (let i = 0; i < events.count; i++) {
    const pixel = 30 * events.y[i]! + events.x[i]!;
    counts.set(pixel, (counts.get(pixel) ?? 0) + 1);
  }
  t.equal(counts.size, 900);
  t.ok(Math.max(...counts.values()) >= 23 && Math.min(...counts.values()) <= 17, "20 on the average");
});

t.test("events of one call are in order of time; looking elsewhere makes none", async (t) => {
  const sensor = new DvsSensor(ramp(0.3), { ...IDEAL, noiseHertz: 50 }, new Random(3));
  const events = new EventColumns();
  for (const at of everyMilli(200)) sensor.expose(at, events);
  const times = column(events, "t");
  t.ok(times.length > 200 && times.every((time, index) => Number.isInteger(time) && time >= (times[index - 1] ?? 0)));
  const before = events.count;
  const still = new DvsSensor(blankScene(SIZE), IDEAL, new Random(3));
  still.look(laterScene(ramp(0), 5000), 5000);
  still.expose(6000, events);
  t.equal(events.count, before);
  t.throws(() => new DvsSensor(blankScene({ width: 4096, height: 4096 }), IDEAL, new Random(1)), RangeError);
});
