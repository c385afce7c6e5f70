import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import t from "tap";
import { Engine } from "../../host/engine/engine.js";
import { readNpz } from "../../host/writers/npz-reader.js";
import { readPackage } from "../../models/package/reader.js";
import { untrainedPackage } from "../cli/package.js";
import { digitFile } from "../cli/recordings.js";
import { endRuns, saccade } from "../cli/run.js";

t.teardown(endRuns);
const folder = t.testdir({});
const at = (name: string): string => join(folder, name);
const packageBytes = await untrainedPackage();
await writeFile(at("u.saccade"), packageBytes);
await writeFile(at("digit.bin"), digitFile(8));
await writeFile(at("dataset.json"), JSON.stringify({ task: "classification", labels: ["8"], samples: [{ file: "digit.bin", label: "8" }] }));

const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

t.test("replay, eval and frames see one and the same network", async t => {
  const replayed = await saccade("replay", at("digit.bin"), "--model", at("u.saccade"), "--json");
  const { digest } = (JSON.parse(replayed.stdout.trimEnd().split("\n").at(-1)!) as { summary: { digest: string } }).summary;

  t.equal((await saccade("eval", at("u.saccade"), "--data", at("dataset.json"), "--logits", at("l.npz"))).code, 0);
  const logits = readNpz(new Uint8Array(await readFile(at("l.npz"))));
  const windowLogits = logits["window_logits"]!;
  t.same(windowLogits.shape, [3, 10]);
  t.equal(sha256(new Uint8Array(windowLogits.data.buffer)), digest, "eval's window logits are what replay hashed");
  const sums = Array.from({ length: 10 }, (_, i) => [0, 1, 2].reduce((sum, w) => sum + (windowLogits.data as Int32Array)[w * 10 + i]!, 0));
  t.same([...(logits["logits"]!.data as Int32Array)], sums);

  t.equal((await saccade("frames", at("digit.bin"), "--model", at("u.saccade"), "--out", at("f.npz"))).code, 0);
  const { frames, window_start: starts, window_end: ends } = readNpz(new Uint8Array(await readFile(at("f.npz"))));
  t.equal(frames!.dtype, "|u1");
  t.same(frames!.shape, [3, 5, 34, 34, 2]);
  t.same((ends!.data as BigInt64Array).map((end, i) => end - (starts!.data as BigInt64Array)[i]!), [100_000n, 100_000n, 100_000n]);
  const { plan, constants } = readPackage(packageBytes);
  for (const build of ["scalar", "simd"] as const) {
    const engine = new Engine(plan, constants, { build });
    const stream = engine.stream();
    const found = createHash("sha256");
    for (let step = 0; step < 15; step++) {
      if (step % 5 === 0) stream.beginWindow();
      engine.input.set((frames!.data as Uint8Array).subarray(step * 2312, (step + 1) * 2312));
      stream.step();
      if (step % 5 === 4) found.update(new Uint8Array(engine.logits.slice().buffer));
    }
    t.equal(found.digest("hex"), digest, `the written frames give the same logits, ${build}`);
  }
});
