/** Slow, plain encoders of every format that is read, as the layouts' pages say: the other side of the decoders in tests. */
import type { Events, SensorSize } from "../../host/types.js";
import { Aedat4Writer } from "../../host/writers/aedat4.js";
import { Evt2Writer } from "../../host/writers/evt2.js";
import { Evt3Writer } from "../../host/writers/evt3.js";
import type { RecordingWriter } from "../../host/writers/recording-writer.js";

export interface Encoding {
  readonly name: string;
  /** The decoder that reads it. */
  readonly format: string;
  /** Largest side of a sensor, and latest time, µs, that it can hold. */
  readonly maxSide: number;
  readonly maxTime: number;
  /** The size must be told to the decoder. */
  readonly needsSize?: boolean;
  /** The one sensor that it can be of. */
  readonly only?: SensorSize;
  /** Polarity is not kept. */
  readonly onlyOn?: boolean;
  encode(events: Events, size: SensorSize): Buffer;
}

const u16 = (value: number): number[] => [value & 0xff, (value >> 8) & 0xff];
const u32 = (value: number): number[] => [...u16(value), ...u16(value >>> 16)];
const u32big = (value: number): number[] => u32(value).reverse();
const text = (value: string): number[] => [...Buffer.from(value, "latin1")];

interface Event {
  readonly t: number;
  readonly x: number;
  readonly y: number;
  readonly p: number;
}

function listOf({ count, t, x, y, p }: Events): Event[] {
  return Array.from({ length: count }, (_, i) => ({ t: t[i]!, x: x[i]!, y: y[i]!, p: p[i]! }));
}

function throughWriter(make: (size: SensorSize) => RecordingWriter): (events: Events, size: SensorSize) => Buffer {
  return (events, size) => {
    const writer = make(size);
    const parts = [Buffer.from(writer.begin())];
    for (const bytes of writer.write(events)) parts.push(Buffer.from(bytes));
    for (const bytes of writer.end()) parts.push(Buffer.from(bytes));
    const file = Buffer.concat(parts);
    const patch = writer.patch?.();
    if (patch) file.set(patch.bytes, patch.at);
    return file;
  };
}

/** EVT2 words with other type numbers; `word` makes the bytes of a TIME_HIGH (mask 0) or of an event (mask 1). */
function evtWords(types: { off: number; on: number; high: number }, word: (word: number, mask: number) => number[]): (events: Events) => number[] {
  return (events) => {
    let high = -1;
    return listOf(events).flatMap(({ t, x, y, p }) => {
      const next = Math.floor(t / 64);
      const time = next === high ? [] : word(((types.high << 28) | next) >>> 0, 0);
      high = next;
      return [...time, ...word((((p ? types.on : types.off) << 28) | ((t % 64) << 22) | (x << 11) | y) >>> 0, 1)];
    });
  };
}

const rawHead = (format: string, { width, height }: SensorSize): number[] => text(`% format ${format};height=${height};width=${width}\n% end\n`);
const evt21 = (format: string, word: (word: number, mask: number) => number[]): ((events: Events, size: SensorSize) => Buffer) => {
  const words = evtWords({ off: 0, on: 1, high: 8 }, word);
  return (events, size) => Buffer.from([...rawHead(format, size), ...words(events)]);
};
const evt4Words = evtWords({ off: 0xa, on: 0xb, high: 0xe }, (word) => u32(word));
const EVT_TIME = 2 ** 33 - 1;

/** Event Stream records: `pass` moves the time without an event, `step` is the largest such move. */
function esBody(size: SensorSize, events: Events, pass: (left: number) => readonly [byte: number, micros: number] | undefined,
  record: (step: number, p: number) => number[], tail: number[]): number[] {
  let now = 0;
  return listOf(events).flatMap(({ t, x, y, p }) => {
    const bytes: number[] = [];
    for (let move = pass(t - now); move; move = pass(t - now)) {
      bytes.push(move[0]);
      now += move[1];
    }
    bytes.push(...record(t - now, p), ...u16(x), ...u16(size.height - 1 - y), ...tail);
    now = t;
    return bytes;
  });
}
const esHead = (type: number, { width, height }: SensorSize): number[] => [...text("Event Stream"), 2, 0, 0, type, ...u16(width), ...u16(height)];

const davisAddress = ({ width, height }: SensorSize, { x, y, p }: Event): number =>
  (((height - 1 - y) << 22) | ((width - 1 - x) << 12) | (p << 11)) >>> 0;
const dvs128Address = ({ x, y, p }: Event): number => ((127 - y) << 8) | ((127 - x) << 1) | (1 - p);

