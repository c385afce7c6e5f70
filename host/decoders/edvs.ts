import type { Drops, Micros, SensorSize } from "../types.js";
import { EventBatch } from "./batch.js";
import { ArrivalClock } from "./clocks/arrival-clock.js";
import { type Line, LineClock } from "./clocks/line-clock.js";
import { drop } from "./drops.js";
import { Block, type Body, type Layout, type Opened } from "./recording-decoder.js";
import { agreeOnSize } from "./sensor-size.js";

const SIZE: SensorSize = { width: 128, height: 128 };
const BLOCK_BYTES = 1 << 15;
const USUAL_BAUD = 4_000_000;
const MARK = 0x80;
/** In E1, a time step has at most four bytes. */
const MOST_STEP_BYTES = 4;
const LINE_FEED = 0x0a, CARRIAGE_RETURN = 0x0d, FIRST_PRINTABLE = 0x20, LAST_PRINTABLE = 0x7e;
const LONGEST_REPLY = 160;
/** "E+" and a line feed: after so much text an event begins. Less may be bytes of a time. */
const SHORTEST_REPLY = 3;
/** So many events in a row must look like events before bytes are taken for them. */
const RUN = 16;
const MORE_BYTES = 0, NONE = -1;

/** Bits of the absolute time of each event; 0 for none (E0) and for steps (E1). */
const TIME_BITS = { "edvs-e0": 0, "edvs-e1": 0, "edvs-e2": 16, "edvs-e3": 24, "edvs-e4": 32 } as const;
export type EdvsName = keyof typeof TIME_BITS;
export const EDVS_NAMES = Object.keys(TIME_BITS) as readonly EdvsName[];

/**
 * iniVation eDVS and mini-eDVS, 128x128, as they come on the serial line: 1yyyyyyy pxxxxxxx, then by event format (`!E0` … `!E4`) nothing;
 * the step in µs, 7 bits a byte, the last byte marked; or the time in µs, 16, 24 or 32 bits, big-endian, which wraps. Older firmware counts
 * E1 to E3 what is E2 to E4 here. Answers to commands, lines of text, may stand between events. Without a time in the stream (E0), events
 * have that of their arrival. Where arrivals are told, they also tell how often a time wrapped while nothing moved.
 *
 * Only the first bit of an event marks it. Where it is missing the stream has slipped: of the places where the next event may begin, that
 * one stands from which RUN events follow whose times lie closest together; or that after an answer. Source: iniVation's eDVS user guide.
 */
export function edvsLayout(format: EdvsName, given: SensorSize | undefined, line: Line): Layout {
  return {
    format,
    headLimit: 0,
    open(_head: Uint8Array, _ended: boolean, drops: Drops): Opened {
      return { bodyAt: 0, size: agreeOnSize(SIZE, given), body: new EdvsBody(drops, format, new LineClock(line, USUAL_BAUD)) };
    },
  };
}

class EdvsBody implements Body {
  readonly block = new Block(BLOCK_BYTES);
  readonly batch = new EventBatch(BLOCK_BYTES / 2);
  understood = false;
  readonly #timeBits: number;
  readonly #timeRange: number;
  /** Events of one length; E1's are at least so long. */
  readonly #eventBytes: number;
  /** Whether it is known where events begin. */
  #aligned = false;
  /** Bytes of the stream before block[from]. */
  #passed = 0;
  /** The latest event's time, and the latest that was given: a damaged time may lie ahead of those after it. */
  #now: Micros = 0;
  #latest: Micros = 0;
  /** The time as the latest event told it. */
  #told = -1;
  readonly #arrivals: ArrivalClock;

  constructor(
    readonly drops: Drops,
    readonly format: EdvsName,
    readonly line: LineClock,
  ) {
    this.#timeBits = TIME_BITS[format];
    this.#timeRange = 2 ** this.#timeBits;
    this.#arrivals = new ArrivalClock(this.#timeRange);
    this.#eventBytes = format === "edvs-e1" ? 3 : 2 + this.#timeBits / 8;
  }

  hear(bytes: number, arrival: Micros | undefined): void {
    this.line.hear(bytes, arrival);
  }

  read(from: number, to: number): number {
    return this.#read(from, to, false);
  }

  finish(from: number, to: number): number {
    return this.#read(from, to, true);
  }

  #read(from: number, to: number, ended: boolean): number {
    const bytes = this.block.u8;
    const { batch } = this;
    let at = from, lost = 0, replies = 0;
    while (at < to && batch.count < batch.capacity) {
      const reply = bytes[at]! & MARK ? NONE : replyLength(bytes, at, to);
      if (reply === MORE_BYTES && !ended) break;
      if (reply > 0) {
        replies++;
        at += reply;
        if (reply >= SHORTEST_REPLY) this.#aligned = true;
        continue;
      }
      const length = this.#eventLength(bytes, at, to);
      if (length === MORE_BYTES) break;
      if (length === NONE || this.#isOdd(bytes, at)) this.#aligned = false;
      if (length > 0 && !this.#aligned) {
        const aligned = this.#isBestStart(bytes, at, to, ended);
        if (aligned === undefined) break;
        this.#aligned = aligned;
      }
      if (this.#aligned) {
        this.#give(bytes, at, length, this.#passed + at + length - from);
        at += length;
      } else {
        at++;
        lost++;
      }
    }
    drop(this.drops, "resync_bytes", lost);
    drop(this.drops, "reply", replies);
    this.#passed += at - from;
    return at;
  }

