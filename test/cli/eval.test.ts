import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import t from "tap";
import { usableBuilds } from "../../host/engine/instance.js";
import { untrainedPackage } from "./package.js";
import { digitFile } from "./recordings.js";
import { endRuns, saccade } from "./run.js";

t.teardown(endRuns);
const folder = t.testdir({});
const at = (name: string): string => join(folder, name);
const made = async (name: string, content: Uint8Array | string): Promise<string> => {
  await writeFile(at(name), content);
  return at(name);
};
const model = await made("untrained.saccade", await untrainedPackage());
const labels = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"];
const samples: { file: string; format: string; label: string }[] = [];
for (const [i, digit] of [3, 7, 0, 3].entries()) {
  await made(`${i}.bin`, digitFile(digit, i));
  samples.push({ file: `${i}.bin`, format: "nmnist", label: String(digit) });
}
const data = await made("dataset.json", JSON.stringify({ task: "classification", sensor: { width: 34, height: 34 }, labels, samples }));

interface Score {
  readonly value: number;
  readonly n: number;
  readonly per_class: Readonly<Record<string, { n: number; correct: number; value: number | null; named: Record<string, number> }>>;
}

t.test("--json: exactly its keys, and sums that agree", async t => {
  const { code, stdout, stderr } = await saccade("eval", model, "--data", data, "--json");
  t.equal(stderr, "");
  t.equal(code, 0);
  const score = JSON.parse(stdout) as Score;
  t.same(Object.keys(score), ["task", "metric", "value", "n", "per_class"]);
  t.match(score, { task: "classification", metric: "accuracy", n: 4 });
  t.same(Object.keys(score.per_class), labels);
  t.same(Object.values(score.per_class).map(({ n }) => n), [1, 0, 0, 2, 0, 0, 0, 1, 0, 0]);
  t.equal(score.per_class["1"]!.value, null, "no recording, no score");
  for (const [label, { n, correct, named }] of Object.entries(score.per_class)) {
    t.equal(Object.values(named).reduce((sum, count) => sum + count, 0), n, "each was named once");
    t.equal(named[label] ?? 0, correct);
  }
  t.equal(score.value, Object.values(score.per_class).reduce((sum, { correct }) => sum + correct, 0) / 4);
});

t.test("every build gives the same answer; --limit takes the first", async t => {
  const scores = [];
  for (const build of usableBuilds()) scores.push((await saccade("eval", model, "--data", data, "--build", build, "--json")).stdout);
  t.ok(scores.length >= 2);
  t.equal(new Set(scores).size, 1);
  const { stdout } = await saccade("eval", model, "--data", data, "--limit", "2", "--json");
  t.equal((JSON.parse(stdout) as Score).n, 2);
});

t.test("for people", async t => {
  const { stdout } = await saccade("eval", model, "--data", data);
  t.match(stdout, /^class {2}recordings {2}right {2}otherwise named\n0 +1 +\d( +\d 1)?\n/);
  t.match(stdout, /accuracy \d+\.\d\d % of 4 recordings\n/);
});

t.test("a data set for another sensor", async t => {
  const other = await made("other.json", JSON.stringify({ task: "classification", sensor: { width: 640, height: 480 }, labels, samples }));
  const { code, stderr } = await saccade("eval", model, "--data", other);
  t.equal(code, 65);
  t.match(stderr, /^SENSOR_MISMATCH: .*other\.json.*640x480.*34x34/);
});

t.test("a package without labels takes the data set's", async t => {
  const nameless = await made("nameless.saccade", await untrainedPackage({ task: "none", labels: [] }));
  const named = await saccade("eval", model, "--data", data, "--json");
  t.equal((await saccade("eval", nameless, "--data", data, "--json")).stdout, named.stdout);
  const timed = samples.map(sample => ({ ...sample, intervals: [{ start: 0, end: 300_000, label: sample.label }] }));
  const dataset = await made("timed-too.json", JSON.stringify({ task: "classification", labels, samples: timed }));
  const told = await Promise.all([model, nameless].map(async name => (await saccade("eval", name, "--data", dataset, "--decisions", "--json")).stdout));
  t.equal(told[1], told[0], "what is told while it happens too");
});

t.test("a recording without events is named nothing, which is wrong", async t => {
  const silent = { file: "silent.raw", format: "evt3", label: "0" };
  await made(silent.file, "% evt 3.0\n% geometry 34x34\n% end\n");
  const dataset = await made("silent.json", JSON.stringify({ task: "classification", labels, samples: [silent] }));
  const { code, stdout } = await saccade("eval", model, "--data", dataset, "--json");
  t.equal(code, 0);
  t.match(JSON.parse(stdout), { value: 0, per_class: { 0: { correct: 0, named: { nothing: 1 } } } });
});

