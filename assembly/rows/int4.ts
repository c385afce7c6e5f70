// int4 weights of the op at hand (rows/geometry.ts), read for packing and unpacked for the spike-driven kernels.

import { nibble } from "../kernels/nibbles";
import { ci, co, int4, kh, kw } from "./geometry";

/** Bytes behind the last row that a vector load may read. */
const SLACK: u32 = 16;

/** Weight `column` of row `row`, i8 or int4 by the op at hand. */
@inline
export function weightAt(rows: usize, row: i32, column: i32): i32 {
  return int4 ? nibble(rows + <usize>(row * ((co + 1) >> 1)), column) : <i32>load<i8>(rows + <usize>(row * co + column));
}

/** Bytes of one timestep's weights as i8 [kh, kw, ci, co]; 0 where they are i8 already. */
export function unpackedBytes(): u32 {
  return int4 ? <u32>(kh * kw * ci * co) + SLACK : 0;
}

/** Unpacks the op's weights at `rows`. */
export function unpack(rows: usize, to: usize): void {
  for (let row = 0; row < kh * kw * ci; row++) {
    for (let column = 0; column < co; column++, to++) store<i8>(to, <i8>weightAt(rows, row, column));
  }
}
