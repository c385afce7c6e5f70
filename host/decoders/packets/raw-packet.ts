import { crc32 } from "node:zlib";
import type { Micros, SensorSize } from "../../types.js";
import { sizeOf } from "../sensor-size.js";
import { type Field, isBytes, isNumbers, isText, readFields, type Span } from "./cbor.js";

/** Keys of the packets, as docs/messages.cddl has them. */
export const RAW_KEYS = { version: 0, seq: 1, t0: 2, count: 3, first: 4, second: 5, third: 6, size: 7, crc: 8, format: 9, bytes: 10 } as const;
export const RAW_VERSION = 1;
/** Tags of integer arrays (RFC 8746): little-endian u16 and u32. */
export const U16_TAG = 69, U32_TAG = 70;
/** `seq` goes from the one before this to 0. */
export const SEQUENCE_RANGE = 2 ** 32;

interface RawHead {
  readonly seq: number;
  readonly t0: Micros;
}

/** n events: x and y, then time since t0, then polarities. */
export interface RawDvs extends RawHead {
  readonly kind: "dvs";
  readonly count: number;
  /** u16 x, y, x, y … */
  readonly pixels: Uint8Array;
  /** u16 or u32 each. */
  readonly times: Uint8Array;
  readonly timeBytes: 2 | 4;
  /** A bit each, the lowest first. */
  readonly polarities: Uint8Array;
  readonly size: SensorSize | undefined;
}

/** n measurements of a sensor that turns in a plane. */
export interface RawLidar extends RawHead {
  readonly kind: "lidar";
  readonly count: number;
  /** u16, mm */
  readonly ranges: Uint8Array;
  /** u16, 0.01° */
  readonly angles: Uint8Array;
  /** u8, or undefined when it tells none. */
  readonly intensities: Uint8Array | undefined;
}

/** Bytes as the sensor sent them. */
export interface RawVendor extends RawHead {
  readonly kind: "vendor";
  readonly format: string;
  readonly bytes: Uint8Array;
}

export type RawPacket = RawDvs | RawLidar | RawVendor;

/**
 * A packet that is sound in all its lengths; its columns are views of `bytes`.
 * @returns why it is not: `packet_corrupt` no such CBOR, `other_stream` of another version, `bad_frame` its fields contradict each other,
 * `bad_checksum`
 */
export function readRawPacket(bytes: Uint8Array): RawPacket | "packet_corrupt" | "other_stream" | "bad_frame" | "bad_checksum" {
  const fields = readFields(bytes);
  if (fields === undefined) return "packet_corrupt";
  const version = fields[RAW_KEYS.version], seq = fields[RAW_KEYS.seq], t0 = fields[RAW_KEYS.t0];
  if (typeof version !== "number") return "bad_frame";
  if (version !== RAW_VERSION) return "other_stream";
  if (typeof seq !== "number" || seq >= SEQUENCE_RANGE || typeof t0 !== "number") return "bad_frame";
  const packet = fields[RAW_KEYS.format] === undefined ? readColumns(bytes, fields, seq, t0) : readVendor(bytes, fields, seq, t0);
  return packet ?? "bad_frame";
}

const view = (bytes: Uint8Array, { at, length }: Span): Uint8Array => bytes.subarray(at, at + length);

function readVendor(bytes: Uint8Array, fields: readonly (Field | undefined)[], seq: number, t0: Micros): RawVendor | undefined {
  const format = fields[RAW_KEYS.format], held = fields[RAW_KEYS.bytes];
  if (!isText(format) || !isBytes(held) || held.tag !== 0) return undefined;
  return { kind: "vendor", seq, t0, format: Buffer.from(view(bytes, format)).toString("latin1"), bytes: view(bytes, held) };
}

/** Events and measurements differ in how long key 4 is: two numbers each, or one. */
function readColumns(
  bytes: Uint8Array, fields: readonly (Field | undefined)[], seq: number, t0: Micros,
): RawDvs | RawLidar | "bad_checksum" | undefined {
  const count = fields[RAW_KEYS.count], first = fields[RAW_KEYS.first], second = fields[RAW_KEYS.second], third = fields[RAW_KEYS.third];
  if (typeof count !== "number" || count < 1 || count > 65_535 || !isBytes(first) || first.tag !== U16_TAG || !isBytes(second)) return undefined;
  if (third !== undefined && (!isBytes(third) || third.tag !== 0)) return undefined;
  if (first.length === 2 * count) {
    if (second.tag !== U16_TAG || second.length !== 2 * count || (third !== undefined && third.length !== count)) return undefined;
    const intensities = third && view(bytes, third);
    return { kind: "lidar", seq, t0, count, ranges: view(bytes, first), angles: view(bytes, second), intensities };
  }
  const timeBytes = second.tag === U16_TAG ? 2 : second.tag === U32_TAG ? 4 : 0;
  if (first.length !== 4 * count || timeBytes === 0 || second.length !== timeBytes * count || third?.length !== Math.ceil(count / 8)) return undefined;
  const stated = fields[RAW_KEYS.size], size = isNumbers(stated) && stated.length === 2 ? sizeOf(stated[0]!, stated[1]!) : undefined;
  if (stated !== undefined && size === undefined) return undefined;
  const pixels = view(bytes, first), times = view(bytes, second), polarities = view(bytes, third);
  const told = fields[RAW_KEYS.crc];
  if (told !== undefined && told !== crc32(polarities, crc32(times, crc32(pixels)))) return "bad_checksum";
  return { kind: "dvs", seq, t0, count, pixels, times, timeBytes, polarities, size };
}
