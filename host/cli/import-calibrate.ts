import { readPackage } from "../../models/package/reader.js";
import { planOf } from "../../models/package/writer.js";
import { Engine } from "../engine/engine.js";
import { collectFrames } from "./bench-frames.js";
import { packageBytes, programOf, type Imported } from "./import-package.js";

/** Windows of the data set that are run. */
const WINDOWS = 256;
/** Room above what was seen. */
const MARGIN = 1.1;
/** An engine has at most 64 outputs; the logits are one. */
const MAX_WATCHED = 60;

/**
 * Runs a network over recordings and measures the values that are requantised to i16, which without it are scaled for their worst case.
 * @returns the greatest |value| of each measured node, real units; empty when the network has none
 */
export async function calibrate(imported: Imported, dataset: string): Promise<Map<string, number>> {
  const watched = (imported.report?.requantised ?? []).slice(0, MAX_WATCHED);
  if (watched.length === 0) return new Map();
  const program = programOf(imported, watched.map(({ node }) => node));
  const engine = new Engine(planOf(program), program.constants);
  const { frames, timesteps } = await collectFrames(readPackage(await packageBytes(imported)), engine, dataset, WINDOWS);
  const stream = engine.stream();
  const greatest = watched.map(() => 0);
  stream.reset();
  for (let step = 0; step < timesteps; step++) {
    if (step % engine.timesteps === 0) stream.beginWindow();
    engine.input.set(frames.subarray(step * engine.input.length, (step + 1) * engine.input.length));
    stream.step();
    watched.forEach((_, i) => {
      for (const value of engine.outputs[i + 1]!) greatest[i] = Math.max(greatest[i]!, Math.abs(value));
    });
  }
  return new Map(watched.map(({ source, unit }, i) => [source, Math.max(1, greatest[i]!) * unit * MARGIN]));
}
