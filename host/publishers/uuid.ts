import { randomFillSync } from "node:crypto";
import type { Micros } from "../types.js";

/** Fills the array with random bytes. */
export type RandomBytes = (bytes: Uint8Array) => void;

/**
 * A UUID of version 7: 48 bits of ms since 1970, 74 random bits.
 * @param time µs, 0 ≤ time < 2^53
 * Source: RFC 9562 section 5.7.
 */
export function uuidv7(time: Micros, random: RandomBytes = randomFillSync): string {
  const bytes = new Uint8Array(16);
  random(bytes);
  new DataView(bytes.buffer).setUint32(0, Math.floor(time / 1000 / 65536));
  new DataView(bytes.buffer).setUint16(4, Math.floor(time / 1000) % 65536);
  bytes[6] = 0x70 | (bytes[6]! & 0x0f);
  bytes[8] = 0x80 | (bytes[8]! & 0x3f);
  const hex = Buffer.from(bytes.buffer).toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

/** The 16 bytes of a UUID's text. @throws RangeError when it is none. */
export function uuidBytes(uuid: string): Uint8Array {
  const hex = uuid.replaceAll("-", "");
  if (!/^[0-9a-f]{32}$/.test(hex)) throw new RangeError(`not a UUID: ${uuid}`);
  return Uint8Array.from(Buffer.from(hex, "hex"));
}

/** The text of 16 bytes. */
export function uuidText(bytes: Uint8Array): string {
  const hex = Buffer.from(bytes).toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
