import type { Drops, Micros, SensorSize } from "../types.js";
import { WrappedTime } from "./clocks/wrapped-time.js";
import { drop } from "./drops.js";
import { EvtBody } from "./evt-body.js";
import { Block, type Body, type Layout, type Opened } from "./recording-decoder.js";
import { agreeOnSize } from "./sensor-size.js";
import { TimeJump } from "./time-jump.js";

const SIZE: SensorSize = { width: 320, height: 320 };
const BLOCK_BYTES = 1 << 16;
const RECORD_BYTES = 8;

/** A packet's first bytes, how long its head is, and where the head has the packet's number. */
interface Framing {
  readonly mark: Buffer;
  readonly headBytes: number;
  readonly sequenceAt: number;
  /** @returns bytes after the head, −1 when no packet has such a head */
  payload(head: DataView, at: number): number;
}

/** What a buffer of the camera holds at most, in words. */
const MOST_WORDS = 1 << 18;

const EVR1: Framing = {
  mark: Buffer.from("EVR1"),
  headBytes: 12,
  sequenceAt: 4,
  payload(head, at) {
    const bytes = head.getUint32(at + 8, true);
    return bytes % 4 === 0 && bytes <= 4 * MOST_WORDS ? bytes : -1;
  },
};
const EVTSTREAM: Framing = {
  mark: Buffer.from([0xe7, 0xe7, 0xe7, 0xe7]),
  headBytes: 20,
  sequenceAt: 16,
  payload(head, at) {
    const flags = head.getUint16(at + 12, true), reserved = head.getUint16(at + 14, true);
    return flags < 4 && reserved === 0 ? head.getUint16(at + 10, true) * RECORD_BYTES : -1;
  },
};
const FRAMINGS: readonly Framing[] = [EVR1, EVTSTREAM];
/** A packet's number is at most so far after that of the one before, or the numbers began anew. */
const MOST_MISSING = 1000;

export const OPENMV_MARKS: readonly Buffer[] = FRAMINGS.map(({ mark }) => mark);

/** Whether a head that makes sense is anywhere among the bytes: 43 bits of it are always the same, or more. */
export function holdsOpenmvHead(bytes: Buffer): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return FRAMINGS.some(({ mark, headBytes, payload }) => {
    for (let at = bytes.indexOf(mark); at >= 0 && at + headBytes <= bytes.length; at = bytes.indexOf(mark, at + 1)) if (payload(view, at) > 0) return true;
    return false;
  });
}

/**
 * OpenMV with a GenX320, over USB, 320x320. Two framings, which may follow each other: "EVR1", u32 number, u32 bytes, then EVT 2.0 words;
 * or E7E7E7E7, u32 window's start µs, u16 its length, u16 n, u16 flags, u16 0, u32 number, then n × {u16 µs from the start, u16 x, u16 y,
 * u8 polarity, u8}. Neither has a checksum: a head must make sense, and one within a packet ends it, which was cut short.
 * Source: the programs on the camera that write them.
 */
export function openmvLayout(given: SensorSize | undefined): Layout {
  return {
    format: "openmv",
    headLimit: 0,
    open(_head: Uint8Array, _ended: boolean, drops: Drops): Opened {
      const size = agreeOnSize(SIZE, given)!;
      return { bodyAt: 0, size, body: new OpenmvBody(drops, size) };
    },
  };
}

class OpenmvBody implements Body {
  readonly block = new Block(BLOCK_BYTES);
  readonly #words: EvtBody;
  readonly #bytes: Buffer;
  readonly #view: DataView;
  readonly #starts = new WrappedTime(2 ** 32);
  #framed = false;
  /** Of the packet being read: how it is framed, bytes left, and when its window starts. */
  #framing: Framing = EVR1;
  #left = 0;
  #start: Micros = 0;
  #sequence = -1;
  #latest: Micros = 0;
  readonly #jump = new TimeJump();

  constructor(
    readonly drops: Drops,
    readonly size: SensorSize,
  ) {
    this.#words = new EvtBody(drops, size, "evt2");
    const { buffer } = this.block.u8;
    this.#bytes = Buffer.from(buffer);
    this.#view = new DataView(buffer);
  }

  get batch(): EvtBody["batch"] {
    return this.#words.batch;
  }

  get understood(): boolean {
    return this.#framed;
  }

  read(from: number, to: number): number {
    return this.#read(from, to, false);
  }

