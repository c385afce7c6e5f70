import { readFileSync } from "node:fs";
import t from "tap";
import { openRecording } from "../../host/recording.js";
import { EventColumns } from "../../host/simulator/columns.js";
import { readDepthClip } from "../../host/simulator/depth/clip.js";
import { depthRecording } from "../../host/simulator/depth/recording.js";
import { plainVariation } from "../../host/simulator/depth/variation.js";
import { DVS128_LIKE, DvsSensor } from "../../host/simulator/dvs.js";
import { Random } from "../../host/simulator/random.js";
import { blankScene } from "../../host/simulator/scene.js";
import type { Events } from "../../host/types.js";
import { needs, sharedData } from "../data.js";

/** The figures by which DVS128_LIKE was chosen. */
const SIDE = 128;
const WINDOW_MICROS = 50_000;
const REAL = ["alex_standing_up", "alex_standing_up2", "neal_standing_up", "neal_standing_up2"];
/** Standing up and sitting down, as in the recordings; training subjects. */
const SIMULATED = ["a24_s1_t1", "a24_s3_t2", "a24_s5_t1", "a25_s1_t1", "a25_s5_t2", "a25_s7_t1"];
const DEPTH = "motion/utd-mhad/depth";

interface Figures {
  /** Of events in windows where somebody moves: part that is ON. */
  readonly on: number;
  /** Events of a pixel that has any, in a window where somebody moves. */
  readonly perPixel: number;
  /** Greatest number of events of a pixel in a window. */
  readonly most: number;
  /** A hundredth of the intervals between a pixel's events is below this, µs; pairs within 100 µs, which a bus makes, are not counted. */
  readonly shortest: number;
}

/** Of the busier two of five windows, where they are about those. */
function figuresOf(events: Events): Figures {
  const windows = new Map<number, Map<number, number>>();
  const last = new Map<number, number>();
  const gaps: number[] = [];
  const counts = new Map<number, number>();
  const ons = new Map<number, number>();
  for (let i = 0; i < events.count; i++) {
    const window = Math.floor(events.t[i]! / WINDOW_MICROS);
    const pixel = events.y[i]! * SIDE + events.x[i]!;
    const gap = events.t[i]! - (last.get(pixel) ?? Number.NEGATIVE_INFINITY);
    if (gap > 100 && gap < Number.POSITIVE_INFINITY) gaps.push(gap);
    last.set(pixel, events.t[i]!);
    if (!windows.has(window)) windows.set(window, new Map());
    windows.get(window)!.set(pixel, (windows.get(window)!.get(pixel) ?? 0) + 1);
    counts.set(window, (counts.get(window) ?? 0) + 1);
    ons.set(window, (ons.get(window) ?? 0) + events.p[i]!);
  }
  const busy = [...counts].sort(([, a], [, b]) => b - a).slice(0, Math.ceil(counts.size * 0.4)).map(([window]) => window);
  const sum = (of: (window: number) => number): number => busy.reduce((total, window) => total + of(window), 0);
  gaps.sort((a, b) => a - b);
  return {
    on: sum((window) => ons.get(window)!) / sum((window) => counts.get(window)!),
    perPixel: sum((window) => counts.get(window)!) / sum((window) => windows.get(window)!.size),
    most: [...windows.values()].reduce((most, pixels) => Math.max(most, ...pixels.values()), 0),
    shortest: gaps[Math.floor(gaps.length / 100)]!,
  };
}

async function realEvents(name: string): Promise<Events> {
  const all = new EventColumns();
  const recording = await openRecording(sharedData(`dvs/dvs128-actions/cam255_${name}.aedat`)!);
  for await (const { count, t: times, x, y, p } of recording.decode()) for (let i = 0; i < count; i++) all.push(times[i]!, x[i]!, y[i]!, p[i]!);
  return all;
}

async function simulatedEvents(name: string): Promise<Events> {
  const random = new Random(1, ...Buffer.from(name));
  const clip = await readDepthClip(readFileSync(sharedData(`${DEPTH}/${name}.dpx.xz`)!), name);
  return depthRecording(clip, plainVariation(random), random).events;
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
const data = [needs("dvs/dvs128-actions"), needs(DEPTH)].find(({ skip }) => skip !== false) ?? { skip: false as const };

t.test("simulated people who stand up and sit down give events as real ones do", data, async (t) => {
  const real = await Promise.all(REAL.map(async (name) => figuresOf(await realEvents(name))));
  const simulated = await Promise.all(SIMULATED.map(async (name) => figuresOf(await simulatedEvents(name))));
  const near = (name: keyof Figures, share: number, digits: number): void => {
    const [wanted, got] = [mean(real.map((one) => one[name])), mean(simulated.map((one) => one[name]))];
    t.ok(Math.abs(got / wanted - 1) < share, `${name}: ${got.toFixed(digits)} simulated, ${wanted.toFixed(digits)} real`);
  };
  near("on", 0.1, 3);
  near("perPixel", 0.2, 2);
  near("most", 0.55, 1);
  near("shortest", 0.45, 0);
});

t.test("a still scene gives the noise of a real sensor", async (t) => {
  const seconds = 30;
  const sensor = new DvsSensor(blankScene({ width: SIDE, height: SIDE }), DVS128_LIKE, new Random(8));
  const events = new EventColumns();
  for (let at = 1; at <= seconds * 10; at++) sensor.expose(at * 100_000, events);
  const hertz = events.count / seconds / SIDE ** 2;
  const on = events.p.subarray(0, events.count).reduce((sum, p) => sum + p, 0) / events.count;
  // The recordings: 0.019 to 0.025, 94 to 98 % of them ON.
  t.ok(hertz > 0.019 && hertz < 0.028, `${hertz.toFixed(4)} events of a pixel a second`);
  t.ok(on > 0.93 && on < 0.98, `${(100 * on).toFixed(1)} % ON`);
});
