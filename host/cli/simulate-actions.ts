import { readdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { InvalidArgumentError, Option, type Command } from "commander";
import { SaccadeError } from "../errors.js";
import { ACTION_LABELS, type ClipName, parseClipName, splitOf } from "../simulator/actions.js";
import { readDepthClip } from "../simulator/depth/clip.js";
import { depthRecording } from "../simulator/depth/recording.js";
import { plainVariation, randomVariation } from "../simulator/depth/variation.js";
import { Random } from "../simulator/random.js";
import { readInputFile } from "../sources/input-file.js";
import { parseWhole } from "./parse.js";
import { Progress } from "./progress.js";
import { addSceneOptions, reportRecordings, type SceneOptions } from "./scene-options.js";
import { RecordingFolder } from "./simulated-recordings.js";

const EXTENSION = ".dpx.xz";
const SIZE = { width: 128, height: 128 };

interface ActionsOptions extends SceneOptions {
  readonly depth: readonly string[];
  readonly split: "train" | "test" | "all";
  readonly augment: number;
  readonly mirror: number;
}

/** `saccade simulate actions`: people of UTD-MHAD's depth clips before an event camera. */
export function addSimulateActions(simulate: Command): void {
  addSceneOptions(simulate.command("actions").description("people who act, from depth clips of UTD-MHAD, before a DVS128"))
    .requiredOption("--depth <path...>", `folders of depth clips, or clips: a3_s5_t2${EXTENSION} is action 3 by subject 5, trial 2`)
    .addOption(new Option("--split <split>", "whose clips: odd subjects train, even ones test").choices(["train", "test", "all"]).default("all"))
    .option("--augment <n>", "show each clip n times, each time otherwise: size, place, speed, camera, room, noise", parseWhole(0, 10_000), 0)
    .option("--mirror <share>", "with --augment: how many of 1 are mirrored, where the action allows it", parseShare, 0.25)
    .action(simulateActions);
}

function parseShare(text: string): number {
  const share = Number(text);
  if (text.trim() === "" || !(share >= 0 && share <= 1)) throw new InvalidArgumentError("It has to be from 0 to 1.");
  return share;
}

async function simulateActions(options: ActionsOptions): Promise<void> {
  const clips = (await findClips(options.depth)).filter(({ named }) => options.split === "all" || splitOf(named) === options.split);
  if (clips.length === 0)
    throw new SaccadeError(
      "FILE_NOT_FOUND", `no clip of ${options.depth.join(", ")} is in the split ${options.split}`, "name more clips, or another split",
    );
  const folder = await RecordingFolder.make(options.out, SIZE, options.to);
  const versions = Math.max(1, options.augment);
  const progress = new Progress("recordings", clips.length * versions);
  let done = 0;
  for (const { path, named } of clips) {
    const clip = await readDepthClip(await readInputFile(path), path);
    for (let version = 1; version <= versions; version++) {
      // Of its own name, seed and version alone: the same whatever else is made.
      const random = new Random(options.seed, options.augment === 0 ? 0 : version, ...Buffer.from(named.name));
      const variation = options.augment === 0 ? plainVariation(random) : randomVariation(random, named.action, options.mirror);
      const { events, micros, active } = depthRecording(clip, variation, random);
      const label = labelOf(named, variation.mirrored);
      const name = options.augment === 0 ? named.name : `${named.name}_v${version}`;
      const { subject, trial } = named;
      const facts = { clip: named.name, subject, trial, split: splitOf(named), mirrored: variation.mirrored, end: micros };
      await folder.add(name, events, label, { ...facts, intervals: [{ ...active, label }] });
      progress.show(++done);
    }
  }
  progress.end();
  reportRecordings(await folder.end(ACTION_LABELS), done, folder.events, options);
}

function labelOf({ action }: ClipName, mirrored: boolean): string {
  return mirrored && ACTION_LABELS.includes(action.mirrored!) ? action.mirrored! : action.label;
}

/** The clips of folders and files, in the order of their names. @throws SaccadeError FILE_NOT_FOUND, DATASET_INVALID */
async function findClips(paths: readonly string[]): Promise<{ path: string; named: ClipName }[]> {
  const found: { path: string; named: ClipName }[] = [];
  for (const path of paths) {
    const inside = path.endsWith(EXTENSION) ? undefined : await listFolder(path);
    for (const file of inside ?? [path]) {
      const named = parseClipName(basename(file, EXTENSION));
      if (named === undefined)
        throw new SaccadeError("DATASET_INVALID", `${file} is not named as UTD-MHAD's clips are`, `name clips like a3_s5_t2${EXTENSION}`);
      found.push({ path: file, named });
    }
  }
  found.sort((a, b) => (a.named.name < b.named.name ? -1 : 1));
  const twice = found.findIndex(({ named }, i) => named.name === found[i - 1]?.named.name);
  if (twice > 0)
    throw new SaccadeError("DATASET_INVALID", `${found[twice - 1]!.path} and ${found[twice]!.path} are one clip`, "name each clip once");
  return found;
}

async function listFolder(path: string): Promise<string[]> {
  const names = await readdir(path).catch((cause: NodeJS.ErrnoException) => {
    const what = `${path} is no folder of depth clips: ${cause.code}`;
    throw new SaccadeError("FILE_NOT_FOUND", what, `name a folder, or files that end in ${EXTENSION}`, { cause });
  });
  return names.filter((name) => name.endsWith(EXTENSION)).map((name) => join(path, name));
}
