import { inspect } from "node:util";
import { encode } from "cborg";
import t from "tap";
import { createDecoder } from "../../../host/decoders/formats.js";
import { createLiveDecoder } from "../../../host/decoders/live.js";
import { RawDvsDecoder } from "../../../host/decoders/packets/raw-dvs.js";
import { rawLidarDecoder } from "../../../host/decoders/packets/raw-lidar.js";
import type { Decoder } from "../../../host/types.js";
import { RawDvsWriter, rawLidarPacket, rawVendorPacket } from "../../../host/writers/raw-packets.js";
import { toColumns, toEvents, type Columns } from "../collect.js";
import { collect } from "../points/collect.js";
import { SERIAL_ENCODINGS, streamOf } from "../points/encode.js";
import { madeShots } from "../points/shots.js";

function columnsOf(decoder: Decoder, packets: readonly Uint8Array[]): Columns {
  const all: Columns = { t: [], x: [], y: [], p: [] };
  const keep = (batches: Iterable<Parameters<typeof toColumns>[0]>): void => {
    for (const batch of batches) for (const name of ["t", "x", "y", "p"] as const) all[name].push(...toColumns(batch)[name]);
  };
  for (const packet of packets) keep(decoder.push(packet, 0));
  keep(decoder.end());
  return all;
}

const COUNT = 9000;
const EVENTS = toEvents({
  t: Array.from({ length: COUNT }, (_, i) => 5e12 + i * 40),
  x: Array.from({ length: COUNT }, (_, i) => (i * 7) % 346),
  y: Array.from({ length: COUNT }, (_, i) => (i * 13) % 260),
  p: Array.from({ length: COUNT }, (_, i) => (i >> 1) & 1),
});

t.test("raw-dvs: what was written is read, in any place in memory; the packets state the size", async (t) => {
  for (const shift of [0, 1, 3]) {
    const packets = [...new RawDvsWriter({ width: 346, height: 260 }, true).write(EVENTS)].map((bytes) => {
      const moved = new Uint8Array(bytes.length + shift);
      moved.set(bytes, shift);
      return moved.subarray(shift);
    });
    const decoder = new RawDvsDecoder();
    t.equal(decoder.size, undefined);
    t.strictSame(columnsOf(decoder, packets), toColumns(EVENTS));
    t.same(decoder.size, { width: 346, height: 260 });
    t.same(decoder.drops, {});
  }
});

t.test("raw-dvs: lost and repeated packets, a wrapped number, pixels outside, times that fall", async (t) => {
  const bytes = (seq: number, change: Record<number, unknown> = {}): Uint8Array =>
    packet({ 0: 1, 1: seq, 2: 100, 3: 2, 4: u16(1, 2, 3, 4), 5: u16(0, 5), 6: Uint8Array.of(2), ...change });
  const decoder = new RawDvsDecoder({ width: 4, height: 5 });
  const { t: times } = columnsOf(decoder, [
    bytes(2 ** 32 - 2), bytes(2 ** 32 - 2), bytes(0), bytes(4), bytes(5, { 4: u16(4, 0, 0, 5) }), bytes(6, { 2: 90 }), bytes(7, { 2: 2 ** 53 - 1, 5: u16(0, 1) }),
  ]);
  t.same(times, [100, 105, 105, 105, 105, 105, 105, 105, 2 ** 53 - 1]);
  t.same(decoder.drops, { frame_repeated: 1, missing_packet: 4, outside_sensor: 2, time_backwards: 4, bad_time: 1 });
});

