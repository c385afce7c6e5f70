import { readFile } from "node:fs/promises";
import { join } from "node:path";
import t from "tap";
import { readDataset } from "../../host/cli/dataset.js";
import { Engine } from "../../host/engine/engine.js";
import { usableBuilds } from "../../host/engine/instance.js";
import { frame, infer } from "../../host/pipeline.js";
import { Tally } from "../../host/tally.js";
import { openRecording } from "../../host/recording.js";
import { packageRoot } from "../../host/root.js";
import { readPackage } from "../../models/package/reader.js";
import { endRuns, saccade } from "../cli/run.js";
import { needs, sharedData } from "../data.js";
import { Reference } from "../reference/run-program.js";

const DATASET = sharedData("dvs/nmnist-small/test.json") ?? "";
const SINABS = sharedData("nir/NIR/cnn_sinabs.nir") ?? "";
const ZOO = new URL("models/zoo/nmnist.saccade", packageRoot);
/** What the network may take of a small machine. */
const ARENA_LIMIT = 256 * 1024;

t.teardown(endRuns);
const folder = t.testdir({});

function argmax(values: readonly number[]): number {
  return values.indexOf(Math.max(...values));
}

/** Share of recordings whose windows' summed logits name the label. */
async function accuracy(file: string | URL): Promise<number> {
  const pkg = readPackage(Uint8Array.from(await readFile(file)));
  const engine = new Engine(pkg.plan, pkg.constants);
  const { samples, sensor } = await readDataset(DATASET);
  let right = 0;
  for (const { path, format, label } of samples) {
    const sums = pkg.card.labels.map(() => 0);
    const windows = frame(await openRecording(path, { format, size: sensor }), pkg.card, new Tally());
    for await (const { logits } of infer(windows, { pkg, engine, stream: engine.stream() }, new Tally())) logits.forEach((logit, i) => (sums[i]! += logit));
    if (pkg.card.labels[argmax(sums)] === label) right++;
  }
  return right / 100;
}

t.test("the zoo's package on 100 recordings that it never saw", needs("dvs/nmnist-small"), async (t) => {
  const { view } = readPackage(Uint8Array.from(await readFile(ZOO)));
  t.ok(view.memory.arenaBytes + view.program.stateBytes <= ARENA_LIMIT, `arena ${view.memory.arenaBytes}, state ${view.program.stateBytes} bytes`);
  const value = await accuracy(ZOO);
  t.ok(value >= 0.95, `${value}`);
});

/** The oracle is slow: it sees every fourth recording. PyTorch's integers see them all (test/training/parity.test.ts). */
const ORACLE_EVERY = 4;

t.test("every build gives one answer on all of them, the oracle's where it looks", needs("dvs/nmnist-small"), async (t) => {
  const pkg = readPackage(Uint8Array.from(await readFile(ZOO)));
  const engines = usableBuilds().map((build) => new Engine(pkg.plan, pkg.constants, { build }));
  const oracle = new Reference({ ...pkg.view.program, constants: pkg.constants }, false);
  const { samples, sensor } = await readDataset(DATASET);
  let windows = 0;
  const differing: string[] = [];
  for (const [index, { path, format }] of samples.entries()) {
    const looked = index % ORACLE_EVERY === 0;
    for (const each of [oracle, ...engines.map((engine) => engine.stream())]) each.reset();
    for await (const { events, sliceEnds } of frame(await openRecording(path, { format, size: sensor }), pkg.card, new Tally())) {
      for (const each of [oracle, ...engines.map((engine) => engine.stream())]) each.beginWindow();
      for (const [k, to] of sliceEnds.entries()) {
        for (const engine of engines) {
          engine.stream().frame(events, k === 0 ? 0 : sliceEnds[k - 1]!, to);
          if (looked && engine === engines[0]) oracle.step(engine.input.slice());
          engine.stream().step();
        }
      }
      windows++;
      const wanted = looked ? [...new Int32Array(oracle.output(0).slice().buffer)].join() : engines[0]!.logits.join();
      for (const engine of engines) if (engine.logits.join() !== wanted) differing.push(`${engine.build}: ${path}`);
    }
  }
  t.same(differing, []);
  t.ok(windows >= 300, `${windows} windows on ${engines.map(({ build }) => build).join(", ")}`);
});

/** Several spikes a step and a soft reset are Sinabs's rule; the float network gives 1, 1, 1, and 0.98 with one spike a step. */
const RULES = [
  { dt: "1ms", spikes: undefined, least: 0.99 },
  { dt: "3ms", spikes: undefined, least: 0.99 },
  { dt: "10ms", spikes: undefined, least: 0.99 },
  { dt: "1ms", spikes: "1", least: 0.97 },
];

for (const { dt, spikes, least } of RULES) {
  const name = `cnn_sinabs.nir at ${dt}${spikes === undefined ? "" : ", one spike a step"}`;
  t.test(name, needs("nir/NIR/cnn_sinabs.nir"), async (t) => {
    const options = ["--rule", "sinabs", "--dt", dt, ...(spikes === undefined ? [] : ["--spikes", spikes])];
    const file = join(folder, `cnn-${dt}-${spikes ?? "many"}.saccade`);
    const { code, stdout, stderr } = await saccade("import", SINABS, "-o", file, ...options, "--json");
    t.equal(code, 0, stderr);
    t.match(stdout, /sinabs/, "the report names the rule");
    const value = await accuracy(file);
    t.ok(value >= least, `${value}`);
  });
}
