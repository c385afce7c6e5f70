import { crc32 } from "node:zlib";
import type { Micros, SensorSize } from "../types.js";

/**
 * A raw recording: chunks of a live source as they arrived, each with its time, so that they can be decoded again as they were. Numbers are
 * little-endian. The file begins with
 *
 *     8 bytes   89 53 52 41 57 0D 0A 1A
 *     u16 u16   version, 0
 *     u32       bytes of the JSON that follows: RawHeader, its keys in snake case
 *     …         JSON, UTF-8
 *     u32       CRC-32/ISO-HDLC of all before
 *
 * and goes on with blocks, so that a torn end or a damaged place costs the blocks that it lies in and no other:
 *
 *     u32       53 42 4C 4B
 *     u32       flags; bit 0: with this block a new connection to the source begins
 *     u32 u32   chunks, and bytes of them with their heads
 *     u64       time of the block, µs since the recording's start
 *     …         of each chunk: u32 µs since the block's time, u32 bytes, the bytes
 *     u32       CRC-32/ISO-HDLC of all of the block before
 */
export const RAW_EXTENSION = ".saccade-raw";
export const MAGIC = Buffer.from([0x89, 0x53, 0x52, 0x41, 0x57, 0x0d, 0x0a, 0x1a]);
export const VERSION = 1;
export const FILE_HEAD_BYTES = 16, CRC_BYTES = 4;
export const BLOCK_MARK = 0x4b4c4253, BLOCK_HEAD_BYTES = 24, CHUNK_HEAD_BYTES = 8;
export const FLAG_BEGINS = 1;
/** A block's chunks with their heads, and a header's JSON, are at most so long. */
export const MOST_BODY_BYTES = 1 << 20, MOST_JSON_BYTES = 1 << 20;

/** What a recording says of its source. */
export interface RawHeader {
  readonly source: string;
  /** How the chunks came: serial, udp or mqtt. */
  readonly transport: string;
  /** As `saccade decode --as` names it; undefined when it is not known. */
  readonly format: string | undefined;
  /** Bits a second of a serial line. */
  readonly baud: number | undefined;
  readonly size: SensorSize | undefined;
  /** What the sensor says of itself: an Ouster's metadata, a Hesai's angle correction. */
  readonly sensorInfo: string | undefined;
  /** What the clock of arrivals, and the wall's, said at the recording's start, µs. */
  readonly clockStart: Micros;
  readonly wallStart: Micros;
  /** 1, 2 … of a recording that was cut. */
  readonly part: number;
}

/** The file's beginning. */
export function encodeHeader(header: RawHeader): Buffer {
  const { source, transport, format, baud, size, sensorInfo, clockStart, wallStart, part } = header;
  const json = Buffer.from(JSON.stringify({
    source, transport, format, baud, width: size?.width, height: size?.height, sensor_info: sensorInfo, clock_start: clockStart,
    wall_start: wallStart, part,
  }));
  const bytes = Buffer.alloc(FILE_HEAD_BYTES + json.length + CRC_BYTES);
  bytes.set(MAGIC);
  bytes.writeUInt16LE(VERSION, 8);
  bytes.writeUInt32LE(json.length, 12);
  bytes.set(json, FILE_HEAD_BYTES);
  return seal(bytes);
}

/** @param json  of a header whose sum is right  @returns undefined when it is not what `encodeHeader` writes */
export function decodeHeader(json: Uint8Array): RawHeader | undefined {
  const said = parse(json);
  const text = (key: string): string | undefined => (typeof said[key] === "string" ? said[key] : undefined);
  const number = (key: string): number | undefined => (Number.isSafeInteger(said[key]) && (said[key] as number) >= 0 ? (said[key] as number) : undefined);
  const source = text("source"), transport = text("transport"), clockStart = number("clock_start"), wallStart = number("wall_start");
  if (source === undefined || transport === undefined || clockStart === undefined || wallStart === undefined) return undefined;
  const width = number("width"), height = number("height"), baud = number("baud");
  return {
    source, transport, format: text("format"), baud: baud === 0 ? undefined : baud, sensorInfo: text("sensor_info"), clockStart, wallStart,
    size: width && height && width <= 65_535 && height <= 65_535 ? { width, height } : undefined, part: number("part") ?? 1,
  };
}

function parse(json: Uint8Array): Readonly<Record<string, unknown>> {
  try {
    const said: unknown = JSON.parse(Buffer.from(json).toString("utf8"));
    return typeof said === "object" && said !== null ? (said as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

/** Writes the sum of all before into the last four bytes. */
export function seal(bytes: Buffer): Buffer {
  const sumAt = bytes.length - CRC_BYTES;
  bytes.writeUInt32LE(crc32(bytes.subarray(0, sumAt)), sumAt);
  return bytes;
}

/** Whether the last four bytes are the sum of all before. */
export function isSealed(bytes: Buffer): boolean {
  const sumAt = bytes.length - CRC_BYTES;
  return crc32(bytes.subarray(0, sumAt)) === bytes.readUInt32LE(sumAt);
}
