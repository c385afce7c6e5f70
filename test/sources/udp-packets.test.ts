import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import t from "tap";
import { createLiveDecoder } from "../../host/decoders/live.js";
import { CaptureReader } from "../../host/decoders/network/capture.js";
import { UdpReader } from "../../host/decoders/network/udp.js";
import { probeFormat } from "../../host/decoders/probe.js";
import { peek } from "../../host/sources/probe.js";
import { udpDevice } from "../../host/sources/udp.js";
import { needs, sharedData } from "../data.js";
import { collect } from "../decoders/points/collect.js";
import { freeUdpPort, UdpSender } from "./udp-sender.js";

/** Real captures; of each the first datagrams of its sensor. */
const CAPTURES = [
  { format: "velodyne", file: "velodyne-vlp16/vlp16_derived.pcap", info: undefined },
  { format: "hesai", file: "hesai-xt32/xt32_derived.pcap", info: undefined },
  { format: "ouster", file: "ouster/OS-2-32-U0_v2.0.0_1024x10.pcap", info: "ouster/OS-2-32-U0_v2.0.0_1024x10.json" },
] as const;
const MOST = 120;

for (const { format, file, info } of CAPTURES) {
  const path = `lidar/packets/${file}`;
  t.test(`${format}: real packets sent again by UDP show their format, and give the capture's points`, needs(path), async (t) => {
    const sensorInfo = info === undefined ? undefined : await readFile(sharedData(`lidar/packets/${info}`)!, "utf8");
    const datagrams = payloadsOf(readFileSync(sharedData(path)!), format, sensorInfo);
    t.ok(datagrams.length >= 20, `${datagrams.length} datagrams`);
    const port = await freeUdpPort();
    const opened = await udpDevice({ address: "127.0.0.1", port }).open();
    const sender = await UdpSender.open(port);
    const sending = (async () => {
      for (const datagram of datagrams) await sender.send(datagram);
    })();
    const { first, connection } = await peek(opened);
    t.equal(probeFormat(first.map(({ bytes }) => bytes), "udp", "it", { port, sensorInfo }), format);
    const got: Uint8Array[] = [];
    for await (const { bytes } of connection.chunks) if (got.push(bytes.slice()) === datagrams.length) break;
    await sending;
    t.same(connection.drops, {});
    const decode = (list: readonly Uint8Array[]) => {
      const live = createLiveDecoder(format, "udp", { sensorInfo });
      if (live.kind !== "points") throw new Error("points");
      return collect(live.decoder, list.map((bytes, k) => ({ bytes, arrival: 1000 * k })));
    };
    const live = decode(got), file = decode(datagrams);
    t.ok(file.t.length > 1000, `${file.t.length} points`);
    t.strictSame(live.drops, file.drops);
    for (const name of ["t", "x", "y", "z", "intensity", "ring", "echo", "scan", "ends"] as const)
      t.ok(live[name].length === file[name].length && live[name].every((value, i) => value === file[name][i]), name);
    await sender.close();
    await connection.close();
  });
}

t.test("hostile datagrams: of any length and content, nothing throws and all are counted", async (t) => {
  const port = await freeUdpPort();
  const connection = await udpDevice({ address: "127.0.0.1", port }).open();
  const sender = await UdpSender.open(port);
  const count = 300;
  const sending = (async () => {
    for (let k = 0; k < count; k++) await sender.send(Buffer.alloc(1 + ((k * 211) % 9000), k));
  })();
  const decoders = ["velodyne", "hesai", "livox", "spif"].map((format) => createLiveDecoder(format, "udp").decoder);
  let got = 0;
  for await (const { bytes, at } of connection.chunks) {
    for (const decoder of decoders) for (const { count: some } of decoder.push(bytes, at)) t.ok(some >= 0);
    if (++got === count) break;
  }
  await sending;
  for (const decoder of decoders.slice(0, 3)) t.same(decoder.drops, { other_stream: count });
  await sender.close();
  await connection.close();
});

/** What a capture's datagrams of one sensor hold. */
function payloadsOf(capture: Uint8Array, format: string, sensorInfo: string | undefined): Uint8Array[] {
  const frames = new CaptureReader({}), udp = new UdpReader({});
  const payloads: Uint8Array[] = [];
  for (const { bytes, link, arrival } of frames.push(capture)) {
    const datagram = udp.read(bytes, link, arrival);
    if (datagram === undefined) continue;
    try {
      if (probeFormat([datagram.payload], "udp", "it", { sensorInfo }) === format) payloads.push(datagram.payload.slice());
    } catch {
      continue;
    }
    if (payloads.length === MOST) break;
  }
  return payloads;
}
