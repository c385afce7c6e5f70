import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Argument, Option, type Command } from "commander";
import { SaccadeError } from "../errors.js";
import { NMNIST_SIZE } from "../simulator/digit-scene.js";
import { DIGIT_LABELS, digitRecording } from "../simulator/digits.js";
import { Random } from "../simulator/random.js";
import type { Events } from "../types.js";
import { writeFileWhole } from "../writers/file-sink.js";
import { createWriter, type WriteName } from "../writers/formats.js";
import { parseWhole } from "./parse.js";
import { Progress } from "./progress.js";
import { whole } from "./text.js";

/** Formats of a simulated recording, with the extension of their files. */
const EXTENSIONS = { evt3: ".raw", evt2: ".raw", aedat4: ".aedat4", csv: ".csv" } as const satisfies Partial<Record<WriteName, string>>;
type SimulatedFormat = keyof typeof EXTENSIONS;

interface SimulateOptions {
  readonly out: string;
  readonly count: number;
  readonly seed: number;
  readonly to: SimulatedFormat;
  readonly json?: boolean;
}

/** `saccade simulate digits`: labelled recordings of the simulated sensor, and the dataset.json that lists them. */
export function addSimulate(program: Command): void {
  program
    .command("simulate")
    .description("write labelled recordings of a simulated sensor, and a dataset.json that lists them")
    .addArgument(new Argument("<scene>", "what the sensor sees: handwritten digits, moved as N-MNIST's are").choices(["digits"]))
    .addOption(new Option("--sensor <sensor>", "what looks at it").choices(["dvs"]).default("dvs"))
    .requiredOption("--out <folder>", "where to write; made when it is not there")
    .option("--count <n>", "recordings, the digits in turn", parseWhole(1), 100)
    .option("--seed <n>", "the same seed gives the same recordings", parseWhole(0), 1)
    .addOption(new Option("--to <format>", "the recordings' format").choices(Object.keys(EXTENSIONS)).default("evt3"))
    .option("--json", "print one JSON object")
    .action(async (_scene: string, options: SimulateOptions) => simulate(options));
}

async function simulate({ out, count, seed, to, json }: SimulateOptions): Promise<void> {
  await makeFolder(out).catch((cause: NodeJS.ErrnoException) => {
    throw new SaccadeError("FILE_UNWRITABLE", `${out} cannot be made: ${cause.code}`, "name a folder that may be written", { cause });
  });
  const samples: { file: string; format: string; label: string }[] = [];
  const seeds = new Random(seed);
  const progress = new Progress("recordings", count);
  let events = 0;
  for (let index = 0; index < count; index++) {
    const recording = digitRecording(seeds.bits(), index % DIGIT_LABELS.length);
    const file = `${String(index).padStart(6, "0")}-${recording.label}${EXTENSIONS[to]}`;
    await writeRecording(join(out, file), recording.events, to);
    samples.push({ file, format: to, label: recording.label });
    events += recording.events.count;
    progress.show(index + 1);
  }
  progress.end();
  const dataset = { task: "classification", sensor: { kind: "dvs", ...NMNIST_SIZE }, labels: DIGIT_LABELS, samples };
  const path = join(out, "dataset.json");
  await writeFileWhole(path, (sink) => sink.write(Buffer.from(`${JSON.stringify(dataset, null, 1)}\n`)));
  if (json) process.stdout.write(`${JSON.stringify({ dataset: path, recordings: count, events, seed })}\n`);
  else process.stdout.write(`${path}: ${whole(count)} recordings, ${whole(events)} events\n`);
}

/** Also its parents. Not mkdir's own recursion, which never returns for a path below /proc. */
async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST") return;
    if (code !== "ENOENT" || dirname(path) === path) throw error;
    await makeFolder(dirname(path));
    await mkdir(path);
  }
}

async function writeRecording(path: string, events: Events, format: SimulatedFormat): Promise<void> {
  const writer = createWriter(format, NMNIST_SIZE);
  await writeFileWhole(path, async (sink) => {
    await sink.write(writer.begin());
    for (const bytes of writer.write(events)) await sink.write(bytes);
    for (const bytes of writer.end()) await sink.write(bytes);
    const patch = writer.patch?.();
    if (patch) await sink.patch(patch.at, patch.bytes);
  });
}
