import type { Drops, Micros, PointDecoder } from "../../types.js";
import { drop } from "../drops.js";
import { PacketPointDecoder, type PacketReader } from "../points/packets.js";
import type { PointBatch } from "../points/batch.js";
import { TurnCutter } from "../points/turn.js";
import { MOST_PACKET_BYTES } from "./cbor.js";
import { type RawLidar, readRawPacket } from "./raw-packet.js";
import { PacketSequence } from "./sequence.js";

/** Angles are in hundredths of a degree, clockwise from ahead as of other LiDARs in a plane. */
const TURN = 36_000, RADIANS = (2 * Math.PI) / TURN;
/** Packets farther apart tell nothing of how fast the sensor measures. */
const MOST_STEP_MICROS = 1_000_000;

/**
 * Measurements of a LiDAR that turns, in CBOR (raw-lidar of docs/messages.cddl): one packet a push. A packet tells when its first
 * measurement was made; the others follow at the rate that the packet before it took until this one, and before that is known come at once.
 * A scan ends where the angle passes zero.
 */
export function rawLidarDecoder(): PointDecoder {
  const drops: Drops = {};
  return new PacketPointDecoder(new RawLidarReader(drops), drops);
}

class RawLidarReader implements PacketReader {
  readonly format = "raw-lidar";
  readonly mostPoints = MOST_PACKET_BYTES / 4;
  readonly #sequence: PacketSequence;
  readonly #turns = new TurnCutter(TURN);
  /** µs from measurement to measurement, and the packet before. */
  #period = 0;
  #before: { readonly seq: number; readonly t0: Micros; readonly count: number } | undefined;

  constructor(readonly drops: Drops) {
    this.#sequence = new PacketSequence(drops);
  }

  read({ buffer, byteOffset, byteLength }: DataView, batch: PointBatch): boolean {
    const packet = readRawPacket(new Uint8Array(buffer, byteOffset, byteLength));
    if (packet === "other_stream" || (typeof packet === "object" && packet.kind !== "lidar")) return false;
    if (typeof packet === "string") drop(this.drops, packet);
    else if (this.#sequence.isNew(packet.seq)) this.#readPoints(packet, batch);
    return true;
  }

  #readPoints(packet: RawLidar, batch: PointBatch): void {
    const { count, t0, ranges, angles, intensities } = packet;
    this.#learn(packet);
    if (t0 + count * this.#period > Number.MAX_SAFE_INTEGER) return drop(this.drops, "bad_time", count);
    let unseen = 0, wild = 0;
    for (let i = 0; i < count; i++) {
      const millimetres = u16(ranges, 2 * i), angle = u16(angles, 2 * i);
      if (angle >= TURN) {
        wild++;
        continue;
      }
      if (this.#turns.begins(angle)) batch.endScan();
      if (millimetres === 0) unseen++;
      else batch.addInPlane(t0 + i * this.#period, 10 * millimetres, angle * RADIANS, intensities?.[i] ?? 0);
    }
    drop(this.drops, "no_return", unseen);
    drop(this.drops, "bad_frame", wild);
  }

  #learn({ seq, t0, count }: RawLidar): void {
    const before = this.#before, step = t0 - (before?.t0 ?? t0);
    if (before !== undefined && seq === before.seq + 1 && step > 0 && step <= MOST_STEP_MICROS) this.#period = step / before.count;
    this.#before = { seq, t0, count };
  }
}

const u16 = (bytes: Uint8Array, at: number): number => bytes[at]! | (bytes[at + 1]! << 8);
