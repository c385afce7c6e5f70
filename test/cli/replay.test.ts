import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import t from "tap";
import { sourceName } from "../../host/cli/replay.js";
import { untrainedPackage } from "./package.js";
import { digitFile } from "./recordings.js";
import { endRuns, saccade, saccadeProcess } from "./run.js";

t.teardown(endRuns);

const folder = t.testdir({});
const at = (name: string): string => join(folder, name);
const model = at("untrained.saccade");
await writeFile(model, await untrainedPackage());
for (const digit of [3, 7]) await writeFile(at(`Digit ${digit}.bin`), digitFile(digit));
const files = [at("Digit 3.bin"), at("Digit 7.bin")];

t.test("--json: messages, then the summary, exactly its keys", async t => {
  const { code, stdout, stderr } = await saccade("replay", ...files, "--model", model, "--json");
  t.equal(stderr, "");
  t.equal(code, 0);
  const lines = stdout.trimEnd().split("\n").map(line => JSON.parse(line) as Record<string, unknown>);
  const { summary } = lines.pop() as { summary: Record<string, unknown> };
  t.same(Object.keys(summary), ["events", "windows", "inferences", "dropped", "digest", "latency_us"]);
  t.same(Object.keys(summary["latency_us"] as object), ["p50", "p99"]);
  t.match(summary, { windows: 6, inferences: 6, digest: /^[0-9a-f]{64}$/ });
  t.ok(lines.length >= 4, "each recording's label begins and ends");
  for (const name of ["digit-3", "digit-7"]) {
    const types = lines.filter(line => line["source"] === name).map(line => line["type"]);
    t.equal(types[0], "new");
    t.equal(types.at(-1), "end");
  }
});

t.test("for people, and the same digest again", async t => {
  const [json, text] = await Promise.all([
    saccade("replay", ...files, "--model", model, "--json"),
    saccade("replay", ...files, "--model", model),
  ]);
  const { summary } = JSON.parse(json.stdout.trimEnd().split("\n").at(-1)!) as { summary: { digest: string } };
  t.match(text.stdout, new RegExp(`digest of the logits: ${summary.digest}\n$`));
  t.match(text.stdout, /\d s {2}digit-3 {2}new {5}\d {2}\d+\.\d %\n/);
});

t.test("--workers: what is said and its order are those of one after the other", async t => {
  const many = [...files, ...files.toReversed(), ...files, ...files];
  const said = async (...options: readonly string[]): Promise<unknown> => {
    const { code, stdout, stderr } = await saccade("replay", ...many, "--model", model, "--json", ...options);
    t.equal(stderr, "");
    t.equal(code, 0);
    const lines = stdout.trimEnd().split("\n").map(line => JSON.parse(line) as Record<string, unknown>);
    const { summary } = lines.pop() as { summary: Record<string, unknown> };
    const messages = lines.map(({ id: _id, boot: _boot, latency_us: _latency, ...told }) => told);
    return { messages, summary: { ...summary, latency_us: null } };
  };
  const inLine = await said();
  t.same(await said("--workers", "1"), inLine);
  t.same(await said("--workers", "3"), inLine);
});

t.test("--workers: an error in one recording ends all, and hangs nothing", async t => {
  await writeFile(at("torn.raw"), "% evt 3.0\n% format EVT3;height=34;width=34\n% end\n\u0001");
  const { code, stderr } = await saccade("replay", files[0]!, at("torn.raw"), at("torn.raw"), files[1]!, "--model", model, "--workers", "2");
  t.match(stderr, /^RECORDING_CORRUPT: /);
  t.equal(code, 65);
});

t.test("--speed real takes the recording's time", async t => {
  const began = performance.now();
  const { code } = await saccade("replay", files[0]!, "--model", model, "--speed", "real");
  t.equal(code, 0);
  t.ok(performance.now() - began >= 300);
});

t.test("a reader that goes away ends it quietly", async t => {
  const { code, stderr } = await saccadeProcess(["replay", ...Array<string>(40).fill(files[0]!), "--model", model, "--json"], true);
  t.equal(stderr, "");
  t.equal(code, 0);
});

t.test("names of sources", async t => {
  t.equal(sourceName("/x/Walk.left 2.aedat4"), "walk-left-2");
  t.equal(sourceName("60001.bs2"), "60001");
  t.equal(sourceName("__.raw"), "recording");
  t.equal(sourceName(`${"a".repeat(50)}.raw`), "a".repeat(32));
});
