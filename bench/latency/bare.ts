import { setTimeout as sleep } from "node:timers/promises";
import { openLink } from "../../host/mqtt/link.js";
import { topicsOf } from "../../host/publishers/topics.js";
import { GATEWAY, monotonicMicros, SOURCE, type BareOrders, type Heard } from "./protocol.js";

/** A gateway that has nothing to do but say a message a window: what it takes from here is the broker's, the subscriber's and the machine's. */
process.on("message", (orders: BareOrders) => {
  void say(orders).then(done => {
    process.send!({ done });
    process.disconnect();
  });
});

async function say({ broker, windows, windowMicros, messageBytes }: BareOrders): Promise<Heard> {
  const topics = topicsOf("saccade", GATEWAY);
  const will = { topic: topics.status, payload: "offline", retain: true };
  const link = await openLink({ url: broker, clientId: "bare", will, connectTimeoutMillis: 5000, signal: new AbortController().signal }, "5");
  const heard = { windowEnds: [] as number[], at: [] as number[] };
  const began = monotonicMicros();
  for (let k = 1; k <= windows; k++) {
    await sleep(Math.max(0, (began + k * windowMicros - monotonicMicros()) / 1000));
    heard.at.push(monotonicMicros());
    heard.windowEnds.push(k * windowMicros);
    void link.publish(topics.event(SOURCE), JSON.stringify({ ts: k * windowMicros }).padEnd(messageBytes), {});
    link.flush();
  }
  await sleep(windowMicros / 1000);
  await link.end();
  return heard;
}
