import { Decoder, Encoder } from "cbor-x";
import { cborFault, compareBytes, type CborLimits } from "./cbor-check.js";

/** What a package may hold: JSON's values and byte strings. */
export type CborValue = null | boolean | number | string | Uint8Array | readonly CborValue[] | { readonly [key: string]: CborValue };

const MAX_DEPTH = 32;
/** Maps are written from Map, whose keys keep the order that they are given, and read as plain records. */
const writer = new Encoder({ useRecords: false, mapsAsObjects: false, tagUint8Array: false });
const reader = new Decoder({ useRecords: false, mapsAsObjects: true });
const utf8 = new TextEncoder();

/**
 * Deterministic CBOR: definite lengths, shortest heads, text keys in bytewise order, floats always as binary64.
 * @param value  JSON's values and byte strings; undefined members are dropped
 * @throws TypeError for anything else (functions, symbols, NaN, ±∞, cycles)
 */
export function encodeCbor(value: unknown): Uint8Array {
  const bytes = writer.encode(canonical(value, 0));
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength).slice();
}

/** The value of checked bytes. @throws Error with the fault, when the bytes leave the profile or the limits */
export function decodeCbor(bytes: Uint8Array, limits: CborLimits): CborValue {
  const fault = cborFault(bytes, limits);
  if (fault !== undefined) throw new RangeError(fault);
  return plain(reader.decode(bytes) as CborValue);
}

/** As cbor-x must be given it, so that it writes what the profile says. */
function canonical(value: unknown, depth: number): unknown {
  if (depth > MAX_DEPTH) throw new TypeError(`nested deeper than ${MAX_DEPTH}`);
  if (value === null || typeof value === "boolean" || typeof value === "string") return value;
  if (typeof value === "number") return canonicalNumber(value);
  if (value instanceof Uint8Array) return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  if (ArrayBuffer.isView(value) && !(value instanceof DataView))
    return Array.from(value as unknown as Iterable<unknown>, (v) => canonical(v, depth + 1));
  if (Array.isArray(value)) return value.map((member) => canonical(member ?? null, depth + 1));
  if (typeof value !== "object") throw new TypeError(`a ${typeof value} has no place in a package`);
  const entries = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .map(([key, member]) => ({ key, order: utf8.encode(key), member: canonical(member, depth + 1) }));
  // A shorter key has the smaller head byte, so it comes first.
  entries.sort((a, b) => a.order.byteLength - b.order.byteLength || compareBytes(a.order, b.order));
  return new Map(entries.map(({ key, member }) => [key, member]));
}

function canonicalNumber(value: number): number | bigint {
  if (!Number.isFinite(value)) throw new TypeError(`${value} has no place in a package`);
  if (Number.isSafeInteger(value) && (value > 0xffffffff || value < -0x100000000)) return BigInt(value);
  return Object.is(value, -0) ? 0 : value;
}

/** Byte strings as plain Uint8Array, views of the file; long integers, which the check keeps below 2^53, as numbers. */
function plain(value: CborValue | bigint): CborValue {
  if (typeof value === "bigint") return Number(value);
  if (value instanceof Uint8Array) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  if (Array.isArray(value)) return value.map(plain);
  if (value !== null && typeof value === "object")
    return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, plain(member as CborValue)]));
  return value;
}
