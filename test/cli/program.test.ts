import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, existsSync, openSync } from "node:fs";
import t from "tap";
import { endRuns, MAIN, saccade, saccadeProcess } from "./run.js";

t.teardown(endRuns);

t.test("as a process: the exit code and both streams", async t => {
  const { code, stdout, stderr } = await saccadeProcess(["replay"]);
  t.equal(code, 64);
  t.equal(stdout, "");
  t.match(stderr, /^USAGE: [^\n]+; [^\n]+\n$/);
});

t.test("a full disk behind the output", { skip: !existsSync("/dev/full") && "no /dev/full" }, async t => {
  const full = openSync("/dev/full", "w");
  const child = spawn(process.execPath, [MAIN, "--version"], { stdio: ["ignore", full, "pipe"] });
  closeSync(full);
  let stderr = "";
  child.stderr!.setEncoding("utf8").on("data", text => (stderr += text));
  t.same(await once(child, "close"), [69, null]);
  t.match(stderr, /^FILE_UNWRITABLE: the output cannot be written: ENOSPC; [^\n]+\n$/);
});

t.test("help and version", async t => {
  const help = await saccade("--help");
  t.equal(help.code, 0);
  t.match(help.stdout, /Usage: saccade/);
  const version = await saccade("--version");
  t.equal(version.code, 0);
  t.match(version.stdout, /^\d+\.\d+\.\d+\n$/);
});

for (const command of ["demo", "replay", "frames", "eval", "bench"])
  t.test(`${command} --help`, async t => {
    const { code, stdout } = await saccade(command, "--help");
    t.equal(code, 0);
    t.match(stdout, new RegExp(`Usage: saccade ${command} .*--json`, "s"));
  });

t.test("no command prints the help and is a usage error", async t => {
  const { code, stdout, stderr } = await saccade();
  t.equal(code, 64);
  t.equal(stdout, "");
  t.match(stderr, /Usage: saccade/);
});

for (const argv of [["nonsense"], ["--nonsense"], ["bench", "--rounds", "3"], ["simulate", "actor", "--out", "x", "--seed", "4294967296"]])
  t.test(`a wrong command line: ${argv.join(" ")}`, async t => {
    const { code, stdout, stderr } = await saccade(...argv);
    t.equal(code, 64);
    t.equal(stdout, "");
    t.match(stderr, /^USAGE: [^\n]+; [^\n]+\n$/);
  });
