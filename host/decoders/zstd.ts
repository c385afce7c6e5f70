import { Decompress, decompress } from "fzstd";
import type { Scratch } from "./lz4.js";

export const ZSTD_MAGIC = 0xfd2fb528;
const SINGLE_SEGMENT = 0x20;
const DICTIONARY_BYTES = [0, 1, 2, 4] as const;

/**
 * One zstd frame. Its header is checked first: the library reserves the window and the size that the header states.
 * @returns a view into `scratch`, valid until its next use; undefined when the frame is broken, torn, or too large
 */
export function unpackZstd(frame: Uint8Array, scratch: Scratch): Uint8Array | undefined {
  const stated = statedSizes(frame);
  if (!stated || stated.window > scratch.limit || (stated.content ?? 0) > scratch.limit) return undefined;
  try {
    return stated.content === undefined ? unpackStream(frame, scratch) : unpackKnown(frame, stated.content, scratch);
  } catch {
    // The library throws plain errors, and range errors, on bytes that are not zstd.
    return undefined;
  }
}

function unpackKnown(frame: Uint8Array, content: number, scratch: Scratch): Uint8Array | undefined {
  if (!scratch.reserve(content, 0)) return undefined;
  const out = scratch.bytes.subarray(0, content);
  return decompress(frame, out).length === content ? out : undefined;
}

function unpackStream(frame: Uint8Array, scratch: Scratch): Uint8Array | undefined {
  let length = 0;
  const stream = new Decompress((part) => {
    if (!scratch.reserve(length + part.length, length)) throw new RangeError("too large");
    scratch.bytes.set(part, length);
    length += part.length;
  });
  stream.push(frame, true);
  return scratch.bytes.subarray(0, length);
}

/** Window and content size, bytes; content undefined when the frame does not state it. Source: RFC 8878 §3.1.1.1. */
function statedSizes(frame: Uint8Array): { window: number; content: number | undefined } | undefined {
  if (frame.length < 6) return undefined;
  const view = new DataView(frame.buffer, frame.byteOffset, frame.length);
  if (view.getUint32(0, true) !== ZSTD_MAGIC) return undefined;
  const flags = frame[4]!;
  const single = (flags & SINGLE_SEGMENT) !== 0;
  let at = 5, window = 0;
  if (!single) {
    const base = 2 ** (10 + (frame[at]! >> 3));
    window = base + (base / 8) * (frame[at]! & 7);
    at++;
  }
  at += DICTIONARY_BYTES[(flags & 3) as 0 | 1 | 2 | 3];
  const sizeFlag = flags >> 6;
  const sizeBytes = sizeFlag === 0 ? (single ? 1 : 0) : 1 << sizeFlag;
  if (at + sizeBytes > frame.length) return undefined;
  let content: number | undefined;
  if (sizeBytes === 1) content = frame[at]!;
  else if (sizeBytes === 2) content = view.getUint16(at, true) + 256;
  else if (sizeBytes === 4) content = view.getUint32(at, true);
  else if (sizeBytes === 8) content = view.getUint32(at, true) + view.getUint32(at + 4, true) * 2 ** 32;
  return { window: single ? content! : window, content };
}
