import { fork } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import t from "tap";
import { startDemoBroker } from "../../host/demo-broker/broker.js";
import type { SaccadeError } from "../../host/errors.js";
import { createMqttPublisher, type MqttPublisherOptions } from "../../host/publishers/mqtt.js";
import type { Notice } from "../../host/mqtt/notices.js";
import { freePort, startMosquitto, subscribe, until } from "../publishers/brokers.js";
import { events } from "../publishers/events.js";

const EVENT = "saccade/test/src/cam0/event";
const STATUS = "saccade/test/status";
const CHILD = fileURLToPath(new URL("../publishers/publishing-child.js", import.meta.url));

t.test("a killed gateway is offline by its last will, after the will delay", async (t) => {
  const broker = await startMosquitto(await freePort());
  t.teardown(() => broker.kill());
  const subscriber = await subscribe(broker.url);
  t.teardown(() => subscriber.close());
  const child = fork(CHILD, [broker.url]);
  await once(child, "message");
  await subscriber.until("online", () => subscriber.texts(STATUS).at(-1) === "online");
  child.kill("SIGKILL");
  const killed = performance.now();
  await subscriber.until("offline", () => subscriber.texts(STATUS).at(-1) === "offline");
  const [, will] = subscriber.on(STATUS);
  t.ok(performance.now() - killed > 3500, "a short cut would not have been told");
  t.equal(will!.properties!.contentType, "text/plain");
  const late = await subscribe(broker.url);
  t.teardown(() => late.close());
  await late.until("the will is retained", () => late.texts(STATUS).at(-1) === "offline");
});

t.test("a broker that dies and comes back: nothing is lost, in order, and all that is retained is said again", async (t) => {
  const port = await freePort();
  const first = await startMosquitto(port);
  t.teardown(() => first.kill());
  const before = await subscribe(first.url);
  t.teardown(() => before.close());
  const notices: Notice[] = [];
  const notify = (notice: Notice): void => void notices.push(notice);
  const publisher = await createMqttPublisher({ url: first.url, gateway: "test", firstConnect: "fail", notify });
  t.teardown(() => publisher.close());
  await publisher.sourceStatus("cam0", "online");
  const sent = events(900);
  for (const event of sent.slice(0, 300)) await publisher.publish(event);
  await before.until("some events", () => before.on(EVENT).length > 20);
  await first.kill();
  for (const event of sent.slice(300, 600)) await publisher.publish(event);
  await until("the loss is seen", () => !publisher.connected);
  const early = before.texts(EVENT).map((text) => JSON.parse(text).seq as number);

  const second = await startMosquitto(port);
  t.teardown(() => second.kill());
  const after = await subscribe(second.url);
  t.teardown(() => after.close());
  await until("it is connected again", () => publisher.connected);
  for (const event of sent.slice(600)) await publisher.publish(event);
  t.ok(await publisher.flush(10_000));
  t.equal(publisher.acknowledged, 900);
  t.same(publisher.drops, {});
  await after.until("the last event", () => after.texts(EVENT).some((text) => JSON.parse(text).seq === 899));
  const late = after.texts(EVENT).map((text) => JSON.parse(text).seq as number);
  t.same(late, [...late].sort((a, b) => a - b), "in order");
  // The subscriber comes to the new broker a moment after it began: what it can have missed is what it never asked for.
  const seen = new Set([...early, ...before.texts(EVENT).map((text) => JSON.parse(text).seq as number), ...late]);
  t.ok(Array.from({ length: 300 }, (_, index) => 600 + index).every((seq) => seen.has(seq)));
  await after.until("online", () => after.texts(STATUS).at(-1) === "online");
  t.match(JSON.parse(after.texts("saccade/test/src/cam0/state").at(-1)!), { active: false });
  t.same(after.texts("saccade/test/src/cam0/status").at(-1), "online");
  t.same(notices.map(({ code }) => code).slice(0, 2), ["BROKER_CONNECTED", "BROKER_LOST"]);
  t.equal(notices.filter(({ code }) => code === "BROKER_LOST").length, 1);
});

t.test("a gateway may start before its broker, and holds only as much as it may", async (t) => {
  const port = await freePort();
  const publisher = await createMqttPublisher({ url: `mqtt://127.0.0.1:${port}`, gateway: "test", queueLimit: 100 });
  t.teardown(() => publisher.close());
  for (const event of events(350)) await publisher.publish(event);
  t.same(publisher.drops, { queue_full: 250 });
  t.equal(publisher.connected, false);
  const broker = await startMosquitto(port);
  t.teardown(() => broker.kill());
  t.ok(await publisher.flush(12_000), "the newest are delivered");
  t.equal(publisher.acknowledged, 100);
});