  finish(from: number, to: number): number {
    return this.#read(from, to, true);
  }

  #read(from: number, to: number, ended: boolean): number {
    let at = from, lost = 0;
    while (at < to) {
      if (this.#left > 0) {
        const next = this.#readPayload(at, to, ended);
        const read = next > at;
        at = next;
        if (this.batch.count > 0 || !read) break;
        continue;
      }
      const head = this.#headAt(at, to);
      if (head === undefined && !ended) break;
      if (head) {
        this.#open(head, at);
        at += head.headBytes;
      } else {
        at++;
        lost++;
      }
    }
    drop(this.drops, "resync_bytes", lost);
    return at;
  }

  /** @returns the framing of a head at `at`, null when none is there, undefined while that is not known */
  #headAt(at: number, to: number): Framing | null | undefined {
    const framing = FRAMINGS.find(({ mark }) => mark[0] === this.#bytes[at]);
    if (framing === undefined) return null;
    const { mark, headBytes } = framing;
    for (let i = 1; i < mark.length; i++) {
      if (at + i >= to) return undefined;
      if (this.#bytes[at + i] !== mark[i]) return null;
    }
    if (at + headBytes > to) return undefined;
    return framing.payload(this.#view, at) < 0 ? null : framing;
  }

  #open(framing: Framing, at: number): void {
    const sequence = this.#view.getUint32(at + framing.sequenceAt, true);
    const missing = sequence - this.#sequence - 1;
    if (this.#framed && missing > 0 && missing <= MOST_MISSING) drop(this.drops, "missing_packet", missing);
    this.#sequence = sequence;
    this.#framed = true;
    this.#framing = framing;
    this.#left = framing.payload(this.#view, at);
    if (framing === EVTSTREAM) this.#start = this.#starts.unwrap(this.#view.getUint32(at + 4, true));
  }

  /** Reads what of the packet is there, up to a full batch. */
  #readPayload(at: number, to: number, ended: boolean): number {
    const unit = this.#framing === EVR1 ? 4 : RECORD_BYTES;
    const end = Math.min(to, at + this.#left);
    const cut = this.#headWithin(at, end, to, ended);
    const whole = cut.at - ((cut.at - at) % unit);
    if (whole > at) {
      const next = this.#framing === EVR1 ? this.#readWords(at, whole) : this.#readRecords(at, whole);
      this.#left -= next - at;
      return next;
    }
    if (!cut.isHead) return at;
    drop(this.drops, "bad_frame");
    drop(this.drops, "resync_bytes", cut.at - at);
    this.#left = 0;
    return cut.at;
  }

  /** Where the first head within the packet is; else how far it is known that none begins. */
  #headWithin(at: number, end: number, to: number, ended: boolean): { readonly at: number; readonly isHead: boolean } {
    let first = { at: end, isHead: false };
    for (const { mark } of FRAMINGS)
      for (let i = this.#bytes.indexOf(mark[0]!, at); i >= 0 && i < first.at; i = this.#bytes.indexOf(mark[0]!, i + 1)) {
        const head = this.#headAt(i, to);
        if (head !== null && (head !== undefined || !ended)) first = { at: i, isHead: head !== undefined };
      }
    return first;
  }

  #readWords(at: number, to: number): number {
    const { block } = this.#words;
    const end = Math.min(to, at + block.length);
    block.u8.set(this.#bytes.subarray(at, end));
    return at + this.#words.read(0, end - at);
  }

  #readRecords(at: number, to: number): number {
    const view = this.#view, { batch, size } = this;
    let count = batch.count, outside = 0, backwards = 0, jumps = 0;
    for (; at < to && count < batch.capacity; at += RECORD_BYTES) {
      const x = view.getUint16(at + 2, true), y = view.getUint16(at + 4, true);
      if (x >= size.width || y >= size.height) {
        outside++;
        continue;
      }
      const time = this.#start + view.getUint16(at, true);
      if (time >= this.#latest) this.#latest = time;
      else if (this.#jump.isReal(time, this.#latest)) {
        this.#latest = time;
        jumps++;
      } else backwards++;
      batch.t[count] = this.#latest;
      batch.x[count] = x;
      batch.y[count] = y;
      batch.p[count++] = this.#bytes[at + 6]! & 1;
    }
    batch.count = count;
    drop(this.drops, "outside_sensor", outside);
    drop(this.drops, "time_backwards", backwards);
    drop(this.drops, "time_jump", jumps);
    return at;
  }
}
