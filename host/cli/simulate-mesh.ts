import { basename } from "node:path";
import type { Command } from "commander";
import { SaccadeError } from "../errors.js";
import { ACTOR_SIZE } from "../simulator/actor/scene.js";
import { readGlb } from "../simulator/mesh/glb.js";
import { meshRecording } from "../simulator/mesh/recording.js";
import { readRig } from "../simulator/mesh/rig.js";
import { Random } from "../simulator/random.js";
import { readInputFile } from "../sources/input-file.js";
import { parseWhole } from "./parse.js";
import { Progress } from "./progress.js";
import { addSceneOptions, reportRecordings, type SceneOptions } from "./scene-options.js";
import { RecordingFolder } from "./simulated-recordings.js";

/** Characters of a clip in its file's name. */
const LONGEST_NAME = 100;

interface MeshOptions extends SceneOptions {
  readonly mesh: string;
  readonly clips?: readonly string[];
  readonly count?: number;
}

/** `saccade simulate mesh`: a rigged body of a glTF does its clips. */
export function addSimulateMesh(simulate: Command): void {
  addSceneOptions(simulate.command("mesh").description("a rigged body with clips of motion, before a DVS128"))
    .requiredOption("--mesh <file>", "a .glb file: glTF 2.0 binary, with a skin and animations")
    .option("--clips <names>", "its clips to show, separated by commas; default all", (text: string) => text.split(","))
    .option("--count <n>", "recordings, the clips in turn; default one of each", parseWhole(1))
    .action(simulateMesh);
}

async function simulateMesh(options: MeshOptions): Promise<void> {
  const file = basename(options.mesh);
  const rig = readRig(readGlb(await readInputFile(options.mesh), file));
  const clips = chooseClips(file, [...rig.clips].filter(([, seconds]) => seconds > 0).map(([name]) => name), options.clips);
  const folder = await RecordingFolder.make(options.out, ACTOR_SIZE, options.to);
  const count = options.count ?? clips.length;
  const seeds = new Random(options.seed);
  const progress = new Progress("recordings", count);
  for (let index = 0; index < count; index++) {
    const label = clips[index % clips.length]!;
    const { events, micros } = meshRecording(rig, label, seeds.bits());
    const name = `${String(index).padStart(6, "0")}-${label.replaceAll(/[^A-Za-z0-9_.-]/g, "_").slice(0, LONGEST_NAME)}`;
    await folder.add(name, events, label, { end: micros, intervals: [{ start: 0, end: micros, label }] });
    progress.show(index + 1);
  }
  progress.end();
  reportRecordings(await folder.end([...new Set(clips)]), count, folder.events, options);
}

function chooseClips(file: string, known: readonly string[], wanted: readonly string[] | undefined): readonly string[] {
  if (known.length === 0) throw new SaccadeError("RECORDING_UNSUPPORTED", `${file} has no motion`, "name a .glb file with animations");
  const stranger = wanted?.find((clip) => !known.includes(clip));
  if (stranger !== undefined) throw new SaccadeError("USAGE", `${file} has no clip "${stranger}"`, `choose of ${known.join(", ")}`);
  return wanted ?? known;
}
