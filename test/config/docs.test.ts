import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import t from "tap";
import { OVERRIDES } from "../../host/config/environment.js";
import { packageRoot } from "../../host/root.js";
import { check, errorLines, folderWith, warningLines } from "./files.js";
import { keyTable } from "./key-table.js";

const DOCS = readFileSync(new URL("docs/configuration.md", packageRoot), "utf8");
/** Of systemd's exposure, in tenths: 25 is where it says OK; services without any care have more than 90. */
const MOST_EXPOSED = 25;

t.test("the table of keys is the schema's", async (t) => {
  const table = /\n(\| key \|[^]*?)\n\n/.exec(DOCS)?.[1];
  t.equal(table, keyTable());
});

t.test("every example is a good configuration", async (t) => {
  const examples = [...DOCS.matchAll(/```yaml\n([^]*?)```/g)].map(([, text]) => text!);
  t.ok(examples.length >= 2, `${examples.length} examples`);
  const folder = folderWith(t, { "mqtt.password": "x", "models/gesture.saccade": "", "calibration/os1.json": "{}", "walk.raw": "x" });
  for (const example of examples) {
    const checked = check(example, folder);
    t.same([...errorLines(checked), ...warningLines(checked)], [], example);
  }
});

t.test("every variable of the environment is named", async (t) => {
  for (const variable of Object.keys(OVERRIDES)) t.match(DOCS, `\`${variable}\``);
});

const HAVE = spawnSync("systemd-analyze", ["--version"]).status === 0;

t.test("the unit for systemd keeps the gateway in", { skip: HAVE ? false : "systemd-analyze is not installed" }, async (t) => {
  const unit = fileURLToPath(new URL("docs/saccade.service", packageRoot));
  const { status, stdout } = spawnSync("systemd-analyze", ["security", "--offline=yes", `--threshold=${MOST_EXPOSED}`, unit], { encoding: "utf8" });
  t.equal(status, 0, stdout.split("\n").at(-2) ?? "");
});
