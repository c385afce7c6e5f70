import type { Drops, Micros, PointDecoder } from "../../types.js";
import { drop } from "../drops.js";
import type { PointBatch } from "./batch.js";
import { PacketPointDecoder, type PacketReader, SequenceCheck } from "./packets.js";

const HEAD_BYTES = 36;
const LENGTH_AT = 1, INTERVAL_AT = 3, POINTS_AT = 5, NUMBER_AT = 7, TYPE_AT = 10, TIME_TYPE_AT = 11, TIME_AT = 28;
const MOST_TIME_TYPE = 3;
const IMU = 0, FINE = 1, COARSE = 2, POLAR = 3;
/** Bytes of a point by type. */
const POINT_BYTES: Readonly<Record<number, number>> = { [IMU]: 24, [FINE]: 14, [COARSE]: 8, [POLAR]: 10 };
/** Coordinates beyond this, 0.1 mm, are of no sensor: 1 km. */
const MOST_COORDINATE = 1e7;
/** A sensor that does not turn has no turns: its scans are this long. */
const SCAN_MICROS = 100_000;
/** 0.01° in radians. */
const HUNDREDTHS = Math.PI / 18_000;

/** Whether a datagram is one of points or of the inertial unit. */
export function isLivox(packet: DataView): boolean {
  if (packet.byteLength < HEAD_BYTES || packet.getUint8(0) !== 0 || packet.getUint16(LENGTH_AT, true) !== packet.byteLength) return false;
  const bytes = POINT_BYTES[packet.getUint8(TYPE_AT)], points = packet.getUint16(POINTS_AT, true);
  if (bytes === undefined || points === 0 || packet.byteLength !== HEAD_BYTES + points * bytes) return false;
  return packet.getUint8(TIME_TYPE_AT) <= MOST_TIME_TYPE;
}

/**
 * Livox Mid-360, HAP and others that speak as Livox SDK 2: u8 0, u16 length, u16 interval 0.1 µs, u16 n, u16 number, u8 frame, u8 type,
 * u8 time type, 12 reserved, u32 CRC, u64 ns, then n × {i32 x, y, z mm, u8, u8}, {i16 x, y, z cm, u8, u8} or {u32 mm, u16 zenith,
 * u16 azimuth 0.01°, u8, u8}. x ahead, y left, z up, as here. Points of a packet are spread over its interval. The pattern does not
 * repeat: a scan is what a tenth of a second of the sensor's time gives. Packets of the inertial unit are counted.
 * Source: the point data structures of Livox SDK 2 and the Mid-360 manual.
 */
export function livoxDecoder(): PointDecoder {
  const drops: Drops = {};
  return new PacketPointDecoder(new LivoxReader(drops), drops);
}

class LivoxReader implements PacketReader {
  readonly format = "livox";
  readonly mostPoints = Math.floor(65536 / 8);
  readonly #sequence: SequenceCheck;
  #slot = -1;

  constructor(readonly drops: Drops) {
    this.#sequence = new SequenceCheck(drops, 2 ** 16, 1000);
  }

  read(packet: DataView, batch: PointBatch): boolean {
    if (!isLivox(packet)) return false;
    const type = packet.getUint8(TYPE_AT), points = packet.getUint16(POINTS_AT, true);
    if (type === IMU) {
      drop(this.drops, "imu");
      return true;
    }
    this.#sequence.see(packet.getUint16(NUMBER_AT, true));
    const start = (packet.getUint32(TIME_AT, true) + packet.getUint32(TIME_AT + 4, true) * 2 ** 32) / 1000;
    const step = packet.getUint16(INTERVAL_AT, true) / 10 / points;
    if (start + step * points > Number.MAX_SAFE_INTEGER) {
      drop(this.drops, "bad_time", points);
      return true;
    }
    const slot = Math.floor(start / SCAN_MICROS);
    if (slot !== this.#slot) batch.endScan();
    this.#slot = slot;
    if (type === POLAR) this.#readPolar(packet, points, start, step, batch);
    else this.#readPlain(packet, type, points, start, step, batch);
    return true;
  }

  #readPlain(packet: DataView, type: number, points: number, start: Micros, step: Micros, batch: PointBatch): void {
    const fine = type === FINE, bytes = POINT_BYTES[type]!, width = fine ? 4 : 2;
    const coordinate = (at: number): number => (fine ? 10 * packet.getInt32(at, true) : 100 * packet.getInt16(at, true));
    let unseen = 0, wild = 0;
    for (let i = 0, at = HEAD_BYTES; i < points; i++, at += bytes) {
      const x = coordinate(at), y = coordinate(at + width), z = coordinate(at + 2 * width);
      if (x === 0 && y === 0 && z === 0) unseen++;
      else if (Math.max(Math.abs(x), Math.abs(y), Math.abs(z)) > MOST_COORDINATE) wild++;
      else batch.add(start + i * step, x, y, z, packet.getUint8(at + 3 * width), 0, 0);
    }
    drop(this.drops, "no_return", unseen);
    drop(this.drops, "bad_frame", wild);
  }

  #readPolar(packet: DataView, points: number, start: Micros, step: Micros, batch: PointBatch): void {
    let unseen = 0, wild = 0;
    for (let i = 0, at = HEAD_BYTES; i < points; i++, at += POINT_BYTES[POLAR]!) {
      const distance = 10 * packet.getUint32(at, true);
      if (distance === 0) unseen++;
      else if (distance > MOST_COORDINATE) wild++;
      else {
        const zenith = packet.getUint16(at + 4, true) * HUNDREDTHS, azimuth = packet.getUint16(at + 6, true) * HUNDREDTHS;
        const level = distance * Math.sin(zenith), z = distance * Math.cos(zenith);
        batch.add(start + i * step, level * Math.cos(azimuth), level * Math.sin(azimuth), z, packet.getUint8(at + 8), 0, 0);
      }
    }
    drop(this.drops, "no_return", unseen);
    drop(this.drops, "bad_frame", wild);
  }
}
