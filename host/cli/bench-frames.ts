import type { Engine } from "../engine/engine.js";
import { frame } from "../pipeline.js";
import { openRecording } from "../recording.js";
import { SaccadeError } from "../errors.js";
import { Tally } from "../tally.js";
import type { LoadedPackage } from "../types.js";
import { readDataset } from "./dataset.js";
import type { BenchFrames } from "./measure.js";

/** The frames of a data set's first windows that hold events. @throws RECORDING_EMPTY when there are none */
export async function collectFrames(pkg: LoadedPackage, engine: Engine, data: string, windows: number): Promise<BenchFrames> {
  const { samples, sensor } = await readDataset(data);
  const stream = engine.stream();
  const taken: Uint8Array[] = [];
  for (const { path, format } of samples) {
    const recording = await openRecording(path, { format, size: sensor });
    for await (const { events, sliceEnds } of frame(recording, pkg.card, new Tally())) {
      if (events.count === 0) continue;
      let from = 0;
      for (const to of sliceEnds) {
        stream.frame(events, from, to);
        taken.push(engine.input.slice());
        from = to;
      }
      if (taken.length >= windows * engine.timesteps) return joined(taken);
    }
  }
  if (taken.length === 0) throw new SaccadeError("RECORDING_EMPTY", `${data}: its recordings hold no events`, "use another data set");
  return joined(taken);
}

function joined(taken: readonly Uint8Array[]): BenchFrames {
  return { frames: new Uint8Array(Buffer.concat(taken)), timesteps: taken.length };
}
