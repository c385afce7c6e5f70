// A known answer for the vector instructions that engines have been seen to get wrong.

import { addRun, begin, end } from "../kernels/spike-rows";

const ROWS: i32 = 96;
const COLUMNS: i32 = 40;

/**
 * Sums pseudo-random rows with the kernels of this build and folds the sums to one word: equal on every correct machine.
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
  begin<u8>(weights, sums, COLUMNS, 127);
  addRun<u8>(inputs, ROWS, 0, COLUMNS);
  end();
  let folded: u32 = 2166136261;
  for (let i: usize = 0; i < <usize>COLUMNS << 2; i += 4) folded = (folded ^ load<u32>(sums + i)) * 16777619;
  return folded;
}
