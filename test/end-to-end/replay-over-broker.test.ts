import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import mqtt from "mqtt";
import t from "tap";
import { startDemoBroker } from "../../host/demo-broker/broker.js";
import { untrainedPackage } from "../cli/package.js";
import { digitFile } from "../cli/recordings.js";
import { endRuns, saccade } from "../cli/run.js";

t.teardown(endRuns);

t.test("replay --mqtt publishes the lines that it prints, and says when it comes and goes", async t => {
  const folder = t.testdir({});
  const [model, recording] = [join(folder, "u.saccade"), join(folder, "digit.bin")];
  await writeFile(model, await untrainedPackage());
  await writeFile(recording, digitFile(6));
  const broker = await startDemoBroker(0);
  t.teardown(() => broker.close());
  const client = await mqtt.connectAsync(broker.url, { protocolVersion: 4, reconnectPeriod: 0 });
  const heard = new Map<string, string[]>();
  let cborBytes = 0;
  client.on("message", (topic, payload) => {
    if (topic.endsWith("/cbor")) cborBytes += payload.length;
    else heard.set(topic, [...(heard.get(topic) ?? []), payload.toString("utf8")]);
  });
  await client.subscribeAsync("saccade/replay/#", { qos: 1 });

  const { code, stdout, stderr } = await saccade("replay", recording, "--model", model, "--mqtt", broker.url, "--json");
  t.equal(stderr, "");
  t.equal(code, 0);
  const lines = stdout.trimEnd().split("\n");
  t.match(JSON.parse(lines.pop()!), { summary: { dropped: {} } });
  const deadline = performance.now() + 5000;
  const gone = (): boolean => heard.get("saccade/replay/status")?.at(-1) === "offline";
  while (!gone() && performance.now() < deadline) await sleep(20);
  t.same(heard.get("saccade/replay/src/digit/event"), lines);
  t.ok(cborBytes > 0);
  t.same(heard.get("saccade/replay/status"), ["online", "offline"]);
  t.equal(heard.get("saccade/replay/src/digit/status")?.at(-1), "offline");
  await client.endAsync();
});
