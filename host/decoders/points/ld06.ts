import type { Drops, Micros, PointDecoder } from "../../types.js";
import { type Line, LineClock } from "../clocks/line-clock.js";
import { SampleClock } from "../clocks/sample-clock.js";
import { WrappedTime } from "../clocks/wrapped-time.js";
import { drop } from "../drops.js";
import type { PointBatch } from "./batch.js";
import { type FrameReader, MORE_BYTES, NO_FRAME, SerialPointDecoder } from "./serial.js";
import { TurnCutter } from "./turn.js";

const FRAME_BYTES = 47, POINTS = 12;
const MARK = 0x54, VERSION_AND_POINTS = 0x2c;
const START_AT = 4, POINTS_AT = 6, POINT_BYTES = 3, END_AT = 42, TIME_AT = 44, CRC_AT = 46;
/** Angles are in hundredths of a degree; a frame that spans more than 30° is of no turning sensor. */
const TURN = 36000, MOST_SPAN = 3000;
const RADIANS = (2 * Math.PI) / TURN;
/** Milliseconds, which begin again here. */
const TIME_RANGE = 30000;
/** The times are cut to whole milliseconds. */
const TOLERANCE_MICROS = 1500;

/** What tells the models apart: points a second, and bits a second on the line. */
export const LD_MODELS = {
  ld06: { rate: 4500, baud: 230400 },
  stl06p: { rate: 5000, baud: 230400 },
  stl27l: { rate: 21600, baud: 921600 },
} as const;
export type LdModel = keyof typeof LD_MODELS;

/**
 * LDROBOT LD06, LD19, STL-06P, STL-26 and STL-27L. Frames of 47 bytes, little-endian: 0x54, 0x2c, u16 °/s, u16 start 0.01°,
 * 12 × {u16 mm, u8 intensity}, u16 end 0.01°, u16 ms, CRC-8 of all before. Angles between are even; clockwise from ahead.
 * Times are the sensor's: that of a frame is taken for its last point's. Source: the LD06 and LD19 development manuals.
 */
export function ldDecoder(model: LdModel, line: Line): PointDecoder {
  const drops: Drops = {};
  return new SerialPointDecoder(new LdReader(model, drops), new LineClock(line, LD_MODELS[model].baud), drops);
}

/** A span of so many frames tells a rate well enough, and how far a rate may be off. */
const LEAST_RATE_FRAMES = 60, RATE_TOLERANCE = 0.04;

/**
 * Models whose rate fits the frames of a stream: all have the same frames, so only their times tell them apart.
 * @returns undefined when there are too few frames to tell
 */
export function ldModelsOfRate(bytes: Uint8Array): LdModel[] | undefined {
  const reader = new LdReader("ld06", {}), millis = new WrappedTime(TIME_RANGE);
  let frames = 0, first = 0, last = 0, firstAt = 0, lastAt = 0;
  for (let at = 0; at + FRAME_BYTES <= bytes.length;) {
    if (reader.measure(bytes, at, bytes.length) !== FRAME_BYTES) {
      at++;
      continue;
    }
    last = millis.unwrap(u16(bytes, at + TIME_AT) % TIME_RANGE);
    lastAt = at;
    if (frames++ === 0) [first, firstAt] = [last, at];
    at += FRAME_BYTES;
  }
  if (frames < LEAST_RATE_FRAMES || last <= first) return undefined;
  // Broken frames among them took their time, too.
  const rate = (1000 * POINTS * (lastAt - firstAt)) / FRAME_BYTES / (last - first);
  const names = Object.keys(LD_MODELS) as LdModel[];
  return names.filter((name) => Math.abs(rate / LD_MODELS[name].rate - 1) <= RATE_TOLERANCE);
}

class LdReader implements FrameReader {
  readonly longest = FRAME_BYTES;
  readonly mostPoints = POINTS;
  readonly #turns = new TurnCutter(TURN);
  readonly #millis = new WrappedTime(TIME_RANGE);
  readonly #samples: SampleClock;

  constructor(
    readonly format: LdModel,
    readonly drops: Drops,
  ) {
    this.#samples = new SampleClock(1e6 / LD_MODELS[format].rate, TOLERANCE_MICROS);
  }

  measure(bytes: Uint8Array, at: number, to: number): number {
    if (bytes[at] !== MARK) return NO_FRAME;
    if (at + 1 === to) return MORE_BYTES;
    if (bytes[at + 1] !== VERSION_AND_POINTS) return NO_FRAME;
    if (at + FRAME_BYTES > to) return MORE_BYTES;
    if (crc8(bytes, at, at + CRC_AT) === bytes[at + CRC_AT]) return FRAME_BYTES;
    drop(this.drops, "bad_checksum");
    return NO_FRAME;
  }

  read(bytes: Uint8Array, at: number, _length: number, _time: Micros, _lost: boolean, batch: PointBatch): void {
    const start = u16(bytes, at + START_AT), end = u16(bytes, at + END_AT);
    const span = (end - start + TURN) % TURN;
    if (start >= TURN || end >= TURN || span > MOST_SPAN) return drop(this.drops, "bad_frame");
    const samples = this.#samples;
    samples.frame(1000 * this.#millis.unwrap(u16(bytes, at + TIME_AT) % TIME_RANGE), POINTS);
    const step = span / (POINTS - 1);
    let unseen = 0;
    for (let i = 0; i < POINTS; i++) {
      const angle = (start + i * step) % TURN, from = at + POINTS_AT + i * POINT_BYTES;
      const millimetres = u16(bytes, from);
      if (this.#turns.begins(angle)) batch.endScan();
      if (millimetres === 0) unseen++;
      else batch.addInPlane(samples.start + i * samples.period, 10 * millimetres, angle * RADIANS, bytes[from + 2]!);
    }
    drop(this.drops, "no_return", unseen);
  }
}

const u16 = (bytes: Uint8Array, at: number): number => bytes[at]! | (bytes[at + 1]! << 8);

const CRC_TABLE = Uint8Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 0x80 ? (crc << 1) ^ 0x4d : crc << 1;
  return crc;
});

/** CRC-8 of polynomial 0x4d, from 0, most significant bit first. */
function crc8(bytes: Uint8Array, from: number, to: number): number {
  let crc = 0;
  for (let i = from; i < to; i++) crc = CRC_TABLE[crc ^ bytes[i]!]!;
  return crc;
}
