import mqtt from "mqtt";
import t from "tap";
import { DemoSubscriber } from "../../host/cli/demo-subscriber.js";
import { startDemoBroker } from "../../host/demo-broker/broker.js";

const JSON_TOPIC = "saccade/demo/camera/event", CBOR_TOPIC = `${JSON_TOPIC}/cbor`;

t.test("what others send to the demo's topics is counted, and changes nothing", async t => {
  const broker = await startDemoBroker();
  t.teardown(() => broker.close());
  const subscriber = await DemoSubscriber.connect(broker.url, JSON_TOPIC, CBOR_TOPIC);
  const other = await mqtt.connectAsync(broker.url, { protocolVersion: 4, reconnectPeriod: 0 });
  for (const payload of ["hello", "null", "5", '{"id": 7}', ""]) await other.publishAsync(JSON_TOPIC, payload, { qos: 1 });
  for (const payload of [Buffer.of(0xff), Buffer.of(0xa0), Buffer.of(0x05), Buffer.of()]) await other.publishAsync(CBOR_TOPIC, payload, { qos: 1 });
  const good = { id: "a", label: "wave", score: 900, ts: 150, start: 100, end: 300 };
  await other.publishAsync(JSON_TOPIC, JSON.stringify(good), { qos: 1 });
  await subscriber.received(1, 200);
  t.same([subscriber.json, subscriber.cbor, subscriber.drops], [1, 0, { foreign_message: 9 }]);
  t.match(subscriber.heardBetween(100, 300), { label: "wave", toldAt: 150 });
  t.equal(subscriber.heardBetween(150, 300), undefined, "told before it began");
  await other.endAsync();
  await subscriber.close();
});
