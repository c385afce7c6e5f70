import t from "tap";
import { saccade } from "./run.js";

const ONE_LINE = /^[A-Z_]+: [^\n]+; [^\n]+\n$/;

t.test("help and version", async t => {
  const help = await saccade("--help");
  t.equal(help.code, 0);
  t.match(help.stdout, /Usage: saccade/);
  const version = await saccade("--version");
  t.equal(version.code, 0);
  t.match(version.stdout, /^\d+\.\d+\.\d+\n$/);
});

t.test("no command prints the help and is a usage error", async t => {
  const { code, stdout, stderr } = await saccade();
  t.equal(code, 64);
  t.equal(stdout, "");
  t.match(stderr, /Usage: saccade/);
});

for (const argv of [["nonsense"], ["--nonsense"], ["help", "nonsense"]])
  t.test(`a wrong command line: ${argv.join(" ")}`, async t => {
    const { code, stdout, stderr } = await saccade(...argv);
    t.equal(code, 64);
    t.equal(stdout, "");
    t.match(stderr, ONE_LINE);
  });
