// Whether products fit an i32.

/** The greatest of the multipliers i32 in `bytes` at m. */
export function greatestOf(m: usize, bytes: usize): i32 {
  let greatest = 0;
  for (let k: usize = 0; k < bytes; k += 4) greatest = max(greatest, load<i32>(m + k));
  return greatest;
}

/** Whether products with any of the multipliers i32 in `bytes` at m, and half added, fit an i32. */
export function fitProducts(m: usize, bytes: usize, shift: i32, most: u32): bool {
  if (shift > 30) return false;
  return <u64>most * <u64>greatestOf(m, bytes) + (<u64>1 << shift) <= <u64>i32.MAX_VALUE;
}
