/**
 * Consistent overhead byte stuffing (Cheshire and Baker 1999): takes every zero out of `n` bytes and adds 1 + floor(n / 254) at most, so
 * that zero can end a packet. A code byte c stands before c − 1 bytes that are not zero and, unless c is 255, for the zero after them; the
 * zero after the last block is not part of the data. Data that end with a full block get no empty one behind it.
 */

const FULL = 255;

/** Bytes that stuffing makes of n, at most. */
export const cobsBytes = (n: number): number => n + 1 + Math.floor(n / 254);

/** Stuffs raw[from .. to) into `out` from `at` on, which must not overlap. @returns where it ended */
export function cobsEncode(raw: Uint8Array, from: number, to: number, out: Uint8Array, at: number): number {
  let codeAt = at, write = at + 1;
  for (let read = from; read < to; read++) {
    const byte = raw[read]!;
    if (write - codeAt === FULL) {
      out[codeAt] = FULL;
      codeAt = write++;
    }
    if (byte === 0) {
      out[codeAt] = write - codeAt;
      codeAt = write++;
    } else out[write++] = byte;
  }
  out[codeAt] = write - codeAt;
  return write;
}

/** What cobsDecode says of a packet that holds no data; each is below zero. */
export const CUT_SHORT = -1, TOO_LONG = -2;

/**
 * Unstuffs packet[from .. to), which holds no zero and at least one byte, into `out` from 0 on; `out` has `limit` bytes at least.
 * @returns bytes of data; TOO_LONG when they are more than `limit`, else CUT_SHORT when the last block is not whole
 */
export function cobsDecode(packet: Uint8Array, from: number, to: number, out: Uint8Array, limit: number): number {
  let read = from, write = 0;
  for (;;) {
    const code = packet[read++]!;
    const end = Math.min(read + code - 1, to), bytes = end - read;
    if (write + bytes > limit) return TOO_LONG;
    if (bytes > 24) {
      out.set(packet.subarray(read, end), write);
      write += bytes;
      read = end;
    } else while (read < end) out[write++] = packet[read++]!;
    if (read === to) return bytes === code - 1 ? write : CUT_SHORT;
    if (code !== FULL) {
      if (write === limit) return TOO_LONG;
      out[write++] = 0;
    }
  }
}
