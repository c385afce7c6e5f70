import fc from "fast-check";
import t from "tap";
import { SaccadeError } from "../../host/errors.js";
import { probeFormat } from "../../host/decoders/probe.js";
import type { Transport } from "../../host/decoders/live.js";
import { RawDvsWriter, rawLidarPacket, rawVendorPacket } from "../../host/writers/raw-packets.js";
import { BridgeWriter } from "../../host/writers/bridge.js";
import { seeds } from "../seeds.js";
import { toEvents } from "./collect.js";
import { hesaiPacket, livoxPacket, madeOuster, velodynePacket } from "./points/encode-packets.js";
import { hokuyoAnswer, SERIAL_ENCODINGS, streamOf, TURNED_ENCODINGS, tfminiFrame } from "./points/encode.js";
import { madeShots } from "./points/shots.js";

const ENOUGH = 4000;
const PROBED_BYTES = 16_384;

/** What the probe says: a format, or an error's code and the formats that it names. */
function probe(bytes: Uint8Array | readonly Uint8Array[], transport: Transport = "serial", options = {}): string {
  try {
    return probeFormat(bytes instanceof Uint8Array ? [bytes.subarray(0, 100), bytes.subarray(100)] : bytes, transport, "it", options);
  } catch (error) {
    if (!(error instanceof SaccadeError)) throw error;
    return error.code === "FORMAT_AMBIGUOUS" ? error.message : error.code;
  }
}

t.test("serial LiDARs show themselves, from anywhere in their stream", async (t) => {
  for (const encoding of [...SERIAL_ENCODINGS, ...TURNED_ENCODINGS]) {
    const stream = streamOf(encoding, madeShots(ENOUGH, 5));
    t.equal(probe(stream.subarray(0, PROBED_BYTES)), encoding.format.replace(/^rplidar-.*/, "rplidar"), encoding.format);
    if (encoding.format.startsWith("rplidar")) continue;
    t.equal(probe(stream.subarray(33, 33 + PROBED_BYTES)), encoding.format, `${encoding.format}, joined later`);
  }
});

/** By the bytes of a frame. */
const MODES: Readonly<Record<number, string>> = {
  5: "rplidar-standard", 84: "it may be rplidar-express or rplidar-dense", 132: "rplidar-ultra", 170: "rplidar-ultra-dense", 781: "rplidar-hq",
};

t.test("an RPLIDAR that is joined later shows its mode where that can be told", async (t) => {
  for (const encoding of [...SERIAL_ENCODINGS, ...TURNED_ENCODINGS].filter(({ format }) => format.startsWith("rplidar"))) {
    const stream = streamOf(encoding, madeShots(ENOUGH, 5));
    const said = probe(stream.subarray(encoding.head.length + (encoding.frameBytes >> 1), PROBED_BYTES));
    t.equal(said, MODES[encoding.frameBytes]);
  }
});

t.test("what the bytes do not tell is refused with the list", async (t) => {
  t.equal(probe(Buffer.concat(Array.from({ length: 50 }, (_, k) => tfminiFrame(100 + k, 500)))), "it may be tfmini or tfmini-mm");
  const few = streamOf(SERIAL_ENCODINGS[0]!, madeShots(120, 5));
  t.equal(probe(few), "it may be ld06 or stl06p or stl27l", "ten frames do not tell the rate");
});

t.test("Hokuyo, our bridge and OpenMV", async (t) => {
  t.equal(probe(Buffer.concat(Array.from({ length: 5 }, (_, k) => hokuyoAnswer(k * 100, Array.from({ length: 680 }, (_, i) => 500 + i))))), "hokuyo");
  const events = toEvents({ t: [1, 2, 3], x: [1, 2, 3], y: [1, 2, 3], p: [0, 1, 0] });
  const writer = new BridgeWriter({ size: { width: 8, height: 8 } });
  t.equal(probe(Buffer.concat([writer.begin(), ...writer.write(events), ...writer.end()])), "bridge");
  t.equal(probe(Buffer.concat([Buffer.from("noise EVR1"), Buffer.from(Uint32Array.of(7, 64).buffer), Buffer.alloc(64)])), "openmv");
});

