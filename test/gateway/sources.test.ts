import { readdirSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import t from "tap";
import { connectAsync } from "mqtt";
import { openPty } from "../../firmware-bridge/device/pty.js";
import { openPoints } from "../../host/point-recording.js";
import { openRecording } from "../../host/recording.js";
import type { EventMessage } from "../../host/publishers/messages.js";
import { RawDvsWriter } from "../../host/writers/raw-packets.js";
import { toColumns, type Columns } from "../decoders/collect.js";
import { edvsEvents } from "../decoders/encode-serial.js";
import { SERIAL_ENCODINGS, streamOf } from "../decoders/points/encode.js";
import { madeShots } from "../decoders/points/shots.js";
import { endRuns, saccade } from "../cli/run.js";
import { freePort, startMosquitto, until } from "../publishers/brokers.js";
import { checkStatsJson } from "../publishers/schemas.js";
import { freeUdpPort, UdpSender } from "../sources/udp-sender.js";
import { bridgeCamera, SIZE, tenDigits } from "./cameras.js";
import { Folder, startRunning } from "./running.js";

const CHUNK_BYTES = 3000;

function someEvents(count: number): Columns {
  const k = Array.from({ length: count }, (_, i) => i);
  return { t: k.map((i) => 50 * i), x: k.map((i) => (37 * i) % 128), y: k.map((i) => (11 * i) % 128), p: k.map((i) => i & 1) };
}

t.test("an eDVS is silent until it is told to stream, and told to be silent at the end; what it sent is kept", async (t) => {
  const folder = new Folder();
  t.teardown(() => folder.remove());
  const sent = someEvents(20_000), bytes = Buffer.concat(edvsEvents(4, sent));
  let heard = "", at = 0, streaming = false;
  const pty = await openPty(folder.file("edvs"), (chunk) => {
    heard += Buffer.from(chunk).toString("latin1");
    streaming = heard.lastIndexOf("E+\n") > heard.lastIndexOf("E-\n");
  });
  const timer = setInterval(() => {
    if (!streaming || at >= bytes.length) return;
    pty.write(bytes.subarray(at, (at += CHUNK_BYTES)));
  }, 5);
  t.teardown(async () => {
    clearInterval(timer);
    await pty.close();
  });
  const gateway = await startRunning(t, folder, `
sources:
  edvs: { serial: { port: ${pty.path} }, format: edvs-e4, record: ${folder.file("kept")} }`);
  await gateway.untilStats("edvs", "all events", ({ in: { events } }) => events === 20_000);
  t.same(gateway.stats("edvs")!.drop, {});
  t.match(heard, /!E4\n[^]*E\+\n/, "the format, then the start");
  await gateway.stop();
  await until("the end is said", () => heard.endsWith("E-\n"));
  t.same(gateway.statuses["edvs"], ["offline", "online", "offline"]);

  const [file] = readdirSync(folder.file("kept"));
  const kept: Columns = { t: [], x: [], y: [], p: [] };
  for await (const events of (await openRecording(folder.file(`kept/${file}`))).decode()) {
    const columns = toColumns(events);
    for (const name of ["t", "x", "y", "p"] as const) kept[name].push(...columns[name]);
  }
  t.same([kept.x, kept.y, kept.p], [sent.x, sent.y, sent.p]);
  t.ok(kept.t.every((time, i) => time - kept.t[0]! === sent.t[i]! - sent.t[0]!), "times apart as they were sent");
});

t.test("a LiDAR is found by its first frames; its scans are counted, and its recording holds the same", async (t) => {
  const folder = new Folder();
  t.teardown(() => folder.remove());
  const encoding = SERIAL_ENCODINGS.find(({ format }) => format === "ld06")!;
  const bytes = streamOf(encoding, madeShots(12 * 1000, 3));
  const pty = await openPty(folder.file("lidar"), () => undefined);
  let at = 0, open = false;
  const timer = setInterval(() => {
    if (open) pty.write(bytes.subarray(at, (at += 500)));
  }, 5);
  t.teardown(async () => {
    clearInterval(timer);
    await pty.close();
  });
  const gateway = await startRunning(t, folder, `
sources:
  lidar: { serial: { port: ${pty.path}, baud: 230400 }, record: ${folder.file("kept")} }`);
  await until("the port is open", () => gateway.journal.some((line) => line.includes("probing")));
  open = true;
  await until("all is sent", () => at >= bytes.length);
  await gateway.untilStats("lidar", "all bytes", ({ in: came }) => came.bytes === bytes.length);
  await gateway.stop();
  t.ok(gateway.journal.includes("lidar: info: its first bytes are of ld06"), gateway.journal.join("\n"));
  const { in: came, drop } = gateway.stats("lidar")!;
  t.same(Object.keys(drop), ["no_return"], "where it sees nothing");
  t.ok(came.points > 10_000 && came.scans > 5, `${came.points} points, ${came.scans} scans`);
  const [file] = readdirSync(folder.file("kept"));
  let points = 0, scans = 0;
  for await (const batch of (await openPoints(folder.file(`kept/${file}`))).decode()) {
    points += batch.count;
    if (batch.over) scans++;
  }
  t.same([points, scans], [came.points, came.scans]);
});

t.test("events by MQTT go through a model as they do from a port", async (t) => {
  const folder = new Folder();
  const broker = await startMosquitto(await freePort());
  const client = await connectAsync(broker.url);
  t.teardown(async () => {
    await client.endAsync(true);
    await broker.kill();
    folder.remove();
  });
  const gateway = await startRunning(t, folder, `
mqtt: { url: "${broker.url}" }
models: { digits: { package: nmnist, workers: 0 } }
sources:
  camera: { mqtt: {}, format: raw-dvs, models: [digits], denoise: { hot-pixels: 5000 } }`);
  await until("subscribed", () => gateway.journal.some((line) => line.includes("probing")));
  const digits = tenDigits(), writer = new RawDvsWriter(SIZE);
  for (let from = 0; from < digits.count; from += 500) {
    const to = Math.min(digits.count, from + 500), cut = <A extends { subarray(a: number, b: number): A }>(a: A): A => a.subarray(from, to);
    const events = { count: to - from, t: cut(digits.t), x: cut(digits.x), y: cut(digits.y), p: cut(digits.p) };
    for (const packet of writer.write(events)) await client.publishAsync("saccade/in/camera/raw", Buffer.from(packet));
    if (from % 2000 === 0) await sleep(1);
  }
  await gateway.untilStats("camera", "all events", ({ in: { events } }) => events === digits.count);
  await until("labels", () => gateway.events.length > 10);
  const named = new Set(gateway.events.filter(({ type }) => type === "new").map(({ label }) => label));
  t.ok(named.size >= 8, `of ten digits these are named: ${[...named].join(" ")}`);
  t.same(gateway.events.map(({ seq }) => seq), gateway.events.map((_, i) => i), "numbers without a gap");
  t.ok(gateway.events.every(({ clock, historical }) => clock === "system" && !historical));
});

t.test("datagrams that are none of a sensor's are counted, beside a source that works", async (t) => {
  const folder = new Folder();
  const port = await freeUdpPort(), sender = await UdpSender.open(port);
  const camera = bridgeCamera(folder.file("camera"), tenDigits());
  t.teardown(async () => {
    await sender.close();
    await camera.unplug();
    folder.remove();
  });
  await camera.plug();
  const running = await startRunning(t, folder, `
models: { digits: { package: nmnist, workers: 0 } }
sources:
  lidar: { udp: { port: ${port}, address: 127.0.0.1 }, format: velodyne }
  camera: { serial: { port: ${folder.file("camera")} }, format: bridge, models: [digits] }`);
  await until("the socket is open", () => running.journal.some((line) => line.startsWith("lidar") && line.includes("probing")));
  for (const datagram of [Buffer.from("hello"), Buffer.alloc(1206)]) await sender.send(datagram);
  await running.untilStats("lidar", "two datagrams", ({ in: { chunks } }) => chunks === 2);
  t.ok(Object.values(running.stats("lidar")!.drop).reduce((sum, count) => sum + count, 0) > 0, JSON.stringify(running.stats("lidar")!.drop));
  await running.untilStats("camera", "windows", ({ models: [digits] }) => digits!.inferences > 3);
  t.same(running.statuses["lidar"]!.at(-1), "online");
  for (const source of ["lidar", "camera"]) checkStatsJson(t, JSON.stringify(running.stats(source)));
  checkStatsJson(t, JSON.stringify({ ...running.stats("lidar"), more: 1 }), false);
});

t.test("a model for another sensor stays out and says so; the source goes on", async (t) => {
  const folder = new Folder();
  const sent = someEvents(5000), bytes = Buffer.concat(edvsEvents(2, sent));
  let told = false;
  const pty = await openPty(folder.file("edvs"), (chunk) => {
    if (!told && Buffer.from(chunk).toString("latin1").includes("E+")) pty.write(bytes);
    told ||= Buffer.from(chunk).toString("latin1").includes("E+");
  });
  t.teardown(async () => {
    await pty.close();
    folder.remove();
  });
  const gateway = await startRunning(t, folder, `
models: { digits: { package: nmnist, workers: 0 } }
sources:
  edvs: { serial: { port: ${pty.path} }, format: edvs-e2, models: [digits] }`);
  await gateway.untilStats("edvs", "all events", ({ in: { events } }) => events === 5000);
  t.match(gateway.journal.join("\n"), /edvs: warn: model digits: SENSOR_MISMATCH: the recording is of a 128x128 sensor/);
  t.equal(gateway.statuses["edvs"]!.at(-1), "online");
  await gateway.stop();
});

t.test("a folder that cannot be written to is told and counted; the sensor goes on", async (t) => {
  const folder = new Folder();
  const camera = bridgeCamera(folder.file("camera"), tenDigits());
  t.teardown(async () => {
    await camera.unplug();
    folder.remove();
  });
  await camera.plug();
  writeFileSync(folder.file("taken"), "a file where the folder should be");
  const gateway = await startRunning(t, folder, `
sources:
  camera: { serial: { port: ${folder.file("camera")} }, format: bridge, record: ${folder.file("taken/kept")} }`);
  await gateway.untilStats("camera", "events, and bytes that could not be kept", ({ in: { events }, drop }) => events > 0 && drop["record_failed"]! > 0);
  t.match(gateway.journal.join("\n"), /camera: warn: FILE_UNWRITABLE: /);
  t.equal(gateway.statuses["camera"]!.at(-1), "online");
  await gateway.stop();
});

t.test("a recording in the place of a sensor says what replay says, and the gateway ends with it", async (t) => {
  const folder = new Folder();
  t.teardown(() => folder.remove());
  const { code } = await saccade("simulate", "digits", "--count", "3", "--out", folder.file("digits"));
  t.equal(code, 0);
  const [file] = readdirSync(folder.file("digits")).filter((name) => name.endsWith(".raw"));
  const replayed = await saccade("replay", folder.file(`digits/${file}`), "--model", "nmnist", "--json");
  t.teardown(endRuns);
  const wanted = replayed.stdout.trim().split("\n").slice(0, -1).map((line) => JSON.parse(line) as EventMessage);
  const gateway = await startRunning(t, folder, `
models: { digits: { package: nmnist, workers: 0 }, again: nmnist }
sources:
  one: { file: { path: digits/${file}, speed: max }, models: [digits, again] }`);
  await gateway.ended;
  const said = ({ type, label, score, start, end, historical }: EventMessage): object => ({ type, label, score, start, end, historical });
  t.ok(wanted.length > 1);
  for (const model of ["digits", "again"]) t.same(gateway.stats("one")!.models.find(({ name }) => name === model)!.drop, gateway.stats("one")!.models[0]!.drop);
  t.equal(gateway.events.length, 2 * wanted.length);
  for (const event of wanted) t.equal(gateway.events.filter((each) => JSON.stringify(said(each)) === JSON.stringify(said(event))).length, 2);
  t.same(gateway.statuses["one"], ["online", "offline"]);
});
