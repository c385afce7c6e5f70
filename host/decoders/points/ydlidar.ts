import type { Drops, Micros, PointDecoder } from "../../types.js";
import { type Line, LineClock } from "../clocks/line-clock.js";
import { SampleClock } from "../clocks/sample-clock.js";
import { drop } from "../drops.js";
import type { PointBatch } from "./batch.js";
import { type FrameReader, MORE_BYTES, NO_FRAME, SerialPointDecoder } from "./serial.js";
import { TurnCutter } from "./turn.js";

const HEAD_BYTES = 10, SAMPLES_AT = 3, FIRST_AT = 4, LAST_AT = 6, SUM_AT = 8;
const MOST_SAMPLES = 255;
/** Angles are in 1/64°. */
const TURN = 360 * 64, RADIANS = (2 * Math.PI) / TURN, DEGREES_TO_ANGLE = (64 * 180) / Math.PI;
const REPLY_HEAD_BYTES = 7, LONGEST_REPLY = 64;
/** Arrivals over USB come in steps of up to 16 ms. */
const TOLERANCE_MICROS = 20_000;
/** µs between samples, a first guess, after which the stream tells. */
const FIRST_PERIOD = 200;

/** How one sample is written, and whether the sensor triangulates: then its angle depends on the distance. */
interface Samples {
  readonly bytes: number;
  readonly triangulates: boolean;
  readonly baud: number;
}
const SAMPLES = {
  ydlidar: { bytes: 2, triangulates: true, baud: 128000 },
  "ydlidar-intensity": { bytes: 3, triangulates: true, baud: 230400 },
  "ydlidar-tof": { bytes: 4, triangulates: false, baud: 512000 },
} as const satisfies Record<string, Samples>;
export type YdlidarFormat = keyof typeof SAMPLES;

/**
 * YDLIDAR: packets AA 55, u8 type, u8 n, u16 first and last angle (1/64°, bit 0 set), u16 xor of all other 16-bit words, n samples:
 * u16 quarter mm (X2, X4, G1 …); u8 intensity and u16, whose two low bits are the intensity's high ones (G2, G4C, S4 …); or
 * u16 intensity and u16 mm (TG, TX …). Angles between are even, clockwise from ahead; the triangulating ones are turned by
 * atan(21.8·(155.3 − d) / (155.3·d)), d in mm. The sensor tells no time: samples are spread evenly up to when their packet came.
 * Answers to commands (A5 5A …) are counted. Source: the development manuals of X4 and G2, and YDLIDAR's protocol header.
 */
export function ydlidarDecoder(format: YdlidarFormat, line: Line): PointDecoder {
  const drops: Drops = {};
  return new SerialPointDecoder(new YdlidarReader(format, drops), new LineClock(line, SAMPLES[format].baud), drops);
}

class YdlidarReader implements FrameReader {
  readonly longest: number;
  readonly mostPoints = MOST_SAMPLES;
  readonly #kind: Samples;
  readonly #turns = new TurnCutter(TURN);
  readonly #times = new SampleClock(FIRST_PERIOD, TOLERANCE_MICROS);

  constructor(
    readonly format: YdlidarFormat,
    readonly drops: Drops,
  ) {
    this.#kind = SAMPLES[format];
    this.longest = HEAD_BYTES + MOST_SAMPLES * this.#kind.bytes;
  }

