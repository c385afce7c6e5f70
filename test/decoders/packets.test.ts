import t from "tap";
import { Aedat4Writer } from "../../host/writers/aedat4.js";
import { decodeBytes, toColumns, toEvents } from "./collect.js";

const u32 = (...values: number[]): Buffer => Buffer.from(Uint32Array.from(values.map((value) => value >>> 0)).buffer);
const big = (...values: number[]): Buffer => u32(...values).swap32();
const EVENTS = toEvents({ t: [10, 20, 30], x: [1, 2, 3], y: [4, 5, 6], p: [1, 0, 1] });

t.test("AEDAT 2: a DAVIS's inertial and intensity words and triggers are counted", async (t) => {
  const header = Buffer.from("#!AER-DAT2.0\r\n# AEChip: eu.seebetter.ini.chips.davis.DAVIS240C\r\n");
  const pixel = (179 - 5) * 2 ** 22 + ((239 - 7) << 12) + (1 << 11);
  const bytes = Buffer.concat([header, big(0x80000c00, 1, 0x80000000, 2, 0x400, 3, pixel, 4)]);
  const { events, drops, size } = decodeBytes("aedat2", bytes, [5]);
  t.strictSame(toColumns(events), { t: [4], x: [7], y: [5], p: [1] });
  t.strictSame(drops, { imu: 1, frame: 1, trigger: 1 });
  t.strictSame(size, { width: 240, height: 180 });
});

t.test("AEDAT 2: the chip must be known, or the size given", async (t) => {
  const bytes = Buffer.concat([Buffer.from("#!AER-DAT2.0\r\n# AEChip: a.b.Unheard\r\n"), big((127 - 2) * 256 + (127 - 1) * 2, 9)]);
  t.equal(decodeBytes("aedat2", bytes).error, "SENSOR_SIZE_UNKNOWN");
  t.strictSame(toColumns(decodeBytes("aedat2", bytes, [], { width: 128, height: 128 }).events), { t: [9], x: [1], y: [2], p: [1] });
});

t.test("a size that the file contradicts is refused", async (t) => {
  const bytes = Buffer.from("#!AER-DAT2.0\r\n# AEChip: DVS128\r\n");
  t.equal(decodeBytes("aedat2", bytes, [], { width: 240, height: 180 }).error, "SENSOR_MISMATCH");
});

const HEAD_31 = Buffer.from("#!AER-DAT3.1\r\n#Format: RAW\r\n#Source 1: DVS128\r\n#!END-HEADER\r\n");
const packet = (
  type: number,
  eventBytes: number,
  capacity: number,
  number: number,
  valid: number,
  overflow: number,
  ...body: Buffer[]
): Buffer => Buffer.concat([u32(type | (1 << 16), eventBytes, 4, overflow, capacity, number, valid), ...body]);
const polarity = (x: number, y: number, p: number, valid: number, time: number): Buffer =>
  u32((x << 17) | (y << 2) | (p << 1) | valid, time);

t.test("AEDAT 3.1: packets of other kinds, invalid events, spare capacity, overflow", async (t) => {
  const bytes = Buffer.concat([
    HEAD_31,
    packet(0, 8, 2, 2, 2, 0, Buffer.alloc(16)),
    packet(3, 36, 1, 1, 1, 0, Buffer.alloc(36)),
    packet(1, 8, 3, 2, 1, 0, polarity(1, 2, 1, 1, 5), polarity(3, 4, 1, 0, 6), Buffer.alloc(8)),
    packet(1, 8, 1, 1, 1, 1, polarity(127, 127, 0, 1, 7)),
    packet(1, 8, 1, 1, 1, 1, polarity(128, 0, 0, 1, 8)),
  ]);
  const { events, drops, size } = decodeBytes("aedat3", bytes, [11]);
  t.strictSame(toColumns(events), { t: [5, 2 ** 31 + 7], x: [1, 127], y: [2, 127], p: [1, 0] });
  t.strictSame(drops, { trigger: 2, imu: 1, invalid_event: 1, outside_sensor: 1 });
  t.strictSame(size, { width: 128, height: 128 });
});

