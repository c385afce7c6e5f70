import { crc32 } from "node:zlib";
import type { Drops, Micros } from "../../types.js";
import { SampleClock } from "../clocks/sample-clock.js";
import { drop } from "../drops.js";
import type { PointBatch } from "./batch.js";
import type { CapsuleKind, CapsuleSamples } from "./rplidar-capsules.js";
import { MORE_BYTES, NO_FRAME } from "./serial.js";
import { TurnCutter } from "./turn.js";

/** One way in which the sensor sends its measurements. */
export interface Measurements {
  measure(bytes: Uint8Array, at: number, to: number, ended: boolean): number;
  read(bytes: Uint8Array, at: number, time: Micros, lost: boolean, batch: PointBatch): void;
  finish(batch: PointBatch): void;
}

/** Arrivals over USB come in steps of up to 16 ms. */
const TOLERANCE_MICROS = 20_000;
const RADIANS = Math.PI / 180;
/** Angles of 1/64°. */
const TURN_64 = 360 * 64;

const u16 = (bytes: Uint8Array, at: number): number => bytes[at]! | (bytes[at + 1]! << 8);

/**
 * Nodes of 5 bytes: start bit and its inverse, 6 bits of quality; a 1 and 15 bits of angle, 1/64°; u16 quarter mm. Three bits are all that
 * marks a node, so one stands only near the node before it, or as the first of a run whose angles follow each other.
 */
export class Nodes implements Measurements {
  static readonly BYTES = 5;
  static readonly #RUN = 4;
  /** Angle from node to node, at most: 20°. */
  static readonly #MOST_STEP = 20 * 64;
  readonly #turns = new TurnCutter(TURN_64, 180);
  /** Angle of the node before, −1 when it is not known where nodes begin. */
  #last = -1;

  constructor(readonly drops: Drops) {}

