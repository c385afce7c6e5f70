/** LZ4 frames of independent blocks. Source: the LZ4 block and frame format descriptions; xxHash32 for the header's check. */

const MAGIC = 0x184d2204;
/** Version 1, independent blocks; blocks of at most 4 MiB. */
const FLAGS = 0x60, BLOCK_CODE = 7, MAX_BLOCK = 1 << 22;
const STORED = 0x80000000;
const MIN_MATCH = 4, LENGTH_MORE = 15, MAX_DISTANCE = 65535;
/** The format ends a block with at least 5 literals, and begins no match in its last 12 bytes. */
const LAST_LITERALS = 5, MATCH_MARGIN = 12;
const HASH_BITS = 15;
const PRIME_1 = 0x9e3779b1, PRIME_2 = 0x85ebca77, PRIME_3 = 0xc2b2ae3d, PRIME_5 = 0x165667b1;

const table = new Int32Array(1 << HASH_BITS);

/** @returns a frame that unpacks to `bytes` */
export function packLz4(bytes: Uint8Array): Uint8Array {
  const blocks = Math.ceil(bytes.length / MAX_BLOCK);
  const out = new Uint8Array(7 + bytes.length + Math.ceil(bytes.length / 255) + blocks * 32 + 4);
  const view = new DataView(out.buffer);
  view.setUint32(0, MAGIC, true);
  out[4] = FLAGS;
  out[5] = BLOCK_CODE << 4;
  out[6] = (xxHash32Short(out.subarray(4, 6)) >>> 8) & 0xff;
  let end = 7;
  for (let from = 0; from < bytes.length; from += MAX_BLOCK) {
    const block = bytes.subarray(from, from + MAX_BLOCK);
    const packedEnd = packBlock(block, out, end + 4);
    const packed = packedEnd - end - 4;
    if (packed < block.length) view.setUint32(end, packed, true);
    else {
      view.setUint32(end, STORED + block.length, true);
      out.set(block, end + 4);
    }
    end += 4 + Math.min(packed, block.length);
  }
  // What did not pack may have left bytes here.
  view.setUint32(end, 0, true);
  return out.subarray(0, end + 4);
}

/** @returns the end of what was written to `out` from `at` on */
function packBlock(src: Uint8Array, out: Uint8Array, at: number): number {
  const view = new DataView(src.buffer, src.byteOffset, src.length);
  const lastMatch = src.length - MATCH_MARGIN;
  const matchEnd = src.length - LAST_LITERALS;
  table.fill(-1);
  let anchor = 0, end = at;
  for (let i = 0; i <= lastMatch;) {
    const word = view.getUint32(i, true);
    const hash = Math.imul(word, PRIME_1) >>> (32 - HASH_BITS);
    const candidate = table[hash]!;
    table[hash] = i;
    if (candidate < 0 || i - candidate > MAX_DISTANCE || view.getUint32(candidate, true) !== word) {
      // Bytes that do not repeat are passed over faster and faster.
      i += 1 + ((i - anchor) >> 6);
      continue;
    }
    let length = MIN_MATCH;
    while (i + length < matchEnd && src[i + length] === src[candidate + length]) length++;
    end = putSequence(src, anchor, i, out, end, length - MIN_MATCH);
    const distance = i - candidate;
    out[end++] = distance & 0xff;
    out[end++] = distance >> 8;
    end = putMore(out, end, length - MIN_MATCH);
    i += length;
    anchor = i;
  }
  return putSequence(src, anchor, src.length, out, end, 0);
}

/** A token and the literals src[from .. to). */
function putSequence(src: Uint8Array, from: number, to: number, out: Uint8Array, at: number, match: number): number {
  const literals = to - from;
  out[at] = (Math.min(literals, LENGTH_MORE) << 4) | Math.min(match, LENGTH_MORE);
  const end = putMore(out, at + 1, literals);
  out.set(src.subarray(from, to), end);
  return end + literals;
}

/** What of a length is over 15, in bytes of 255. */
function putMore(out: Uint8Array, at: number, length: number): number {
  if (length < LENGTH_MORE) return at;
  let rest = length - LENGTH_MORE;
  for (; rest >= 255; rest -= 255) out[at++] = 255;
  out[at++] = rest;
  return at;
}

/** xxHash32 with seed 0 of fewer than 4 bytes: what a frame header needs. */
function xxHash32Short(bytes: Uint8Array): number {
  let hash = (PRIME_5 + bytes.length) | 0;
  for (const byte of bytes) {
    hash = (hash + Math.imul(byte, PRIME_5)) | 0;
    hash = Math.imul((hash << 11) | (hash >>> 21), PRIME_1);
  }
  hash = Math.imul(hash ^ (hash >>> 15), PRIME_2);
  hash = Math.imul(hash ^ (hash >>> 13), PRIME_3);
  return (hash ^ (hash >>> 16)) >>> 0;
}
