import { SaccadeError } from "../errors.js";
import type { Decoder, Drops, Events, Micros, SensorSize } from "../types.js";
import type { EventBatch } from "./batch.js";
import { drop } from "./drops.js";

/** Bytes waiting to be read, on a boundary of 8 bytes, seen as bytes and as little-endian words. */
export class Block {
  readonly u8: Uint8Array;
  readonly u32: Uint32Array;
  /** @param length bytes, a multiple of 8   @param at where it begins in `buffer`, a multiple of 8 */
  constructor(
    readonly length: number,
    buffer = new ArrayBuffer(length),
    at = 0,
  ) {
    this.u8 = new Uint8Array(buffer, at, length);
    this.u32 = new Uint32Array(buffer, at, length / 4);
  }
}

/** What reads a recording after its header. One object reads one recording; it holds all state between calls. */
export interface Body {
  /** The bytes it reads, which the caller fills; it holds any one record. */
  readonly block: Block;
  /** The events it writes. */
  readonly batch: EventBatch;
  /** True once anything in the bytes made sense. */
  readonly understood: boolean;
  /**
   * Reads whole records from block[from .. to) and writes events to `batch`, which is empty before, at most its capacity.
   * `from` is a sum of what earlier calls read since the block was filled, so words stay aligned.
   * @returns where it stopped. It is called again until it neither reads nor writes; what is left then waits for more bytes.
   */
  read(from: number, to: number): number;
  /** A chunk has come, all of which `read` is given next. Of use to streams that tell no time. */
  hear?(bytes: number, arrival: Micros | undefined): void;
  /** The last bytes, which `read` would not take because more could follow. @returns as `read`; the rest is a torn tail. */
  finish?(from: number, to: number): number;
}

/** What a header says. */
export interface Opened {
  /** Where the body begins, bytes from the start of the file. */
  readonly bodyAt: number;
  readonly size: SensorSize | undefined;
  readonly body: Body;
}

/** One recording format: how its header is read. */
export interface Layout {
  readonly format: string;
  /** No header of this format is longer. */
  readonly headLimit: number;
  /**
   * @param head the first bytes of the file, maybe with some of the body
   * @param ended no bytes follow `head`
   * @returns undefined when more bytes are needed, never when `ended`; the answer does not depend on how many more there are
   * @throws SaccadeError RECORDING_CORRUPT, RECORDING_UNSUPPORTED, SENSOR_SIZE_UNKNOWN, SENSOR_MISMATCH
   */
  open(head: Uint8Array, ended: boolean, drops: Drops): Opened | undefined;
}

/**
 * Bytes to events for any layout: collects the header, then feeds whole records to its body through the body's one block and one batch.
 * Memory: one header (≤ headLimit), and what the body holds.
 * @throws SaccadeError from push and end: what `open` throws, RECORDING_EMPTY, RECORDING_CORRUPT when nothing made sense
 */
export class RecordingDecoder implements Decoder {
  readonly drops: Drops = {};
  #head = new Uint8Array(0);
  #headLength = 0;
  #retryAt = 0;
  #opened: Opened | undefined;
  #held = 0;
  #bodyBytes = 0;

  constructor(readonly layout: Layout) {}

  get format(): string {
    return this.layout.format;
  }

  get size(): SensorSize | undefined {
    return this.#opened?.size;
  }

  /** Whether the whole header has come, so that `size` is final. */
  get headerRead(): boolean {
    return this.#opened !== undefined;
  }

  *push(chunk: Uint8Array, arrival?: Micros): Generator<Events> {
    if (this.#opened) yield* this.#readBody(this.#opened.body, chunk, arrival);
    else if (chunk.length > 0) {
      this.#keepHead(chunk);
      if (this.#headLength >= this.#retryAt) yield* this.#tryOpen(false, arrival);
    }
  }

  *end(): Generator<Events> {
    if (!this.#opened) {
      if (this.#headLength === 0) throw new SaccadeError("RECORDING_EMPTY", "the recording holds no bytes", "record it again");
      yield* this.#tryOpen(true, undefined);
    }
    const { body } = this.#opened!;
    if (this.#bodyBytes === 0) return;
    const { batch } = body;
    batch.count = 0;
    const at = body.finish?.(0, this.#held) ?? 0;
    if (batch.count > 0) yield batch;
    drop(this.drops, "torn_tail", this.#held - at);
    if (!body.understood)
      throw new SaccadeError(
        "RECORDING_CORRUPT",
        `nothing in ${this.#bodyBytes} bytes reads as ${this.format}`,
        "check that the file is complete, or name its format with --as",
      );
  }

  #keepHead(chunk: Uint8Array): void {
    const needed = this.#headLength + chunk.length;
    if (needed > this.#head.length) {
      const grown = new Uint8Array(Math.max(needed, 2 * this.#head.length));
      grown.set(this.#head.subarray(0, this.#headLength));
      this.#head = grown;
    }
    this.#head.set(chunk, this.#headLength);
    this.#headLength = needed;
  }

  /** A header that is still incomplete is tried again when it has doubled: a byte at a time costs O(n), not O(n²). */
  *#tryOpen(ended: boolean, arrival: Micros | undefined): Generator<Events> {
    const head = this.#head.subarray(0, this.#headLength);
    const opened = this.layout.open(head, ended, this.drops);
    if (opened) {
      this.#opened = opened;
      this.#head = new Uint8Array(0);
      yield* this.#readBody(opened.body, head.subarray(opened.bodyAt), arrival);
    } else if (this.#headLength > this.layout.headLimit)
      throw new SaccadeError(
        "RECORDING_CORRUPT",
        `the ${this.format} header does not end within ${this.layout.headLimit} bytes`,
        "check that the file is complete, or name its format with --as",
      );
    else this.#retryAt = 2 * this.#headLength;
  }

  *#readBody(body: Body, chunk: Uint8Array, arrival: Micros | undefined): Generator<Events> {
    const { block, batch } = body;
    body.hear?.(chunk.length, arrival);
    this.#bodyBytes += chunk.length;
    for (let at = 0; at < chunk.length;) {
      const taken = Math.min(chunk.length - at, block.length - this.#held);
      block.u8.set(taken === chunk.length ? chunk : chunk.subarray(at, at + taken), this.#held);
      at += taken;
      const to = this.#held + taken;
      let from = 0;
      for (;;) {
        batch.count = 0;
        const next = body.read(from, to);
        const progress = next > from || batch.count > 0;
        from = next;
        if (batch.count > 0) yield batch;
        if (!progress) break;
      }
      block.u8.copyWithin(0, from, to);
      this.#held = to - from;
    }
  }
}
