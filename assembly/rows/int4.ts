// int4 weights of the op at hand (rows/geometry.ts): read for packing, and as rows that spikes add. Where no count passes SAFE, such rows
// are paired: a lane of i16 holds column j of a block of sixteen, and 256 times column j + 8. Both add up in it at once, and are taken
// apart again before either could leave its byte (NUMERICS.md §3). For greater counts the rows are i8, as those of int8.

import { nibble } from "../kernels/nibbles";
import { ci, co, int4, kh, kw, paired } from "./geometry";

/** How many weights, |w| ≤ 7, both halves of a lane surely hold: 18 · 7 = 126. */
export const SAFE: usize = 18;
/** Bytes behind the last row that a vector load may read. */
const SLACK: u32 = 16;

/** Weight `column` of row `row`, i8 or int4 by the op at hand. */
@inline
export function weightAt(rows: usize, row: i32, column: i32): i32 {
  return int4 ? nibble(rows + <usize>(row * ((co + 1) >> 1)), column) : <i32>load<i8>(rows + <usize>(row * co + column));
}

/** Bytes from one unpacked row to the next: paired ones are whole blocks. */
@inline
export function unpackedRowBytes(): usize {
  return <usize>(paired ? (co + 15) & ~15 : co);
}

/** Bytes of one timestep's weights as rows that spikes add, [kh, kw, ci]; 0 where they are such rows already. */
export function unpackedBytes(): u32 {
  return int4 ? <u32>(kh * kw * ci) * <u32>unpackedRowBytes() + SLACK : 0;
}

/** Unpacks the op's weights at `rows`. */
export function unpack(rows: usize, to: usize): void {
  for (let row = 0; row < kh * kw * ci; row++, to += unpackedRowBytes()) {
    for (let column = 0; column < co; column++) {
      const weight = weightAt(rows, row, column);
      if (!paired) {
        store<i8>(to + <usize>column, <i8>weight);
        continue;
      }
      const at = to + <usize>(column & ~15) + (<usize>(column & 7) << 1);
      store<i16>(at, <i16>(<i32>load<i16>(at) + ((column & 8) == 0 ? weight : weight << 8)));
    }
  }
}

/** Columns 0..7 of a block, out of sums of pairs. */
@inline
export function firstHalf(pairs: v128): v128 {
  return i16x8.shr_s(i16x8.shl(pairs, 8), 8);
}

/** Columns 8..15. @param first  firstHalf(pairs) */
@inline
export function secondHalf(pairs: v128, first: v128): v128 {
  return i16x8.shr_s(i16x8.sub(pairs, first), 8);
}
