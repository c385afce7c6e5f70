import type { Chunk } from "../sources/connection.js";
import type { Micros } from "../types.js";
import { BLOCK_HEAD_BYTES, BLOCK_MARK, CHUNK_HEAD_BYTES, CRC_BYTES, FLAG_BEGINS, MOST_BODY_BYTES, seal } from "./layout.js";

/** A block is closed when it is so long; one chunk more may make it longer. */
const BODY_BYTES = 1 << 16;
const MOST_SPAN_MICROS = 2 ** 32 - 1;

/** A block that is being filled. */
export class Block {
  readonly #parts: Uint8Array[] = [];
  #bodyBytes = 0;
  #chunks = 0;
  #payloadBytes = 0;

  /** @param time of its first chunk, µs since the recording's start  @param begins  whether a connection begins with it */
  constructor(
    readonly time: Micros,
    readonly begins: boolean,
  ) {}

  /** Bytes of the chunks themselves. */
  get payloadBytes(): number {
    return this.#payloadBytes;
  }

  get chunks(): number {
    return this.#chunks;
  }

  get isFull(): boolean {
    return this.#bodyBytes >= BODY_BYTES;
  }

  /** @param time µs since the recording's start */
  fits(bytes: Uint8Array, time: Micros): boolean {
    return this.#bodyBytes + CHUNK_HEAD_BYTES + bytes.length <= MOST_BODY_BYTES && time >= this.time && time - this.time <= MOST_SPAN_MICROS;
  }

  /** Adds a copy of a chunk that fits. */
  add({ bytes }: Pick<Chunk, "bytes">, time: Micros): void {
    const part = Buffer.allocUnsafe(CHUNK_HEAD_BYTES + bytes.length);
    part.writeUInt32LE(time - this.time, 0);
    part.writeUInt32LE(bytes.length, 4);
    part.set(bytes, CHUNK_HEAD_BYTES);
    this.#parts.push(part);
    this.#bodyBytes += part.length;
    this.#payloadBytes += bytes.length;
    this.#chunks++;
  }

  /** What goes into the file. */
  encode(): Buffer {
    const head = Buffer.alloc(BLOCK_HEAD_BYTES);
    head.writeUInt32LE(BLOCK_MARK, 0);
    head.writeUInt32LE(this.begins ? FLAG_BEGINS : 0, 4);
    head.writeUInt32LE(this.#chunks, 8);
    head.writeUInt32LE(this.#bodyBytes, 12);
    head.writeBigUInt64LE(BigInt(this.time), 16);
    return seal(Buffer.concat([head, ...this.#parts, Buffer.alloc(CRC_BYTES)]));
  }
}
