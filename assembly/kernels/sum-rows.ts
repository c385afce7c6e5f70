// The inner loops of vector builds: acc[c] += Σ value · row[c] over a list of rows, exactly.
// Products are i8 × value. While |value| ≤ 258 they are summed in i16 and flushed to i32 before 32767 can be passed;
// greater values go straight to i32.

const ENTRY: usize = 8;
/** 127 · 258 = 32766 */
const NARROW: u32 = 258;
/** A pairwise dot of 7-bit values with weights stays below 2 · 127 · 127 = 32258. */
const SEVEN_BITS: u32 = 127;

/** What a list's values are known to be. */
const enum Values { One = 0, SevenBits = 1, Any = 2 }

/**
 * @param entry   {u32 row offset, i32 value}, up to `end`
 * @param out     i32[n], in and out
 * @param bound   greatest |value|    @param signed  whether values may be negative
 * Rows are i8[n] at weights + offset; 15 bytes behind the last column are readable.
 */
export function sumRows(entry: usize, end: usize, weights: usize, out: usize, n: i32, bound: u32, signed: bool): void {
  if (entry == end) return;
  let c = 0;
  if (bound <= NARROW) {
    const form: Values = signed ? Values.Any : bound == 1 ? Values.One : bound <= SEVEN_BITS ? Values.SevenBits : Values.Any;
    // Entries that may be added before an i16 sum could leave its range.
    const period = <usize>(32767 / (127 * max<u32>(bound, 1))) * ENTRY;
    for (; c + 32 <= n; c += 32) sum32(entry, end, weights + c, out + (<usize>c << 2), period, form);
    for (; c < n; c += 16) sum16(entry, end, weights + c, out + (<usize>c << 2), period, form, n - c);
  } else {
    for (; c < n; c += 16) sum16Wide(entry, end, weights + c, out + (<usize>c << 2), n - c);
  }
}

function sum32(entry: usize, end: usize, weights: usize, out: usize, period: usize, form: Values): void {
  while (entry < end) {
    const stop = min(end, entry + period);
    let a = i16x8.splat(0), b = a, c = a, d = a;
    if (form == Values.One) {
      for (; entry < stop; entry += ENTRY) {
        const row = weights + <usize>load<u32>(entry);
        const low = v128.load(row), high = v128.load(row, 16);
        a = i16x8.add(a, i16x8.extend_low_i8x16_s(low));
        b = i16x8.add(b, i16x8.extend_high_i8x16_s(low));
        c = i16x8.add(c, i16x8.extend_low_i8x16_s(high));
        d = i16x8.add(d, i16x8.extend_high_i8x16_s(high));
      }
    } else {
      if (ASC_FEATURE_RELAXED_SIMD) {
        if (form == Values.SevenBits) {
          for (; entry + ENTRY < stop; entry += 2 * ENTRY) {
            const first = weights + <usize>load<u32>(entry), second = weights + <usize>load<u32>(entry, 8);
            const x = pair(entry);
            const p = v128.load(first), q = v128.load(second), r = v128.load(first, 16), s = v128.load(second, 16);
            a = i16x8.add(a, dotLow(p, q, x));
            b = i16x8.add(b, dotHigh(p, q, x));
            c = i16x8.add(c, dotLow(r, s, x));
            d = i16x8.add(d, dotHigh(r, s, x));
          }
        }
      }
      for (; entry < stop; entry += ENTRY) {
        const row = weights + <usize>load<u32>(entry);
        const x = i16x8.splat(load<i16>(entry, 4));
        const low = v128.load(row), high = v128.load(row, 16);
        a = i16x8.add(a, i16x8.mul(i16x8.extend_low_i8x16_s(low), x));
        b = i16x8.add(b, i16x8.mul(i16x8.extend_high_i8x16_s(low), x));
        c = i16x8.add(c, i16x8.mul(i16x8.extend_low_i8x16_s(high), x));
        d = i16x8.add(d, i16x8.mul(i16x8.extend_high_i8x16_s(high), x));
      }
    }
    flush(out, a);
    flush(out + 32, b);
    flush(out + 64, c);
    flush(out + 96, d);
  }
}

