import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, type AddressInfo, type Socket } from "node:net";
import { connectAsync } from "mqtt";
import t from "tap";
import { SimulatedDevice } from "../../firmware-bridge/device/device.js";
import { Player, type EventList } from "../../firmware-bridge/device/player.js";
import { LiveBridge } from "../../host/decoders/bridge-live.js";
import { BridgeResults, type DeviceLogits } from "../../host/decoders/bridge-results.js";
import { Engine } from "../../host/engine/engine.js";
import { decide, frame, infer } from "../../host/pipeline.js";
import type { EventMessage, StatsMessage } from "../../host/publishers/messages.js";
import { digitRecording } from "../../host/simulator/digits.js";
import { serialDevice } from "../../host/sources/serial.js";
import { Tally } from "../../host/tally.js";
import type { Decision, Events, Inference } from "../../host/types.js";
import { BridgeWriter } from "../../host/writers/bridge.js";
import { readPackage } from "../../models/package/reader.js";
import { packageRoot } from "../../host/root.js";
import { freePort, startMosquitto, until } from "../publishers/brokers.js";
import { Folder } from "../gateway/running.js";
import { startGateway } from "../gateway/gateway-process.js";
import { SIZE } from "../gateway/cameras.js";
import { needsBoard, networkImage, startBoard } from "./board.js";

const pkg = readPackage(Uint8Array.from(readFileSync(new URL("models/zoo/nmnist.saccade", packageRoot))));
const DIGIT = 7;
const { events: DIGITS } = digitRecording(1, DIGIT);
const POLL_MILLIS = 2;

/** What Node's engine says of the same events. */
async function here(events: Events): Promise<{ readonly inferences: readonly Inference[]; readonly decisions: readonly Decision[] }> {
  const source = { size: SIZE, drops: {}, async *decode() { yield events; } };
  const engine = new Engine(pkg.plan, pkg.constants), inferences: Inference[] = [], decisions: Decision[] = [];
  for await (const inference of infer(frame(source, pkg.card, new Tally()), { pkg, engine, stream: engine.stream() }, new Tally())) inferences.push(inference);
  const again = async function* (): AsyncGenerator<Inference> { yield* inferences; };
  for await (const decision of decide(again(), pkg)) decisions.push(decision);
  return { inferences, decisions };
}

function captureOf(events: Events): Uint8Array {
  const writer = new BridgeWriter({ size: SIZE });
  const parts = [writer.begin().slice()];
  for (const bytes of writer.write(events)) parts.push(bytes.slice());
  for (const bytes of writer.end()) parts.push(bytes.slice());
  return Buffer.concat(parts);
}

/** A camera behind a UART of the board: what the simulated device says goes to whoever connects. */
async function listenAsCamera(events: EventList): Promise<{ readonly port: number; readonly device: SimulatedDevice; close(): void }> {
  const began = performance.now(), now = (): number => Math.round(1000 * (performance.now() - began));
  let line: Socket | undefined;
  const device = new SimulatedDevice(SIZE, (bytes) => (line?.write(bytes.slice()), line !== undefined));
  const player = new Player(events, device);
  const server = createServer((socket) => {
    line = socket.setNoDelay(true).on("error", () => undefined).on("data", (bytes) => device.receive(bytes, now()));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const timer = setInterval(() => {
    if (line === undefined) return;
    if (device.status.streaming) player.poll(now());
    device.poll(now());
  }, POLL_MILLIS);
  const close = (): void => {
    clearInterval(timer);
    line?.destroy();
    server.close();
  };
  return { port: (server.address() as AddressInfo).port, device, close };
}

t.test("a recording that is compiled in: the board's logits are those of Node, window by window", needsBoard(), async (t) => {
  const { inferences } = await here(DIGITS);
  const board = await startBoard(networkImage(pkg, captureOf(DIGITS)));
  t.teardown(() => board.kill());
  const results = new BridgeResults(), found: DeviceLogits[] = [];
  const bridge = new LiveBridge({ wants: ["RESULT"], form: 1 }, results.take);
  const connection = await serialDevice({ port: board.port, baudRate: 1_000_000 }).open();
  const poll = setInterval(() => {
    for (const bytes of bridge.control.poll(Math.round(1000 * (performance.timeOrigin + performance.now())))) void connection.write(bytes);
  }, 20);
  for await (const { bytes } of connection.chunks) {
    for (const events of bridge.push(bytes)) t.equal(events.count, 0);
    found.push(...(results.drain() as DeviceLogits[]));
    if (found.length >= inferences.length) break;
  }
  clearInterval(poll);
  await connection.close();
  const first = found[0]!, origin = inferences[0]!.window.start;
  t.ok(inferences.length >= 3, `${inferences.length} windows`);
  t.same(found.slice(0, inferences.length).map(({ window, start, end, events, logits }) =>
    ({ window, start: start - first.start, end: end - first.start, events, logits: [...logits] })), inferences.map(({ window, logits }) =>
    ({ window: window.index, start: window.start - origin, end: window.end - origin, events: window.events, logits: [...logits] })));
  t.ok(found.every(({ inferMicros }) => inferMicros > 0), `${found.map(({ inferMicros }) => inferMicros)} µs`);
  t.match(bridge.inbox.hello, { ...SIZE, name: "network example" });
  t.same(bridge.drops, {});
});

t.test("camera, microcontroller, host and broker: what the board recognises arrives with its label", needsBoard(), async (t) => {
  const { decisions } = await here(DIGITS);
  const camera = await listenAsCamera(DIGITS), folder = new Folder();
  const board = await startBoard(networkImage(pkg), camera.port);
  const broker = await startMosquitto(await freePort());
  const listener = await connectAsync(broker.url), heard: EventMessage[] = [];
  let stats: StatsMessage | undefined;
  listener.on("message", (topic, payload) => {
    if (topic.endsWith("/event")) heard.push(JSON.parse(payload.toString()) as EventMessage);
    else stats = JSON.parse(payload.toString()) as StatsMessage;
  });
  await listener.subscribeAsync(["saccade/test/src/board/event", "saccade/test/src/board/stats"]);
  const gateway = startGateway(folder.file("saccade.yaml"), `
gateway: test
state-folder: ${folder.file("state")}
mqtt: { url: "${broker.url}" }
models: { digits: nmnist }
sources:
  board: { serial: { port: ${board.port}, baud: 1000000 }, format: bridge, results: [digits] }`);
  t.teardown(async () => {
    await gateway.stop();
    await listener.endAsync();
    await broker.kill();
    await board.kill();
    camera.close();
    folder.remove();
  });
  const wanted = decisions.find(({ kind }) => kind === "new")!;
  await until(`the digit's end; ${JSON.stringify(heard)} ${gateway.journal}`, () => heard.some(({ type }) => type === "end"));
  t.equal(wanted.label, String(DIGIT));
  t.match(heard[0], { type: "new", label: wanted.label, score: wanted.score, source: "board", clock: "system", historical: false,
    model: { name: "nmnist", sha256: pkg.digest.slice(0, 8) }, latency_us: { window: 100_000 } });
  t.ok(heard[0]!.latency_us.infer > 0, "the board's own time");
  t.equal(heard.at(-1)!.id, heard[0]!.id);
  t.equal(await gateway.stop(), 0);
  await until("statistics", () => (stats?.models[0]?.windows ?? 0) >= 3);
  t.match(stats, { models: [{ name: "digits", drop: {} }], drop: {} });
  t.same(camera.device.status.lostRing + camera.device.status.lostCredit, 0);
});
