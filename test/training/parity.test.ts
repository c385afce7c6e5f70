import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import t from "tap";
import { readDataset } from "../../host/cli/dataset.js";
import { LogitsTable } from "../../host/cli/logits-table.js";
import { DENOISE_REASONS } from "../../host/denoise/filter.js";
import { BUILDS, compileBuild } from "../../host/engine/builds.js";
import { Engine } from "../../host/engine/engine.js";
import { frame, infer } from "../../host/pipeline.js";
import { Tally } from "../../host/tally.js";
import { openRecording } from "../../host/recording.js";
import { packageRoot } from "../../host/root.js";
import { readCheckpoint } from "../../models/importers/checkpoint.js";
import { FRAME_KINDS } from "../../models/package/card-check.js";
import { lower } from "../../models/package/lower.js";
import { planOf } from "../../models/package/writer.js";
import { endRuns, saccade } from "../cli/run.js";
import { needs, sharedData } from "../data.js";
import { findPython, TRAINING } from "./python.js";

t.teardown(endRuns);

const run = promisify(execFile);
/** Losses that are meant. */
const MEANT = ["frame_saturated", ...Object.keys(DENOISE_REASONS)];
const NMNIST = "dvs/nmnist-small/test.json";

/** A checkpoint of the zoo, and recordings that the engine and PyTorch see. */
interface Case {
  readonly checkpoint: string;
  readonly what: string;
  readonly recordings: number;
  /** Why they are not on this machine. */
  readonly skip: string | false;
  dataset(folder: string): Promise<string>;
}

const digits = (name: string): Case => ({
  checkpoint: `nmnist/${name}`, what: "the 100 N-MNIST test recordings", recordings: 100, ...needs(NMNIST), dataset: async () => sharedData(NMNIST)!,
});
/** The actor's, for those of people need depth clips. */
const actions = (name: string): Case => ({
  checkpoint: `actions/${name}`,
  what: "recordings of the actor",
  recordings: 8,
  skip: false,
  async dataset(folder) {
    const { code } = await saccade("simulate", "actor", "--count", "8", "--seed", "11", "--out", join(folder, "actor"));
    if (code !== 0) throw new Error("the actor was not simulated");
    return join(folder, "actor", "dataset.json");
  },
});
const CASES: readonly Case[] = [digits("nmnist"), digits("nmnist-int4"), digits("nmnist-tiny"), actions("actions-trev"), actions("actions-point")];

/** What a command that failed had to say. */
function wordsOf(error: { stdout?: string; message: string }): string {
  return error.stdout || error.message;
}

const python = await findPython();

for (const { checkpoint: name, what, recordings, skip, dataset } of CASES) {
  const title = `${name}: the engine gives the logits of PyTorch's integer mode on every window of ${what}`;
  t.test(title, { skip: python === undefined ? "needs a Python with torch" : skip }, async (t) => {
    const folder = t.testdir({});
    const data = await dataset(folder);
    const checkpoint = fileURLToPath(new URL(`models/zoo/${name}.safetensors`, packageRoot));
    const { card, graph } = readCheckpoint(Uint8Array.from(await readFile(checkpoint)));
    const { timesteps, frame: frames, cap } = card.framing, pixels = card.sensor.kind === "dvs" ? { sensor: card.sensor } : {};
    const program = lower(graph, { timesteps, frame: FRAME_KINDS[frames], frameCap: cap, ...pixels });
    const plan = planOf(program);
    const { samples, sensor } = await readDataset(data);
    t.equal(samples.length, recordings);
    const files: Buffer[] = [];
    const logitsPath = join(folder, "engine.npz");
    for (const build of BUILDS.filter((each) => compileBuild(each) !== undefined)) {
      const engine = new Engine(plan, program.constants, { build });
      const selfTest = { frames: new Uint8Array(), timesteps: 0, digest: "" };
      const network = { pkg: { card, graph, plan, constants: program.constants, selfTest, digest: "" }, engine, stream: engine.stream() };
      const table = new LogitsTable(engine.logits.length, true);
      let lost = 0;
      for (const { path, format, label } of samples) {
        const tally = new Tally();
        const source = await openRecording(path, { format, size: sensor });
        table.beginRecording(card.labels.indexOf(label));
        for await (const { logits } of infer(frame(source, card, tally), network, tally)) table.addWindow(logits);
        lost += Object.entries(tally.dropped).reduce((sum, [reason, count]) => (MEANT.includes(reason) ? sum : sum + count), 0);
      }
      t.equal(lost, 0, `${build}: no event lost`);
      await table.write(logitsPath);
      files.push(await readFile(logitsPath));
      t.ok(files[0]!.equals(files.at(-1)!), `${build}: the logits of ${BUILDS[0]}`);
    }
    const parity = ["-m", "saccade_training.parity", "--checkpoint", checkpoint, "--data", data, "--against", logitsPath];
    const said = await run(python!, parity, { cwd: TRAINING }).then(({ stdout }) => stdout, wordsOf);
    t.match(said, new RegExp(`^\\d+ windows of ${recordings} recordings, \\d+ logits: all equal\\n$`));
  });
}
