import fc from "fast-check";
import t from "tap";
import { bodyFrames } from "../../host/simulator/depth/body-frames.js";
import { findFlow, flowAt, motionAt, stillFlow } from "../../host/simulator/depth/flow.js";
import { outlineDistance } from "../../host/simulator/depth/outline.js";
import { depthRecording } from "../../host/simulator/depth/recording.js";
import { plainVariation, randomVariation } from "../../host/simulator/depth/variation.js";
import { ACTIONS } from "../../host/simulator/actions.js";
import { Random } from "../../host/simulator/random.js";
import type { Events } from "../../host/types.js";
import { seeds } from "../seeds.js";
import { clipOf, movingBall } from "./depth-pictures.js";

t.test("the distance from a disc's outline is that from its circle, to half a pixel", async (t) => {
  const side = 60;
  const [middle, radius] = [29.3, 14.6];
  const cover = new Float32Array(side * side);
  for (let y = 0; y < side; y++)
    for (let x = 0; x < side; x++) cover[y * side + x] = Math.min(1, Math.max(0, 0.5 + radius - Math.hypot(x - middle, y - middle)));
  const out = new Float32Array(side * side);
  outlineDistance(cover, { width: side, height: side }, out, new Float32Array(side * side));
  let worst = 0;
  for (let y = 2; y < side - 2; y++)
    for (let x = 2; x < side - 2; x++) {
      const true_ = Math.hypot(x - middle, y - middle) - radius;
      if (Math.abs(true_) < 6) worst = Math.max(worst, Math.abs(out[y * side + x]! - true_));
    }
  t.ok(worst < 0.5, `worst ${worst.toFixed(2)}`);
});

for (const seed of seeds())
  t.test(`the flow of a ball is its motion, half way and at other moments (seed ${seed})`, async () => {
    fc.assert(
      fc.property(fc.integer({ min: -6, max: 6 }), fc.integer({ min: -6, max: 6 }), fc.nat(), (dx, dy, chance) => {
        // Frames are of bins of two pixels.
        const frames = bodyFrames(movingBall(2, 22, 2 * dx, 2 * dy), false);
        const flow = findFlow(frames, 0, stillFlow(frames), new Random(chance));
        const seen = stillFlow(frames);
        for (const part of [0, 0.3, 0.5, 1]) {
          flowAt(frames, 0, flow, part, seen);
          const [x, y] = [frames.width / 2 + (part - 0.5) * dx, frames.height / 2 + (part - 0.5) * dy];
          const edges = [-10, 10].flatMap((off) => [[x + off, y], [x, y + off]]) as [number, number][];
          for (const [u, v] of edges) {
            const off = Math.hypot(motionAt(seen, seen.x, u, v) - dx, motionAt(seen, seen.y, u, v) - dy);
            if (off > 2.5) throw new Error(`${part}: ${off.toFixed(1)} off at ${u}, ${v}`);
          }
        }
      }),
      { seed, numRuns: 40 },
    );
  });

const bytesOf = ({ count, ...columns }: Events, name: "t" | "x" | "y" | "p"): Buffer => Buffer.from(columns[name].buffer, 0, count * columns[name].BYTES_PER_ELEMENT);
const sameBytes = (a: Events, b: Events): boolean =>
  a.count === b.count && (["t", "x", "y", "p"] as const).every((name) => bytesOf(a, name).equals(bytesOf(b, name)));

t.test("an edge passes each pixel once and at its time: no flicker of frames", async (t) => {
  // 10 pixels of the depth camera a frame, 5.6 of the sensor: 168 pixels a second.
  const clip = movingBall(9, 20, 10, 0, 140, 60);
  const random = new Random(5);
  const plain = plainVariation(random);
  const quiet = { ...plain.sensor, noiseHertz: 0, hotPixels: 0, receptorMicros: 0, mismatch: 0, thresholdNoise: 0, refractoryMicros: 0 };
  const { events } = depthRecording(clip, { ...plain, sensor: quiet }, random);
  // In the mirrored picture the ball goes to the left. Its first event on a pixel of the middle row is the leading edge's.
  const row = 63;
  const first = new Map<number, number>();
  for (let i = 0; i < events.count; i++) if (events.y[i] === row && !first.has(events.x[i]!)) first.set(events.x[i]!, events.t[i]!);
  const times = [...first].filter(([x]) => x > 36 && x < 56).sort(([a], [b]) => b - a);
  t.ok(times.length >= 16, `${times.length} pixels that the edge passes`);
  const [, start] = times[0]!;
  const [origin] = times[0]!;
  const speed = (10 * 0.56) / (1e6 / 30);
  const late = times.map(([x, at]) => at - start - (origin - x) / speed);
  const middle = [...late].sort((a, b) => a - b)[late.length >> 1]!;
  const off = late.map((one) => Math.abs(one - middle)).sort((a, b) => a - b);
  t.ok(off[Math.floor(0.8 * off.length)]! < 1500, `four of five pixels are within ${(off[Math.floor(0.8 * off.length)]! / 1000).toFixed(1)} ms of even motion`);
  t.ok(off.at(-1)! < 12_000, `all are within ${(off.at(-1)! / 1000).toFixed(1)} ms; frames are 33 ms apart`);
});

t.test("a recording depends on its clip, variation and seed alone", async (t) => {
  const clip = movingBall(5, 18, 6, 4);
  const make = (seed: number): Events => {
    const random = new Random(seed);
    return depthRecording(clip, randomVariation(random, ACTIONS[2]!, 0.5), random).events;
  };
  const once = make(3);
  make(8);
  t.ok(sameBytes(once, make(3)));
  t.notOk(sameBytes(once, make(4)));
});

t.test("events are in order of time, on the sensor, within the clip; the person acts within it too", async (t) => {
  const clip = clipOf(14, 80, 120, (frame, x, y) => (Math.hypot(x - 40, y - 60 - (frame > 4 && frame < 9 ? 6 * (frame - 4) : frame < 5 ? 0 : 24)) < 15 ? 2500 : 0));
  const random = new Random(1);
  const { events, micros, active } = depthRecording(clip, plainVariation(random), random);
  t.equal(micros, Math.round((13 * 1e6) / 30));
  let sound = events.count > 200;
  for (let i = 0; i < events.count; i++)
    sound &&= events.t[i]! >= (events.t[i - 1] ?? 0) && events.t[i]! < micros && events.x[i]! < 128 && events.y[i]! < 128 && events.p[i]! <= 1;
  t.ok(sound, `${events.count} events`);
  t.ok(active.start >= 50_000 && active.start <= 140_000, `starts at ${active.start}`);
  t.ok(active.end >= 260_000 && active.end <= 380_000, `ends at ${active.end}`);
});