  measure(bytes: Uint8Array, at: number, to: number, ended: boolean): number {
    if (at + Nodes.BYTES > to) return MORE_BYTES;
    let angle = angleOf(bytes, at);
    if (angle < 0) {
      this.#last = -1;
      return NO_FRAME;
    }
    if (this.#last >= 0 && follows(this.#last, angle, Nodes.#MOST_STEP)) {
      this.#last = angle;
      return Nodes.BYTES;
    }
    this.#last = -1;
    const first = angle;
    for (let node = 1; node < Nodes.#RUN; node++) {
      const from = at + node * Nodes.BYTES;
      if (from + Nodes.BYTES > to) {
        if (ended) break;
        return MORE_BYTES;
      }
      const next = angleOf(bytes, from);
      if (next < 0 || !follows(angle, next, Nodes.#MOST_STEP)) return NO_FRAME;
      angle = next;
    }
    this.#last = first;
    return Nodes.BYTES;
  }

  read(bytes: Uint8Array, at: number, time: Micros, _lost: boolean, batch: PointBatch): void {
    const angle = angleOf(bytes, at), quarters = u16(bytes, at + 3);
    if (this.#turns.begins(angle)) batch.endScan();
    if (quarters === 0) drop(this.drops, "no_return");
    else batch.addInPlane(time, quarters * 2.5, (angle / 64) * RADIANS, bytes[at]! >> 2);
  }

  finish(): void {}
}

/** Of a node, 1/64°; −1 when its marks are not those of a node. */
function angleOf(bytes: Uint8Array, at: number): number {
  const first = bytes[at]!;
  if (((first ^ (first >> 1)) & 1) === 0 || (bytes[at + 1]! & 1) === 0) return -1;
  const angle = u16(bytes, at + 1) >> 1;
  return angle < TURN_64 ? angle : -1;
}

/** Whether two angles are near each other; a little back is possible where the sensor corrects them by distance. */
function follows(before: number, after: number, most: number): boolean {
  const step = (after - before + TURN_64) % TURN_64;
  return step <= most || step >= TURN_64 - most;
}

/** Capsules: the angles of one are known when the next has come, whose start angle is its end. */
export class Capsules implements Measurements {
  readonly #samples: CapsuleSamples;
  readonly #turns = new TurnCutter(360);
  readonly #times: SampleClock;
  /** The capsule that waits for the next, then the next. */
  readonly #pair: Uint8Array;
  #waiting = false;
  #start: Micros = 0;
  #period: Micros = 0;
  /** Degrees from sample to sample, as last seen; 0 before. */
  #step = 0;

  constructor(
    readonly kind: CapsuleKind,
    readonly drops: Drops,
  ) {
    this.#times = new SampleClock(kind.period, TOLERANCE_MICROS);
    this.#pair = new Uint8Array(2 * kind.bytes);
    const { samples } = kind;
    this.#samples = { distance: new Float64Array(samples), behind: new Float64Array(samples), quality: new Uint8Array(samples) };
  }

  measure(bytes: Uint8Array, at: number, to: number): number {
    if (bytes[at]! >> 4 !== 0xa) return NO_FRAME;
    if (at + 1 < to && bytes[at + 1]! >> 4 !== 0x5) return NO_FRAME;
    if (at + this.kind.bytes > to) return MORE_BYTES;
    let xor = 0;
    for (let i = at + 2; i < at + this.kind.bytes; i++) xor ^= bytes[i]!;
    if (xor === ((bytes[at]! & 15) | ((bytes[at + 1]! & 15) << 4))) return this.kind.bytes;
    drop(this.drops, "bad_checksum");
    return NO_FRAME;
  }

  read(bytes: Uint8Array, at: number, time: Micros, lost: boolean, batch: PointBatch): void {
    const { bytes: length, samples, angleAt } = this.kind;
    const pair = this.#pair;
    for (let i = 0; i < length; i++) pair[length + i] = bytes[at + i]!;
    const angle = u16(pair, length + angleAt);
    // Its top bit begins a stream: the capsule before it was of another.
    const follows = !lost && angle >> 15 === 0;
    if (this.#waiting) this.#give(follows ? length : -1, batch);
    this.#times.frame(time, samples);
    this.#start = this.#times.start;
    this.#period = this.#times.period;
    pair.copyWithin(0, length);
    this.#waiting = true;
  }

  finish(batch: PointBatch): void {
    if (this.#waiting) this.#give(-1, batch);
    this.#waiting = false;
  }

  /** Gives the capsule that waits. @param next where the one after it is, −1 when it was lost: angles go on as they went before */
  #give(next: number, batch: PointBatch): void {
    const { samples, angleAt } = this.kind;
    const start = startOf(this.#pair, angleAt);
    if (next >= 0) this.#step = ((startOf(this.#pair, next + angleAt) - start + 360) % 360) / samples;
    if (this.#step === 0) return drop(this.drops, "next_lost", samples);
    this.kind.unpack(this.#pair, 0, next, this.#samples);
    const { distance, behind, quality } = this.#samples;
    let unseen = 0, untold = 0;
    for (let k = 0; k < samples; k++) {
      const angle = (start + k * this.#step) % 360;
      if (this.#turns.begins(angle)) batch.endScan();
      if (distance[k] === 0) unseen++;
      else if (Number.isNaN(distance[k])) untold++;
      else batch.addInPlane(this.#start + k * this.#period, distance[k]!, (angle - behind[k]!) * RADIANS, quality[k]!);
    }
    drop(this.drops, "no_return", unseen);
    drop(this.drops, "next_lost", untold);
  }
}

const startOf = (bytes: Uint8Array, at: number): number => (u16(bytes, at) & 0x7fff) / 64;

/** Frames of 781 bytes: A5, u64 time, 96 × {u16 angle 90°/2^14, u32 quarter mm, u8 quality, u8 flags}, CRC-32 of all, padded with zeros. */
export class HighQuality implements Measurements {
  static readonly BYTES = 781;
  static readonly SAMPLES = 96;
  readonly #turns = new TurnCutter(1 << 16);
  readonly #times = new SampleClock(63, TOLERANCE_MICROS);
  readonly #padding = new Uint8Array(3);

  constructor(readonly drops: Drops) {}

  measure(bytes: Uint8Array, at: number, to: number): number {
    if (bytes[at] !== 0xa5) return NO_FRAME;
    if (at + HighQuality.BYTES > to) return MORE_BYTES;
    const sumAt = at + HighQuality.BYTES - 4;
    if (crc32(this.#padding, crc32(bytes.subarray(at, sumAt))) === (u16(bytes, sumAt) | (u16(bytes, sumAt + 2) << 16)) >>> 0)
      return HighQuality.BYTES;
    drop(this.drops, "bad_checksum");
    return NO_FRAME;
  }

  read(bytes: Uint8Array, at: number, time: Micros, _lost: boolean, batch: PointBatch): void {
    this.#times.frame(time, HighQuality.SAMPLES);
    let unseen = 0, wild = 0;
    for (let k = 0, from = at + 9; k < HighQuality.SAMPLES; k++, from += 8) {
      const angle = u16(bytes, from), quarters = u16(bytes, from + 2) + u16(bytes, from + 4) * 65536;
      if (this.#turns.begins(angle)) batch.endScan();
      if (quarters === 0) unseen++;
      else if (quarters > MOST_QUARTERS) wild++;
      else batch.addInPlane(this.#times.start + k * this.#times.period, quarters * 2.5, (angle / 2 ** 14) * 90 * RADIANS, bytes[from + 6]!);
    }
    drop(this.drops, "no_return", unseen);
    drop(this.drops, "bad_frame", wild);
  }

  finish(): void {}
}

/** 10 km: no sensor of the family sees a thousandth of it, and a coordinate holds it. */
const MOST_QUARTERS = 4e7;
