import type { Drops, Micros, PointDecoder, Points } from "../../types.js";
import type { LineClock } from "../clocks/line-clock.js";
import { drop } from "../drops.js";
import { PointBatch } from "./batch.js";

/** What `measure` says when no frame begins there, and when it cannot tell without more bytes. */
export const NO_FRAME = -1, MORE_BYTES = 0;

/** How the frames of one serial format are found and read. One object reads one stream; it holds all state between frames. */
export interface FrameReader {
  readonly format: string;
  /** No frame is longer, bytes. */
  readonly longest: number;
  /** No frame, and no end of the stream, gives more points. */
  readonly mostPoints: number;
  /**
   * Whether a whole, sound frame begins at `at`; of a frame that is not sound it counts why, once it has it whole.
   * @param to where the bytes end   @param ended no more will come
   * @returns its bytes, or NO_FRAME, or MORE_BYTES: only while fewer than `longest` bytes are there
   */
  measure(bytes: Uint8Array, at: number, to: number, ended: boolean): number;
  /**
   * @param time when its last byte came   @param lost bytes were passed over since the frame before
   */
  read(bytes: Uint8Array, at: number, length: number, time: Micros, lost: boolean, batch: PointBatch): void;
  /** The stream is over: gives the points that it still holds. */
  finish?(batch: PointBatch): void;
}

const BLOCK_BYTES = 1 << 16;
const BATCH_POINTS = 8192;

/**
 * Frames of a serial line to points. Where no sound frame begins it goes on by one byte, so that of a frame that is broken, or only looks
 * like one, no more than that frame is lost. Every byte is in a sound frame, or counted as `resync_bytes` or `torn_tail`.
 */
export class SerialPointDecoder implements PointDecoder {
  readonly #bytes: Uint8Array;
  readonly #batch: PointBatch;
  /** Bytes held for want of more, the bytes of the stream before them, and whether the last byte before them was passed over. */
  #held = 0;
  #passed = 0;
  #lost = false;

  constructor(
    readonly reader: FrameReader,
    readonly line: LineClock,
    readonly drops: Drops,
  ) {
    this.#bytes = new Uint8Array(BLOCK_BYTES + reader.longest);
    this.#batch = new PointBatch(BATCH_POINTS + reader.mostPoints);
  }

  get format(): string {
    return this.reader.format;
  }

  *push(chunk: Uint8Array, arrival?: Micros): Generator<Points> {
    this.line.hear(chunk.length, arrival);
    for (let at = 0; at < chunk.length;) {
      const taken = Math.min(chunk.length - at, this.#bytes.length - this.#held);
      this.#bytes.set(taken === chunk.length ? chunk : chunk.subarray(at, at + taken), this.#held);
      this.#held += taken;
      at += taken;
      yield* this.#readFrames(false);
    }
    yield* this.#batch.take();
  }

  *end(): Generator<Points> {
    yield* this.#readFrames(true);
    drop(this.drops, "torn_tail", this.#held);
    this.#held = 0;
    this.reader.finish?.(this.#batch);
    yield* this.#batch.take();
  }

  *#readFrames(ended: boolean): Generator<Points> {
    const { reader, line } = this;
    const bytes = this.#bytes, batch = this.#batch, to = this.#held;
    let at = 0, skipped = 0;
    while (at < to) {
      const length = reader.measure(bytes, at, to, ended);
      if (length === MORE_BYTES && !ended) break;
      if (length <= 0) {
        at++;
        skipped++;
        this.#lost = true;
        continue;
      }
      reader.read(bytes, at, length, line.timeAfter(this.#passed + at + length), this.#lost, batch);
      this.#lost = false;
      at += length;
      if (ended) {
        drop(this.drops, "resync_bytes", skipped);
        skipped = 0;
      }
      if (batch.room < reader.mostPoints) yield* batch.take();
    }
    // Where the stream ends, what follows the last frame is its torn tail.
    if (ended) at -= skipped;
    else drop(this.drops, "resync_bytes", skipped);
    bytes.copyWithin(0, at, to);
    this.#held = to - at;
    this.#passed += at;
  }
}
