import type { Drops, Micros, PointDecoder } from "../../types.js";
import { WrappedTime } from "../clocks/wrapped-time.js";
import { drop } from "../drops.js";
import type { PointBatch } from "./batch.js";
import { PacketPointDecoder, type PacketReader } from "./packets.js";
import { TurnCutter } from "./turn.js";
import { VELODYNE_MODELS, type VelodyneModel } from "./velodyne-models.js";

const PACKET_BYTES = 1206, BLOCKS = 12, BLOCK_BYTES = 100, RETURNS = 32, RETURN_BYTES = 3;
const BLOCK_MARK = 0xeeff, TIME_AT = 1200, MODE_AT = 1204, MODEL_AT = 1205, DUAL = 0x39;
const TURN = 36000, HOUR_MICROS = 3_600_000_000;
const RADIANS = Math.PI / 180;

/** A model with what is computed of it once. */
interface Rig extends VelodyneModel {
  readonly lasers: number;
  /** Of each laser: cosine and sine of its elevation, and its offset in radians. */
  readonly level: Float64Array;
  readonly rise: Float64Array;
  readonly aside: Float64Array;
}

const RIGS = new Map(
  Object.entries(VELODYNE_MODELS).map(([number, model]): [number, Rig] => [
    Number(number),
    {
      ...model,
      lasers: model.elevation.length,
      level: Float64Array.from(model.elevation, (degrees) => Math.cos(degrees * RADIANS)),
      rise: Float64Array.from(model.elevation, (degrees) => Math.sin(degrees * RADIANS)),
      aside: Float64Array.from(model.offset, (degrees) => degrees * RADIANS),
    },
  ]),
);

/** Whether a datagram is one of a known Velodyne. */
export function isVelodyne(packet: DataView): boolean {
  return packet.byteLength === PACKET_BYTES && packet.getUint16(0, true) === BLOCK_MARK && RIGS.has(packet.getUint8(MODEL_AT));
}

/**
 * Velodyne HDL-32E, VLP-16, VLP-16 Hi-Res and VLP-32C: datagrams of 1206 bytes, 12 blocks of u16 0xEEFF, u16 azimuth 0.01°, 32 × {u16
 * distance, u8 intensity}; u32 µs since the hour, u8 return mode, u8 model. The sensor turns on while its lasers fire one after the other:
 * each point has its own time, and its azimuth is that time's, between its block's and the next. Azimuth is clockwise from ahead. Of a
 * dual return the first block of a pair is echo 0 (last), the second echo 1 (strongest); one that repeats the other is left out.
 * Times are µs since the hour that the stream began in. Rings are laser numbers. Source: the user manuals of the sensors.
 */
export function velodyneDecoder(): PointDecoder {
  const drops: Drops = {};
  return new PacketPointDecoder(new VelodyneReader(drops), drops);
}

class VelodyneReader implements PacketReader {
  readonly format = "velodyne";
  readonly mostPoints = BLOCKS * RETURNS;
  readonly #hour = new WrappedTime(HOUR_MICROS);
  readonly #turns = new TurnCutter(TURN);
  /** Of each block of the packet at hand, 0.01°: where it points, and how far it turns until the next. */
  readonly #azimuth = new Float64Array(BLOCKS);
  readonly #gap = new Float64Array(BLOCKS);

  constructor(readonly drops: Drops) {}

  read(packet: DataView, batch: PointBatch): boolean {
    if (!isVelodyne(packet)) return false;
    const rig = RIGS.get(packet.getUint8(MODEL_AT))!, stride = packet.getUint8(MODE_AT) === DUAL ? 2 : 1;
    const stamp = packet.getUint32(TIME_AT, true);
    if (stamp >= HOUR_MICROS || !this.#readAzimuths(packet, stride)) {
      drop(this.drops, "bad_frame");
      return true;
    }
    const start = this.#hour.unwrap(stamp);
    for (let block = 0; block < BLOCKS; block++) {
      if (block % stride === 0 && this.#turns.begins(this.#azimuth[block]!)) batch.endScan();
      const time = start + Math.floor(block / stride) * rig.firings * rig.firingMicros;
      this.#readBlock(packet, block, block % stride, rig, time, batch);
    }
    return true;
  }

  /** @param stride blocks that share an azimuth   @returns whether all blocks make sense */
  #readAzimuths(packet: DataView, stride: number): boolean {
    const azimuth = this.#azimuth, gap = this.#gap;
    for (let block = 0; block < BLOCKS; block++) {
      azimuth[block] = packet.getUint16(block * BLOCK_BYTES + 2, true);
      if (packet.getUint16(block * BLOCK_BYTES, true) !== BLOCK_MARK || azimuth[block]! >= TURN) return false;
    }
    for (let block = 0; block < BLOCKS; block++)
      gap[block] = block + stride < BLOCKS ? (azimuth[block + stride]! - azimuth[block]! + TURN) % TURN : gap[block - stride]!;
    return true;
  }

  #readBlock(packet: DataView, block: number, echo: number, rig: Rig, time: Micros, batch: PointBatch): void {
    const { lasers, level, rise, aside, laserMicros, firingMicros, unit } = rig;
    const azimuth = this.#azimuth[block]!, perMicro = this.#gap[block]! / (rig.firings * firingMicros);
    let at = block * BLOCK_BYTES + 4, unseen = 0, same = 0;
    for (let firing = 0; firing < rig.firings; firing++)
      for (let laser = 0; laser < lasers; laser++, at += RETURN_BYTES) {
        const steps = packet.getUint16(at, true), intensity = packet.getUint8(at + 2);
        const before = at - BLOCK_BYTES;
        if (steps === 0) unseen++;
        else if (echo === 1 && packet.getUint16(before, true) === steps && packet.getUint8(before + 2) === intensity) same++;
        else {
          const after = firing * firingMicros + laserMicros[laser]!;
          const angle = (azimuth + perMicro * after) * (RADIANS / 100) + aside[laser]!;
          const distance = steps * unit, ahead = distance * level[laser]!;
          batch.add(time + after, ahead * Math.cos(angle), -ahead * Math.sin(angle), distance * rise[laser]!, intensity, laser, echo);
        }
      }
    drop(this.drops, "no_return", unseen);
    drop(this.drops, "same_return", same);
  }
}
