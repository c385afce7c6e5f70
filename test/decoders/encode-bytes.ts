/** The bytes of records, as the layouts' pages say; encode.ts joins them to files. */
import type { Events, SensorSize } from "../../host/types.js";
import type { RecordingWriter } from "../../host/writers/recording-writer.js";

export const u16 = (value: number): number[] => [value & 0xff, (value >> 8) & 0xff];
export const u32 = (value: number): number[] => [...u16(value), ...u16(value >>> 16)];
export const u32big = (value: number): number[] => u32(value).reverse();
export const text = (value: string): number[] => [...Buffer.from(value, "latin1")];

export interface Event {
  readonly t: number;
  readonly x: number;
  readonly y: number;
  readonly p: number;
}

export function listOf({ count, t, x, y, p }: Events): Event[] {
  return Array.from({ length: count }, (_, i) => ({ t: t[i]!, x: x[i]!, y: y[i]!, p: p[i]! }));
}

export function throughWriter(make: (size: SensorSize) => RecordingWriter): (events: Events, size: SensorSize) => Buffer {
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
export function evtWords(
  types: { off: number; on: number; high: number },
  word: (word: number, mask: number) => number[],
): (events: Events) => number[] {
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

export const rawHead = (format: string, { width, height }: SensorSize): number[] =>
  text(`% format ${format};height=${height};width=${width}\n% end\n`);
export const evt21 = (format: string, word: (word: number, mask: number) => number[]): ((events: Events, size: SensorSize) => Buffer) => {
  const words = evtWords({ off: 0, on: 1, high: 8 }, word);
  return (events, size) => Buffer.from([...rawHead(format, size), ...words(events)]);
};
export const evt4Words = evtWords({ off: 0xa, on: 0xb, high: 0xe }, (word) => u32(word));
export const EVT_TIME = 2 ** 33 - 1;

/** Event Stream records: `pass` moves the time without an event, `step` is the largest such move. */
export function esBody(
  size: SensorSize,
  events: Events,
  pass: (left: number) => readonly [byte: number, micros: number] | undefined,
  record: (step: number, p: number) => number[],
  tail: number[],
): number[] {
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
export const esHead = (type: number, { width, height }: SensorSize): number[] => [
  ...text("Event Stream"),
  2,
  0,
  0,
  type,
  ...u16(width),
  ...u16(height),
];

export const davisAddress = ({ width, height }: SensorSize, { x, y, p }: Event): number =>
  (((height - 1 - y) << 22) | ((width - 1 - x) << 12) | (p << 11)) >>> 0;
export const dvs128Address = ({ x, y, p }: Event): number => ((127 - y) << 8) | ((127 - x) << 1) | (1 - p);

export function aedat3(version: string, row: (y: number, size: SensorSize) => number): (events: Events, size: SensorSize) => Buffer {
  return (events, size) => {
    const list = listOf(events);
    const bytes = text(`#!AER-DAT${version}\r\n#Format: RAW\r\n#Source 1: Test\r\n${version === "3.1" ? "#!END-HEADER\r\n" : ""}`);
    for (let from = 0; from < list.length;) {
      const overflow = Math.floor(list[from]!.t / 2 ** 31);
      let to = from;
      while (to < list.length && to < from + 50 && Math.floor(list[to]!.t / 2 ** 31) === overflow) to++;
      bytes.push(...u16(1), ...u16(1), ...[8, 4, overflow, to - from + 1, to - from, to - from].flatMap(u32));
      for (const { t, x, y, p } of list.slice(from, to))
        bytes.push(...u32(((x << 17) | (row(y, size) << 2) | (p << 1) | 1) >>> 0), ...u32(t % 2 ** 31));
      bytes.push(...u32(0), ...u32(0));
      from = to;
    }
    return Buffer.from(bytes);
  };
}

/** A plain AEDAT 4 file with its packets in zstd frames of one raw block each, and no index. */
export function withZstd(file: Buffer): Buffer {
  const at = 14, bodyAt = at + 4 + file.readUInt32LE(at), tableAt = Number(file.readBigInt64LE(at + 36));
  const head = Buffer.from(file.subarray(0, bodyAt));
  head.writeInt32LE(3, at + 44);
  head.writeBigInt64LE(-1n, at + 36);
  const parts: Uint8Array[] = [head];
  for (let packet = bodyAt; packet < tableAt;) {
    const bytes = file.readInt32LE(packet + 4);
    const frame = zstdFrame(file.subarray(packet + 8, packet + 8 + bytes));
    parts.push(file.subarray(packet, packet + 4), Buffer.from(u32(frame.length)), frame);
    packet += 8 + bytes;
  }
  return Buffer.concat(parts);
}

/** RFC 8878: magic, one segment with a 4-byte content size, one raw block, under 128 KiB. */
export function zstdFrame(bytes: Uint8Array): Buffer {
  const block = (bytes.length << 3) | 1;
  return Buffer.concat([
    Buffer.from([...u32(0xfd2fb528), 0xa0, ...u32(bytes.length), block & 0xff, (block >> 8) & 0xff, block >> 16]),
    bytes,
  ]);
}