t.test("--decisions: what was told while each label was shown", async t => {
  const mixed = { ...samples[0]!, label: "idle", intervals: [{ start: 0, end: 300_000, label: "0" }] };
  const sequence = await made("sequence.json", JSON.stringify({ task: "classification", labels: [...labels, "idle"], samples: [mixed] }));
  t.match(await saccade("eval", model, "--data", sequence), { code: 65, stderr: /^DATASET_INVALID: .*"idle".*with --decisions\n$/ });
  t.equal((await saccade("eval", model, "--data", sequence, "--decisions")).code, 0);
  const bare = await saccade("eval", model, "--data", data, "--decisions");
  t.equal(bare.code, 65);
  t.match(bare.stderr, /^DATASET_INVALID: .*0\.bin has no intervals/);
  const timed = samples.map(sample => ({ ...sample, intervals: [{ start: 0, end: 300_000, label: sample.label }] }));
  const dataset = await made("timed.json", JSON.stringify({ task: "classification", sensor: { width: 34, height: 34 }, labels, samples: timed }));
  const { code, stdout, stderr } = await saccade("eval", model, "--data", dataset, "--decisions", "--json");
  t.equal(stderr, "");
  t.equal(code, 0);
  const told = JSON.parse(stdout) as Record<string, number>;
  t.same(Object.keys(told), ["intervals", "right", "wrong", "nothing", "told", "seconds", "idle_seconds", "after_us", "per_class"]);
  t.equal(told["intervals"], 4);
  t.equal(told["right"]! + told["wrong"]! + told["nothing"]!, 4);
  t.match((await saccade("eval", model, "--data", dataset, "--decisions")).stdout, /of 4 right.*events in .* windows; nothing dropped\n/s);
  const whole = { task: "classification", labels: [...labels, "idle"], samples: timed.map(sample => ({ ...sample, label: "idle" })) };
  const named = await saccade("eval", model, "--data", await made("whole.json", JSON.stringify(whole)), "--decisions", "--json");
  t.equal(named.stdout, stdout, "what a whole recording is called does not matter");
});

t.test("--decisions: a long silence is not looked at, and a clock that begins anew is refused", async t => {
  const csv = async (name: string, from: readonly number[]): Promise<string> => {
    const rows = from.flatMap(start => Array.from({ length: 300 }, (_, i) => `${start + i * 1000},${i % 34},${(i * 7) % 34},${i % 2}`));
    await made(`${name}.csv`, `t,x,y,p\n${rows.join("\n")}\n`);
    const sample = { file: `${name}.csv`, format: "csv", label: "0", intervals: [{ start: 0, end: 300_000, label: "0" }] };
    return made(`${name}.json`, JSON.stringify({ task: "classification", sensor: { width: 34, height: 34 }, labels, samples: [sample] }));
  };
  const { stdout } = await saccade("eval", model, "--data", await csv("silence", [0, 5 * 3600e6]), "--decisions", "--json");
  const { seconds, idle_seconds } = JSON.parse(stdout) as { seconds: number; idle_seconds: number };
  t.ok(seconds >= 0.6 && seconds < 15, `${seconds} s: of a silence its first ten seconds`);
  t.ok(idle_seconds >= 0.3 && idle_seconds < seconds);
  const anew = await saccade("eval", model, "--data", await csv("anew", [20e6, 0]), "--decisions");
  t.match(anew, { code: 65, stdout: "", stderr: /^DATASET_INVALID: the clock of .*anew\.csv begins anew/ });
});

t.test("a recording that cannot be read is named", async t => {
  await made("nothing.bin", "");
  const dataset = await made("one-bad.json", JSON.stringify({ task: "classification", labels, samples: [samples[0], { ...samples[1], file: "nothing.bin" }] }));
  const { code, stderr } = await saccade("eval", model, "--data", dataset);
  t.equal(code, 65);
  t.match(stderr, /^RECORDING_EMPTY: samples\[1\] \(.*nothing\.bin\): .*; correct this sample of .*one-bad\.json, or take it out\n$/);
});

t.test("--logits are never written over what is read, nor is all scored before it is found that they cannot be", async t => {
  for (const [onto, what] of [[data, "dataset.json"], [at("2.bin"), "2.bin"], [model, "untrained.saccade"]] as const) {
    const before = await readFile(onto);
    t.match(await saccade("eval", model, "--data", data, "--logits", onto), { code: 64, stdout: "", stderr: /^USAGE: .*is also read; write to another file\n$/ }, what);
    t.ok((await readFile(onto)).equals(before));
  }
  t.match(await saccade("eval", model, "--data", data, "--logits", at("no/x.npz")), { code: 69, stdout: "", stderr: /^FILE_UNWRITABLE: / });
});
