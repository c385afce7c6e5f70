// A known answer for the vector instructions that engines have been seen to get wrong.

import { DType } from "../abi";
import { addRun, begin, end } from "../kernels/spike-rows";

const ROWS: i32 = 96;
const COLUMNS: i32 = 40;

/**
 * Sums pseudo-random rows with the instructions of this build and folds the sums to one word: equal on every correct machine.
 * Node 20's baseline compiler computes the relaxed dot wrongly; this finds it before a network does.
 */
export function selfCheck(): u32 {
  const inputs = memory.data(128, 16), weights = memory.data(4096, 16), sums = memory.data(192, 16);
  let seed: u32 = 1;
  for (let i: usize = 0; i < <usize>(ROWS * COLUMNS); i++) {
    seed = seed * 1664525 + 1013904223;
    store<i8>(weights + i, <i8>(<i32>(seed >> 24) % 255 - 127));
  }
  for (let i: usize = 0; i < <usize>ROWS; i++) {
    seed = seed * 1664525 + 1013904223;
    store<u8>(inputs + i, <u8>(seed >> 25));
  }
  memory.fill(sums, 0, COLUMNS << 2);
  begin(weights, 0, sums, COLUMNS, DType.U8, 127);
  addRun(inputs, DType.U8, ROWS, 0, COLUMNS);
  end();
  dots(inputs, weights, sums + (COLUMNS << 2));
  let folded: u32 = 2166136261;
  for (let i: usize = 0; i < <usize>(COLUMNS + 4) << 2; i += 4) folded = (folded ^ load<u32>(sums + i)) * 16777619;
  return folded;
}

/** sums i32[4] = Σ over the first ROWS weights, four beside each other, of weight · input. */
function dots(inputs: usize, weights: usize, sums: usize): void {
  if (ASC_FEATURE_RELAXED_SIMD) {
    let sum = i32x4.splat(0);
    for (let i: usize = 0; i < <usize>ROWS; i += 16) {
      sum = i32x4.relaxed_dot_i8x16_i7x16_add_s(v128.load(weights + i), v128.load(inputs + i), sum);
    }
    v128.store(sums, sum);
  } else {
    memory.fill(sums, 0, 16);
    for (let i: usize = 0; i < <usize>ROWS; i++) {
      const to = sums + (i & 12);
      store<i32>(to, load<i32>(to) + <i32>load<i8>(weights + i) * <i32>load<u8>(inputs + i));
    }
  }
}
