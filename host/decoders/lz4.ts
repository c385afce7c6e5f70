/**
 * LZ4 frames with a bound on what comes out. Source: the LZ4 block and frame format descriptions.
 * Written here because the output must be bounded and reusable while the input is hostile; checksums are not checked, the
 * FlatBuffer inside is.
 */

export const LZ4_MAGIC = 0x184d2204;
const VERSION_MASK = 0xc0, VERSION = 0x40;
const BLOCK_CHECKSUM = 0x10, CONTENT_SIZE = 0x08, DICTIONARY = 0x01;
const STORED = 0x80000000;
const MIN_MATCH = 4, LENGTH_MORE = 15;

/** A growing output that is reused: `bytes` is large enough for what was asked, up to `limit`. */
export class Scratch {
  bytes = new Uint8Array(1 << 16);
  constructor(readonly limit: number) {}

  /** @returns false when `needed` is over the limit; keeps the first `used` bytes */
  reserve(needed: number, used: number): boolean {
    if (needed > this.limit) return false;
    if (needed > this.bytes.length) {
      const grown = new Uint8Array(Math.min(this.limit, Math.max(needed, 2 * this.bytes.length)));
      grown.set(this.bytes.subarray(0, used));
      this.bytes = grown;
    }
    return true;
  }
}

/** @returns a view into `scratch`, valid until its next use; undefined when the frame is broken, torn, or too large */
export function unpackLz4(frame: Uint8Array, scratch: Scratch): Uint8Array | undefined {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.length);
  if (frame.length < 7 || view.getUint32(0, true) !== LZ4_MAGIC) return undefined;
  const flags = frame[4]!, maxBlock = 1 << (8 + 2 * ((frame[5]! >> 4) & 7));
  if ((flags & VERSION_MASK) !== VERSION || (flags & DICTIONARY) !== 0 || maxBlock < 1 << 16) return undefined;
  let at = 6 + ((flags & CONTENT_SIZE) !== 0 ? 8 : 0) + 1;
  let length = 0;
  while (at + 4 <= frame.length) {
    const word = view.getUint32(at, true);
    at += 4;
    if (word === 0) return scratch.bytes.subarray(0, length);
    const size = word & ~STORED;
    if (size > maxBlock || at + size > frame.length) return undefined;
    if (word >= STORED) {
      if (!scratch.reserve(length + size, length)) return undefined;
      scratch.bytes.set(frame.subarray(at, at + size), length);
      length += size;
    } else {
      const room = Math.min(maxBlock, scratch.limit - length);
      if (!scratch.reserve(length + room, length)) return undefined;
      length = unpackBlock(frame, at, at + size, scratch.bytes, length, length + room);
      if (length < 0) return undefined;
    }
    at += size + ((flags & BLOCK_CHECKSUM) !== 0 ? 4 : 0);
  }
  return undefined;
}

/** One block: sequences of literals and a copy of earlier output. @returns the new end of the output, −1 when broken */
function unpackBlock(src: Uint8Array, from: number, to: number, out: Uint8Array, start: number, limit: number): number {
  let at = from, end = start;
  while (at < to) {
    const token = src[at++]!;
    let literals = token >> 4;
    if (literals === LENGTH_MORE) {
      for (let more = 255; more === 255; literals += more) {
        if (at >= to) return -1;
        more = src[at++]!;
      }
    }
    if (at + literals > to || end + literals > limit) return -1;
    if (literals > 32) {
      out.set(src.subarray(at, at + literals), end);
      at += literals;
      end += literals;
    } else for (const stop = at + literals; at < stop;) out[end++] = src[at++]!;
    if (at === to) return end;
    if (at + 2 > to) return -1;
    const distance = src[at]! | (src[at + 1]! << 8);
    at += 2;
    let match = token & 15;
    if (match === LENGTH_MORE) {
      for (let more = 255; more === 255; match += more) {
        if (at >= to) return -1;
        more = src[at++]!;
      }
    }
    match += MIN_MATCH;
    if (distance === 0 || distance > end || end + match > limit) return -1;
    if (distance >= match && match > 32) {
      out.copyWithin(end, end - distance, end - distance + match);
      end += match;
    } else for (const stop = end + match; end < stop; end++) out[end] = out[end - distance]!;
  }
  return end;
}
