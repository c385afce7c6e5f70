// int4 weights where they lie: two a byte, the even column in the low nibble (models/FORMAT.md §6). The plain kernels read them in
// place, so that a microcontroller keeps nothing but the packed bytes; vector builds that have a workspace unpack them once (rows/).

/** Weight `column` of the row at `row`, −8..7; the gate has refused −8. */
@inline
export function nibble(row: usize, column: i32): i32 {
  return <i32>load<u8>(row + <usize>(column >> 1)) << (28 - ((column & 1) << 2)) >> 28;
}

/** out[c] += value · w[first + c], i32[n]; w is the row of int4 at `row`, and value an i16 or a u8. */
export function addNibbles(out: usize, row: usize, first: i32, value: i32, n: i32): void {
  let c = 0;
  if ((first & 1) != 0) {
    store<i32>(out, load<i32>(out) + value * nibble(row, first));
    c = 1;
  }
  let at = row + <usize>((first + c) >> 1), to = out + (<usize>c << 2);
  if (ASC_FEATURE_SIMD) {
    const x = i16x8.splat(<i16>value);
    for (; c + 8 <= n; c += 8, at += 4, to += 32) {
      const w = eightNibbles(at);
      v128.store(to, i32x4.add(v128.load(to), i32x4.extmul_low_i16x8_s(w, x)));
      v128.store(to, i32x4.add(v128.load(to, 16), i32x4.extmul_high_i16x8_s(w, x)), 16);
    }
  }
  for (; c + 2 <= n; c += 2, at++, to += 8) {
    const both = <i32>load<i8>(at);
    store<i32>(to, load<i32>(to) + value * (both << 28 >> 28));
    store<i32>(to, load<i32>(to, 4) + value * (both >> 4), 4);
  }
  if (c < n) store<i32>(to, load<i32>(to) + value * (<i32>load<u8>(at) << 28 >> 28));
}

/** Eight columns of which the first is even, as i16. */
@inline
export function eightNibbles(at: usize): v128 {
  const bytes = i16x8.extend_low_i8x16_u(v128.load32_zero(at));
  const even = i16x8.shr_s(i16x8.shl(bytes, 12), 12), odd = i16x8.shr_s(i16x8.shl(bytes, 8), 12);
  return i16x8.shuffle(even, odd, 0, 8, 1, 9, 2, 10, 3, 11);
}
