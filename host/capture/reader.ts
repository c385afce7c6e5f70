import { SaccadeError } from "../errors.js";
import type { Chunk } from "../sources/connection.js";
import { readFileChunks } from "../sources/file.js";
import type { Drops } from "../types.js";
import {
  BLOCK_HEAD_BYTES, BLOCK_MARK, CHUNK_HEAD_BYTES, CRC_BYTES, decodeHeader, FILE_HEAD_BYTES, FLAG_BEGINS, isSealed, MAGIC, MOST_BODY_BYTES,
  MOST_JSON_BYTES, type RawHeader, VERSION,
} from "./layout.js";

export type { RawHeader } from "./layout.js";

/** A chunk of a recording, with the time at which it arrived; its bytes are valid until the next is asked for. */
export interface RawChunk extends Chunk {
  /** Whether a connection begins with it. */
  readonly begins: boolean;
}

const LONGEST = Math.max(BLOCK_HEAD_BYTES + MOST_BODY_BYTES, FILE_HEAD_BYTES + MOST_JSON_BYTES) + CRC_BYTES;
/** Of files that are none no more is read. */
const HEAD_CHUNK_BYTES = 4096;
const FIRST_OF_MARK = BLOCK_MARK & 255;

/** Whether a file begins as a raw recording. @param head its first bytes */
export function isRawRecording(head: Uint8Array): boolean {
  return MAGIC.equals(head.subarray(0, MAGIC.length));
}

/**
 * What a raw recording says of its source, or undefined when the file is none.
 * @throws SaccadeError FILE_NOT_FOUND, FILE_UNREADABLE, RECORDING_CORRUPT, RECORDING_UNSUPPORTED
 */
export async function readRawHeader(path: string): Promise<RawHeader | undefined> {
  let reader: RawReader | undefined;
  for await (const bytes of readFileChunks(path, HEAD_CHUNK_BYTES)) {
    if (reader === undefined && !isRawRecording(bytes)) return undefined;
    reader ??= new RawReader({});
    for (const _ of reader.push(bytes)) break;
    if (reader.header !== undefined) return reader.header;
  }
  if (reader === undefined) return undefined;
  throw corrupt("its header is cut off");
}

/**
 * The chunks of a raw recording, in the order in which they came.
 * @param drops  takes what is passed over: `bad_checksum` and `bad_frame` blocks, `resync_bytes`, `torn_tail`
 * @throws SaccadeError FILE_NOT_FOUND, FILE_UNREADABLE, RECORDING_CORRUPT, RECORDING_UNSUPPORTED
 */
export async function* readRawChunks(path: string, drops: Drops): AsyncGenerator<RawChunk> {
  const reader = new RawReader(drops);
  for await (const bytes of readFileChunks(path)) yield* reader.push(bytes);
  yield* reader.end();
}

/** A raw recording's bytes, cut anywhere, to its chunks. Memory: one buffer, somewhat longer than two blocks. */
export class RawReader {
  header: RawHeader | undefined;
  readonly #bytes = Buffer.alloc(2 * LONGEST);
  #held = 0;

  constructor(readonly drops: Drops) {}

  /** @throws SaccadeError RECORDING_CORRUPT, RECORDING_UNSUPPORTED when the header is not sound */
  *push(bytes: Uint8Array): Generator<RawChunk> {
    for (let at = 0; at < bytes.length;) {
      const taken = Math.min(bytes.length - at, this.#bytes.length - this.#held);
      this.#bytes.set(bytes.subarray(at, at + taken), this.#held);
      this.#held += taken;
      at += taken;
      yield* this.#read(false);
    }
  }

  *end(): Generator<RawChunk> {
    yield* this.#read(true);
    if (this.header === undefined) throw corrupt("its header is cut off");
    this.#drop("torn_tail", this.#held);
    this.#held = 0;
  }

  *#read(ended: boolean): Generator<RawChunk> {
    let at = this.header === undefined ? this.#readHeader() : 0;
    if (this.header === undefined) return;
    let passed = 0;
    while (at < this.#held) {
      const length = this.#measure(at);
      if (length === 0 && !ended) break;
      if (length <= 0) {
        const next = this.#bytes.indexOf(FIRST_OF_MARK, at + 1);
        const to = next < 0 || next > this.#held ? this.#held : next;
        passed += to - at;
        at = to;
        continue;
      }
      this.#drop("resync_bytes", passed);
      passed = 0;
      yield* this.#chunksOf(at, length);
      at += length;
    }
    // What follows the last block of a file is its torn tail.
    if (ended) at -= passed;
    else this.#drop("resync_bytes", passed);
    if (at > 0) this.#bytes.copyWithin(0, at, this.#held);
    this.#held -= at;
  }