function aedat3(version: string, row: (y: number, size: SensorSize) => number): (events: Events, size: SensorSize) => Buffer {
  return (events, size) => {
    const list = listOf(events);
    const bytes = text(`#!AER-DAT${version}\r\n#Format: RAW\r\n#Source 1: Test\r\n${version === "3.1" ? "#!END-HEADER\r\n" : ""}`);
    for (let from = 0; from < list.length; ) {
      const overflow = Math.floor(list[from]!.t / 2 ** 31);
      let to = from;
      while (to < list.length && to < from + 50 && Math.floor(list[to]!.t / 2 ** 31) === overflow) to++;
      bytes.push(...u16(1), ...u16(1), ...[8, 4, overflow, to - from + 1, to - from, to - from].flatMap(u32));
      for (const { t, x, y, p } of list.slice(from, to)) bytes.push(...u32(((x << 17) | (row(y, size) << 2) | (p << 1) | 1) >>> 0), ...u32(t % 2 ** 31));
      bytes.push(...u32(0), ...u32(0));
      from = to;
    }
    return Buffer.from(bytes);
  };
}

/** A plain AEDAT 4 file with its packets in zstd frames of one raw block each, and no index. */
function withZstd(file: Buffer): Buffer {
  const at = 14, bodyAt = at + 4 + file.readUInt32LE(at), tableAt = Number(file.readBigInt64LE(at + 36));
  const head = Buffer.from(file.subarray(0, bodyAt));
  head.writeInt32LE(3, at + 44);
  head.writeBigInt64LE(-1n, at + 36);
  const parts: Uint8Array[] = [head];
  for (let packet = bodyAt; packet < tableAt; ) {
    const bytes = file.readInt32LE(packet + 4);
    const frame = zstdFrame(file.subarray(packet + 8, packet + 8 + bytes));
    parts.push(file.subarray(packet, packet + 4), Buffer.from(u32(frame.length)), frame);
    packet += 8 + bytes;
  }
  return Buffer.concat(parts);
}

/** RFC 8878: magic, one segment with a 4-byte content size, one raw block, under 128 KiB. */
function zstdFrame(bytes: Uint8Array): Buffer {
  const block = (bytes.length << 3) | 1;
  return Buffer.concat([Buffer.from([...u32(0xfd2fb528), 0xa0, ...u32(bytes.length), block & 0xff, (block >> 8) & 0xff, block >> 16]), bytes]);
}

