import { SaccadeError } from "../../errors.js";
import type { Drops, Micros } from "../../types.js";
import { drop } from "../drops.js";
import { pcapRecords } from "./pcap.js";
import { pcapngBlocks } from "./pcapng.js";

/** What a network card saw at one time; valid until the next is asked for. */
export interface NetworkFrame {
  readonly bytes: Uint8Array;
  /** The link type, by the tcpdump group's list. */
  readonly link: number;
  readonly arrival: Micros;
}

/** How the records of a capture file are found and read, after the bytes that say which kind it is. */
export interface Records {
  /** Bytes before the first record. */
  readonly headBytes: number;
  /** @returns bytes of the record at `at`, 0 when that takes more bytes, −1 when none begins there */
  measure(view: DataView, at: number, to: number): number;
  /** @returns undefined for a record that holds no frame */
  read(view: DataView, at: number, bytes: number): NetworkFrame | undefined;
}

/** What it takes to know the kind of capture. */
export const CAPTURE_HEAD_BYTES = 24;
/** Twice the longest record of either kind. */
const BUFFER_BYTES = 1 << 20;

/** The kind of capture that begins so; undefined when it is none. @param head at least CAPTURE_HEAD_BYTES */
export function captureRecords(head: Uint8Array): Records | undefined {
  if (head.length < CAPTURE_HEAD_BYTES) return undefined;
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  return pcapRecords(view) ?? pcapngBlocks(view);
}

/**
 * The bytes of a pcap or pcapng file, cut anywhere, to what the card saw. A record that contradicts itself is passed over, byte by byte, to
 * the next that does not: counted as `resync_bytes`. Memory: one buffer of a mebibyte.
 */
export class CaptureReader {
  readonly #bytes = new Uint8Array(BUFFER_BYTES);
  readonly #view = new DataView(this.#bytes.buffer);
  #held = 0;
  #records: Records | undefined;

  constructor(readonly drops: Drops) {}

  /** @throws SaccadeError RECORDING_CORRUPT when the first bytes are of no capture */
  *push(chunk: Uint8Array): Generator<NetworkFrame> {
    for (let at = 0; at < chunk.length;) {
      const taken = Math.min(chunk.length - at, BUFFER_BYTES - this.#held);
      this.#bytes.set(chunk.subarray(at, at + taken), this.#held);
      this.#held += taken;
      at += taken;
      yield* this.#readRecords(false);
    }
  }

  /** @throws SaccadeError RECORDING_EMPTY, RECORDING_CORRUPT */
  *end(): Generator<NetworkFrame> {
    if (this.#records === undefined && this.#held === 0)
      throw new SaccadeError("RECORDING_EMPTY", "the capture holds no bytes", "record it again");
    if (this.#records === undefined) throw noCapture();
    yield* this.#readRecords(true);
    drop(this.drops, "torn_tail", this.#held);
    this.#held = 0;
  }

  *#readRecords(ended: boolean): Generator<NetworkFrame> {
    let at = 0;
    if (this.#records === undefined) {
      if (this.#held < CAPTURE_HEAD_BYTES) return;
      this.#records = captureRecords(this.#bytes.subarray(0, this.#held));
      if (this.#records === undefined) throw noCapture();
      at = this.#records.headBytes;
    }
    const records = this.#records, to = this.#held;
    let skipped = 0;
    while (at < to) {
      const bytes = records.measure(this.#view, at, to);
      if (bytes === 0 && !ended) break;
      if (bytes <= 0) {
        at++;
        skipped++;
        continue;
      }
      if (ended) {
        drop(this.drops, "resync_bytes", skipped);
        skipped = 0;
      }
      const frame = records.read(this.#view, at, bytes);
      at += bytes;
      if (frame !== undefined) yield frame;
    }
    if (ended) at -= skipped;
    else drop(this.drops, "resync_bytes", skipped);
    this.#bytes.copyWithin(0, at, to);
    this.#held = to - at;
  }
}

function noCapture(): SaccadeError {
  return new SaccadeError(
    "RECORDING_CORRUPT",
    "the file is no pcap or pcapng capture",
    "check that the file is complete, or name its format with --as",
  );
}
