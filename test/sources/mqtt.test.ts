import { writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import mqtt from "mqtt";
import t, { type Test } from "tap";
import { startDemoBroker } from "../../host/demo-broker/broker.js";
import { mqttDevice } from "../../host/sources/mqtt.js";
import { supervise, type SourceState } from "../../host/sources/supervise.js";
import type { Chunk } from "../../host/sources/connection.js";
import { freePort, startMosquitto, until } from "../publishers/brokers.js";

const TOPIC = "saccade/in/cam0/raw";

async function publisher(t: Test, url: string, protocolVersion: 4 | 5 = 5) {
  const client = mqtt.connect(url, { protocolVersion, reconnectPeriod: 50 });
  client.on("error", () => undefined);
  await new Promise<void>((resolve) => client.once("connect", () => resolve()));
  t.teardown(() => client.endAsync(true));
  return client;
}

async function take(chunks: AsyncIterable<Chunk>, count: number): Promise<Buffer[]> {
  const taken: Buffer[] = [];
  for await (const { bytes } of chunks) if (taken.push(Buffer.from(bytes)) === count) break;
  return taken;
}

for (const broker of ["Mosquitto", "the demo's broker, MQTT 3.1.1"] as const)
  t.test(`${broker}: each chunk is a message of that one topic; retained and long ones are counted`, async (t) => {
    const port = await freePort(), url = `mqtt://127.0.0.1:${port}`;
    const started = broker === "Mosquitto" ? await startMosquitto(port) : await startDemoBroker(port);
    t.teardown(() => ("kill" in started ? started.kill() : started.close()));
    const sensor = await publisher(t, url, broker === "Mosquitto" ? 5 : 4);
    await sensor.publishAsync(TOPIC, "old", { retain: true, qos: 1 });
    const said: string[] = [];
    const connection = await mqttDevice({ url, topic: TOPIC, clientId: "gateway", notify: ({ code }) => said.push(code) }).open();
    t.same(said, broker === "Mosquitto" ? [] : ["BROKER_OLD_PROTOCOL"]);
    const sent = Array.from({ length: 200 }, (_, k) => Buffer.alloc(1 + ((k * 331) % 65_536), k & 255));
    const reading = take(connection.chunks, sent.length);
    await sensor.publishAsync(`${TOPIC}/other`, "not this");
    await sensor.publishAsync(TOPIC, Buffer.alloc(65_537), { qos: 1 });
    for (const bytes of sent) await sensor.publishAsync(TOPIC, bytes, { qos: 1 });
    const got = await reading;
    t.ok(got.every((bytes, k) => bytes.equals(sent[k]!)), "every payload as it was sent");
    t.same(connection.drops, { retained: 1, too_long: 1 });
    t.equal(await connection.write(Buffer.from("x")), false);
    await connection.close();
    await connection.ended;
    t.same(await take(connection.chunks, 1), [], "it has ended");
  });

t.test("a broker that dies is waited for; sources of one gateway do not throw each other out", async (t) => {
  const port = await freePort(), url = `mqtt://127.0.0.1:${port}`;
  const stop = new AbortController();
  const states: SourceState[][] = [[], []], heard = [0, 0];
  const running = [0, 1].map(async (k) => {
    const device = mqttDevice({ url, topic: TOPIC, clientId: "gateway" });
    for await (const { chunks } of supervise(device, { signal: stop.signal, onState: (state) => states[k]!.push(state) }))
      for await (const { bytes } of chunks) heard[k]! += bytes.length;
  });
  await sleep(100);
  t.same(states, [["opening", "opening"], ["opening", "opening"]], "there is no broker yet");
  for (let life = 0; life < 2; life++) {
    const broker = await startMosquitto(port);
    const sensor = await publisher(t, url);
    const before = [...heard];
    await until("both hear", () => {
      sensor.publish(TOPIC, "ping");
      return heard.every((bytes, k) => bytes > before[k]!);
    });
    t.same(states.map((all) => all.at(-1)), ["streaming", "streaming"]);
    await sensor.endAsync(true);
    await broker.kill();
    await until("both notice", () => states.every((all) => ["absent", "opening"].includes(all.at(-1)!)));
  }
  stop.abort();
  await Promise.all(running);
});

t.test("a topic that may not be read, and a broker that is not there, are refused with what to do", async (t) => {
  const port = await freePort(), url = `mqtt://127.0.0.1:${port}`;
  await t.rejects(mqttDevice({ url, topic: TOPIC }).open(), { code: "BROKER_UNREACHABLE" });
  const acl = `${t.testdir({ acl: "" })}/acl`;
  writeFileSync(acl, "topic read elsewhere/#\n");
  const broker = await startMosquitto(port, ["allow_anonymous true", `acl_file ${acl}`]);
  t.teardown(() => broker.kill());
  const outcome = await mqttDevice({ url, topic: TOPIC }).open().catch((error: unknown) => error as { code: string });
  // Mosquitto 2 answers a subscription that its list forbids with success, and sends nothing.
  if ("close" in outcome) await outcome.close();
  else t.equal(outcome.code, "BROKER_REFUSED");
});

t.test("an attempt is ended by the signal", async (t) => {
  const stop = new AbortController();
  const opening = mqttDevice({ url: "mqtt://192.0.2.1", topic: TOPIC }).open(stop.signal);
  stop.abort();
  await t.rejects(opening, { code: "BROKER_UNREACHABLE", message: /stopped/ });
});

t.test("block: a broker is not read on while the queue is full, and nothing is lost", async (t) => {
  const broker = await startMosquitto(await freePort());
  t.teardown(() => broker.kill());
  const connection = await mqttDevice({ url: broker.url, topic: TOPIC, overload: "block" }).open();
  const sensor = await publisher(t, broker.url);
  const count = 150;
  for (let k = 0; k < count; k++) await sensor.publishAsync(TOPIC, Buffer.alloc(60_000, k), { qos: 1 });
  await sleep(200);
  const got = await take(connection.chunks, count);
  t.same(got.map((bytes) => bytes[0]), Array.from({ length: count }, (_, k) => k));
  t.same(connection.drops, {});
  await connection.close();
});

t.test("what is no address or no single topic is a mistake in the configuration", async (t) => {
  const url = "mqtt://localhost";
  for (const topic of ["", "a/#", "a/+/raw", "$share/g/a", "a\0b", "x".repeat(65_536)])
    t.throws(() => mqttDevice({ url, topic }), { code: "CONFIG_INVALID" }, JSON.stringify(topic.slice(0, 20)));
  t.throws(() => mqttDevice({ url: "http://localhost", topic: TOPIC }), { code: "CONFIG_INVALID" });
  t.equal(mqttDevice({ url: "mqtt://user:secret@host", topic: TOPIC }).name, `mqtt://host ${TOPIC}`, "a name tells no password");
});
