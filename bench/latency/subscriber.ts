import mqtt from "mqtt";
import { topicsOf } from "../../host/publishers/topics.js";
import { GATEWAY, monotonicMicros, SOURCE, type Heard } from "./protocol.js";

/** A client of the broker like any other; notes when each event's JSON is in its hands. */
process.on("message", (orders: { readonly broker: string } | "end") => {
  if (orders === "end") {
    process.send!({ done: heard });
    process.disconnect();
    void client?.endAsync(true);
  } else void listen(orders.broker);
});

const heard: { readonly windowEnds: number[]; readonly at: number[] } & Heard = { windowEnds: [], at: [] };
let client: mqtt.MqttClient | undefined;

async function listen(broker: string): Promise<void> {
  client = await mqtt.connectAsync(broker, { protocolVersion: 4, reconnectPeriod: 0 });
  const topics = topicsOf("saccade", GATEWAY);
  client.on("message", (topic, payload) => {
    const at = monotonicMicros();
    if (topic !== topics.event(SOURCE)) return;
    heard.windowEnds.push((JSON.parse(payload.toString("utf8")) as { ts: number }).ts);
    heard.at.push(at);
  });
  await client.subscribeAsync([topics.event(SOURCE), topics.eventCbor(SOURCE), topics.state(SOURCE)], { qos: 1 });
  process.send!({ ready: 0 });
}