t.test("raw-dvs: what contradicts itself is left out whole, by reason", async (t) => {
  const good: Record<number, unknown> = { 0: 1, 1: 0, 2: 0, 3: 2, 4: u16(1, 2, 3, 4), 5: u16(0, 5), 6: Uint8Array.of(2) };
  const cases: readonly (readonly [reason: string, bytes: Uint8Array])[] = [
    ["other_stream", packet({ ...good, 0: 2 })],
    ["other_stream", rawVendorPacket(0, 0, "evt3", Uint8Array.of(1))],
    ["other_stream", rawLidarPacket(0, { t0: 0, ranges: Uint16Array.of(1), angles: Uint16Array.of(1) })],
    ["bad_checksum", packet({ ...good, 8: 1 })],
    ...[{ 3: 3 }, { 3: 0 }, { 3: 65_536 }, { 4: Buffer.alloc(8) }, { 5: u16(0) }, { 6: Buffer.alloc(2) }, { 6: undefined }, { 7: [0, 5] }, { 7: [1] }, { 1: 2 ** 32 }, { 2: "0" }]
      .map((change) => ["bad_frame", packet({ ...good, ...change })] as const),
    ["packet_corrupt", packet({ ...good, 9: 1.5 })],
    ["packet_corrupt", packet({ ...good, 1: -1 })],
    ["packet_corrupt", Uint8Array.of()],
    ["packet_corrupt", Buffer.concat([packet(good), Buffer.alloc(1)])],
    ["packet_corrupt", Buffer.concat([packet({ ...good, 99: Buffer.alloc(65_536) })])],
    ["packet_corrupt", Uint8Array.of(0xbf, 0xff)],
  ];
  for (const [reason, bytes] of cases) {
    const decoder = new RawDvsDecoder();
    t.same(columnsOf(decoder, [bytes]).t, [], reason);
    t.same(decoder.drops, { [reason]: 1 }, Buffer.from(bytes.subarray(0, 60)).toString("hex"));
  }
});

t.test("CBOR: unknown keys are passed over within the limits, and refused beyond them", async (t) => {
  const good: Record<number, unknown> = { 0: 1, 1: 0, 2: 0, 3: 1, 4: u16(1, 2), 5: u16(0), 6: Uint8Array.of(1) };
  const nested = (depth: number): unknown => (depth === 0 ? 7 : [nested(depth - 1)]);
  const fine: readonly Record<number, unknown>[] = [
    { 11: [1, 2, "x", null, true] }, { [-5]: { 1: 2 } }, { 200: u16(1, 2, 3) }, { 20: nested(3) }, { 21: Array.from({ length: 64 }, () => 1) },
    { 22: 2n ** 53n - 1n }, { 23: "text" }, Object.fromEntries(Array.from({ length: 25 }, (_, k) => [20 + k, k])),
  ];
  const beyond: readonly Record<number, unknown>[] = [
    { 20: nested(4) }, { 21: Array.from({ length: 65 }, () => 1) }, { 22: 2n ** 53n }, { 23: 1.5 }, { 24: [undefined] },
    Object.fromEntries(Array.from({ length: 26 }, (_, k) => [20 + k, k])), { 25: Object.fromEntries(Array.from({ length: 33 }, (_, k) => [k, k])) },
  ];
  for (const [expected, list] of [[1, fine], [0, beyond]] as const)
    for (const extra of list) t.equal(columnsOf(new RawDvsDecoder(), [packet({ ...good, ...extra })]).t.length, expected, inspect(extra).slice(0, 80));
});

t.test("CBOR: longer forms of a number are taken; a key that comes twice and a foreign tag are not", async (t) => {
  const hex = (text: string): Uint8Array => Buffer.from(text.replaceAll(" ", ""), "hex");
  const lidar = (text: string): number => collect(rawLidarDecoder(), [{ bytes: hex(text) }]).t.length;
  t.equal(lidar("a6 00 01 01 1a00000000 02 1b0000000000000064 03 190001 04 d845 5900020a00 05 d845 420000"), 1);
  t.equal(lidar("a7 00 01 01 00 01 00 02 00 03 01 04 d845 420a00 05 d845 420000"), 0, "seq twice");
  t.equal(lidar("a6 00 01 01 00 02 00 03 01 04 c2 420a00 05 d845 420000"), 0, "a bignum");
  t.equal(lidar("a6 00 01 01 00 02 00 03 01 04 d845 5f 420a00 ff 05 d845 420000"), 0, "pieces of no definite length");
  t.equal(lidar("a6 00 01 01 00 02 00 03 01 04 d845 5bffffffffffffffff 05 d845 420000"), 0, "a length beyond all");
});

t.test("raw-lidar: points clockwise from ahead, spread at the rate of the packet before; a scan ends at zero", async (t) => {
  const packets = [0, 1, 2].map((k) => rawLidarPacket(k, {
    t0: 1000 + 400 * k,
    ranges: Uint16Array.of(1000, 0, 2000, 3000),
    angles: Uint16Array.from([0, 9000, 18_000, 27_000]),
    intensities: Uint8Array.of(1, 2, 3, 4),
  }));
  const all = collect(rawLidarDecoder(), packets.map((bytes) => ({ bytes })));
  t.same(all.x.slice(0, 3), [10_000, -20_000, 0]);
  t.same(all.y.slice(0, 3), [-0, -0, 30_000]);
  t.same(all.intensity.slice(0, 3), [1, 3, 4]);
  t.same(all.t, [1000, 1000, 1000, 1400, 1600, 1700, 1800, 2000, 2100]);
  t.same(all.ends, [3, 6]);
  t.same(all.drops, { no_return: 3 });
  const wild = collect(rawLidarDecoder(), [{ bytes: rawLidarPacket(0, { t0: 0, ranges: Uint16Array.of(5), angles: Uint16Array.of(36_000) }) }]);
  t.same(wild.drops, { bad_frame: 1 });
});

