import type { Drops, Micros, PointDecoder } from "../../types.js";
import { drop } from "../drops.js";
import type { PointBatch } from "./batch.js";
import { PacketPointDecoder, type PacketReader, SequenceCheck } from "./packets.js";
import { TurnCutter } from "./turn.js";

const MARK = 0xeeff, MAJOR = 6, MINOR = 1;
const LASERS_AT = 6, BLOCKS_AT = 7, UNIT_AT = 9, HEAD_BYTES = 12;
const RETURN_BYTES = 4, TAIL_BYTES = 28;
/** In the tail. */
const MODE_AT = 10, DATE_AT = 13, MICROS_AT = 19, SEQUENCE_AT = 24;
const MOST_LASERS = 128, MOST_BLOCKS = 8, FIRST_DUAL_MODE = 0x39, TRIPLE_MODE = 0x3d;
const TURN = 36000, RADIANS = Math.PI / 180;

/** Where each laser points, degrees: above the horizon, and clockwise of the block's azimuth. */
export interface HesaiCalibration {
  readonly elevation: readonly number[];
  readonly offset: readonly number[];
}

/** µs after the packet's time: when its last block fires, from one block to the one before, and laser i within a block. */
const LAST_BLOCK_MICROS = 5.632, BLOCK_MICROS = 50;

/** By lasers and blocks, which the head tells. */
interface Model {
  readonly name: string;
  readonly lasers: number;
  readonly blocks: number;
  readonly elevation: (laser: number) => number;
  readonly laserMicros: (laser: number) => number;
}
const MODELS: readonly Model[] = [
  { name: "XT16", lasers: 16, blocks: 8, elevation: (i) => 15 - 2 * i, laserMicros: (i) => 2.856 * i + 0.368 },
  { name: "XT32", lasers: 32, blocks: 8, elevation: (i) => 15 - i, laserMicros: (i) => 1.512 * i + 0.28 },
  { name: "XT32M2X", lasers: 32, blocks: 6, elevation: (i) => 19.5 - 1.3 * i, laserMicros: (i) => 2.856 * (i >> 1) + 0.368 },
];

const modelOf = (packet: DataView): Model | undefined =>
  MODELS.find(({ lasers, blocks }) => packet.getUint8(LASERS_AT) === lasers && packet.getUint8(BLOCKS_AT) === blocks);
const bytesOf = ({ lasers, blocks }: Model): number => HEAD_BYTES + blocks * (2 + lasers * RETURN_BYTES) + TAIL_BYTES;

/** Whether a datagram is one of a known Hesai. */
export function isHesai(packet: DataView): boolean {
  if (packet.byteLength < HEAD_BYTES || packet.getUint16(0) !== MARK) return false;
  if (packet.getUint8(2) !== MAJOR || packet.getUint8(3) !== MINOR) return false;
  const model = modelOf(packet);
  return model !== undefined && packet.byteLength === bytesOf(model);
}

/**
 * Hesai XT16, XT32 and XT32M2X, protocol 6.1: EE FF 06 01 …, head of lasers, blocks and unit (mm), blocks of u16 azimuth 0.01° and
 * {u16 distance, u8 reflectivity, u8}; return mode, date, µs and number at the end. Azimuth is clockwise from ahead. Blocks of one firing
 * with 2 or 3 returns follow each other; echoes are numbered in that order, and one that repeats the one before is left out. Without a
 * calibration the lasers point as the model's do by design. Times are those of the sensor's clock, rings its channels from the top.
 * Source: the XT user manuals, and Hesai's protocol header.
 */
export function hesaiDecoder(calibration?: HesaiCalibration): PointDecoder {
  const drops: Drops = {};
  return new PacketPointDecoder(new HesaiReader(drops, calibration), drops);
}

/** What is computed once of a model. */
interface Rig {
  readonly model: Model;
  readonly level: Float64Array;
  readonly rise: Float64Array;
  /** 0.01° */
  readonly aside: Float64Array;
  readonly micros: Float64Array;
}

class HesaiReader implements PacketReader {
  readonly format = "hesai";
  readonly mostPoints = MOST_BLOCKS * MOST_LASERS;
  readonly #turns = new TurnCutter(TURN);
  readonly #sequence: SequenceCheck;
  #rig: Rig | undefined;

