import { mkdtempSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t from "tap";
import { readDataset } from "../../host/cli/dataset.js";
import { endRuns, saccade } from "../cli/run.js";
import { movingBall, packedClip } from "./depth-pictures.js";

const folder = mkdtempSync(join(tmpdir(), "saccade-people-"));
t.teardown(() => {
  endRuns();
  rmSync(folder, { recursive: true, force: true });
});

const clips = join(folder, "clips");
mkdirSync(clips);
for (const [name, dx] of [["a1_s1_t1", 6], ["a3_s2_t1", -4], ["a8_s3_t2", 3]] as const)
  writeFileSync(join(clips, `${name}.dpx.xz`), packedClip(movingBall(6, 15, dx, 2, 80, 60)));

interface Listed {
  readonly file: string;
  readonly label: string;
  readonly subject: number;
  readonly mirrored: boolean;
}
const samplesIn = (out: string): Listed[] => JSON.parse(readFileSync(join(out, "dataset.json"), "utf8")).samples;

t.test("simulate actions: a recording of each clip, with who and when", async (t) => {
  const out = join(folder, "plain");
  const { code, stdout } = await saccade("simulate", "actions", "--depth", clips, "--out", out, "--json");
  t.equal(code, 0);
  t.match(JSON.parse(stdout), { recordings: 3, seed: 1, dataset: join(out, "dataset.json") });
  t.match(samplesIn(out), [
    { file: "a1_s1_t1.raw", label: "swipe_left", subject: 1, split: "train", mirrored: false },
    { file: "a3_s2_t1.raw", label: "wave", subject: 2, split: "test" },
    { file: "a8_s3_t2.raw", label: "draw_x", subject: 3, split: "train" },
  ]);
  const { sensor, samples } = await readDataset(join(out, "dataset.json"));
  t.same(sensor, { width: 128, height: 128 });
  t.equal(samples[0]!.intervals?.length, 1);
  t.match(samples[0]!.intervals?.[0], { label: "swipe_left" });
  const decoded = JSON.parse((await saccade("decode", samples[0]!.path, "--json")).stdout);
  t.match(decoded, { format: "evt3", width: 128, height: 128 });
});

t.test("a set that is made anew is none until it is whole", async (t) => {
  const out = join(folder, "anew");
  await saccade("simulate", "actions", "--depth", clips, "--out", out);
  rmSync(join(out, "a8_s3_t2.raw"));
  mkdirSync(join(out, "a8_s3_t2.raw"));
  const { code } = await saccade("simulate", "actions", "--depth", clips, "--out", out, "--seed", "2");
  t.not(code, 0, "the last recording cannot be written");
  t.notOk(readdirSync(out).includes("dataset.json"), "the former list is not left beside other recordings");
});

t.test("a former list stays when no recording is made", async (t) => {
  const out = join(folder, "kept"), cut = join(folder, "cut");
  mkdirSync(cut);
  await saccade("simulate", "actions", "--depth", clips, "--out", out);
  const list = readFileSync(join(out, "dataset.json"));
  writeFileSync(join(cut, "a1_s1_t1.dpx.xz"), readFileSync(join(clips, "a1_s1_t1.dpx.xz")).subarray(0, 200));
  t.match(await saccade("simulate", "actions", "--depth", cut, "--out", out), { code: 65, stderr: /^RECORDING_CORRUPT: / });
  t.ok(readFileSync(join(out, "dataset.json")).equals(list));
});

t.test("a clip's recording does not depend on which others are made", async (t) => {
  const out = join(folder, "one");
  await saccade("simulate", "actions", "--depth", join(clips, "a3_s2_t1.dpx.xz"), "--out", out);
  t.ok(readFileSync(join(out, "a3_s2_t1.raw")).equals(readFileSync(join(folder, "plain", "a3_s2_t1.raw"))));
});

t.test("splits, versions and mirrored actions", async (t) => {
  const out = join(folder, "varied");
  await saccade("simulate", "actions", "--depth", clips, "--out", out, "--split", "train", "--augment", "2", "--mirror", "1", "--seed", "7");
  t.same(samplesIn(out).map(({ file, label, mirrored }) => [file, label, mirrored]), [
    ["a1_s1_t1_v1.raw", "swipe_right", true],
    ["a1_s1_t1_v2.raw", "swipe_right", true],
    ["a8_s3_t2_v1.raw", "draw_x", false],
    ["a8_s3_t2_v2.raw", "draw_x", false],
  ]);
  t.notOk(readFileSync(join(out, "a1_s1_t1_v1.raw")).equals(readFileSync(join(out, "a1_s1_t1_v2.raw"))));
});

t.test("simulate actor: one recording of each action, or a sequence with its truth", async (t) => {
  const out = join(folder, "actor");
  t.equal((await saccade("simulate", "actor", "--out", out, "--actions", "wave,push", "--count", "3")).code, 0);
  t.same(samplesIn(out).map(({ file }) => file), ["000000-wave.raw", "000001-push.raw", "000002-wave.raw"]);
  const sequence = join(folder, "sequence");
  t.equal((await saccade("simulate", "actor", "--out", sequence, "--sequence", "clap,throw")).code, 0);
  const { samples } = await readDataset(join(sequence, "dataset.json"));
  t.same(samples.map(({ label }) => label), ["idle"]);
  t.same(samples[0]!.intervals!.map(({ label }) => label), ["clap", "throw"]);
});

t.test("what cannot be simulated is refused, with what to do", async (t) => {
  const out = join(folder, "refused");
  mkdirSync(join(folder, "empty"));
  writeFileSync(join(folder, "noise.dpx.xz"), "noise");
  writeFileSync(join(folder, "a1_s1_t1.dpx.xz"), "noise");
  const actions = async (...args: string[]): Promise<unknown> => saccade("simulate", "actions", "--out", out, ...args);
  t.match(await actions(), { code: 64, stderr: /depth/ });
  t.match(await actions("--depth", join(folder, "nowhere")), { code: 66, stderr: /^FILE_NOT_FOUND: .*ENOENT; name a folder/ });
  t.match(await actions("--depth", join(folder, "empty")), { code: 66, stderr: /^FILE_NOT_FOUND: no clip/ });
  t.match(await actions("--depth", join(folder, "noise.dpx.xz")), { code: 65, stderr: /^DATASET_INVALID: .*a3_s5_t2/ });
  t.match(await actions("--depth", join(folder, "a1_s1_t1.dpx.xz")), { code: 65, stderr: /^RECORDING_CORRUPT: .*xz/ });
  t.match(await actions("--depth", join(folder, "a1_s9_t1.dpx.xz")), { code: 66, stderr: /^FILE_NOT_FOUND/ });
  t.match(await actions("--depth", clips, join(clips, "a3_s2_t1.dpx.xz")), { code: 65, stderr: /^DATASET_INVALID: .* are one clip; name each clip once/ });
  t.match(await actions("--depth", clips, "--mirror", "2"), { code: 64, stderr: /from 0 to 1/ });
  t.match(await saccade("simulate", "actor", "--out", out, "--sequence", "wave", "--count", "2"), { code: 64, stderr: /^USAGE: .*--count/ });
  t.match(await saccade("simulate", "actor", "--out", out, "--sequence", "fly"), { code: 64, stderr: /does not know "fly"/ });
  t.same(readdirSync(folder).filter((name) => name === "refused" && readdirSync(out).some((file) => file.endsWith(".raw"))), []);
});
