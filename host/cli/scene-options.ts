import { type Command, Option } from "commander";
import { parseSeed } from "./parse.js";
import { EXTENSIONS, type SimulatedFormat } from "./simulated-recordings.js";
import { whole } from "./text.js";

export interface SceneOptions {
  readonly out: string;
  readonly seed: number;
  readonly to: SimulatedFormat;
  readonly json?: boolean;
}

/** Adds the options that every simulated scene has. */
export function addSceneOptions(scene: Command): Command {
  return scene
    .addOption(new Option("--sensor <sensor>", "what looks at it").choices(["dvs"]).default("dvs"))
    .requiredOption("--out <folder>", "where to write; made when it is not there")
    .option("--seed <n>", "the same seed gives the same recordings", parseSeed, 1)
    .addOption(new Option("--to <format>", "the recordings' format").choices(Object.keys(EXTENSIONS)).default("evt3"))
    .option("--json", "print one JSON object");
}

/** Says what was written. */
export function reportRecordings(dataset: string, recordings: number, events: number, { seed, json }: SceneOptions): void {
  if (json) process.stdout.write(`${JSON.stringify({ dataset, recordings, events, seed })}\n`);
  else process.stdout.write(`${dataset}: ${whole(recordings)} recordings, ${whole(events)} events\n`);
}
