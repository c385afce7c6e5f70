import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import t from "tap";
import { digitRecording } from "../../host/simulator/digits.js";
import type { SensorSize } from "../../host/types.js";
import { denoised, listOf } from "../denoise/events.js";
import type { TimedEvent } from "../reference/denoise.js";
import { seeds } from "../seeds.js";
import { findPython, TRAINING } from "./python.js";

const run = promisify(execFile);
const python = await findPython();
const skip = python === undefined ? "needs a Python with torch" : false;

/** Columns t, x, y, p of f64 to those of what is kept. */
const SCRIPT = `
import sys
import numpy as np
from saccade_training.denoise import background_activity
from saccade_training.events import Events
source, out, micros, width, height = sys.argv[1:]
t, x, y, p = np.fromfile(source).reshape(4, -1).astype(np.int64)
kept = background_activity(Events(t, x.astype(np.int16), y.astype(np.int16), p.astype(np.uint8)), int(micros), int(width), int(height))
np.stack([kept.t, kept.x, kept.y, kept.p]).astype(np.float64).tofile(out)
`;

const columns = (events: readonly TimedEvent[]): Float64Array =>
  Float64Array.from((["t", "x", "y", "p"] as const).flatMap((name) => events.map((event) => event[name])));

/** Few pixels, ties, gaps about the filter's time, falls, and events that the sensor does not have. */
function randomEvents(seed: number, count: number): TimedEvent[] {
  let state = seed >>> 0, time = 1e9;
  const draw = (below: number): number => ((state = (Math.imul(state, 1664525) + 1013904223) >>> 0) >>> 8) % below;
  const steps = [0, 0, 0, 1, 17, 99, 100, 101, 250, -40, 70_000_000];
  const step = (): number => steps[draw(steps.length - (draw(9) === 0 ? 0 : 2))]!;
  return Array.from({ length: count }, () => ({ t: (time += step()), x: draw(9), y: draw(8), p: draw(2) }));
}

const CASES: readonly (readonly [title: string, events: readonly TimedEvent[], micros: number, size: SensorSize])[] = [
  ...seeds().map((seed) => [`random events, seed ${seed}`, randomEvents(seed, 20_000), 100, { width: 8, height: 7 }] as const),
  ["one pixel", randomEvents(3, 100), 60_000_000, { width: 1, height: 1 }],
  ["a digit before the simulator", listOf(digitRecording(1, 7).events), 3000, { width: 34, height: 34 }],
];

for (const [title, events, micros, size] of CASES)
  t.test(`background activity in Python keeps the events of the host's filter: ${title}`, { skip }, async (t) => {
    const folder = t.testdir({}), source = join(folder, "in"), out = join(folder, "out");
    await writeFile(source, new Uint8Array(columns(events).buffer));
    await run(python!, ["-c", SCRIPT, source, out, `${micros}`, `${size.width}`, `${size.height}`], { cwd: TRAINING });
    const { kept } = denoised(events, { backgroundActivityMicros: micros }, size);
    t.ok(Buffer.from(columns(kept).buffer).equals(await readFile(out)), `${kept.length} of ${events.length}`);
    if (size.width > 1) t.ok(kept.length > 0 && kept.length < events.length);
  });
