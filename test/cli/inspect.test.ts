import { access, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t from "tap";
import { inspect } from "../../host/cli/inspect.js";
import { encodeCbor } from "../../models/package/cbor.js";
import { readPackage } from "../../models/package/reader.js";
import { packageOf } from "../../models/package/writer.js";
import { sectionsOf } from "../hostile/mutated-packages.js";
import { SMALL_CARD, smallPackage, smallProgram } from "../package/networks.js";
import { endRuns, saccade } from "./run.js";

const bytes = await smallPackage();
const folder = await mkdtemp(join(tmpdir(), "saccade-inspect-"));
const path = join(folder, "small.saccade");
await writeFile(path, bytes);

t.teardown(async () => {
  endRuns();
  await rm(folder, { recursive: true });
});

t.test("--json prints the contract, exactly those keys", async (t) => {
  const { code, stdout } = await saccade("inspect", path, "--json");
  t.equal(code, 0);
  const found = JSON.parse(stdout) as Record<string, unknown>;
  t.same(Object.keys(found), [
    "name", "version", "task", "labels", "sensor", "framing", "ops", "parameters", "constants_bytes", "plan_bytes", "arena_bytes",
    "state_bytes",
    "macs", "macs_per_window", "scores", "signature", "digest",
  ]);
  t.same(found, inspect(readPackage(bytes)));
  t.equal(found["signature"], null);
  t.same(found["labels"], SMALL_CARD.labels);
});

t.test("ops tell shapes and costs", async (t) => {
  const { ops, parameters, macs, macs_per_window, constants_bytes } = inspect(readPackage(bytes));
  t.same(ops.map(({ op, name }) => `${op} ${name}`), ["Conv2d conv", "LIF lif", "SumPool pool", "Linear linear", "LI readout"]);
  t.same(ops[0], {
    index: 0, op: "Conv2d", name: "conv", in: [6, 8, 2], out: [6, 8, 4], dtype: "i32", parameters: 4 * 18 + 4, bytes: 72 + 16,
    macs: 48 * 4 * 18,
  });
  t.match(ops[1], { dtype: "u8", parameters: 0, bytes: 3 * 4 * 4, macs: 0 });
  t.match(ops[3], { in: [3, 4, 4], out: [1, 1, 3], parameters: 144, macs: 144 });
  t.equal(parameters, 76 + 144);
  t.equal(macs, 48 * 72 + 144);
  t.equal(macs_per_window, macs * 5);
  t.equal(constants_bytes, smallProgram().constants.length);
});

t.test("an import report and a signature are told", async (t) => {
  const sections = sectionsOf(bytes);
  const names = { ops: smallProgram().ops.map(({ name }) => name), tensors: smallProgram().tensors.map(({ name }) => name) };
  const graph = encodeCbor({ graph: { import_report: { dt: "1 ms" } }, ...names });
  const found = inspect(readPackage(packageOf({ ...sections, graph }, new Uint8Array(70))));
  t.same(found.import_report, { dt: "1 ms" });
  t.same(found.signature, { format: "COSE_Sign1", bytes: 70 });
});

t.test("the table is for people", async (t) => {
  const { code, stdout } = await saccade("inspect", path);
  t.equal(code, 0);
  t.match(stdout, /^small 0\.1\.0, classification of 3 labels: left, right, none\n/);
  t.match(stdout, /\n#  op +node/);
});

t.test("--target tells what a microcontroller must have; what does not fit is refused with the numbers", async (t) => {
  const json = await saccade("inspect", path, "--board", "microbit", "--json");
  t.equal(json.code, 0);
  const { target, ...rest } = JSON.parse(json.stdout) as Record<string, Record<string, unknown>>;
  t.same(rest, inspect(readPackage(bytes)));
  t.same(Object.keys(target!), ["core", "flash_bytes", "ram_bytes"]);
  t.match(target, { core: "cortex-m0", flash_bytes: { limit: 262_144 }, ram_bytes: { limit: 16_384 } });
  t.same(Object.keys(target!["flash_bytes"]!), ["network", "engine", "total", "limit"]);
  t.same(Object.keys(target!["ram_bytes"]!), ["arena", "state", "engine", "total", "limit"]);
  const text = await saccade("inspect", path, "--target", "cortex-m3", "--flash", "64K");
  t.match(text.stdout, /\ncortex-m3 +flash [\d,]+ of 65,536 bytes: network [\d,]+, engine [\d,]+\n +RAM [\d,]+ bytes: arena/);
  for (const argv of [["inspect", path], ["export", path, "-o", join(folder, "none")]]) {
    const { code, stdout, stderr } = await saccade(...argv, "--flash", "10K", "--ram", "100");
    t.equal(code, 65);
    t.equal(stdout, "");
    t.match(stderr, /^DOES_NOT_FIT: small wants \d+ bytes of flash where there are 10240, and \d+ bytes of RAM where there are 100; [^\n]+\n$/);
  }
  await t.rejects(access(join(folder, "none")));
  t.match(await saccade("inspect", path, "--ram", "1G"), { code: 64, stderr: /^USAGE: / });
});

t.test("a network of points is refused for a microcontroller: its engine takes events into frames", async (t) => {
  t.equal((await saccade("inspect", "actions-point")).code, 0);
  for (const argv of [["inspect", "actions-point", "--board", "mps2-an385"], ["export", "actions-point", "-o", join(folder, "none")]])
    t.match(await saccade(...argv), { code: 65, stdout: "", stderr: /^DOES_NOT_FIT: actions-point looks at points; [^\n]+\n$/ });
  await t.rejects(access(join(folder, "none")));
});

t.test("what is no package is refused in one line", async (t) => {
  for (const [name, content] of [["torn", bytes.slice(0, 999)], ["text", Buffer.from("{}")]] as const) {
    await writeFile(join(folder, name), content);
    const { code, stdout, stderr } = await saccade("inspect", join(folder, name));
    t.equal(code, 65);
    t.equal(stdout, "");
    t.match(stderr, /^PACKAGE_CORRUPT: [^\n]+; [^\n]+\n$/);
  }
  const missing = await saccade("inspect", join(folder, "none"));
  t.equal(missing.code, 66);
});