t.test("no noise, rest, text or unmarked events are taken for anything", async (t) => {
  const unmarked = Buffer.from(Array.from({ length: PROBED_BYTES }, (_, i) => (i % 2 === 0 ? 0x80 | (i % 100) : i & 255)));
  const rests = [0, 0x01, 0x55, 0x59, 0xa5, 0xaa, 0xe7, 0xff].map((byte) => Buffer.alloc(PROBED_BYTES, byte));
  for (const bytes of [Buffer.alloc(0), unmarked, Buffer.from("Linux 6.1 login: ".repeat(900)), ...rests])
    t.equal(probe(bytes), "FORMAT_UNKNOWN", bytes.subarray(0, 4).toString("hex"));
  t.throws(() => probeFormat([], "serial", "/dev/ttyUSB0"), { message: /0 bytes of \/dev\/ttyUSB0.*ld06.*hokuyo/, remedy: /baud/ });
  for (const seed of seeds())
    fc.assert(fc.property(fc.uint8Array({ minLength: 4000, maxLength: PROBED_BYTES }), (bytes) => probe(bytes) === "FORMAT_UNKNOWN"), { seed, numRuns: 15 });
});

t.test("a broken frame now and then does not hide a format; much noise does", async (t) => {
  const stream = Buffer.from(streamOf(SERIAL_ENCODINGS[0]!, madeShots(ENOUGH, 5)));
  for (let at = 500; at < stream.length; at += 1000) stream[at]! ^= 0x10;
  t.equal(probe(stream), "ld06");
  for (let at = 0; at < stream.length; at += 60) stream[at]! ^= 0x10;
  t.equal(probe(stream), "FORMAT_UNKNOWN");
});

const steps = (block: number, at: number): number => (block * 977 + at * 131) & 0xffff;
const POINTS = Array.from({ length: 96 }, (_, i) => ({ x: i * 1e5, y: -i * 1000, z: i, intensity: i }));

t.test("datagrams by size and marks", async (t) => {
  const three = (bytes: Uint8Array): Uint8Array[] => [bytes, bytes, bytes];
  t.equal(probe(three(velodynePacket(0x22, 0x37, 1e9, 100, 20, steps)), "udp"), "velodyne");
  t.equal(probe(three(hesaiPacket(32, 8, 0x39, 2, 100, 7, steps)), "udp"), "hesai");
  t.equal(probe([Buffer.from("hello"), ...three(livoxPacket(1, 1, 10n ** 18n, 4000, POINTS))], "udp"), "livox");
  const { info, packet } = madeOuster("RNG19_RFL8_SIG16_NIR16");
  t.equal(probe(three(packet(9, 16, 10n ** 18n, () => 1e5)), "udp", { sensorInfo: info }), "ouster");
  const events = Buffer.alloc(256);
  for (let at = 0; at < 256; at += 4) events.writeUInt32LE(0x80000000 + (at << 16) + 0x8000 + at, at);
  t.equal(probe(three(events), "udp"), "spif");
  t.equal(probe([...three(events), ...three(velodynePacket(0x22, 0x37, 1e9, 100, 20, steps))], "udp"), "it may be spif or velodyne");
  t.equal(probe(three(Buffer.alloc(1206, 0xff)), "udp"), "FORMAT_UNKNOWN");
  t.equal(probe([], "udp"), "FORMAT_UNKNOWN");
});

t.test("packets of CBOR say it themselves", async (t) => {
  const dvs = [...new RawDvsWriter().write(toEvents({ t: [1], x: [1], y: [1], p: [1] }))];
  const lidar = rawLidarPacket(0, { t0: 0, ranges: Uint16Array.of(1), angles: Uint16Array.of(1) });
  t.equal(probe(dvs, "mqtt"), "raw-dvs");
  t.equal(probe([lidar], "mqtt"), "raw-lidar");
  t.equal(probe([Buffer.from("x"), rawVendorPacket(0, 0, "evt3", Buffer.alloc(2))], "mqtt"), "evt3");
  t.equal(probe([...dvs, lidar], "mqtt"), "it may be raw-dvs or raw-lidar");
  t.equal(probe([rawVendorPacket(0, 0, "jpeg", Buffer.alloc(2))], "mqtt"), "FORMAT_UNKNOWN");
});
