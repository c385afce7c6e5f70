// Short fills and copies of i32 rows. In a browser's or Node's engine the bulk instructions call out of compiled code, which costs more than
// a row; in firmware they are a loop over words, with its bounds checked once.

/** out[0..n−1] = 0 */
export function zeroRow(out: usize, n: i32): void {
  if (isDefined(EMBEDDED)) return memory.fill(out, 0, <usize>n << 2);
  let i = 0;
  if (ASC_FEATURE_SIMD) {
    for (; i + 4 <= n; i += 4) v128.store(out + (<usize>i << 2), i32x4.splat(0));
  }
  for (; i < n; i++) store<i32>(out + (<usize>i << 2), 0);
}

/** out[0..n−1] = from[0..n−1] */
export function copyRow(out: usize, from: usize, n: i32): void {
  if (isDefined(EMBEDDED)) return memory.copy(out, from, <usize>n << 2);
  let i = 0;
  if (ASC_FEATURE_SIMD) {
    for (; i + 4 <= n; i += 4) v128.store(out + (<usize>i << 2), v128.load(from + (<usize>i << 2)));
  }
  for (; i < n; i++) store<i32>(out + (<usize>i << 2), load<i32>(from + (<usize>i << 2)));
}
