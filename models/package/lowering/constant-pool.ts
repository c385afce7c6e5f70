import { createHash } from "node:crypto";
import { ALIGN, CONSTANTS_TAIL } from "../../../assembly/abi.js";

/** Gathers weights and parameters into the constants section; equal arrays are held once. */
export class ConstantPool {
  readonly #parts: { readonly offset: number; readonly bytes: Uint8Array }[] = [];
  readonly #known = new Map<string, number>();
  #end = 0;

  /** @returns the array's byte offset, a multiple of ALIGN */
  addBytes(bytes: Int8Array | Uint8Array): number {
    const raw = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const key = `${raw.byteLength} ${createHash("sha256").update(raw).digest("base64")}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const offset = this.#end;
    this.#parts.push({ offset, bytes: raw.slice() });
    this.#known.set(key, offset);
    this.#end = alignUp(offset + raw.byteLength, ALIGN);
    return offset;
  }

  /** As little-endian i32, whatever this machine's order is. */
  addI32(values: Int32Array): number {
    const bytes = new Uint8Array(values.length * 4);
    const view = new DataView(bytes.buffer);
    values.forEach((value, i) => view.setInt32(i * 4, value, true));
    return this.addBytes(bytes);
  }

  /** All arrays, and CONSTANTS_TAIL zero bytes. */
  finish(): Uint8Array {
    const section = new Uint8Array(this.#end + CONSTANTS_TAIL);
    for (const { offset, bytes } of this.#parts) section.set(bytes, offset);
    return section;
  }
}

/** The least multiple of `step` that is not below n. */
export function alignUp(n: number, step: number): number {
  return Math.ceil(n / step) * step;
}