export const ENCODINGS: readonly Encoding[] = [
  { name: "evt2", format: "evt2", maxSide: 2048, maxTime: 2 ** 50, encode: throughWriter((size) => new Evt2Writer({ size })) },
  { name: "evt21 little", format: "evt21", maxSide: 2048, maxTime: EVT_TIME, encode: evt21("EVT21;endianness=little", (word, mask) => [...u32(mask), ...u32(word)]) },
  { name: "evt21 legacy", format: "evt21", maxSide: 2048, maxTime: EVT_TIME, encode: evt21("EVT21;endianness=legacy", (word, mask) => [...u32(word), ...u32(mask)]) },
  { name: "evt3 single", format: "evt3", maxSide: 2048, maxTime: 2 ** 41, encode: throughWriter((size) => new Evt3Writer({ size, vectors: false })) },
  { name: "evt3 vectors", format: "evt3", maxSide: 2048, maxTime: 2 ** 41, encode: throughWriter((size) => new Evt3Writer({ size })) },
  { name: "evt4", format: "evt4", maxSide: 2048, maxTime: EVT_TIME, encode: (events, size) => Buffer.from([...rawHead("EVT4", size), ...evt4Words(events)]) },
  {
    name: "dat 2", format: "dat", maxSide: 1 << 14, maxTime: 2 ** 31 - 1,
    encode: (events, { width, height }) => Buffer.from([...text(`% Data file\n% Version 2\n% Height ${height}\n% Width ${width}\n`), 12, 8,
      ...listOf(events).flatMap(({ t, x, y, p }) => [...u32(t), ...u32((p << 28) | (y << 14) | x)])]),
  },
  {
    name: "dat 1", format: "dat", maxSide: 256, maxTime: 2 ** 31 - 1,
    encode: (events, { width, height }) => Buffer.from([...text(`% Version 1\n% Height ${height}\n% Width ${width}\n`), 0, 8,
      ...listOf(events).flatMap(({ t, x, y, p }) => [...u32(t), ...u32((p << 17) | (y << 9) | x)])]),
  },
  {
    name: "aedat1", format: "aedat1", maxSide: 128, maxTime: 2 ** 31 - 1, only: { width: 128, height: 128 },
    encode: (events) => Buffer.from(listOf(events).flatMap((event) => [...u16(dvs128Address(event)).reverse(), ...u32big(event.t)])),
  },
  {
    name: "aedat2 dvs128", format: "aedat2", maxSide: 128, maxTime: 2 ** 31 - 1, only: { width: 128, height: 128 },
    encode: (events) => Buffer.from([...text("#!AER-DAT2.0\r\n# AEChip: ch.unizh.ini.jaer.chip.retina.DVS128\r\n#End Of ASCII Header\r\n"),
      ...listOf(events).flatMap((event) => [...u32big(dvs128Address(event)), ...u32big(event.t)])]),
  },
  {
    name: "aedat2 davis", format: "aedat2", maxSide: 346, maxTime: 2 ** 31 - 1, only: { width: 346, height: 260 },
    encode: (events, size) => Buffer.from([...text("#!AER-DAT2.0\r\n# AEChip: eu.seebetter.ini.chips.davis.Davis346blue\r\n#End Of ASCII Header\r\n"),
      ...listOf(events).flatMap((event) => [...u32big(davisAddress(size, event)), ...u32big(event.t)])]),
  },
  { name: "aedat3.1", format: "aedat3", maxSide: 1 << 15, maxTime: 2 ** 52, needsSize: true, encode: aedat3("3.1", (y) => y) },
  { name: "aedat3.0", format: "aedat3", maxSide: 1 << 15, maxTime: 2 ** 52, needsSize: true, encode: aedat3("3.0", (y, { height }) => height - 1 - y) },
  { name: "aedat4 plain", format: "aedat4", maxSide: 1 << 15, maxTime: 2 ** 52, encode: throughWriter((size) => new Aedat4Writer({ size, compression: "none" })) },
  { name: "aedat4 lz4", format: "aedat4", maxSide: 1 << 15, maxTime: 2 ** 52, encode: throughWriter((size) => new Aedat4Writer({ size })) },
  {
    name: "aedat4 zstd", format: "aedat4", maxSide: 1 << 15, maxTime: 2 ** 52,
    encode: (events, size) => withZstd(throughWriter((sensor) => new Aedat4Writer({ size: sensor, compression: "none" }))(events, size)),
  },
  {
    name: "es dvs", format: "es", maxSide: 1 << 15, maxTime: 1e5,
    encode: (events, size) => Buffer.from([...esHead(1, size),
      ...esBody(size, events, (left) => (left >= 127 ? [0xff, 127] : undefined), (step, p) => [(step << 1) | p], [])]),
  },
  {
    name: "es atis", format: "es", maxSide: 1 << 15, maxTime: 1e5,
    encode: (events, size) => Buffer.from([...esHead(2, size), ...esBody(size, events,
      (left) => (left >= 63 ? [0xfc | Math.min(3, Math.floor(left / 63)), 63 * Math.min(3, Math.floor(left / 63))] : undefined),
      (step, p) => [(step << 2) | (p << 1)], [])]),
  },
  {
    name: "es colour", format: "es", maxSide: 1 << 15, maxTime: 1e5, onlyOn: true,
    encode: (events, size) => Buffer.from([...esHead(4, size),
      ...esBody(size, events, (left) => (left >= 254 ? [0xff, 254] : undefined), (step) => [step], [9, 8, 7])]),
  },
  {
    name: "nmnist", format: "nmnist", maxSide: 240, maxTime: 2 ** 23 - 1, needsSize: true,
    encode: (events) => Buffer.from(listOf(events).flatMap(({ t, x, y, p }) => [x, y, (p << 7) | (t >> 16), (t >> 8) & 0xff, t & 0xff])),
  },
  {
    name: "csv", format: "csv", maxSide: 65535, maxTime: 2 ** 52, needsSize: true,
    encode: (events) => Buffer.from(`t,x,y,p\n${listOf(events).map(({ t, x, y, p }) => `${t},${x},${y},${p}\n`).join("")}`),
  },
  {
    name: "text of seconds", format: "csv", maxSide: 65535, maxTime: 2 ** 50,
    encode: (events, { width, height }) => Buffer.from(`${width} ${height}\n# t x y p\n${listOf(events)
      .map(({ t, x, y, p }) => `${Math.floor(t / 1e6)}.${String(t % 1e6).padStart(6, "0")} ${x} ${y} ${p ? 1 : -1}\n`).join("")}`),
  },
];
