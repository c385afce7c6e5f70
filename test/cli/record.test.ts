import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { open } from "node:fs/promises";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import mqtt from "mqtt";
import t, { type Test } from "tap";
import { RawWriter, besideFile } from "../../host/capture/writer.js";
import { createLiveDecoder, type LiveOptions, type Transport } from "../../host/decoders/live.js";
import { openPoints } from "../../host/point-recording.js";
import { openRecording } from "../../host/recording.js";
import type { Chunk, Device } from "../../host/sources/connection.js";
import { mqttDevice } from "../../host/sources/mqtt.js";
import { serialDevice } from "../../host/sources/serial.js";
import { udpDevice } from "../../host/sources/udp.js";
import type { Events, Points } from "../../host/types.js";
import { RawDvsWriter } from "../../host/writers/raw-packets.js";
import { toEvents } from "../decoders/collect.js";
import { SERIAL_ENCODINGS, streamOf } from "../decoders/points/encode.js";
import { livoxPacket } from "../decoders/points/encode-packets.js";
import { madeShots } from "../decoders/points/shots.js";
import { freePort, startMosquitto, until } from "../publishers/brokers.js";
import { Cable } from "../sources/pty.js";
import { freeUdpPort, UdpSender } from "../sources/udp-sender.js";
import { endRuns, MAIN, saccade } from "./run.js";

t.teardown(endRuns);
const HAVE = spawnSync("socat", ["-V"]).status === 0;
const skip = HAVE || process.env["CI"] ? false : "socat is not installed";
const COLUMNS = ["t", "x", "y", "z", "intensity", "ring", "echo", "p"] as const;

/** Every value of every column, in order. */
class Seen {
  readonly #hash = createHash("sha256");
  count = 0;

  see(batch: Events | Points): void {
    const columns = batch as unknown as Readonly<Record<string, Float64Array | undefined>>;
    for (const name of COLUMNS) this.#hash.update(`${name} ${columns[name]?.subarray(0, batch.count).join()}\n`);
    if ("over" in batch && batch.over) this.#hash.update(`scan ${batch.scan} over`);
    this.count += batch.count;
  }

  hex(): string {
    return this.#hash.digest("hex");
  }
}

/** Decodes a source live and records it, until so many bytes have come. @returns what was decoded, and the recording */
async function liveAndRecorded(t: Test, device: Device, transport: Transport, format: string, options: LiveOptions, bytes: number, send: () => Promise<void>) {
  const path = join(t.testdir(), "live.saccade-raw");
  const { baud, size, sensorInfo } = options;
  const writer = new RawWriter({ path: besideFile(path), header: { source: device.name, transport, format, baud, size, sensorInfo } });
  const { decoder } = createLiveDecoder(format, transport, options);
  const connection = await device.open();
  const seen = new Seen();
  const sent = send();
  let heard = 0;
  for await (const { bytes: chunk, at } of connection.chunks as AsyncIterable<Chunk>) {
    writer.write({ bytes: chunk, at });
    for (const batch of decoder.push(chunk, at)) seen.see(batch);
    if ((heard += chunk.length) >= bytes) break;
  }
  for (const batch of decoder.end()) seen.see(batch);
  await sent;
  await Promise.all([connection.close(), writer.close()]);
  return { path, live: { hex: seen.hex(), count: seen.count, drops: decoder.drops } };
}

async function replayed(recording: { decode(): AsyncIterable<Events | Points>; readonly drops: object }) {
  const seen = new Seen();
  for await (const batch of recording.decode()) seen.see(batch);
  return { hex: seen.hex(), count: seen.count, drops: recording.drops };
}

t.test("over a pty: an RPLIDAR and an LD06, whose times hang on arrivals and line rate, replay bit for bit", { skip }, async (t) => {
  for (const encoding of [SERIAL_ENCODINGS[0]!, SERIAL_ENCODINGS[4]!]) {
    const cable = new Cable();
    t.teardown(() => cable.dispose());
    await cable.plug();
    const stream = streamOf(encoding, madeShots(6000, 3));
    const device = serialDevice({ port: cable.port, baudRate: 230_400 });
    const send = async (): Promise<void> => {
      const far = await open(cable.device, "r+");
      for (let at = 0; at < stream.length; at += 777) {
        await far.write(stream.subarray(at, at + 777));
        await sleep(1 + (at % 5));
      }
      await far.close();
    };
    const { path, live } = await liveAndRecorded(t, device, "serial", encoding.format, { baud: 230_400 }, stream.length, send);
    t.ok(live.count > 5000, `${live.count} points of ${encoding.format}`);
    t.strictSame(await replayed(await openPoints(path)), live);
    const { stdout } = await saccade("decode", path, "--json");
    t.match(JSON.parse(stdout), { format: encoding.format, points: live.count });
  }
});

