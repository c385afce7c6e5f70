import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import t from "tap";
import { usableBuilds } from "../../host/engine/instance.js";
import { quantile } from "../../host/cli/measure.js";
import { untrainedPackage } from "./package.js";
import { digitFile } from "./recordings.js";
import { endRuns, saccade } from "./run.js";

t.teardown(endRuns);
const folder = t.testdir({});
const model = join(folder, "untrained.saccade");
await writeFile(model, await untrainedPackage());
await writeFile(join(folder, "digit.bin"), digitFile(4));
const data = join(folder, "dataset.json");
await writeFile(data, JSON.stringify({ task: "classification", labels: ["4"], samples: [{ file: "digit.bin", label: "4" }] }));

interface Report {
  readonly build: string;
  readonly windows: number;
  readonly rounds: number;
  readonly builds: readonly { build: string; step_us: { p50: number; p99: number }; times_scalar: number }[];
  readonly ops: readonly { op: string; name: string; us: number; fused: boolean; sops: number; macs: number }[];
  readonly step: { sops: number; macs: number; us: number };
  readonly energy_estimate_nj: { spikes: number; dense: number };
}

t.test("--json: every op, every build, and figures that agree", async t => {
  const { code, stdout } = await saccade("bench", model, "--data", data, "--rounds", "15", "--json");
  t.equal(code, 0);
  const report = JSON.parse(stdout) as Report;
  t.same(report.builds.map(({ build }) => build), usableBuilds());
  t.equal(report.build, usableBuilds().at(-1), "the best is chosen");
  t.equal(report.windows, 3);
  const named = report.ops.map(({ op, name }) => `${op} ${name}`);
  t.same(named, ["Conv2d conv", "LIF lif", "SumPool pool", "Linear head", "LI readout"]);
  const [conv, , , linear] = report.ops;
  t.equal(conv!.macs, 17 * 17 * 8 * 2 * 9, "output elements × taps × channels");
  t.equal(linear!.macs, 4 * 4 * 8 * 10);
  t.ok(report.ops.every(({ us, fused }) => (fused ? us === 0 : us > 0)), "a neuron that the op before runs along has no time of its own");
  t.ok(report.builds.every(({ step_us }) => step_us.p50 > 0 && step_us.p99 >= step_us.p50));
  t.equal(report.builds[0]!.times_scalar, 1);
  t.ok(Math.abs(report.energy_estimate_nj.spikes - report.step.sops * 0.0009) < 0.01);
  t.ok(Math.abs(report.energy_estimate_nj.dense - report.step.macs * 0.0046) < 0.01);
});

t.test("for people, from the self-test's frames", async t => {
  const { code, stdout } = await saccade("bench", model, "--rounds", "15");
  t.equal(code, 0);
  t.match(stdout, /^untrained 0\.0\.1 on /);
  t.match(stdout, /scalar +.*1\.00x\n/);
  t.match(stdout, /\(chosen\)/);
});

t.test("quantiles of a list", async t => {
  t.equal(quantile([5], 0.5), 5);
  t.equal(quantile([4, 1, 3, 2], 0.5), 2);
  t.equal(quantile([4, 1, 3, 2], 0.99), 4);
});