/** Bytes that are held, garbage not counted: when that is collected is up to the runtime. */
function heldBytes(): number {
  setFlagsFromString("--expose-gc");
  (runInNewContext("gc") as () => void)();
  return process.memoryUsage().heapUsed;
}

t.test("memory stays flat however much is published to a broker that is away", async (t) => {
  const publisher = await createMqttPublisher({ url: `mqtt://127.0.0.1:${await freePort()}`, gateway: "test", queueLimit: 1000 });
  const [event] = events(1);
  const publish = async (count: number): Promise<void> => {
    for (let seq = 0; seq < count; seq++) await publisher.publish({ ...event!, seq });
  };
  await publish(20_000);
  const before = heldBytes();
  await publish(200_000);
  const grown = heldBytes() - before;
  t.ok(grown < 1024 * 1024, `held bytes grew by ${grown}`);
  t.same(publisher.drops, { queue_full: 219_000 });
  const begun = performance.now();
  await publisher.close();
  t.ok(performance.now() - begun < 5000, "a stop takes less than 5 s during an outage too");
  t.same(publisher.drops, { queue_full: 219_000, unsent_at_close: 1000 });
});

t.test("a recording waits for room instead of losing events", async (t) => {
  const broker = await startDemoBroker(await freePort());
  t.teardown(() => broker.close());
  const subscriber = await subscribe(broker.url, 4);
  t.teardown(() => subscriber.close());
  const publisher = await createMqttPublisher({ url: broker.url, gateway: "test", firstConnect: "fail", whenFull: "wait", queueLimit: 10 });
  const sent = events(500);
  for (const event of sent) await publisher.publish(event);
  await publisher.close();
  t.same(publisher.drops, {});
  await subscriber.until("all", () => subscriber.on(EVENT).length === 500);
  t.same(subscriber.texts(EVENT).map((text) => JSON.parse(text).seq), sent.map(({ seq }) => seq));
});

t.test("a command may ask to fail at once, with what to do", async (t) => {
  const port = await freePort();
  const options = (url: string): MqttPublisherOptions => ({ url, gateway: "test", firstConnect: "fail", connectTimeoutMillis: 500 });
  const failure = (url: string): Promise<SaccadeError> =>
    createMqttPublisher(options(url)).then(() => t.fail("connected") as never, (error: SaccadeError) => error);
  const nobody = await failure(`mqtt://user:secret@127.0.0.1:${port}`);
  t.match(nobody, { code: "BROKER_UNREACHABLE", exitCode: 69, message: /127\.0\.0\.1:\d+ cannot be reached .*ECONNREFUSED/ });
  t.notMatch(nobody.line, /secret/);
  t.match(await failure("mqtt://no-such-host.invalid"), { code: "BROKER_UNREACHABLE" });
  for (const url of ["http://localhost", "localhost", "mqtt://"]) t.match(await failure(url), { code: "CONFIG_INVALID", exitCode: 78 });

  const closed = await startMosquitto(port, ["allow_anonymous false"]);
  t.teardown(() => closed.kill());
  t.match(await failure(closed.url), { code: "BROKER_REFUSED", exitCode: 69, remedy: /user name and password/ });

  const mute = createServer(() => undefined).listen(0, "127.0.0.1");
  await once(mute, "listening");
  t.teardown(() => mute.close());
  const { port: mutePort } = mute.address() as { port: number };
  t.match(await failure(`mqtt://127.0.0.1:${mutePort}`), { code: "BROKER_UNREACHABLE", remedy: /speaks MQTT/ });
});

t.test("two gateways with one id are told of it", async (t) => {
  const broker = await startMosquitto(await freePort());
  t.teardown(() => broker.kill());
  const heard: string[] = [];
  const open = (): ReturnType<typeof createMqttPublisher> =>
    createMqttPublisher({ url: broker.url, gateway: "test", notify: (notice) => heard.push(notice.code) });
  const publishers = [await open(), await open()];
  t.teardown(() => Promise.all(publishers.map((publisher) => publisher.close())));
  await until("the notice", () => heard.includes("BROKER_DUPLICATE_ID"));
  await sleep(10);
});
