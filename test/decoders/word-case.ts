import type { Drops } from "../../host/types.js";

export const u16 = (...values: number[]): Buffer => Buffer.from(Uint16Array.from(values).buffer);
export const u32 = (...values: number[]): Buffer => Buffer.from(Uint32Array.from(values.map((value) => value >>> 0)).buffer);
export const raw = (header: string, ...words: Buffer[]): Buffer => Buffer.concat([Buffer.from(header, "latin1"), ...words]);

/** An event. */
export type Row = readonly [t: number, x: number, y: number, p: number];

/** Bytes, written by hand, and what they are. */
export interface WordCase {
  readonly name: string;
  readonly format: string;
  readonly bytes: Buffer;
  readonly events: readonly Row[];
  readonly drops?: Drops;
  readonly error?: string;
  readonly size?: { readonly width: number; readonly height: number };
}
