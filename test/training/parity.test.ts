import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import t from "tap";
import { FrameKind } from "../../assembly/abi.js";
import { readDataset } from "../../host/cli/dataset.js";
import { LogitsTable } from "../../host/cli/logits-table.js";
import { BUILDS, compileBuild } from "../../host/engine/builds.js";
import { Engine } from "../../host/engine/engine.js";
import { frame, infer } from "../../host/pipeline.js";
import { Tally } from "../../host/tally.js";
import { openRecording } from "../../host/recording.js";
import { packageRoot } from "../../host/root.js";
import { readCheckpoint } from "../../models/importers/checkpoint.js";
import { lower } from "../../models/package/lower.js";
import { planOf } from "../../models/package/writer.js";
import { sharedData } from "../data.js";

const run = promisify(execFile);
const TRAINING = fileURLToPath(new URL("models/training", packageRoot));
/** With weights int8 and int4. */
const CHECKPOINTS = ["nmnist", "nmnist-int4", "nmnist-tiny"].map((name) => fileURLToPath(new URL(`models/zoo/nmnist/${name}.safetensors`, packageRoot)));
const DATASET = sharedData("dvs/nmnist-small/test.json");

/** A Python that has torch: SACCADE_PYTHON, or what is found. With CI set there must be one. */
async function findPython(): Promise<string | undefined> {
  for (const python of [process.env["SACCADE_PYTHON"], "python3", "/usr/bin/python3"]) {
    if (python === undefined) continue;
    const found = await run(python, ["-c", "import numpy, torch"]).then(() => true, () => false);
    if (found) return python;
  }
  if (process.env["CI"]) throw new Error("no Python with torch; name one in SACCADE_PYTHON");
  return undefined;
}

/** What a command that failed had to say. */
function wordsOf(error: { stdout?: string; message: string }): string {
  return error.stdout || error.message;
}

const python = await findPython();
const skip = python === undefined ? "needs a Python with torch" : DATASET === undefined ? "needs ../shared/data/dvs/nmnist-small" : false;

for (const checkpoint of CHECKPOINTS) {
  const title = `${basename(checkpoint)}: the engine gives the logits of PyTorch's integer mode on every window of the 100 N-MNIST test recordings`;
  t.test(title, { skip }, async (t) => {
    const { card, graph } = readCheckpoint(Uint8Array.from(await readFile(checkpoint)));
    const program = lower(graph, { timesteps: card.framing.timesteps, frame: FrameKind.Counts, frameCap: card.framing.cap });
    const plan = planOf(program);
    const { samples, sensor } = await readDataset(DATASET!);
    t.equal(samples.length, 100);
    const files: Buffer[] = [];
    const logitsPath = join(t.testdir({}), "engine.npz");
    for (const build of BUILDS.filter((each) => compileBuild(each) !== undefined)) {
      const engine = new Engine(plan, program.constants, { build });
      const selfTest = { frames: new Uint8Array(), timesteps: 0, digest: "" };
      const network = { pkg: { card, graph, plan, constants: program.constants, selfTest, digest: "" }, engine, stream: engine.stream() };
      const table = new LogitsTable(engine.logits.length);
      let lost = 0;
      for (const { path, format, label } of samples) {
        const tally = new Tally();
        const source = await openRecording(path, { format, size: sensor });
        table.beginRecording(card.labels.indexOf(label));
        for await (const { logits } of infer(frame(source, card, tally), network, tally)) table.addWindow(logits);
        lost += Object.entries(tally.dropped).reduce((sum, [reason, count]) => (reason === "frame_saturated" ? sum : sum + count), 0);
      }
      t.equal(lost, 0, `${build}: no event lost`);
      await table.write(logitsPath);
      files.push(await readFile(logitsPath));
      t.ok(files[0]!.equals(files.at(-1)!), `${build}: the logits of ${BUILDS[0]}`);
    }
    const parity = ["-m", "saccade_training.parity", "--checkpoint", checkpoint, "--data", DATASET!, "--against", logitsPath];
    const said = await run(python!, parity, { cwd: TRAINING }).then(({ stdout }) => stdout, wordsOf);
    t.match(said, /^\d+ windows of 100 recordings, \d+ logits: all equal\n$/);
  });
}
