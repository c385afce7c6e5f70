// int4 weights of the op at hand (rows/geometry.ts), read for packing and unpacked: to rows of i8, as int8 ones lie, and where no count
// passes SAFE once more in pairs: a lane of i16 holds column j of a block of sixteen, and 256 times column j + 8. Both add up in it at
// once, and are taken apart again before either could leave its byte (NUMERICS.md §3).

import { DType } from "../abi";
import { input } from "../kernels/weighted";
import { nibble } from "../kernels/nibbles";
import { bound } from "../memory/tensor";
import { ci, co, inputType, int4, kh, kw } from "./geometry";

/** How many weights, |w| ≤ 7, both halves of a lane surely hold: 18 · 7 = 126. */
export const SAFE: usize = 18;
/** Bytes behind the last row that a vector load may read. */
const SLACK: u32 = 16;
/** Of a cache: rows of as many bytes, or of a part of them, lie in one line each. */
const LINE: u32 = 64;

/** Weight `column` of row `row`, i8 or int4 by the op at hand. */
@inline
export function weightAt(rows: usize, row: i32, column: i32): i32 {
  return int4 ? nibble(rows + <usize>(row * ((co + 1) >> 1)), column) : <i32>load<i8>(rows + <usize>(row * co + column));
}

/** Whether the op at hand has paired weights. */
export function isPaired(op: usize): bool {
  return int4 && inputType == DType.U8 && <usize>bound(input(op)) <= SAFE;
}

/** Bytes of the i8 rows of one timestep, whole lines. */
function rowsBytes(): u32 {
  return (<u32>(kh * kw * ci * co) + SLACK + LINE - 1) & ~(LINE - 1);
}

/** Address of the i8 rows. @param at  the end of one timestep's packed weights */
export function rowsAt(at: usize): usize {
  return (at + LINE - 1) & ~(<usize>LINE - 1);
}

/** Address of the pairs; 0 where the op has none. */
export function pairsAt(op: usize, at: usize): usize {
  return isPaired(op) ? rowsAt(at) + rowsBytes() : 0;
}

/** Bytes from one paired row to the next: whole blocks. */
@inline
export function pairBytes(): u32 {
  return (co + 15) & ~15;
}

/** Bytes of one timestep's unpacked weights with what aligns them: i8 rows, then pairs; 0 where the weights are such rows already. */
export function unpackedBytes(op: usize): u32 {
  return !int4 ? 0 : LINE + rowsBytes() + (isPaired(op) ? <u32>(kh * kw * ci) * pairBytes() : 0);
}

/** Unpacks the op's weights at `from` to zeroed memory. @param at  the end of one timestep's packed weights */
export function unpack(op: usize, from: usize, at: usize): void {
  const rows = kh * kw * ci, paired = isPaired(op);
  let to = rowsAt(at), pairs = pairsAt(op, at);
  for (let row = 0; row < rows; row++, pairs += pairBytes()) {
    for (let column = 0; column < co; column++, to++) {
      const weight = weightAt(from, row, column), pair = pairs + <usize>(column & ~15) + (<usize>(column & 7) << 1);
      store<i8>(to, <i8>weight);
      if (paired) store<i16>(pair, <i16>(<i32>load<i16>(pair) + ((column & 8) == 0 ? weight : weight << 8)));
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