  constructor(
    readonly drops: Drops,
    readonly calibration: HesaiCalibration | undefined,
  ) {
    this.#sequence = new SequenceCheck(drops, 2 ** 32);
  }

  read(packet: DataView, batch: PointBatch): boolean {
    if (!isHesai(packet)) return false;
    const model = modelOf(packet)!, tail = bytesOf(model) - TAIL_BYTES;
    if (this.#rig?.model !== model) this.#rig = rigOf(model, this.calibration);
    if (packet.getUint8(11) & 1) this.#sequence.see(packet.getUint32(tail + SEQUENCE_AT, true));
    const mode = packet.getUint8(tail + MODE_AT), echoes = mode === TRIPLE_MODE ? 3 : mode >= FIRST_DUAL_MODE ? 2 : 1;
    const time = dateMicros(packet, tail + DATE_AT) + packet.getUint32(tail + MICROS_AT, true);
    const firings = model.blocks / echoes, unit = 10 * packet.getUint8(UNIT_AT);
    for (let block = 0; block < model.blocks; block++) {
      const at = HEAD_BYTES + block * (2 + model.lasers * RETURN_BYTES), azimuth = packet.getUint16(at, true);
      if (azimuth >= TURN) {
        drop(this.drops, "bad_frame");
        continue;
      }
      if (this.#turns.begins(azimuth)) batch.endScan();
      const blockTime = time + LAST_BLOCK_MICROS - BLOCK_MICROS * (firings - 1 - Math.floor(block / echoes));
      this.#readBlock(packet, at + 2, this.#rig, azimuth, block % echoes, blockTime, unit, batch);
    }
    return true;
  }

  #readBlock(packet: DataView, from: number, rig: Rig, azimuth: number, echo: number, time: Micros, unit: number, batch: PointBatch): void {
    const { model, level, rise, aside, micros } = rig;
    const earlier = 2 + model.lasers * RETURN_BYTES;
    let unseen = 0, same = 0;
    for (let laser = 0, at = from; laser < model.lasers; laser++, at += RETURN_BYTES) {
      const steps = packet.getUint16(at, true), intensity = packet.getUint8(at + 2);
      if (steps === 0) unseen++;
      else if (echo > 0 && packet.getUint16(at - earlier, true) === steps && packet.getUint8(at - earlier + 2) === intensity) same++;
      else {
        const angle = (azimuth + aside[laser]!) * (RADIANS / 100), distance = steps * unit, ahead = distance * level[laser]!;
        const x = ahead * Math.cos(angle), y = -ahead * Math.sin(angle), z = distance * rise[laser]!;
        batch.add(time + micros[laser]!, x, y, z, intensity, laser, echo);
      }
    }
    drop(this.drops, "no_return", unseen);
    drop(this.drops, "same_return", same);
  }
}

function rigOf(model: Model, calibration: HesaiCalibration | undefined): Rig {
  const fits = calibration?.elevation.length === model.lasers && calibration.offset.length === model.lasers;
  const degrees = Array.from({ length: model.lasers }, (_, i) => (fits ? calibration.elevation[i]! : model.elevation(i)));
  return {
    model,
    level: Float64Array.from(degrees, (angle) => Math.cos(angle * RADIANS)),
    rise: Float64Array.from(degrees, (angle) => Math.sin(angle * RADIANS)),
    aside: Float64Array.from(degrees, (_, i) => (fits ? 100 * calibration.offset[i]! : 0)),
    micros: Float64Array.from(degrees, (_, i) => model.laserMicros(i)),
  };
}

/** Year after 1900, month, day, hour, minute, second; or 0 and the seconds since 1970, big-endian. µs since 1970 */
function dateMicros(packet: DataView, at: number): Micros {
  const year = packet.getUint8(at);
  if (year === 0) return packet.getUint32(at + 2) * 1e6;
  const part = (i: number): number => packet.getUint8(at + i);
  return Date.UTC(1900 + year, part(1) - 1, part(2), part(3), part(4), part(5)) * 1000;
}