t.test("raw-vendor: the bytes of packets are one stream to their format's decoder", async (t) => {
  const frames = streamOf(SERIAL_ENCODINGS[0]!, madeShots(480, 7));
  const packets: Uint8Array[] = [];
  for (let at = 0, seq = 0; at < frames.length; at += 61, seq++) packets.push(rawVendorPacket(seq, 1e6 + seq, "ld06", frames.subarray(at, at + 61)));
  const live = createLiveDecoder("ld06", "mqtt");
  if (live.kind !== "points") return t.fail("points");
  const got = collect(live.decoder, packets.map((bytes) => ({ bytes })));
  const plain = createLiveDecoder("ld06", "serial");
  if (plain.kind !== "points") return t.fail("points");
  t.strictSame(got, collect(plain.decoder, [{ bytes: frames, arrival: 1e6 + packets.length - 1 }]));
  const strange = createLiveDecoder("ydlidar", "mqtt");
  if (strange.kind !== "points") return t.fail("points");
  t.same(collect(strange.decoder, [{ bytes: packets[0]! }]).drops, { other_stream: 1 });
});

t.test("raw-vendor: a decoder that cannot go on begins anew, and that is counted", async (t) => {
  const live = createLiveDecoder("aedat3", "mqtt");
  if (live.kind !== "events") return t.fail("events");
  t.same(columnsOf(live.decoder, [rawVendorPacket(0, 0, "aedat3", Buffer.alloc(60_000, 7)), rawVendorPacket(1, 0, "aedat3", Buffer.alloc(60_000, 7))]).t, []);
  t.ok(live.decoder.drops["bad_frame"]! >= 1, JSON.stringify(live.decoder.drops));
  const words = Buffer.from(Uint32Array.from([(8 << 28) | 1, (1 << 28) | (5 << 22) | (3 << 11) | 4]).buffer);
  const evt = createLiveDecoder("evt2", "mqtt");
  if (evt.kind !== "events") return t.fail("events");
  const plain = createDecoder("evt2");
  t.strictSame(columnsOf(evt.decoder, [rawVendorPacket(0, 0, "evt2", words)]), columnsOf(plain, [words]));
});

t.test("a format that does not come that way is refused with those that do", async (t) => {
  t.throws(() => createLiveDecoder("velodyne", "serial"), { code: "FORMAT_UNKNOWN", remedy: /ld06/ });
  t.throws(() => createLiveDecoder("raw-dvs", "serial"), { code: "FORMAT_UNKNOWN" });
  t.throws(() => createLiveDecoder("nmnist", "mqtt"), { code: "FORMAT_UNKNOWN", remedy: /raw-lidar/ });
  t.throws(() => createLiveDecoder("ouster", "udp"), { code: "SENSOR_INFO_MISSING" });
});

/** Integer keys, by another library; a Tagged value is one of RFC 8746. */
class Tagged {
  constructor(readonly tag: number, readonly bytes: Uint8Array) {}
}

function u16(...values: number[]): Tagged {
  return new Tagged(69, new Uint8Array(Uint16Array.from(values).buffer));
}

function packet(fields: Record<number, unknown>): Uint8Array {
  const pairs = Object.entries(fields).filter(([key, value]) => value !== undefined || Number(key) > 10);
  const parts: Uint8Array[] = [pairs.length < 24 ? Uint8Array.of(0xa0 + pairs.length) : Uint8Array.of(0xb8, pairs.length)];
  for (const [key, value] of pairs) {
    parts.push(encode(Number(key)));
    if (value instanceof Tagged) parts.push(Uint8Array.of(0xd8, value.tag), encode(value.bytes));
    else parts.push(encode(withNumberKeys(value), { ignoreUndefinedProperties: false }));
  }
  return Buffer.concat(parts);
}

function withNumberKeys(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value) || value instanceof Uint8Array) return value;
  return new Map(Object.entries(value).map(([key, inner]) => [Number(key), inner]));
}