t.test("AEDAT 3.1: after bytes that are no packet, the next one is found", async (t) => {
  const good = packet(1, 8, 1, 1, 1, 0, polarity(1, 2, 1, 1, 5));
  const { events, drops } = decodeBytes("aedat3", Buffer.concat([HEAD_31, Buffer.alloc(13, 0xee), good]));
  t.equal(events.count, 1);
  t.strictSame(drops, { resync_bytes: 13 });
});

t.test("AEDAT 3.1: packed files are refused", async (t) => {
  t.equal(decodeBytes("aedat3", Buffer.from("#!AER-DAT3.1\r\n#Format: SerializedTS\r\n#!END-HEADER\r\n")).error, "RECORDING_UNSUPPORTED");
});

t.test("AEDAT 3.0: rows from the bottom need the size", async (t) => {
  const body = packet(1, 8, 1, 1, 1, 0, polarity(1, 0, 1, 1, 5));
  t.equal(decodeBytes("aedat3", Buffer.concat([Buffer.from("#!AER-DAT3.0\r\n#Format: RAW\r\n"), body])).error, "SENSOR_SIZE_UNKNOWN");
  t.strictSame(
    toColumns(decodeBytes("aedat3", Buffer.concat([Buffer.from("#!AER-DAT3.0\r\n#Source 0: DVS128\r\n"), body])).events).y,
    [127],
  );
});

function aedat4(compression: "none" | "lz4"): { file: Buffer; header: Buffer; packet: Buffer } {
  const writer = new Aedat4Writer({ size: { width: 8, height: 8 }, compression });
  const header = Buffer.from(writer.begin());
  const parts = [...writer.write(EVENTS), ...writer.end()].map((bytes) => Buffer.from(bytes));
  const file = Buffer.concat([header, ...parts]);
  const { at, bytes } = writer.patch();
  file.set(bytes, at);
  header.set(bytes, at);
  return { file, header, packet: Buffer.concat(parts.slice(0, 2)) };
}

for (const compression of ["none", "lz4"] as const)
  t.test(`AEDAT 4, ${compression}: no index, broken packets, packets of other streams`, async (t) => {
    const { file, packet: good } = aedat4(compression);
    const header = Buffer.from(file.subarray(0, file.length - good.length).subarray(0, 18 + file.readUInt32LE(14)));
    header.writeBigInt64LE(-1n, 50);
    const [columns] = [toColumns(EVENTS)];
    t.strictSame(toColumns(decodeBytes("aedat4", Buffer.concat([header, good]), [7]).events), columns, "read to its end");

    const torn = decodeBytes("aedat4", Buffer.concat([header, good, good.subarray(0, good.length - 5)]), [9]);
    t.equal(torn.events.count, 3);
    t.strictSame(torn.drops, { torn_tail: good.length - 5 - 8 });

    const wild = Buffer.from(good);
    wild.writeInt32LE(-7, 4);
    const resynced = decodeBytes("aedat4", Buffer.concat([header, wild, good]), [6]);
    t.equal(resynced.events.count, 3);
    t.strictSame(resynced.drops, { resync_bytes: good.length });

    const other = Buffer.from(good);
    other.writeInt32LE(5, 0);
    t.strictSame(
      decodeBytes("aedat4", Buffer.concat([header, other, good])).drops,
      { resync_bytes: good.length },
      "a stream that the header does not name",
    );
  });

t.test("AEDAT 4: an index that is said to begin among the packets does not hide those after it", async (t) => {
  const { file, packet: good } = aedat4("lz4");
  const header = Buffer.from(file.subarray(0, 18 + file.readUInt32LE(14)));
  header.writeBigInt64LE(BigInt(header.length + good.length), 50);
  t.equal(decodeBytes("aedat4", Buffer.concat([header, good, good])).events.count, 6);
});

t.test("AEDAT 4: a file without events, and one packed in an unknown way", async (t) => {
  const { file } = aedat4("lz4");
  const frames = Buffer.from(file.toString("latin1").replace("EVTS</attr>", "FRME</attr>"), "latin1");
  t.equal(decodeBytes("aedat4", frames).error, "RECORDING_UNSUPPORTED");
  const unknown = Buffer.from(file);
  unknown.writeInt32LE(9, 58);
  t.equal(decodeBytes("aedat4", unknown).error, "RECORDING_UNSUPPORTED");
});
