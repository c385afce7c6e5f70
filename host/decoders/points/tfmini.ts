import type { Drops, Micros, PointDecoder } from "../../types.js";
import { type Line, LineClock } from "../clocks/line-clock.js";
import { drop } from "../drops.js";
import type { PointBatch } from "./batch.js";
import { type FrameReader, MORE_BYTES, NO_FRAME, SerialPointDecoder } from "./serial.js";

const FRAME_BYTES = 9, MARK = 0x59, SUM_AT = 8;
const USUAL_BAUD = 115200;
/** Below this strength, and at it saturated, a distance means nothing. */
const LEAST_STRENGTH = 100, SATURATED = 0xffff;
/** 0.1 mm a unit. */
const UNITS = { tfmini: 100, "tfmini-mm": 10 } as const;
export type TfminiFormat = keyof typeof UNITS;

/**
 * Benewake TFmini, TFmini Plus and TF-Luna: one distance straight ahead. Frames of 9 bytes: 0x59 0x59, u16 distance (cm, or mm when the
 * sensor was told so), u16 strength, u16 temperature, sum of the bytes before. A point's time is when its frame came; all points are of one
 * scan. Source: the manuals of the three sensors.
 */
export function tfminiDecoder(format: TfminiFormat, line: Line): PointDecoder {
  const drops: Drops = {};
  return new SerialPointDecoder(new TfminiReader(format, drops), new LineClock(line, USUAL_BAUD), drops);
}

class TfminiReader implements FrameReader {
  readonly longest = FRAME_BYTES;
  readonly mostPoints = 1;

  constructor(
    readonly format: TfminiFormat,
    readonly drops: Drops,
  ) {}

  measure(bytes: Uint8Array, at: number, to: number): number {
    if (bytes[at] !== MARK) return NO_FRAME;
    if (at + 1 === to) return MORE_BYTES;
    if (bytes[at + 1] !== MARK) return NO_FRAME;
    if (at + FRAME_BYTES > to) return MORE_BYTES;
    let sum = 0;
    for (let i = at; i < at + SUM_AT; i++) sum += bytes[i]!;
    if ((sum & 0xff) === bytes[at + SUM_AT]) return FRAME_BYTES;
    drop(this.drops, "bad_checksum");
    return NO_FRAME;
  }

  read(bytes: Uint8Array, at: number, _length: number, time: Micros, _lost: boolean, batch: PointBatch): void {
    const distance = bytes[at + 2]! | (bytes[at + 3]! << 8), strength = bytes[at + 4]! | (bytes[at + 5]! << 8);
    if (distance === 0 || strength < LEAST_STRENGTH || strength === SATURATED) drop(this.drops, "no_return");
    else batch.add(time, distance * UNITS[this.format], 0, 0, strength, 0, 0);
  }
}