  measure(bytes: Uint8Array, at: number, to: number): number {
    if (bytes[at] === 0xa5) return measureReply(bytes, at, to);
    if (bytes[at] !== 0xaa) return NO_FRAME;
    if (at + 1 < to && bytes[at + 1] !== 0x55) return NO_FRAME;
    if (at + HEAD_BYTES > to) return MORE_BYTES;
    const length = HEAD_BYTES + bytes[at + SAMPLES_AT]! * this.#kind.bytes;
    // Bit 0 of both angles is always set.
    if (length === HEAD_BYTES || (bytes[at + FIRST_AT]! & bytes[at + LAST_AT]! & 1) === 0) return NO_FRAME;
    if (at + length > to) return MORE_BYTES;
    if (this.#xor(bytes, at, length) === u16(bytes, at + SUM_AT)) return length;
    drop(this.drops, "bad_checksum");
    return NO_FRAME;
  }

  read(bytes: Uint8Array, at: number, _length: number, time: Micros, _lost: boolean, batch: PointBatch): void {
    if (bytes[at] === 0xa5) return drop(this.drops, "reply");
    const samples = bytes[at + SAMPLES_AT]!, first = u16(bytes, at + FIRST_AT) >> 1, last = u16(bytes, at + LAST_AT) >> 1;
    if (first >= TURN || last >= TURN) return drop(this.drops, "bad_frame");
    const step = samples > 1 ? ((last - first + TURN) % TURN) / (samples - 1) : 0;
    const { bytes: sampleBytes, triangulates } = this.#kind;
    this.#times.frame(time, samples);
    const { start, period } = this.#times;
    let unseen = 0;
    for (let i = 0, from = at + HEAD_BYTES; i < samples; i++, from += sampleBytes) {
      const angle = (first + i * step) % TURN;
      if (this.#turns.begins(angle)) batch.endScan();
      const millimetres = this.#millimetres(bytes, from);
      if (millimetres === 0) unseen++;
      else {
        const turned = triangulates ? DEGREES_TO_ANGLE * Math.atan((21.8 * (155.3 - millimetres)) / (155.3 * millimetres)) : 0;
        batch.addInPlane(start + i * period, 10 * millimetres, (angle + turned) * RADIANS, this.#intensity(bytes, from));
      }
    }
    drop(this.drops, "no_return", unseen);
  }

  #millimetres(bytes: Uint8Array, at: number): number {
    if (this.#kind.bytes === 2) return u16(bytes, at) / 4;
    return this.#kind.bytes === 3 ? u16(bytes, at + 1) >> 2 : u16(bytes, at + 2);
  }

  #intensity(bytes: Uint8Array, at: number): number {
    if (this.#kind.bytes === 2) return 0;
    return this.#kind.bytes === 3 ? ((bytes[at + 1]! & 3) << 8) | bytes[at]! : u16(bytes, at);
  }

  /** Of all 16-bit words but the sum itself; a single byte counts as a word of its own. */
  #xor(bytes: Uint8Array, at: number, length: number): number {
    let xor = u16(bytes, at) ^ u16(bytes, at + 2) ^ u16(bytes, at + FIRST_AT) ^ u16(bytes, at + LAST_AT);
    const end = at + length;
    if (this.#kind.bytes === 3) for (let i = at + HEAD_BYTES; i < end; i += 3) xor ^= bytes[i]! ^ u16(bytes, i + 1);
    else for (let i = at + HEAD_BYTES; i < end; i += 2) xor ^= u16(bytes, i);
    return xor;
  }
}

/** A5 5A, u32 of 30 bits of length and 2 of mode, u8 type; the measuring answer has no length of its own and is a descriptor alone. */
function measureReply(bytes: Uint8Array, at: number, to: number): number {
  if (at + 1 < to && bytes[at + 1] !== 0x5a) return NO_FRAME;
  if (at + REPLY_HEAD_BYTES > to) return MORE_BYTES;
  const streams = bytes[at + 5]! >> 6 === 1;
  const length = u16(bytes, at + 2) | (bytes[at + 4]! << 16) | ((bytes[at + 5]! & 0x3f) << 24);
  if (length > LONGEST_REPLY) return NO_FRAME;
  const whole = REPLY_HEAD_BYTES + (streams ? 0 : length);
  return at + whole > to ? MORE_BYTES : whole;
}

const u16 = (bytes: Uint8Array, at: number): number => bytes[at]! | (bytes[at + 1]! << 8);