  /** @returns bytes of the header, 0 while it is not whole */
  #readHeader(): number {
    const bytes = this.#bytes;
    if (this.#held < FILE_HEAD_BYTES) return 0;
    if (!isRawRecording(bytes)) throw corrupt("it does not begin as one");
    const version = bytes.readUInt16LE(8), length = bytes.readUInt32LE(12);
    if (version !== VERSION)
      throw new SaccadeError("RECORDING_UNSUPPORTED", `the raw recording is of version ${version}, not ${VERSION}`, "read it with the version of Saccade that wrote it");
    if (length > MOST_JSON_BYTES) throw corrupt("its header contradicts itself");
    const whole = FILE_HEAD_BYTES + length + CRC_BYTES;
    if (this.#held < whole) return 0;
    this.header = isSealed(bytes.subarray(0, whole)) ? decodeHeader(bytes.subarray(FILE_HEAD_BYTES, FILE_HEAD_BYTES + length)) : undefined;
    if (this.header === undefined) throw corrupt("its header is damaged");
    return whole;
  }

  /** @returns bytes of a sound block at `at`, 0 when that takes more bytes, −1 when there is none */
  #measure(at: number): number {
    const bytes = this.#bytes, left = this.#held - at;
    if (bytes[at] !== FIRST_OF_MARK) return -1;
    if (left < BLOCK_HEAD_BYTES) return 0;
    const chunks = bytes.readUInt32LE(at + 8), body = bytes.readUInt32LE(at + 12);
    if (bytes.readUInt32LE(at) !== BLOCK_MARK || body > MOST_BODY_BYTES || chunks * CHUNK_HEAD_BYTES > body) return -1;
    const whole = BLOCK_HEAD_BYTES + body + CRC_BYTES;
    if (left < whole) return 0;
    if (isSealed(bytes.subarray(at, at + whole))) return whole;
    this.#drop("bad_checksum", 1);
    return -1;
  }

  *#chunksOf(at: number, length: number): Generator<RawChunk> {
    const bytes = this.#bytes, chunks = bytes.readUInt32LE(at + 8), end = at + length - CRC_BYTES;
    const time = bytes.readUInt32LE(at + 16) + bytes.readUInt32LE(at + 20) * 2 ** 32 + this.header!.clockStart;
    let begins = (bytes.readUInt32LE(at + 4) & FLAG_BEGINS) !== 0;
    for (let k = 0, from = at + BLOCK_HEAD_BYTES; k < chunks; k++) {
      const body = from + CHUNK_HEAD_BYTES, next = body <= end ? body + bytes.readUInt32LE(from + 4) : Infinity;
      const arrival = time + bytes.readUInt32LE(from);
      if (next > end || !Number.isSafeInteger(arrival)) return this.#drop("bad_frame", 1);
      yield { bytes: bytes.subarray(body, next), at: arrival, begins };
      begins = false;
      from = next;
    }
  }

  #drop(reason: string, amount: number): void {
    if (amount > 0) this.drops[reason] = (this.drops[reason] ?? 0) + amount;
  }
}

function corrupt(why: string): SaccadeError {
  return new SaccadeError("RECORDING_CORRUPT", `the raw recording cannot be read: ${why}`, "check that the file is complete");
}
