import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t from "tap";
import { exportC } from "../../models/export/c-source.js";
import { readPackage } from "../../models/package/reader.js";
import { untrainedPackage } from "./package.js";
import { endRuns, saccade } from "./run.js";

const folder = await mkdtemp(join(tmpdir(), "saccade-export-"));
const path = join(folder, "untrained.saccade");
await writeFile(path, await untrainedPackage());

t.teardown(async () => {
  endRuns();
  await rm(folder, { recursive: true });
});

t.test("writes a header and a source, and says what they take", async (t) => {
  const out = join(folder, "new", "folder");
  const { code, stdout } = await saccade("export", path, "--target", "c", "-o", out, "--json");
  t.equal(code, 0);
  const { header, source } = exportC(readPackage(await readFile(path)), "untrained");
  const found = JSON.parse(stdout) as Record<string, unknown>;
  t.same(Object.keys(found), ["name", "files", "flash_bytes", "ram_bytes"]);
  t.match(found, { name: "untrained", files: ["untrained.h", "untrained.c"] });
  t.same((await readdir(out)).sort(), ["untrained.c", "untrained.h"]);
  t.equal(await readFile(join(out, "untrained.h"), "utf8"), header);
  t.equal(await readFile(join(out, "untrained.c"), "utf8"), source);
});

t.test("--name names files and identifiers", async (t) => {
  const { code, stdout } = await saccade("export", path, "-o", folder, "--name", "digits");
  t.equal(code, 0);
  t.match(stdout, /digits\.h, \S+digits\.c: [\d,]+ bytes of flash, [\d,]+ of RAM/);
  t.match(await readFile(join(folder, "digits.h"), "utf8"), /extern const uint32_t saccade_digits_plan\[\];/);
  const { code: refused, stderr } = await saccade("export", path, "-o", folder, "--name", "../x");
  t.equal(refused, 64);
  t.match(stderr, /^USAGE: /);
});

t.test("a name that C cannot have asks for another", async (t) => {
  const named = join(folder, "named.saccade");
  await writeFile(named, await untrainedPackage({ name: "数字" }));
  const { code, stderr } = await saccade("export", named, "-o", folder);
  t.equal(code, 64);
  t.match(stderr, /^USAGE: [^\n]+; say --name NAME\n$/);
});

t.test("what no engine takes is not written", async (t) => {
  const torn = join(folder, "torn.saccade"), bytes = await readFile(path);
  await writeFile(torn, bytes.subarray(0, bytes.length - 9));
  t.match(await saccade("export", torn, "-o", join(folder, "none")), { code: 65, stderr: /^PACKAGE_CORRUPT: / });
  await t.rejects(readdir(join(folder, "none")));
  t.match(await saccade("export", path, "-o", path), { code: 69, stderr: /^FILE_UNWRITABLE: / });
});
