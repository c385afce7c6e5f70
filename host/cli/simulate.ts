import type { Command } from "commander";
import { NMNIST_SIZE } from "../simulator/digit-scene.js";
import { DIGIT_LABELS, digitRecording } from "../simulator/digits.js";
import { Random } from "../simulator/random.js";
import { parseWhole } from "./parse.js";
import { Progress } from "./progress.js";
import { addSceneOptions, reportRecordings, type SceneOptions } from "./scene-options.js";
import { addSimulateActions } from "./simulate-actions.js";
import { addSimulateActor } from "./simulate-actor.js";
import { addSimulateMesh } from "./simulate-mesh.js";
import { RecordingFolder } from "./simulated-recordings.js";

/** `saccade simulate SCENE`: labelled recordings of a simulated sensor, and the dataset.json that lists them. */
export function addSimulate(program: Command): void {
  const simulate = program.command("simulate").description("write labelled recordings of a simulated sensor, and a dataset.json that lists them");
  addSimulateDigits(simulate);
  addSimulateActions(simulate);
  addSimulateActor(simulate);
  addSimulateMesh(simulate);
}

function addSimulateDigits(simulate: Command): void {
  addSceneOptions(simulate.command("digits").description("handwritten digits, moved as N-MNIST's are"))
    .option("--count <n>", "recordings, the digits in turn", parseWhole(1), 100)
    .action(simulateDigits);
}

async function simulateDigits(options: SceneOptions & { readonly count: number }): Promise<void> {
  const { out, count, seed, to } = options;
  const folder = await RecordingFolder.make(out, NMNIST_SIZE, to);
  const seeds = new Random(seed);
  const progress = new Progress("recordings", count);
  for (let index = 0; index < count; index++) {
    const { events, label } = digitRecording(seeds.bits(), index % DIGIT_LABELS.length);
    await folder.add(`${String(index).padStart(6, "0")}-${label}`, events, label);
    progress.show(index + 1);
  }
  progress.end();
  reportRecordings(await folder.end(DIGIT_LABELS), count, folder.events, options);
}