t.test("over UDP and MQTT: datagrams of a Livox and packets of events replay bit for bit", async (t) => {
  const port = await freeUdpPort();
  const points = Array.from({ length: 96 }, (_, i) => ({ x: i * 100, y: -i, z: i, intensity: i }));
  const datagrams = Array.from({ length: 300 }, (_, k) => livoxPacket(1, k, 10n ** 18n + BigInt(k) * 500_000n, 4000, points));
  const sender = await UdpSender.open(port);
  const sendAll = async (): Promise<void> => {
    for (const datagram of datagrams) await sender.send(datagram);
    await sender.close();
  };
  const total = datagrams.reduce((sum, { length }) => sum + length, 0);
  const livox = await liveAndRecorded(t, udpDevice({ address: "127.0.0.1", port }), "udp", "livox", {}, total, sendAll);
  t.equal(livox.live.count, 300 * 95);
  t.strictSame(await replayed(await openPoints(livox.path)), livox.live);

  const broker = await startMosquitto(await freePort());
  t.teardown(() => broker.kill());
  const many = { length: 40_000 };
  const events = toEvents({ t: Array.from(many, (_, i) => i * 3), x: Array.from(many, (_, i) => i % 300), y: Array.from(many, (_, i) => i % 200), p: Array.from(many, (_, i) => i & 1) });
  const packets = [...new RawDvsWriter({ width: 346, height: 260 }, true).write(events)];
  const sendPackets = async (): Promise<void> => {
    const client = await mqtt.connectAsync(broker.url);
    for (const packet of packets) await client.publishAsync("in/cam0/raw", Buffer.from(packet), { qos: 1 });
    await client.endAsync();
  };
  const bytes = packets.reduce((sum, { length }) => sum + length, 0);
  const cam = await liveAndRecorded(t, mqttDevice({ url: broker.url, topic: "in/cam0/raw" }), "mqtt", "raw-dvs", {}, bytes, sendPackets);
  t.equal(cam.live.count, 40_000);
  const recording = await openRecording(cam.path);
  t.same(recording.size, { width: 346, height: 260 });
  t.strictSame(await replayed(recording), cam.live);
  const out = `${cam.path}.csv`;
  t.equal((await saccade("convert", cam.path, out)).code, 0);
  t.match(JSON.parse((await saccade("decode", out, "--size", "346x260", "--json")).stdout), { events: 40_000 });
});

/** Points of an LD06's bytes. */
function pointsOf(stream: Uint8Array): number {
  const live = createLiveDecoder("ld06", "serial");
  let count = 0;
  for (const points of live.decoder.push(stream)) count += points.count;
  return count;
}

t.test("saccade record: a port whose format shows itself, until Ctrl-C", { skip }, async (t) => {
  const cable = new Cable();
  t.teardown(() => cable.dispose());
  await cable.plug();
  const file = join(t.testdir(), "ld.saccade-raw");
  const child = spawn(process.execPath, [MAIN, "record", "--serial", cable.port, "--baud", "230400", "-o", file], { stdio: ["ignore", "pipe", "pipe"] });
  t.teardown(() => child.kill("SIGKILL"));
  let stdout = "", stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text) => (stderr += text));
  child.stdout.setEncoding("utf8").on("data", (text) => (stdout += text));
  const stream = streamOf(SERIAL_ENCODINGS[0]!, madeShots(6000, 3));
  const far = await open(cable.device, "r+");
  await until("the port is open", () => stderr.includes("probing"));
  for (let at = 0; at < stream.length; at += 470) {
    await far.write(stream.subarray(at, at + 470));
    await sleep(10);
  }
  await sleep(300);
  child.kill("SIGINT");
  const [code] = (await once(child, "close")) as [number];
  await far.close();
  t.equal(code, 0);
  t.match(stdout, `ld06, ${stream.length.toLocaleString("en-US")} bytes in `);
  t.match(stdout, /nothing dropped/);
  t.match(JSON.parse((await saccade("decode", file, "--json")).stdout), { format: "ld06", points: pointsOf(stream) });
});

t.test("saccade record: datagrams for a while; nothing at all; a mistake", async (t) => {
  const port = await freeUdpPort();
  const file = join(t.testdir(), "u.saccade-raw");
  const sender = await UdpSender.open(port);
  const timer = setInterval(() => void sender.send(Buffer.from("what is this?")), 20);
  const { code, stdout, stderr } = await saccade("record", "--udp", `127.0.0.1:${port}`, "-o", file, "--duration", "1200ms");
  clearInterval(timer);
  await sender.close();
  t.equal(code, 0, stderr);
  t.match(stdout, /of no known format, [\d,]+ bytes in \d+ chunks.*nothing dropped/);
  t.match(stderr, /FORMAT_UNKNOWN.*velodyne.*decode it with --as/);
  t.match(await saccade("decode", file), { code: 65, stderr: /FORMAT_UNKNOWN.*--as/ });
  t.match(await saccade("record", "--udp", `127.0.0.1:${port}`, "-o", file, "--duration", "100ms"), { code: 65, stderr: /RECORDING_EMPTY/ });
  t.match(await saccade("record", "-o", file), { code: 64, stderr: /--serial/ });
  t.match(await saccade("record", "-o", file, "--serial", "/dev/null"), { code: 64, stderr: /--baud/ });
  t.match(await saccade("record", "-o", file, "--udp", "x", "--duration", "1s"), { code: 78 });
  t.match(await saccade("record", "-o", file, "--udp", "1", "--duration", "soon"), { code: 64, stderr: /10s/ });
  t.match(await saccade("record", "-o", file, "--udp", "2368", "--format", "ld06"), { code: 65, stderr: /velodyne/ });
});

t.test("a connection that breaks and one of noise: scans are counted on, times go on", async (t) => {
  const file = join(t.testdir(), "two.saccade-raw");
  const writer = new RawWriter({ path: besideFile(file), header: { source: "x", transport: "serial", format: "ld06", baud: undefined, size: undefined, sensorInfo: undefined } });
  const stream = streamOf(SERIAL_ENCODINGS[0]!, madeShots(3000, 3));
  for (const bytes of [stream, Buffer.alloc(500, 7), stream]) {
    writer.connection();
    writer.write({ at: 1e12, bytes });
  }
  await writer.close();
  const recording = await openPoints(file);
  let scan = 0, count = 0;
  for await (const points of recording.decode()) {
    if (points.scan < scan) t.fail("scans fall");
    scan = points.scan;
    count += points.count;
  }
  t.equal(count, 2 * pointsOf(stream));
  t.match(recording.drops, { resync_bytes: 500 });
});
