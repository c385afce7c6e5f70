import { createHash, type Hash } from "node:crypto";
import type { Events } from "../types.js";

export interface Digest {
  readonly t: string;
  readonly x: string;
  readonly y: string;
  readonly p: string;
}

/** SHA-256 of each column as little-endian u64 µs, u16, u16, u8, whatever the batches are. */
export class ColumnDigest {
  readonly #t: Hash = createHash("sha256");
  readonly #x: Hash = createHash("sha256");
  readonly #y: Hash = createHash("sha256");
  readonly #p: Hash = createHash("sha256");
  #halves = new Uint32Array(0);

  update({ count, t, x, y, p }: Events): void {
    this.#t.update(this.#timeBytes(t, count));
    this.#x.update(new Uint8Array(x.buffer, x.byteOffset, 2 * count));
    this.#y.update(new Uint8Array(y.buffer, y.byteOffset, 2 * count));
    this.#p.update(p.subarray(0, count));
  }

  hex(): Digest {
    return { t: this.#t.digest("hex"), x: this.#x.digest("hex"), y: this.#y.digest("hex"), p: this.#p.digest("hex") };
  }

  #timeBytes(t: Float64Array, count: number): Uint8Array {
    if (this.#halves.length < 2 * count) this.#halves = new Uint32Array(2 * count);
    return timesAsU64(t, count, this.#halves);
  }
}

/** Times as little-endian u64, two halves each. @param halves at least 2·count long @returns a view of it */
export function timesAsU64(t: Float64Array, count: number, halves: Uint32Array): Uint8Array {
  for (let i = 0; i < count; i++) {
    const high = Math.floor(t[i]! / 2 ** 32);
    halves[2 * i] = t[i]! - high * 2 ** 32;
    halves[2 * i + 1] = high;
  }
  return new Uint8Array(halves.buffer, halves.byteOffset, 8 * count);
}