/** Sixteen columns, of which the first `wanted` are kept. */
function sum16(entry: usize, end: usize, weights: usize, out: usize, period: usize, form: Values, wanted: i32): void {
  while (entry < end) {
    const stop = min(end, entry + period);
    let a = i16x8.splat(0), b = a;
    if (form == Values.One) {
      for (; entry < stop; entry += ENTRY) {
        const v = v128.load(weights + <usize>load<u32>(entry));
        a = i16x8.add(a, i16x8.extend_low_i8x16_s(v));
        b = i16x8.add(b, i16x8.extend_high_i8x16_s(v));
      }
    } else {
      if (ASC_FEATURE_RELAXED_SIMD) {
        if (form == Values.SevenBits) {
          for (; entry + ENTRY < stop; entry += 2 * ENTRY) {
            const p = v128.load(weights + <usize>load<u32>(entry)), q = v128.load(weights + <usize>load<u32>(entry, 8));
            const x = pair(entry);
            a = i16x8.add(a, dotLow(p, q, x));
            b = i16x8.add(b, dotHigh(p, q, x));
          }
        }
      }
      for (; entry < stop; entry += ENTRY) {
        const v = v128.load(weights + <usize>load<u32>(entry));
        const x = i16x8.splat(load<i16>(entry, 4));
        a = i16x8.add(a, i16x8.mul(i16x8.extend_low_i8x16_s(v), x));
        b = i16x8.add(b, i16x8.mul(i16x8.extend_high_i8x16_s(v), x));
      }
    }
    if (wanted >= 16) {
      flush(out, a);
      flush(out + 32, b);
    } else {
      const spare = spareRow();
      store4x4(spare, i32x4.extend_low_i16x8_s(a), i32x4.extend_high_i16x8_s(a), i32x4.extend_low_i16x8_s(b), i32x4.extend_high_i16x8_s(b));
      addSome(out, spare, wanted);
    }
  }
}

/** Any i16 values: products and sums in i32. */
function sum16Wide(entry: usize, end: usize, weights: usize, out: usize, wanted: i32): void {
  let a = i32x4.splat(0), b = a, c = a, d = a;
  for (; entry < end; entry += ENTRY) {
    const v = v128.load(weights + <usize>load<u32>(entry));
    const x = i16x8.splat(load<i16>(entry, 4));
    const low = i16x8.extend_low_i8x16_s(v), high = i16x8.extend_high_i8x16_s(v);
    a = i32x4.add(a, i32x4.extmul_low_i16x8_s(low, x));
    b = i32x4.add(b, i32x4.extmul_high_i16x8_s(low, x));
    c = i32x4.add(c, i32x4.extmul_low_i16x8_s(high, x));
    d = i32x4.add(d, i32x4.extmul_high_i16x8_s(high, x));
  }
  const spare = spareRow();
  store4x4(spare, a, b, c, d);
  addSome(out, spare, min(wanted, 16));
}

/** out[0..7] += the eight i16 of v. */
function flush(out: usize, v: v128): void {
  v128.store(out, i32x4.add(v128.load(out), i32x4.extend_low_i16x8_s(v)));
  v128.store(out, i32x4.add(v128.load(out, 16), i32x4.extend_high_i16x8_s(v)), 16);
}

function spareRow(): usize {
  return memory.data(64, 16);
}

function store4x4(at: usize, a: v128, b: v128, c: v128, d: v128): void {
  v128.store(at, a);
  v128.store(at, b, 16);
  v128.store(at, c, 32);
  v128.store(at, d, 48);
}

function addSome(out: usize, from: usize, n: i32): void {
  for (let i: usize = 0; i < <usize>n << 2; i += 4) store<i32>(out + i, load<i32>(out + i) + load<i32>(from + i));
}

/** The values of this entry and the next, alternating in sixteen bytes. */
function pair(entry: usize): v128 {
  return i16x8.splat(<i16>(load<u8>(entry, 4) | (<i32>load<u8>(entry, 12) << 8)));
}

function dotLow(p: v128, q: v128, x: v128): v128 {
  return i16x8.relaxed_dot_i8x16_i7x16_s(i8x16.shuffle(p, q, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23), x);
}

function dotHigh(p: v128, q: v128, x: v128): v128 {
  return i16x8.relaxed_dot_i8x16_i7x16_s(i8x16.shuffle(p, q, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31), x);
}
