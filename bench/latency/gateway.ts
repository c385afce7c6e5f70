import { once } from "node:events";
import { createServer, type AddressInfo, type Socket } from "node:net";
import { LatencyHistogram } from "../../host/latency.js";
import { openNetwork } from "../../host/network.js";
import { createDecoder } from "../../host/decoders/formats.js";
import { EnginePool } from "../../host/engine/pool.js";
import { runPipeline, type EventSource } from "../../host/pipeline.js";
import { createAuthor } from "../../host/publishers/author.js";
import { createMqttPublisher } from "../../host/publishers/mqtt.js";
import { Tally } from "../../host/tally.js";
import type { Inference } from "../../host/types.js";
import { GATEWAY, monotonicMicros, SIZE, SOURCE, type GatewayOrders, type Passed } from "./protocol.js";

/** A sensor at the other end of a connection. */
function sensorOn(socket: Socket): EventSource {
  const decoder = createDecoder("evt2", { size: SIZE });
  return {
    size: SIZE,
    live: true,
    drops: decoder.drops,
    async *decode() {
      for await (const chunk of socket) yield* decoder.push(chunk as Buffer);
      yield* decoder.end();
    },
  };
}

/** decode ▶ frame ▶ engine ▶ head ▶ MQTT for one connection. Messages carry the end of their window as their time. */
async function serve({ broker, model, workers, cbor }: GatewayOrders): Promise<Passed> {
  const network = await openNetwork(model);
  const { card, digest } = network.pkg;
  const pool = workers > 0 ? await EnginePool.start(network.pkg, network.engine, { workers }) : undefined;
  const publisher = await createMqttPublisher({ url: broker, gateway: GATEWAY, cbor, firstConnect: "fail" });
  const clock = { name: "system", at: (sensor: number) => sensor, now: (latest: number) => latest } as const;
  const author = createAuthor({
    gateway: GATEWAY, source: SOURCE, boot: 1, model: { name: card.name, version: card.version, sha256: digest }, clock, updateEveryMicros: 0,
  });
  const tally = new Tally();
  const [infer, result] = [new LatencyHistogram(), new LatencyHistogram()];
  const [windowEnds, at]: [number[], number[]] = [[], []];
  const onInference = ({ window, inferMicros, latencyMicros }: Inference): void => {
    windowEnds.push(window.end);
    at.push(monotonicMicros());
    infer.add(inferMicros);
    result.add(latencyMicros);
  };
  await publisher.sourceStatus(SOURCE, "online");
  const source = sensorOn(await connection());
  await runPipeline({ ...network, source, speed: "max", author, publishers: [publisher], pool, onInference }, tally);
  await publisher.close();
  await pool?.close();
  tally.dropAll(publisher.drops);
  const { events, windows, inferences, dropped } = tally;
  const quantiles = (of: LatencyHistogram) => ({ p50: of.quantile(0.5), p99: of.quantile(0.99) });
  const windowMicros = card.framing.windowMicros!;
  return { events, windows, inferences, dropped, inferMicros: quantiles(infer), resultMicros: quantiles(result), windowMicros, windowEnds, at };
}

/** Tells the parent where it listens, and takes one connection. */
async function connection(): Promise<Socket> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  process.send!({ ready: (server.address() as AddressInfo).port });
  const [socket] = (await once(server, "connection")) as [Socket];
  server.close();
  return socket;
}

process.on("message", (orders: GatewayOrders) => {
  void serve(orders).then(done => {
    process.send!({ done });
    process.disconnect();
  });
});
