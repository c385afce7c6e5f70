import { createMqttPublisher } from "../../host/publishers/mqtt.js";

/** A gateway of its own process, to be killed: node publishing-child.ts URL */
const publisher = await createMqttPublisher({ url: process.argv[2]!, gateway: "test", firstConnect: "fail" });
await publisher.sourceStatus("cam0", "online");
await publisher.flush(5000);
process.send!("ready");
setInterval(() => undefined, 1000);
