import { decode } from "cborg";
import t from "tap";
import { RawDvsWriter, rawLidarPacket, rawVendorPacket } from "../../host/writers/raw-packets.js";
import { toEvents } from "../decoders/collect.js";
import { checkCddl } from "../publishers/schemas.js";

/** Another library's strict reading. */
function read(bytes: Uint8Array): Map<number, unknown> {
  const inner = (data: () => unknown): Uint8Array => Uint8Array.from(data() as Uint8Array);
  const u16 = (data: () => unknown): number[] => [...new Uint16Array(inner(data).buffer)];
  const u32 = (data: () => unknown): number[] => [...new Uint32Array(inner(data).buffer)];
  const options = { strict: true, useMaps: true, rejectDuplicateMapKeys: true, allowIndefinite: false, tags: { 69: u16, 70: u32 } };
  return decode(bytes, options as never) as Map<number, unknown>;
}

const EVENTS = toEvents({ t: [2 ** 40, 2 ** 40 + 7, 2 ** 40 + 65_535], x: [1, 345, 65_535], y: [2, 259, 0], p: [1, 0, 1] });

t.test("events: every field as docs/messages.cddl has it", async (t) => {
  const [packet] = [...new RawDvsWriter({ width: 346, height: 260 }, true).write(EVENTS)];
  t.same([...read(packet!)], [
    [0, 1], [1, 0], [2, 2 ** 40], [3, 3], [4, [1, 2, 345, 259, 65_535, 0]], [5, [0, 7, 65_535]], [6, Uint8Array.of(5)], [7, [346, 260]],
    [8, "a number"],
  ].map(([key, value]) => [key, key === 8 ? read(packet!).get(8) : value]));
  t.ok(Number.isInteger(read(packet!).get(8)));
});

t.test("long times take 32 bits, longer ones another packet; the size comes again every 64th", async (t) => {
  const writer = new RawDvsWriter({ width: 8, height: 8 });
  const spread = toEvents({ t: [0, 65_536, 2 ** 32, 2 ** 32 + 1], x: [0, 1, 2, 3], y: [0, 0, 0, 0], p: [0, 0, 0, 0] });
  const packets = [...writer.write(spread)].map(read);
  t.same(packets.map((packet) => packet.get(5)), [[0, 65_536], [0, 1]]);
  t.same(packets.map((packet) => packet.get(2)), [0, 2 ** 32]);
  const one = toEvents({ t: [0], x: [0], y: [0], p: [0] });
  const sized = Array.from({ length: 128 }, () => [...writer.write(one)].map(read)[0]!).filter((packet) => packet.has(7));
  t.same(sized.map((packet) => packet.get(1)), [64, 128]);
  const many = { length: 10_000 };
  const long = toEvents({ t: Array.from(many, (_, i) => i), x: Array.from(many, () => 1), y: Array.from(many, () => 1), p: Array.from(many, () => 1) });
  t.same([...writer.write(long)].map((bytes) => read(bytes).get(3)), [4096, 4096, 1808]);
});

t.test("all three kinds fit the CDDL, and not each other's", async (t) => {
  const dvs = [...new RawDvsWriter({ width: 346, height: 260 }, true).write(EVENTS), ...new RawDvsWriter().write(EVENTS)];
  const scan = { t0: 2 ** 50, ranges: Uint16Array.of(1, 2), angles: Uint16Array.of(0, 35_999) };
  const lidar = [rawLidarPacket(0, scan), rawLidarPacket(2 ** 32 - 1, { ...scan, intensities: Uint8Array.of(9, 8) })];
  const vendor = [rawVendorPacket(5, 0, "evt3", Uint8Array.of(1, 2, 3))];
  await checkCddl(t, dvs, true, "raw-dvs");
  await checkCddl(t, lidar, true, "raw-lidar");
  await checkCddl(t, vendor, true, "raw-vendor");
  // Lengths tell events without a size from measurements; CDDL does not know them.
  await checkCddl(t, [dvs[0]!, ...vendor], false, "raw-lidar");
  t.equal(read(lidar[1]!).get(1), 2 ** 32 - 1);
});
