import type { Shape } from "../graph/shapes.js";

export type WordType = "u8" | "i8" | "i16" | "i32";

/** What a node of the integer graph gives, and what it means. */
export interface Value {
  /** Node of the integer graph. */
  readonly name: string;
  /** NIR's: [C, H, W] or [N]. */
  readonly shape: Shape;
  readonly dtype: WordType;
  /** Greatest |integer|, as lowering and the load gate work it out. */
  readonly bound: number;
  /** Real value of one step, one a channel. */
  readonly scale: Float64Array;
  /** Real value that the reader has still to add, one a channel. */
  readonly bias?: Float64Array;
  /** Loihi's arithmetic: what turns the accumulator into units of the potential, 64 or 128. */
  readonly loihi?: number;
}

/** The one scale of all channels, or undefined when they differ. */
export function uniformScale({ scale }: Value): number | undefined {
  return scale.every((value) => value === scale[0]) ? scale[0]! : undefined;
}

export function channelsOf(shape: Shape): number {
  return shape[0]!;
}

const GREATEST: Readonly<Record<WordType, number>> = { u8: 255, i8: 127, i16: 32767, i32: 2147483647 };

/** The narrowest of the input's dtype, i16 and i32 that holds ±bound: what lowering chooses for a sum. */
export function sumType(dtype: WordType, bound: number): WordType {
  return ([dtype, "i16", "i32"] as const).find((word) => bound <= GREATEST[word]) ?? "i32";
}
