import { writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { parse } from "yaml";
import { schemaText } from "../../host/config/schema.js";
import { endRuns, saccade } from "./run.js";

t.teardown(endRuns);
const folder = t.testdir({});
const made = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};
const GOOD = made("good.yaml", "gateway: g\nmqtt: {url: 'mqtt://u:hunter2@h'}\nmodels: {spare: nmnist}\nsources: {lidar: {serial: {port: /dev/x}, format: ld19}}\n");
const BAD = made("bad.yaml", "gateway: G\nmqtt: {url: 'mqtt://u:hunter2@h', passwort: hunter2}\nsources: {}\n");

t.test("config check says that a file is valid, and what is odd about it", async (t) => {
  const { code, stdout, stderr } = await saccade("config", "check", GOOD);
  t.equal(code, 0);
  t.equal(stdout, `${GOOD} is valid: 1 source, 1 model\n`);
  t.equal(stderr, `warning: ${GOOD}:3:10 models.spare no source uses this model; write models: [spare] in a source, or leave it away\n`);
});

t.test("config check prints every problem on a line of its own", async (t) => {
  const { code, stdout, stderr } = await saccade("config", "check", BAD);
  t.equal(code, 78);
  t.equal(stdout, "");
  t.equal(stderr, [
    `CONFIG_INVALID: ${BAD} has 3 problems; correct them, then run: saccade config check ${BAD}`,
    `${BAD}:1:10 gateway "G" is refused; write 1 to 32 of a-z, 0-9, _ and -, beginning with a letter or digit`,
    `${BAD}:2:35 mqtt.passwort unknown key "passwort"; did you mean password?`,
    `${BAD}:3:10 sources an empty mapping; write one entry or more: {cam0: {serial: {port: /dev/ttyUSB0}, format: edvs-e2}}`,
    "",
  ].join("\n"));
});

t.test("config check --json", async (t) => {
  const good = await saccade("config", "check", GOOD, "--json");
  t.equal(good.code, 0);
  t.equal(good.stderr, "");
  t.strictSame(JSON.parse(good.stdout), {
    valid: true,
    errors: [],
    warnings: [{ line: 3, column: 10, path: "models.spare", message: "no source uses this model", suggestion: "write models: [spare] in a source, or leave it away" }],
  });
  const bad = await saccade("config", "check", BAD, "--json");
  t.equal(bad.code, 78);
  const { valid, errors } = JSON.parse(bad.stdout) as { valid: boolean; errors: Record<string, unknown>[] };
  t.equal(valid, false);
  t.strictSame(errors[1], { line: 2, column: 35, path: "mqtt.passwort", message: 'unknown key "passwort"', suggestion: "did you mean password?" });
  t.same(errors.map((error) => Object.keys(error)), Array.from({ length: 3 }, () => ["line", "column", "path", "message", "suggestion"]));
});

t.test("config schema prints the schema", async (t) => {
  const { code, stdout } = await saccade("config", "schema");
  t.equal(code, 0);
  t.equal(stdout, schemaText());
});

t.test("config show prints all but the secrets", async (t) => {
  const shown = await saccade("config", "show", GOOD);
  t.equal(shown.code, 0);
  const json = await saccade("config", "show", GOOD, "--json");
  t.same(parse(shown.stdout), JSON.parse(json.stdout));
  t.match(JSON.parse(json.stdout), {
    gateway: "g", mqtt: { url: "mqtt://h", username: "u", password: "***", base: "saccade" },
    sources: { lidar: { serial: { port: "/dev/x", baud: 230_400 }, format: "ld06", "stall-after": "5s" } },
  });
});

t.test("no output of any of them holds a secret", async (t) => {
  for (const argv of [["check", GOOD], ["check", BAD], ["show", GOOD], ["show", BAD], ["check", BAD, "--verbose"], ["check", BAD, "--json"]]) {
    const { stdout, stderr } = await saccade("config", ...argv);
    t.notMatch(stdout + stderr, "hunter2", argv.join(" "));
  }
});

t.test("files that are not there, and commands that are none", async (t) => {
  t.match(await saccade("config", "check", join(folder, "gone.yaml")), { code: 66, stderr: /^FILE_NOT_FOUND: .*gone\.yaml; [^\n]+\n$/ });
  t.match(await saccade("config", "check", folder), { code: 66, stderr: /^FILE_UNREADABLE: / });
  t.equal((await saccade("config")).code, 64);
  t.equal((await saccade("config", "nonsense")).code, 64);
});