  /** @returns the bytes of the event at `at`, MORE_BYTES, or NONE when no event begins there */
  #eventLength(bytes: Uint8Array, at: number, to: number): number {
    if ((bytes[at]! & MARK) === 0) return NONE;
    if (this.format !== "edvs-e1") return at + this.#eventBytes > to ? MORE_BYTES : this.#eventBytes;
    for (let i = at + 2; i < at + 2 + MOST_STEP_BYTES; i++) {
      if (i >= to) return MORE_BYTES;
      if (bytes[i]! & MARK) return i + 1 - at;
    }
    return NONE;
  }

  /** The time that an event tells: absolute, or of E1 the step. 0 in E0. */
  #timeOf(bytes: Uint8Array, at: number, length: number): number {
    let time = 0;
    if (this.#timeBits > 0) for (let i = at + 2; i < at + length; i++) time = time * 256 + bytes[i]!;
    else for (let i = at + 2; i < at + length; i++) time = time * 128 + (bytes[i]! & 0x7f);
    return time;
  }

  /** µs from one told time to the next. */
  #step(before: number, after: number): number {
    return this.#timeBits === 0 ? after : (after - before + this.#timeRange) % this.#timeRange;
  }

  /** Whether an event lies so far after the last that the stream has rather slipped: only long times can tell. */
  #isOdd(bytes: Uint8Array, at: number): boolean {
    if (!this.#aligned || this.#told < 0 || this.#timeBits <= 16) return false;
    return this.#step(this.#told, this.#timeOf(bytes, at, this.#eventBytes)) >= this.#timeRange / 2;
  }

  /** Whether events rather begin here than within the bytes of one event from here; undefined while too few bytes are there. */
  #isBestStart(bytes: Uint8Array, at: number, to: number, ended: boolean): boolean | undefined {
    const here = this.#meanStep(bytes, at, to, ended);
    if (here === undefined || here === Infinity) return here === undefined ? undefined : false;
    for (let shift = 1; shift < this.#eventBytes; shift++) {
      const there = this.#meanStep(bytes, at + shift, to, ended);
      if (there === undefined) return undefined;
      if (there < here) return false;
    }
    return true;
  }

  /** The mean time step of RUN events from `at`, or of those before an answer or the end; Infinity when they are no events. */
  #meanStep(bytes: Uint8Array, at: number, to: number, ended: boolean): number | undefined {
    let sum = 0, events = 0, before = -1;
    for (; events < RUN; events++) {
      const length = at < to ? this.#eventLength(bytes, at, to) : MORE_BYTES;
      if (length === MORE_BYTES && !ended) return undefined;
      if (length === NONE && events > 0 && (bytes[at]! & MARK) === 0) {
        const reply = replyLength(bytes, at, to);
        if (reply === MORE_BYTES && !ended) return undefined;
        if (reply > 0) break;
      }
      if (length === NONE) return Infinity;
      if (length === MORE_BYTES) break;
      const told = this.#timeOf(bytes, at, length);
      if (before >= 0) sum += this.#step(before, told);
      before = told;
      at += length;
    }
    return events === 0 ? Infinity : sum / events;
  }

  /** @param passed bytes of the stream up to the event's end */
  #give(bytes: Uint8Array, at: number, length: number, passed: number): void {
    const { batch } = this;
    const i = batch.count++;
    const came = this.line.timeAfter(passed);
    if (this.format === "edvs-e0") this.#now = Math.max(this.#now, Math.round(came));
    else {
      const told = this.#timeOf(bytes, at, length);
      this.#now += this.#told < 0 ? told : this.#step(this.#told, told);
      if (this.#timeBits > 0 && this.line.told) this.#now = this.#arrivals.at(told, came, this.#now);
      this.#told = told;
    }
    if (this.#now < this.#latest) drop(this.drops, "time_backwards");
    else this.#latest = this.#now;
    batch.t[i] = this.#latest;
    batch.x[i] = bytes[at + 1]! & 0x7f;
    batch.y[i] = bytes[at]! & 0x7f;
    batch.p[i] = bytes[at + 1]! >> 7;
    this.understood = true;
  }
}

/** @returns the bytes of the line of text at `at`, its end among them, MORE_BYTES, or NONE */
function replyLength(bytes: Uint8Array, at: number, to: number): number {
  for (let i = at; i < at + LONGEST_REPLY; i++) {
    if (i >= to) return MORE_BYTES;
    const byte = bytes[i]!;
    if (byte === LINE_FEED) return i + 1 - at;
    if (byte !== CARRIAGE_RETURN && (byte < FIRST_PRINTABLE || byte > LAST_PRINTABLE)) return NONE;
  }
  return NONE;
}
