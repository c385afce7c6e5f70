import t, { type Test } from "tap";
import { startDemoBroker } from "../../host/demo-broker/broker.js";
import { createMqttPublisher } from "../../host/publishers/mqtt.js";
import type { EventMessage } from "../../host/publishers/messages.js";
import { eventFromCbor, withDigits } from "../publishers/cbor-reader.js";
import { freePort, startMosquitto, subscribe, type Subscriber } from "../publishers/brokers.js";
import { checkCddl, checkEventJson, checkStateJson } from "../publishers/schemas.js";
import { events, authorOf, decision } from "../publishers/events.js";

const EVENT = "saccade/test/src/cam0/event";
const STATE = "saccade/test/src/cam0/state";

t.test("Mosquitto: the same events in JSON and CBOR, with the properties of MQTT 5", async (t) => {
  const broker = await startMosquitto(await freePort());
  t.teardown(() => broker.kill());
  const subscriber = await subscribe(broker.url);
  t.teardown(() => subscriber.close());
  const info = { version: "0.1.0", boot: 42 };
  const publisher = await createMqttPublisher({ url: broker.url, gateway: "test", firstConnect: "fail", info });
  await publisher.sourceStatus("cam0", "online");
  const sent = events(500);
  for (const event of sent) await publisher.publish(event);
  t.ok(await publisher.flush(30_000), "all is acknowledged");
  t.equal(publisher.protocol, "5");
  t.equal(publisher.acknowledged, 500);
  await checkContent(t, subscriber, sent);

  const [json] = subscriber.on(EVENT);
  const [cbor] = subscriber.on(`${EVENT}/cbor`);
  t.match(json!.properties, { payloadFormatIndicator: true, contentType: "application/json" });
  t.match(cbor!.properties, { contentType: "application/cbor" });
  for (const packet of [json!, cbor!]) {
    t.equal(packet.qos, 1);
    t.equal(packet.retain, false);
    const left = packet.properties!.messageExpiryInterval!;
    t.ok(left > 86_000 && left <= 86_400, "the broker passes on what is left of the expiry");
    const user = { schema: "saccade.event/1", gw: "test", seq: "0", boot: "42", historical: "1" };
    t.same({ ...packet.properties!.userProperties }, user);
  }
  await publisher.close();
  await subscriber.until("offline", () => subscriber.texts("saccade/test/status").at(-1) === "offline");
  t.same(subscriber.texts("saccade/test/status"), ["online", "offline"]);
  t.same(subscriber.texts("saccade/test/src/cam0/status"), ["online", "offline"]);
  t.same(publisher.drops, {});

  const late = await subscribe(broker.url);
  t.teardown(() => late.close());
  await late.until("the retained messages", () => late.packets.length >= 4);
  t.match(JSON.parse(late.texts(STATE)[0]!), { label: "9", active: false });
  t.same(JSON.parse(late.texts("saccade/test/info")[0]!), { ...info, schemas: ["saccade.event/1"] });
  t.same(late.texts("saccade/test/status"), ["offline"]);
  t.same(late.on(EVENT), [], "events are never retained");
  t.ok(late.packets.every((packet) => packet.retain));
});

t.test("the demo's broker: MQTT 3.1.1 where 5 is refused, and the same events", async (t) => {
  const broker = await startDemoBroker(await freePort());
  t.teardown(() => broker.close());
  const subscriber = await subscribe(broker.url, 4);
  t.teardown(() => subscriber.close());
  const notices: string[] = [];
  const publisher = await createMqttPublisher({
    url: broker.url, gateway: "test", firstConnect: "fail", notify: (notice) => notices.push(notice.code),
  });
  await publisher.sourceStatus("cam0", "online");
  const sent = events(200);
  for (const event of sent) await publisher.publish(event);
  t.ok(await publisher.flush(10_000));
  t.equal(publisher.protocol, "3.1.1");
  t.same(notices, ["BROKER_OLD_PROTOCOL", "BROKER_CONNECTED"]);
  await checkContent(t, subscriber, sent);
  await publisher.close();
  await subscriber.until("offline", () => subscriber.texts("saccade/test/status").at(-1) === "offline");
});

t.test("state says what is true now", async (t) => {
  const broker = await startMosquitto(await freePort());
  t.teardown(() => broker.kill());
  const subscriber = await subscribe(broker.url);
  t.teardown(() => subscriber.close());
  const publisher = await createMqttPublisher({ url: broker.url, gateway: "test", firstConnect: "fail" });
  const author = authorOf();
  await publisher.sourceStatus("cam0", "online");
  for (const step of [decision(0, "new", "3", 910), decision(5, "end", "3", 700)]) {
    await publisher.publish(author.write(step)!);
    await publisher.flush(5000);
  }
  await subscriber.until("three states", () => subscriber.on(STATE).length === 3);
  const [nothing, active, over] = subscriber.texts(STATE).map((text) => JSON.parse(text));
  t.match(nothing, { label: null, score: 0, active: false });
  t.same(active, { label: "3", score: 910, since: 0, active: true });
  t.same(over, { label: "3", score: 700, since: 600_000, active: false });
  await publisher.close();
});

/** Every event arrived once in each form, in order, and the two forms say the same. */
async function checkContent(t: Test, subscriber: Subscriber, sent: readonly EventMessage[]): Promise<void> {
  const all = (): boolean => subscriber.on(EVENT).length >= sent.length && subscriber.on(`${EVENT}/cbor`).length >= sent.length;
  await subscriber.until("all events", all);
  const json = subscriber.texts(EVENT).map((text) => JSON.parse(text));
  const cbor = subscriber.on(`${EVENT}/cbor`).map((packet) => eventFromCbor(packet.payload as Uint8Array, "test"));
  t.same(json, sent.map((event) => withDigits(event, 8)));
  t.same(cbor, sent.map((event) => withDigits(event, 16)));
  t.same(cbor.map((event) => withDigits(event, 8)), json);
  for (const text of subscriber.texts(EVENT)) checkEventJson(t, text);
  for (const text of subscriber.texts(STATE)) checkStateJson(t, text);
  await checkCddl(t, subscriber.on(`${EVENT}/cbor`).map((packet) => packet.payload as Uint8Array));
}
