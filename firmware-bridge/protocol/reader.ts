import { CUT_SHORT, cobsBytes, cobsDecode, TOO_LONG } from "./cobs.js";
import { crc32 } from "./crc32.js";
import { MAX_FRAME_BYTES } from "./fields.js";
import { Frame } from "./frame.js";
import { CHECK_BYTES, HEADER_BYTES } from "./layout.js";

/** What came between zeros and was no frame, by reason. Empty packets, as between two frames, are none. */
export interface PacketCounters {
  /** Frames whose CRC agrees. */
  good: number;
  /** Longer than the reader's limit. */
  tooLong: number;
  /** The stuffing does not end where the packet does. */
  notCobs: number;
  /** Shorter than a header and a CRC. */
  short: number;
  /** The CRC does not agree. */
  badCrc: number;
}

/**
 * Bytes to frames. The same bytes give the same frames and counters however they are cut. Whatever came before it, a frame whose own bytes
 * and both its zeros are whole is found: so one error costs the frames that it touches and no other.
 *
 *     for (let at = 0; at < bytes.length;) {
 *       at = reader.read(bytes, at, bytes.length);
 *       if (reader.ready) use(reader.frame);
 *     }
 *
 * Memory: one frame, and one packet cut by the end of a chunk. Nothing is allocated after construction.
 */
export class FrameReader {
  readonly counters: PacketCounters = { good: 0, tooLong: 0, notCobs: 0, short: 0, badCrc: 0 };
  /** The frame that `read` found, while `ready`. */
  readonly frame: Frame;
  ready = false;
  readonly #held: Uint8Array;
  /** Of the open packet; more than `#held` has room for: it is too long, and not kept. */
  #packetBytes = 0;

  /** @param maxFrame bytes, header to CRC, 12..16384 */
  constructor(readonly maxFrame = MAX_FRAME_BYTES) {
    this.frame = new Frame(maxFrame);
    this.#held = new Uint8Array(cobsBytes(maxFrame));
  }

  /** Bytes of an unfinished packet that wait for its end. */
  get waiting(): number {
    return this.#packetBytes;
  }

  /** Reads bytes[from .. to) up to the end of the next good frame, or all of them. @returns where it stopped */
  read(bytes: Uint8Array, from: number, to: number): number {
    this.ready = false;
    while (from < to && !this.ready) {
      const zero = zeroFrom(bytes, from, to);
      if (zero === to) this.#hold(bytes, from, to);
      else if (this.#packetBytes > 0) {
        this.#hold(bytes, from, zero);
        this.#finish(this.#held, 0, this.#packetBytes);
        this.#packetBytes = 0;
      } else if (zero > from) this.#finish(bytes, from, zero);
      from = Math.min(zero + 1, to);
    }
    return from;
  }

  #hold(bytes: Uint8Array, from: number, to: number): void {
    const at = this.#packetBytes;
    this.#packetBytes += to - from;
    if (this.#packetBytes <= this.#held.length) this.#held.set(bytes.subarray(from, to), at);
  }

  #finish(packet: Uint8Array, from: number, to: number): void {
    const { counters, frame, maxFrame } = this;
    const length = to - from > this.#held.length ? TOO_LONG : cobsDecode(packet, from, to, frame.u8, maxFrame);
    if (length === TOO_LONG) counters.tooLong++;
    else if (length === CUT_SHORT) counters.notCobs++;
    else if (length < HEADER_BYTES + CHECK_BYTES) counters.short++;
    else {
      frame.length = length;
      const crcAt = length - CHECK_BYTES;
      if (crc32(frame.u8, 0, crcAt) === frame.view.getUint32(crcAt, true)) {
        counters.good++;
        this.ready = true;
      } else counters.badCrc++;
    }
  }
}

/** Where the first zero of bytes[from .. to) is, or `to`. */
function zeroFrom(bytes: Uint8Array, from: number, to: number): number {
  const found = bytes.indexOf(0, from);
  return found < 0 || found > to ? to : found;
}
