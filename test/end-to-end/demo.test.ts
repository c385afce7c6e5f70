import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import t from "tap";
import { untrainedPackage } from "../cli/package.js";
import { endRuns, saccade, saccadeProcess } from "../cli/run.js";

t.teardown(endRuns);
const model = join(t.testdir({}), "untrained.saccade");
await writeFile(model, await untrainedPackage());

t.test("what is recognised comes back over the broker, in both forms", async t => {
  const { code, stdout, stderr } = await saccade("demo", "digits", "--model", model, "--speed", "max", "--count", "4", "--json");
  t.equal(stderr, "");
  t.equal(code, 0);
  const lines = stdout.trimEnd().split("\n").map(line => JSON.parse(line) as Record<string, unknown>);
  const { summary } = lines.pop() as { summary: { digits: number; correct: number; received: { json: number; cbor: number } } };
  t.equal(lines.length, 4);
  t.match(summary, { digits: 4, dropped: {}, url: /^mqtt:\/\/127\.0\.0\.1:\d+$/ });
  t.ok(summary.received.json >= 2);
  t.equal(summary.received.json, summary.received.cbor);
  t.equal(summary.correct, lines.filter(line => line["shown"] === line["recognised"]).length);
  const again = await saccade("demo", "digits", "--model", model, "--speed", "max", "--count", "4", "--json");
  t.same(again.stdout.trimEnd().split("\n").slice(0, -1).map(line => JSON.parse(line) as unknown), lines, "a seed gives the same again");
});

t.test("a port that is taken ends it", async t => {
  const holder = createServer().listen(0, "127.0.0.1");
  await once(holder, "listening");
  const { port } = holder.address() as AddressInfo;
  const { code, stderr } = await saccadeProcess(["demo", "digits", "--model", model, "--count", "1", "--port", String(port)]);
  holder.close();
  t.equal(code, 69);
  t.match(stderr, new RegExp(`^BROKER_UNREACHABLE: port ${port} is taken`));
});

t.test("for people, at the sensor's pace", async t => {
  const began = performance.now();
  const { code, stdout } = await saccade("demo", "digits", "--model", model, "--count", "2");
  t.equal(code, 0);
  t.ok(performance.now() - began >= 1400, "two digits of 600 ms and their gaps");
  t.match(stdout, /broker {3}mqtt:\/\/127\.0\.0\.1:\d+\n/);
  t.match(stdout, /\d of 2 digits recognised \(\d+ %\)\n/);
  t.notMatch(stdout, "\u001b", "no colours where there is no terminal");
});
